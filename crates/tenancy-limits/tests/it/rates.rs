//! Rates of one process, on a clock that stands still.

use std::{net::IpAddr, time::Duration};

use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_util::MetricKindMask;
use tenancy_core::{Limits, Rate, Role, TenantRecord, Tier, UserId, Verdict};
use tenancy_limits::{LimitsConfig, Shadow, TenantLimits};
use tenancy_testkit::{context_of, tenant};
use tokio::{
    sync::broadcast::error::TryRecvError,
    time::{Instant, advance},
};

use super::support::{member, passes, plan};

const MINUTE: Duration = Duration::from_secs(60);

fn local() -> TenantLimits {
    TenantLimits::local(LimitsConfig::default())
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn no_window_holds_more_than_the_limit_and_a_steady_caller_gets_nearly_all_of_it() {
    let (limits, ctx) = (local(), member("acme", 100, None, 8).await);
    let mut passed: Vec<Instant> = vec![];
    // bursts of every size, at odd times, over ten minutes
    for step in 0..6_000_u64 {
        advance(ms(step * 7_919 % 200)).await;
        for _ in 0..step % 5 {
            if passes(&limits, &ctx) {
                passed.push(Instant::now());
            }
        }
    }
    for (n, at) in passed.iter().enumerate() {
        let window = passed[n..].partition_point(|other| *other < *at + MINUTE);
        assert!(window <= 100, "{window} in a minute");
    }
    let minutes = passed[0].elapsed().as_secs_f64() / 60.0;
    let rate = passed.len() as f64 / minutes;
    assert!((95.0..=105.0).contains(&rate), "{rate} a minute");
}

#[tokio::test(start_paused = true)]
async fn the_time_to_come_again_is_the_time() {
    let (limits, ctx) = (local(), member("acme", 3, None, 8).await);
    for _ in 0..3 {
        assert!(passes(&limits, &ctx));
        advance(ms(1_500)).await;
    }
    let Verdict::Limited { rate, retry_after } = limits.request(&ctx) else {
        panic!("three are used");
    };
    assert_eq!((rate.policy, rate.limit, rate.remaining), ("tenant", 3, 0));
    advance(retry_after - ms(1)).await;
    assert!(!passes(&limits, &ctx), "too early");
    advance(ms(1)).await;
    assert!(passes(&limits, &ctx), "it was told to come now");
    assert!(!passes(&limits, &ctx));
}

#[tokio::test(start_paused = true)]
async fn the_rate_that_is_nearest_to_its_end_is_told() {
    let (limits, ctx) = (local(), member("acme", 10, Some(4), 8).await);
    let Verdict::Allowed(Some(rate)) = limits.request(&ctx) else {
        panic!("the first passes");
    };
    let Rate {
        policy,
        limit,
        window,
        remaining,
        reset,
    } = rate;
    assert_eq!((policy, limit, window, remaining), ("user", 4, MINUTE, 3));
    assert!(reset <= MINUTE + ms(600), "{reset:?}");
}

/// A tenant with these numbers and two of its users.
async fn two_users(tenant_rate: u64, user_rate: u64) -> [tenancy_core::TenantContext; 2] {
    let mut record = tenant("acme", Tier::Standard);
    record.plan = Some(plan(tenant_rate, Some(user_rate), 8).into());
    let of = |record: TenantRecord| async move { context_of(&record, UserId::new(), Role::Owner).await };
    [of(record.clone()).await, of(record).await]
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_by_one_rate_uses_nothing_of_the_other() {
    let limits = local();
    let [alice, bob] = two_users(10, 4).await;
    let count = |ctx| (0..20).filter(|_| passes(&limits, ctx)).count();
    // 16 refusals of Alice's cost the tenant nothing
    assert_eq!((count(&alice), count(&bob)), (4, 4));

    let limits = local();
    let [alice, bob] = two_users(4, 4).await;
    let count = |ctx| (0..20).filter(|_| passes(&limits, ctx)).count();
    assert_eq!((count(&alice), count(&bob)), (4, 0));
    // Bob was refused for his tenant: his own rate is whole
    advance(MINUTE + ms(600)).await;
    let Verdict::Allowed(Some(rate)) = limits.request(&bob) else {
        panic!("the window is over");
    };
    assert_eq!(rate.remaining, 3);
}

#[tokio::test(start_paused = true)]
async fn another_plan_counts_with_the_next_request_and_forgets_nothing() {
    let limits = local();
    let mut record = tenant("acme", Tier::Standard);
    let mut count = async |rate| {
        record.plan = Some(plan(rate, None, 8).into());
        let ctx = context_of(&record, UserId::new(), Role::Owner).await;
        (0..1_000).filter(|_| passes(&limits, &ctx)).count()
    };
    assert_eq!(count(10).await, 10);
    assert_eq!(count(25).await, 15);
    assert_eq!(count(5).await, 0);
    assert_eq!(count(0).await, 0);
    assert_eq!(count(30).await, 5);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_limit_is_not_counted() {
    let limits = local();
    let ctx = context_of(&tenant("acme", Tier::Enterprise), UserId::new(), Role::Owner).await;
    for _ in 0..100_000 {
        assert_eq!(limits.request(&ctx), Verdict::Allowed(None));
    }
}

#[tokio::test(start_paused = true)]
async fn tenants_do_not_use_each_others() {
    let (limits, acme, globex) = (
        local(),
        member("acme", 5, None, 8).await,
        member("globex", 5, None, 8).await,
    );
    while passes(&limits, &acme) {}
    assert_eq!((0..9).filter(|_| passes(&limits, &globex)).count(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_watches_refuses_nothing_and_says_what_it_would() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let config = LimitsConfig {
        shadow: Shadow {
            address: true,
            tenant: true,
            user: false,
        },
        ..LimitsConfig::default()
    };
    let limits = metrics::with_local_recorder(&recorder, || TenantLimits::local(config));
    let ctx = member("acme", 10, None, 8).await;
    let peer: IpAddr = "192.0.2.1".parse().unwrap();
    for _ in 0..200 {
        assert!(passes(&limits, &ctx));
        assert!(matches!(limits.address(peer), Verdict::Allowed(_)));
    }
    let said = recorder.handle().render();
    for line in [
        "tenancy_limits_decisions_total{policy=\"tenant\",outcome=\"allowed\"} 10",
        "tenancy_limits_decisions_total{policy=\"tenant\",outcome=\"shadowed\"} 190",
        "tenancy_limits_decisions_total{policy=\"address\",outcome=\"shadowed\"} 100",
        // from the eighth on, and once only
        "tenancy_limits_near_total{policy=\"tenant\"} 1",
    ] {
        assert!(said.contains(line), "{line} is not in\n{said}");
    }
    assert!(!said.contains(&ctx.tenant_id().to_string()));
}

#[tokio::test(start_paused = true)]
async fn that_the_limit_is_near_is_said_once_a_window() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let limits = metrics::with_local_recorder(&recorder, local);
    let ctx = member("acme", 10, None, 8).await;
    let near = || {
        let said = recorder.handle().render();
        let line = said
            .lines()
            .find(|line| line.starts_with("tenancy_limits_near_total{policy=\"tenant\"}"));
        line.unwrap().rsplit(' ').next().unwrap().to_owned()
    };
    for (requests, expect) in [(7, "0"), (1, "1"), (5, "1")] {
        for _ in 0..requests {
            limits.request(&ctx);
        }
        assert_eq!(near(), expect);
    }
    advance(MINUTE * 2).await;
    while passes(&limits, &ctx) {}
    assert_eq!(near(), "2");
}

#[tokio::test(start_paused = true)]
async fn who_listens_hears_who_is_near_a_limit_and_nobody_waits_for_them() {
    let limits = local();
    let ctx = member("acme", 1_000, Some(10), 8).await;
    while passes(&limits, &ctx) {}
    let mut heard = limits.near_limits();
    advance(MINUTE * 2).await;
    while passes(&limits, &ctx) {}
    let near = heard.try_recv().unwrap();
    assert_eq!((near.tenant, near.user), (ctx.tenant_id(), ctx.user_id()));
    assert_eq!(
        (near.rate.policy, near.rate.limit, near.rate.remaining),
        ("user", 10, 2)
    );
    assert!(
        heard.try_recv().is_err(),
        "said once, and what was before is not told again"
    );
    for n in 0..400 {
        let other = member(&format!("t{n:03}"), 10, None, 8).await;
        while passes(&limits, &other) {}
    }
    let TryRecvError::Lagged(lost) = heard.try_recv().unwrap_err() else {
        panic!("400 wait")
    };
    assert_eq!(lost, 400 - 256);
    let near = heard.try_recv().unwrap();
    assert_eq!((near.user, near.rate.policy), (None, "tenant"));
}

/// The exporter of `tenancy` forgets series that nobody touched for some minutes.
#[tokio::test]
async fn what_is_counted_after_a_quiet_night_counts() {
    let builder = PrometheusBuilder::new().idle_timeout(MetricKindMask::ALL, Some(ms(20)));
    let recorder = builder.build_recorder();
    let limits = metrics::with_local_recorder(&recorder, local);
    let ctx = member("acme", 10, None, 8).await;
    let render = || {
        tenancy_core::telemetry::publish();
        recorder.handle().render()
    };
    for _ in 0..3 {
        render();
        tokio::time::sleep(ms(40)).await;
    }
    assert!(passes(&limits, &ctx));
    let line = "tenancy_limits_decisions_total{policy=\"tenant\",outcome=\"allowed\"} 1";
    assert!(render().contains(line));
}
