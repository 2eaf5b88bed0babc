//! The fairness that the queue gives, on a machine of virtual time: two cores that take turns, and a clock that nobody waits for.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tenancy_core::{Limits, Unlimited};
use tenancy_limits::{LimitsConfig, QueueConfig, TenantLimits};
use tokio::{sync::Semaphore, time::sleep};

use super::{
    crowd::{Crowd, Flood, Outcome, Work},
    support::member,
};

const CORES: usize = 2;
/// How long a core works on one request before it takes the next.
const TURN: Duration = Duration::from_millis(1);
/// What a request takes: every other one that much of a core, the others that much time of something else.
const WORK: u32 = 4;

fn machine() -> Work {
    let cores = Arc::new(Semaphore::new(CORES));
    Arc::new(move |number| {
        let cores = Arc::clone(&cores);
        Box::pin(async move {
            if number % 2 == 1 {
                return sleep(TURN * WORK).await;
            }
            for _ in 0..WORK {
                let _core = cores.acquire().await.unwrap();
                sleep(TURN).await;
            }
        })
    })
}

async fn crowd(limits: Arc<dyn Limits>) -> Crowd {
    let mut others = vec![];
    for n in 0..20 {
        others.push(member(&format!("other-{n}"), 1_000_000, None, 2).await);
    }
    Crowd {
        limits,
        flooding: member("flooding", 1_000_000, None, 2).await,
        others,
        rate: 10.0,
        length: Duration::from_secs(20),
        work: machine(),
    }
}

fn queue() -> Arc<dyn Limits> {
    Arc::new(TenantLimits::local(LimitsConfig {
        queue: QueueConfig {
            places: NonZeroUsize::new(2 * CORES).unwrap(),
            ..QueueConfig::default()
        },
        ..LimitsConfig::default()
    }))
}

async fn run(limits: Arc<dyn Limits>, flood: Flood) -> Outcome {
    crowd(limits).await.run(flood).await
}

#[tokio::test(start_paused = true)]
async fn a_tenant_at_a_hundred_times_its_share_does_not_starve_the_others() {
    let alone = run(queue(), Flood::OneAtATime).await;
    let queued = run(queue(), Flood::Times(100.0)).await;
    let without = run(Arc::new(Unlimited), Flood::Times(100.0)).await;
    let ratio = |outcome: &Outcome| outcome.quantile(0.99) / alone.quantile(0.99);
    println!(
        "p99 {:.0} us, with the queue {:.2} x, without {:.2} x; jain {:.3}, without {:.3}; flooded {} {} {}",
        alone.quantile(0.99),
        ratio(&queued),
        ratio(&without),
        queued.jain(),
        without.jain(),
        alone.flooded,
        queued.flooded,
        without.flooded,
    );
    assert!(ratio(&queued) <= 1.5, "{}", ratio(&queued));
    assert!(queued.jain() >= 0.95, "{}", queued.jain());
    assert!(
        ratio(&without) > 5.0,
        "the queue is not what helps: {}",
        ratio(&without)
    );
    assert!(queued.flooded > alone.flooded, "what nobody else wants, it gets");
}
