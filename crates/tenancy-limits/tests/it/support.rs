//! Tenants with numbers, and what passed.

use std::{
    io::Write,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tenancy_core::{Allowance, Limits, PlanChanges, Role, TenantContext, Tier, Verdict};
use tenancy_limits::{LimitsConfig, SharedConfig, TenantLimits};
use tenancy_testkit::{context, tenant};

/// A member's context in a new tenant with these numbers: requests a window of the tenant, of a user, and at a time.
pub(crate) async fn member(
    slug: &str,
    tenant_rate: u64,
    user_rate: Option<u64>,
    at_a_time: u64,
) -> TenantContext {
    let mut record = tenant(slug, Tier::Standard);
    record.plan = Some(plan(tenant_rate, user_rate, at_a_time).into());
    context(&record, Role::Owner).await
}

pub(crate) fn plan(tenant_rate: u64, user_rate: Option<u64>, at_a_time: u64) -> PlanChanges {
    let user = user_rate.map_or(Allowance::Unlimited, Allowance::Limited);
    PlanChanges {
        requests_per_minute: Some(Allowance::Limited(tenant_rate)),
        user_requests_per_minute: Some(user),
        concurrent_requests: Some(Allowance::Limited(at_a_time)),
        ..PlanChanges::default()
    }
}

/// A file with a URL, for a reference to it.
pub(crate) fn secret(url: &SecretString) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(url.expose_secret().as_bytes()).unwrap();
    file
}

/// One of `replicas` processes that share limits. It is patient: the machine may be busy with other tests.
pub(crate) async fn replica(url: &SecretString, window: Duration, replicas: u32) -> TenantLimits {
    waiting(url, window, replicas, Duration::from_millis(500)).await
}

/// The same, which waits so long for Redis.
pub(crate) async fn waiting(
    url: &SecretString,
    window: Duration,
    replicas: u32,
    timeout: Duration,
) -> TenantLimits {
    let file = secret(url);
    let config = LimitsConfig {
        window,
        replicas: NonZeroU32::new(replicas).unwrap(),
        ..LimitsConfig::default()
    };
    let url = format!("file:{}", file.path().display()).parse().unwrap();
    let redis = SharedConfig {
        timeout,
        ..SharedConfig::new(url)
    };
    // the URL is read again with each attempt to connect
    file.keep().unwrap();
    TenantLimits::shared(config, redis).await.unwrap()
}

pub(crate) fn passes(limits: &TenantLimits, ctx: &TenantContext) -> bool {
    matches!(limits.request(ctx), Verdict::Allowed(_))
}

/// When requests passed and when they were refused, since a start.
#[derive(Clone)]
pub(crate) struct Journal {
    start: Instant,
    passed: Arc<Mutex<Vec<Duration>>>,
    refused: Arc<Mutex<Vec<Duration>>>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            passed: Arc::default(),
            refused: Arc::default(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Sends `per_second` requests a second, evenly, until `end`.
    pub(crate) async fn send(
        &self,
        limits: TenantLimits,
        ctx: TenantContext,
        per_second: f64,
        end: Duration,
    ) {
        let begin = self.now();
        let mut sent = 0_u32;
        while self.now() < end {
            let due = (self.now() - begin).as_secs_f64() * per_second;
            while f64::from(sent) < due {
                let list = if passes(&limits, &ctx) {
                    &self.passed
                } else {
                    &self.refused
                };
                list.lock().push(self.now());
                sent += 1;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many passed from one time to another.
    pub(crate) fn between(&self, from: Duration, to: Duration) -> usize {
        let passed = self.passed.lock();
        passed.iter().filter(|at| **at >= from && **at < to).count()
    }

    /// The most that passed in any window that lies between two times.
    pub(crate) fn most(&self, window: Duration, from: Duration, to: Duration) -> usize {
        let mut passed = self.passed.lock().clone();
        passed.sort();
        let inside: Vec<_> = passed.into_iter().filter(|at| *at >= from && *at < to).collect();
        let count = |(n, at): (usize, &Duration)| inside[n..].partition_point(|other| *other < *at + window);
        inside.iter().enumerate().map(count).max().unwrap_or(0)
    }

    pub(crate) fn refused(&self) -> usize {
        self.refused.lock().len()
    }
}

/// A subscriber that keeps what is logged, and what it kept.
pub(crate) fn log() -> (impl tracing::Subscriber + Send + Sync, Arc<Mutex<String>>) {
    #[derive(Clone)]
    struct Kept(Arc<Mutex<String>>);
    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().push_str(&String::from_utf8_lossy(bytes));
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Arc::<Mutex<String>>::default();
    let kept = Kept(Arc::clone(&lines));
    let log = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || kept.clone());
    (log.finish(), lines)
}
