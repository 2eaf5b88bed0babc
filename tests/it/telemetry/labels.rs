//! The tenants' labels, as the exporter shows them.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use metrics_exporter_prometheus::PrometheusBuilder;
use tenancy_core::{TenantId, telemetry::TenantLabels};

fn tenant(n: usize) -> TenantId {
    format!("01900000-0000-7000-8000-{n:012x}").parse().unwrap()
}

/// The values of the label `tenant` in the exporter's text.
fn shown(text: &str) -> BTreeSet<&str> {
    let after = text.split("tenant=\"").skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn a_hundred_thousand_tenants_are_fifty_labels_and_other() {
    const MINUTE: Duration = Duration::from_secs(60);
    let (labels, now) = (TenantLabels::new(50, MINUTE, Instant::now()), Instant::now());
    let window = |at: u32| {
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            for n in 0..100_000 {
                // every second request is one of the fifty busy tenants'
                for tenant in [tenant(n), tenant(99_900 + n % 50)] {
                    let label = labels.count(tenant, now + MINUTE * at);
                    metrics::counter!("requests", "tenant" => label.value()).increment(1);
                }
            }
        });
        recorder.handle().render()
    };
    for at in 0..3 {
        let text = window(at);
        let shown = shown(&text);
        assert!(shown.len() <= 51, "{at}: {}", shown.len());
        assert!(shown.contains("other"));
        // at first the places are for whoever comes; from the second window on the busy ones are known
        let busy = (99_900..99_950)
            .filter(|n| shown.contains(tenant(*n).to_string().as_str()))
            .count();
        assert_eq!(busy, if at == 0 { 25 } else { 50 }, "{at}");
    }
}
