//! A trace goes through both services, and each span says whose it is.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::trace::v1::Span;
use tenancy_core::RequestId;

use crate::{
    story::{
        receiver::{Receiver, attribute},
        teller::Teller,
    },
    world::{Result, Tenant},
};

/// Spans are sent in batches, every few seconds.
const PATIENCE: Duration = Duration::from_secs(12);
const PAUSE: Duration = Duration::from_millis(100);

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A trace goes through both services, and each span says whose it is");
    for slug in ["acme", "globex"] {
        let (tenant, request) = (teller.world.tenant(slug)?, teller.trip(slug)?.commented);
        let spans = match request {
            Some(request) => spans(teller.receiver, request).await,
            None => Vec::new(),
        };
        let what = format!("{slug}'s comment: social asked itineraries, in one trace");
        match problem(&spans, tenant) {
            None => teller.screen.right(&what, &names(&spans), Some(&whose(&spans))),
            Some(problem) => teller.screen.wrong(&what, &names(&spans), problem),
        }
    }
    Ok(())
}

/// The spans of a request, the asking one first, when both were received.
async fn spans(receiver: &Receiver, request: RequestId) -> Vec<Span> {
    let (since, request) = (Instant::now(), Some(request.to_string()));
    loop {
        let mut spans = receiver.spans();
        spans.retain(|span| attribute(span, "request.id") == request);
        spans.sort_by_key(|span| span.start_time_unix_nano);
        if spans.len() >= 2 || since.elapsed() > PATIENCE {
            return spans;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn problem(spans: &[Span], tenant: &Tenant) -> Option<&'static str> {
    let [asks, answers] = spans else {
        return Some("expected two spans");
    };
    if asks.trace_id != answers.trace_id || asks.span_id != answers.parent_span_id {
        return Some("they are not below one another in one trace");
    }
    let id = Some(tenant.id().to_string());
    let whose = |span: &Span| attribute(span, "tenant.id") == id;
    (!spans.iter().all(whose)).then_some("a span does not say whose it is")
}

fn names(spans: &[Span]) -> String {
    let names = spans.iter().map(|span| span.name.as_str());
    names.collect::<Vec<_>>().join(" > ")
}

fn whose(spans: &[Span]) -> String {
    let tenants = spans.iter().filter_map(|span| attribute(span, "tenant.id"));
    let tenants: Vec<_> = tenants.collect();
    format!("tenant.id: {}", tenants.join(", "))
}
