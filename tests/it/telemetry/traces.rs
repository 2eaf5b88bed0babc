//! Traces: each request is a span that names its tenant, below the caller's.

use std::time::{Duration, Instant};

use demo::story::{Receiver, attribute};
use reqwest::Method;
use tenancy::telemetry::{TraceOptions, trace_layer, traceparent};
use tenancy_core::Role;
use tracing_subscriber::{Registry, layer::SubscriberExt};

use super::program::Program;
use crate::harness::on_trips;

const TRACE: [u8; 16] = [
    0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c,
];
const PARENT: [u8; 8] = [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31];
/// The caller says that it does not sample: that is its own affair.
const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

#[test]
fn a_request_is_a_span_that_names_its_tenant_below_the_callers() {
    on_trips(async |trips| {
        let receiver = Receiver::start().await.unwrap();
        let program = Program::start(trips, "warn", Some(&receiver)).await;
        let tenant = trips.tenant("ada");
        let call = |header: &str| {
            let call = program
                .call(trips, Method::GET, "/itineraries")
                .header("traceparent", header);
            call.host(&tenant.host()).token(&trips.token(tenant, Role::Owner))
        };
        let with = call(HEADER).send().await;
        let without = call("00-nonsense").send().await;
        assert_eq!((with.status, without.status), (200, 200));
        // what is left is sent when it stops; `warn` for the log leaves the spans alone
        let log = program.stop().await;
        assert!(!log.contains("answered"), "{log}");
        let spans = receiver.spans();
        let of = |request: tenancy_core::RequestId| {
            let is = |span: &&_| attribute(span, "request.id") == Some(request.to_string());
            spans
                .iter()
                .find(is)
                .unwrap_or_else(|| panic!("{request}: {spans:?}"))
        };
        for span in [of(with.request), of(without.request)] {
            assert_eq!(span.name, "/itineraries");
            for (name, value) in [
                ("tenant.id", tenant.id().to_string()),
                ("tenant.tier", "free".to_owned()),
                ("actor.kind", "user".to_owned()),
                ("http.route", "/itineraries".to_owned()),
            ] {
                assert_eq!(attribute(span, name), Some(value), "{name}");
            }
        }
        let (below, alone) = (of(with.request), of(without.request));
        assert_eq!(
            (below.trace_id.as_slice(), below.parent_span_id.as_slice()),
            (TRACE.as_slice(), PARENT.as_slice())
        );
        assert_ne!(alone.trace_id, TRACE);
        assert!(alone.parent_span_id.is_empty());
    });
}

#[test]
fn a_receiver_that_is_gone_delays_neither_requests_nor_the_end() {
    on_trips(async |trips| {
        let receiver = Receiver::start().await.unwrap();
        let program = Program::start(trips, "info", Some(&receiver)).await;
        drop(receiver);
        let tenant = trips.tenant("ada");
        let call = program
            .call(trips, Method::GET, "/itineraries")
            .host(&tenant.host());
        assert_eq!(
            call.token(&trips.token(tenant, Role::Owner)).send().await.status,
            200
        );
        let since = Instant::now();
        program.stop().await;
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    });
}

#[test]
fn traces_go_from_a_subscriber_of_ones_own_too() {
    on_trips(async |_| {
        let receiver = Receiver::start().await.unwrap();
        let options = TraceOptions::new(receiver.url(), "itineraries");
        // what is left is sent when it ends, which blocks
        let traced = tokio::task::spawn_blocking(move || {
            let (layer, traces) = trace_layer(&options).unwrap();
            tracing::subscriber::with_default(Registry::default().with(layer), || {
                tracing::info_span!("own", tenant.id = "t").in_scope(|| assert!(traceparent().is_some()));
            });
            assert!(traces.shutdown(Duration::from_secs(5)));
        });
        traced.await.unwrap();
        let spans = receiver.spans();
        let told = spans
            .iter()
            .map(|span| (span.name.as_str(), attribute(span, "tenant.id")));
        assert_eq!(told.collect::<Vec<_>>(), [("own", Some("t".to_owned()))]);
    });
}
