//! Places and the queue before them, on a clock that stands still.

use std::{num::NonZeroUsize, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use tenancy_core::{Entry, Kind, Limits, Place, Result, Role, TenantContext, Tier};
use tenancy_limits::{LimitsConfig, QueueConfig, TenantLimits};
use tenancy_testkit::{context_until, tenant};
use tokio::time::{Instant, advance};

use super::support::member;

fn queue(places: usize) -> TenantLimits {
    TenantLimits::local(LimitsConfig {
        queue: QueueConfig {
            places: NonZeroUsize::new(places).unwrap(),
            tenant_waits: 3,
            waits: 5,
            ..QueueConfig::default()
        },
        ..LimitsConfig::default()
    })
}

fn now(limits: &TenantLimits, ctx: &TenantContext) -> Place {
    match limits.enter(ctx) {
        Entry::Now(place) => place,
        other => panic!("{other:?}"),
    }
}

fn later(limits: &TenantLimits, ctx: &TenantContext) -> BoxFuture<'static, Result<Place>> {
    match limits.enter(ctx) {
        Entry::Later(waiting) => waiting,
        other => panic!("{other:?}"),
    }
}

fn refused(limits: &TenantLimits, ctx: &TenantContext) -> Kind {
    match limits.enter(ctx) {
        Entry::Refused(error) => {
            assert_eq!(error.problem().retry_after_seconds(), Some(1));
            error.kind()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_goes_to_the_next_tenant_and_not_to_who_waits_most() {
    let limits = queue(1);
    let (a, b) = (
        member("aaa", 100, None, 4).await,
        member("bbb", 100, None, 4).await,
    );
    let place = now(&limits, &a);
    let [mut first, mut second, mut third] = [later(&limits, &a), later(&limits, &a), later(&limits, &b)];
    drop(place);
    let mut got = |number: usize| {
        let waiting = [&mut first, &mut second, &mut third];
        waiting
            .into_iter()
            .nth(number)
            .unwrap()
            .now_or_never()
            .map(Result::unwrap)
    };
    assert!(got(1).is_none() && got(2).is_none());
    drop(got(0).unwrap());
    assert!(got(1).is_none());
    drop(got(2).unwrap());
    assert!(got(1).is_some());
}

#[tokio::test(start_paused = true)]
async fn full_queues_say_whose_they_are() {
    let limits = queue(1);
    let mut ctxs = vec![];
    for slug in ["aaa", "bbb", "ccc"] {
        ctxs.push(member(slug, 100, None, 1).await);
    }
    let _place = now(&limits, &ctxs[0]);
    let own: Vec<_> = (0..3).map(|_| later(&limits, &ctxs[0])).collect();
    assert_eq!(refused(&limits, &ctxs[0]), Kind::RateLimited);
    let _other: Vec<_> = (0..2).map(|_| later(&limits, &ctxs[1])).collect();
    assert_eq!(refused(&limits, &ctxs[2]), Kind::Unavailable);
    // who stops waiting makes room in both
    drop(own);
    let _own: Vec<_> = (0..3).map(|_| later(&limits, &ctxs[0])).collect();
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_leaves_no_hole() {
    let limits = queue(1);
    let a = member("aaa", 100, None, 4).await;
    let place = now(&limits, &a);
    let [gone, mut second, given] = [later(&limits, &a), later(&limits, &a), later(&limits, &a)];
    drop(gone);
    drop(place);
    let place = (&mut second).now_or_never().unwrap().unwrap();
    drop(place);
    // the third has a place by now, and goes without ever having looked
    drop(given);
    drop(now(&limits, &a));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_at_the_earlier_deadline() {
    let limits = queue(1);
    let holder = member("aaa", 100, None, 1).await;
    let mut record = tenant("bbb", Tier::Standard);
    record.plan = Some(super::support::plan(100, None, 1).into());
    let hurried = context_until(
        &record,
        Role::Owner,
        (Instant::now() + Duration::from_secs(1)).into_std(),
    )
    .await;
    let _place = now(&limits, &holder);
    for (ctx, seconds) in [(&hurried, 1), (&holder, 5)] {
        let begin = Instant::now();
        let error = later(&limits, ctx).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        let waited = begin.elapsed().as_secs_f64();
        assert!((waited - f64::from(seconds)).abs() < 0.01, "{waited}");
        advance(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tasks_that_come_go_and_give_up_lose_no_place() {
    let limits = TenantLimits::local(LimitsConfig {
        queue: QueueConfig {
            places: NonZeroUsize::new(3).unwrap(),
            tenant_waits: 1_000,
            ..QueueConfig::default()
        },
        ..LimitsConfig::default()
    });
    let mut tasks = tokio::task::JoinSet::new();
    for (n, slug) in ["aaa", "bbb", "ccc", "ddd"].into_iter().enumerate() {
        let ctx = member(slug, 100, None, n as u64 + 1).await;
        for m in 0..250_u64 {
            let (limits, ctx) = (limits.clone(), ctx.clone());
            tasks.spawn(async move {
                let place = match limits.enter(&ctx) {
                    Entry::Now(place) => place,
                    // one in five gives up at some moment
                    Entry::Later(waiting) if m % 5 == 0 => {
                        let patience = Duration::from_micros(m * 20);
                        let Ok(place) = tokio::time::timeout(patience, waiting).await else {
                            return;
                        };
                        place.unwrap()
                    }
                    Entry::Later(waiting) => waiting.await.unwrap(),
                    Entry::Refused(error) => panic!("{error:?}"),
                };
                tokio::task::yield_now().await;
                drop(place);
            });
        }
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let last = member("eee", 100, None, 3).await;
    let _all: Vec<_> = (0..3).map(|_| now(&limits, &last)).collect();
}
