//! One tenant that floods and twenty that do not: who gets how much. On whatever clock and machine the runtime has.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tenancy_core::{Entry, Limits, TenantContext};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

pub(crate) type Work = Arc<dyn Fn(u64) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// What the one tenant does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flood {
    /// One request after the other, never two at a time.
    OneAtATime,
    /// So many times what another sends.
    Times(f64),
}

/// The others, what they send, and what a request takes.
#[derive(Clone)]
pub(crate) struct Crowd {
    pub(crate) limits: Arc<dyn Limits>,
    pub(crate) flooding: TenantContext,
    pub(crate) others: Vec<TenantContext>,
    /// Requests a second of each of the others.
    pub(crate) rate: f64,
    pub(crate) length: Duration,
    /// The work of one request, by its number.
    pub(crate) work: Work,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How long the others' requests took, in microseconds, sorted. One that was refused counts as a minute.
    pub(crate) latencies: Vec<f64>,
    /// How many requests of each of the others were answered before the end.
    pub(crate) answered: Vec<f64>,
    /// How many of the flooding tenant were.
    pub(crate) flooded: u64,
}

impl Outcome {
    /// The latency below which this share of the others' requests is.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies[(last as f64 * share).round() as usize]
    }

    /// Jain's index of fairness over the others: 1 when all got as much, 1/n when one got everything.
    pub(crate) fn jain(&self) -> f64 {
        let sum: f64 = self.answered.iter().sum();
        let squares: f64 = self.answered.iter().map(|x| x * x).sum();
        sum * sum / (self.answered.len() as f64 * squares)
    }
}

const REFUSED_US: f64 = 60e6;

impl Crowd {
    pub(crate) async fn run(&self, flood: Flood) -> Outcome {
        let begin = Instant::now();
        let end = begin + self.length;
        let done = Arc::new(Mutex::new(vec![(vec![], 0_u64); self.others.len()]));
        let flooded = Arc::new(Mutex::new(0));
        let mut flooding = JoinSet::new();
        flooding.spawn(self.clone().flood(flood, end, Arc::clone(&flooded)));
        let mut senders = JoinSet::new();
        for (n, ctx) in self.others.iter().enumerate() {
            let (crowd, ctx, done) = (self.clone(), ctx.clone(), Arc::clone(&done));
            senders.spawn(async move {
                let record = move |took: f64, in_time: bool| {
                    let mut done = done.lock();
                    done[n].0.push(took);
                    done[n].1 += u64::from(in_time);
                };
                crowd.send(&ctx, n as u64, crowd.rate, end, record).await;
            });
        }
        while senders.join_next().await.is_some() {}
        flooding.shutdown().await;
        let done = done.lock();
        let mut latencies: Vec<f64> = done.iter().flat_map(|one| one.0.clone()).collect();
        latencies.sort_by(f64::total_cmp);
        let flooded = *flooded.lock();
        Outcome {
            latencies,
            answered: done.iter().map(|one| one.1 as f64).collect(),
            flooded,
        }
    }

    async fn flood(self, flood: Flood, end: Instant, flooded: Arc<Mutex<u64>>) {
        let ctx = self.flooding.clone();
        match flood {
            Flood::Times(times) => {
                let record = move |_: f64, in_time: bool| *flooded.lock() += u64::from(in_time);
                self.send(&ctx, 1_000, self.rate * times, end, record).await;
            }
            Flood::OneAtATime => {
                for number in 0.. {
                    if Instant::now() >= end {
                        return;
                    }
                    self.request(&ctx, number).await;
                    *flooded.lock() += 1;
                }
            }
        }
    }

    /// Sends at a rate, at random times, and waits for all answers.
    async fn send(
        &self,
        ctx: &TenantContext,
        seed: u64,
        rate: f64,
        end: Instant,
        record: impl Fn(f64, bool) + Clone + Send + 'static,
    ) {
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
        let mut due = Instant::now();
        let mut requests = JoinSet::new();
        for number in seed.. {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let uniform = (random >> 11) as f64 / (1_u64 << 53) as f64;
            due += Duration::from_secs_f64(-(1.0 - uniform).ln() / rate);
            if due >= end {
                break;
            }
            sleep_until(due).await;
            let (crowd, ctx, record) = (self.clone(), ctx.clone(), record.clone());
            requests.spawn(async move {
                let answered = crowd.request(&ctx, number).await;
                // from when it was to be sent: a sender that is held up is held up by the flood
                let took = due.elapsed().as_secs_f64() * 1e6;
                record(
                    if answered { took } else { REFUSED_US },
                    answered && Instant::now() <= end,
                );
            });
            while requests.try_join_next().is_some() {}
        }
        while requests.join_next().await.is_some() {}
    }

    /// One request: a place, the work, and the place back. False when it is refused.
    async fn request(&self, ctx: &TenantContext, number: u64) -> bool {
        let place = match self.limits.enter(ctx) {
            Entry::Now(place) => Ok(place),
            Entry::Later(waiting) => waiting.await,
            Entry::Refused(error) => Err(error),
        };
        let Ok(_place) = place else { return false };
        (self.work)(number).await;
        true
    }
}
