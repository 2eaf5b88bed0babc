//! Replicas and one Redis: what it costs, what it forgets, what is said of it.

use std::{net::TcpListener, time::Duration};

use redis::Commands;
use secrecy::{ExposeSecret, SecretString};
use tenancy_core::{Limits, Role, Tier, UserId, Verdict};
use tenancy_limits::{LimitsConfig, SharedConfig, SharedError, TenantLimits};
use tenancy_testkit::{CountingProxy, Redis, context_of, tenant};
use tokio::time::sleep;

use super::support::{Journal, member, passes, plan, replica, secret, waiting};

const WINDOW: Duration = Duration::from_secs(2);

async fn until(what: &str, there: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if there() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} in ten seconds");
}

fn loopback(port: u16) -> SecretString {
    format!("redis://127.0.0.1:{port}/").into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_tenant_asks_redis_once_for_many_requests_and_a_refused_one_rarely() {
    let redis = Redis::start().await.unwrap();
    let proxy = CountingProxy::start(redis.port()).await.unwrap();
    let limits = replica(&loopback(proxy.port()), WINDOW, 1).await;
    let ctx = member("acme", 10_000, None, 8).await;
    let journal = Journal::new();
    let half = WINDOW / 2;
    proxy.reset();
    journal
        .send(limits.clone(), ctx.clone(), 3_000.0, journal.now() + half)
        .await;
    let passed = journal.between(Duration::ZERO, journal.now());
    assert_eq!(journal.refused(), 0);
    assert!(
        proxy.flushes() * 20 < passed as u64,
        "{} calls for {passed} requests",
        proxy.flushes()
    );

    journal
        .send(limits.clone(), ctx.clone(), 30_000.0, journal.now() + half)
        .await;
    proxy.reset();
    let refused = journal.refused();
    journal
        .send(limits, ctx, 30_000.0, journal.now() + half / 2)
        .await;
    let refused = journal.refused() - refused;
    assert!(
        proxy.flushes() * 50 < refused as u64,
        "{} calls for {refused} refusals",
        proxy.flushes()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_leased_and_did_not_use_another_gets() {
    let redis = Redis::start().await.unwrap();
    let (a, b) = (
        replica(&redis.url(), WINDOW, 2).await,
        replica(&redis.url(), WINDOW, 2).await,
    );
    let ctx = member("acme", 1_000, None, 8).await;
    let journal = Journal::new();
    // some hundred in a moment make the largest lease; then nobody comes here any more
    journal
        .send(a, ctx.clone(), 4_000.0, Duration::from_millis(60))
        .await;
    sleep(WINDOW / 4).await;
    journal.send(b, ctx, 5_000.0, WINDOW * 4 / 5).await;
    let passed = journal.between(Duration::ZERO, WINDOW);
    assert!((980..=1_050).contains(&passed), "{passed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_limit_is_held_too() {
    let redis = Redis::start().await.unwrap();
    let ctx = member("acme", 100, None, 8).await;
    let journal = Journal::new();
    let mut tasks = vec![];
    for _ in 0..2 {
        let limits = replica(&redis.url(), WINDOW, 2).await;
        let (journal, ctx) = (journal.clone(), ctx.clone());
        tasks.push(tokio::spawn(async move {
            journal.send(limits, ctx, 200.0, WINDOW * 2).await
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let most = journal.most(WINDOW, Duration::ZERO, WINDOW * 2);
    // each replica may let two through unasked
    assert!((96..=104).contains(&most), "{most}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_leased_and_not_used_does_not_make_the_window_longer() {
    let redis = Redis::start().await.unwrap();
    let minute = Duration::from_secs(60);
    let limits = replica(&redis.url(), minute, 1).await;
    let ctx = member("acme", 1_000, None, 8).await;
    for _ in 0..20 {
        let Verdict::Allowed(Some(rate)) = limits.request(&ctx) else {
            panic!("it passes");
        };
        // a piece of the window more, as without Redis
        assert!(rate.reset <= minute + minute / 100, "{rate:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_forgets_is_told_again() {
    let redis = Redis::start().await.unwrap();
    let mut tasks = vec![];
    let journal = Journal::new();
    let ctx = member("acme", 1_000, None, 8).await;
    for part in [600.0, 150.0] {
        let limits = replica(&redis.url(), WINDOW, 2).await;
        let (journal, ctx) = (journal.clone(), ctx.clone());
        tasks.push(tokio::spawn(async move {
            journal.send(limits, ctx, part, WINDOW * 3).await
        }));
    }
    for _ in 0..30 {
        sleep(Duration::from_millis(150)).await;
        let mut raw = redis::Client::open(redis.url().expose_secret())
            .unwrap()
            .get_connection()
            .unwrap();
        redis::cmd("FLUSHALL").exec(&mut raw).unwrap();
    }
    for task in tasks {
        task.await.unwrap();
    }
    let most = journal.most(WINDOW, Duration::ZERO, WINDOW * 3);
    // each replica may have used a lease and its unasked part before it is heard
    assert!(most <= 1_150, "{most}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_smaller_plan_counts_at_once_although_more_is_leased() {
    let redis = Redis::start().await.unwrap();
    let limits = replica(&redis.url(), Duration::from_secs(60), 1).await;
    let mut record = tenant("acme", Tier::Standard);
    let mut count = async |rate: u64, times: usize| {
        record.plan = Some(plan(rate, None, 8).into());
        let ctx = context_of(&record, UserId::new(), Role::Owner).await;
        let mut passed = 0;
        for _ in 0..times {
            passed += usize::from(passes(&limits, &ctx));
            sleep(Duration::from_millis(2)).await;
        }
        passed
    };
    assert_eq!(count(1_000, 100).await, 100);
    assert_eq!(count(50, 50).await, 0);
    assert_eq!(count(1_000, 100).await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_in_their_place_hold_no_names_and_end() {
    let redis = Redis::start().await.unwrap();
    let limits = replica(&redis.url(), WINDOW, 1).await;
    let ctx = member("acme", 1_000, Some(100), 8).await;
    assert!(passes(&limits, &ctx));
    let mut raw = redis::Client::open(redis.url().expose_secret())
        .unwrap()
        .get_connection()
        .unwrap();
    let mut keys: Vec<String> = vec![];
    for _ in 0..100 {
        sleep(Duration::from_millis(10)).await;
        keys = raw.keys("*").unwrap();
        if keys.len() == 2 {
            break;
        }
    }
    keys.sort();
    let (tenant, user) = (ctx.tenant_id(), ctx.user_id().unwrap());
    assert_eq!(
        keys,
        [
            format!("tenancy:rate:{tenant}"),
            format!("tenancy:rate:{tenant}:{user}")
        ]
    );
    for key in keys {
        let left: i64 = raw.pttl(&key).unwrap();
        assert!((1..=2_700).contains(&left), "{key} lives {left} ms");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_is_given_up_and_found_again() {
    let redis = Redis::start().await.unwrap();
    let proxy = CountingProxy::start(redis.port()).await.unwrap();
    let limits = waiting(&loopback(proxy.port()), WINDOW, 1, Duration::from_millis(100)).await;
    let ctx = member("acme", 1_000, None, 8).await;
    let journal = Journal::new();
    let end = Duration::from_secs(6);
    let sending = tokio::spawn({
        let (journal, limits) = (journal.clone(), limits.clone());
        async move { journal.send(limits, ctx, 400.0, end).await }
    });
    sleep(Duration::from_secs(1)).await;
    assert!(!limits.is_degraded());
    proxy.silence();
    until("it is given up", || limits.is_degraded()).await;
    proxy.restore();
    until("it is found", || !limits.is_degraded()).await;
    sending.await.unwrap();
    assert_eq!(journal.refused(), 0, "400 a second of 500 were sent, evenly");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_away_at_the_start_is_found_later() {
    let redis = Redis::start().await.unwrap();
    redis.kill().await.unwrap();
    let limits = replica(&redis.url(), WINDOW, 2).await;
    let ctx = member("acme", 10, None, 8).await;
    assert!(limits.is_degraded());
    assert_eq!(
        (0..20).filter(|_| passes(&limits, &ctx)).count(),
        5,
        "half of the limit"
    );
    redis.restart().await.unwrap();
    until("it is found", || !limits.is_degraded()).await;
}

#[tokio::test]
async fn settings_that_can_not_be_right_are_refused_and_the_url_is_not_repeated() {
    let check = async |url: &str, expect: fn(&SharedError) -> bool| {
        let file = secret(&url.into());
        let redis = SharedConfig::new(format!("file:{}", file.path().display()).parse().unwrap());
        let error = TenantLimits::shared(LimitsConfig::default(), redis)
            .await
            .unwrap_err();
        assert!(expect(&error), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    };
    check("hunter2", |error| matches!(error, SharedError::Url)).await;
    check("http://:hunter2@localhost", |error| {
        matches!(error, SharedError::Url)
    })
    .await;
    check("rediss://:hunter2@localhost", |error| {
        matches!(error, SharedError::Tls)
    })
    .await;
    check("\n", |error| matches!(error, SharedError::Secret(_))).await;
}

#[tokio::test]
async fn a_wrong_password_is_an_outage_and_is_not_said() {
    let redis = Redis::start_with_password().await.unwrap();
    let (log, lines) = super::support::log();
    let _log = tracing::subscriber::set_default(log);
    let url = format!("redis://:hunter2@127.0.0.1:{}/", redis.port()).into();
    let limits = replica(&url, WINDOW, 1).await;
    assert!(limits.is_degraded());
    let said = lines.lock().clone();
    assert!(said.contains("is away") && !said.contains("hunter2"), "{said}");
    let right = replica(&redis.url(), WINDOW, 1).await;
    assert!(!right.is_degraded());
}

#[tokio::test]
async fn who_accepts_and_says_nothing_does_not_hold_the_start_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let begin = std::time::Instant::now();
    let limits = replica(&loopback(silent.local_addr().unwrap().port()), WINDOW, 1).await;
    assert!(limits.is_degraded() && begin.elapsed() < Duration::from_secs(5));
}
