//! Runs over tenants that fail in every way, under virtual time.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;

use super::{Checkpoint, FanOut, FanOutReport, ListedTenant, TenantList};
use crate::{
    Actor, Deployment, Error, HostPolicy, IdentityTenant, OwnService, PermissionNames, Placement, Resolver,
    Result, StaticMemberships, TenantContext, TenantId, TenantRecord, TenantStatus, Tier,
    directory::{Directory, PinnedDirectory, StaticDirectory},
};

fn record(at: usize, status: TenantStatus) -> TenantRecord {
    TenantRecord {
        id: TenantId::new(),
        slug: format!("tenant-{at}").parse().unwrap(),
        name: String::new(),
        tier: Tier::Free,
        status,
        identity_tenant: format!("tenant-{at}-x1y2z").parse::<IdentityTenant>().unwrap(),
        custom_host: None,
        plan: None,
        placement: Placement {
            epoch: crate::Epoch(0),
            sql: BTreeMap::default(),
            objects: BTreeMap::default(),
            documents: Default::default(),
            graph: Default::default(),
        },
    }
}

struct World {
    directory: Arc<StaticDirectory>,
    /// By id.
    tenants: Vec<TenantId>,
}

impl World {
    fn new(statuses: impl IntoIterator<Item = TenantStatus>) -> Self {
        let records: Vec<_> = statuses
            .into_iter()
            .enumerate()
            .map(|(at, status)| record(at, status))
            .collect();
        let tenants = records.iter().map(|record| record.id).collect();
        Self {
            directory: Arc::new(StaticDirectory::new(records).unwrap()),
            tenants,
        }
    }

    fn active(count: usize) -> Self {
        Self::new(std::iter::repeat_n(TenantStatus::Active, count))
    }

    fn fan_out(&self, list: Arc<dyn TenantList>) -> FanOut {
        let directory: Arc<dyn Directory> = Arc::clone(&self.directory) as _;
        let memberships = Arc::new(StaticMemberships::default());
        let resolver = Resolver::new(directory, memberships, Deployment::Shared, HostPolicy::default());
        let service = OwnService {
            name: "sweeper".parse().unwrap(),
            permissions: Arc::new(PermissionNames::default()),
        };
        FanOut::new(list, Arc::new(resolver), service)
    }

    /// Runs work that fails, panics or hangs for the tenants at these places.
    async fn run(&self, from: Checkpoint, wrong: BTreeMap<usize, Wrong>) -> (FanOutReport, Vec<Checkpoint>) {
        let fan_out = self.fan_out(Arc::clone(&self.directory) as _);
        run(&fan_out, &self.tenants, from, wrong).await
    }
}

#[derive(Clone, Copy)]
enum Wrong {
    Fails,
    Panics,
    Hangs,
}

async fn run(
    fan_out: &FanOut,
    tenants: &[TenantId],
    from: Checkpoint,
    wrong: BTreeMap<usize, Wrong>,
) -> (FanOutReport, Vec<Checkpoint>) {
    let tenants = tenants.to_vec();
    let work = move |context: TenantContext| {
        assert!(matches!(context.actor(), Actor::Service { name, .. } if name.as_str() == "sweeper"));
        let at = tenants.iter().position(|id| *id == context.tenant_id()).unwrap();
        let wrong = wrong.get(&at).copied();
        async move {
            match wrong {
                None => Ok(()),
                Some(Wrong::Fails) => Err(Error::internal("the disk is full")),
                Some(Wrong::Panics) => panic!("a bug"),
                Some(Wrong::Hangs) => std::future::pending().await,
            }
        }
    };
    let mut seen = Vec::new();
    let report = fan_out
        .run(from, work, |checkpoint| seen.push(checkpoint.clone()))
        .await;
    (report, seen)
}

#[tokio::test(start_paused = true)]
async fn one_tenant_s_failure_stops_no_other() {
    let world = World::active(600);
    let wrong = BTreeMap::from([(3, Wrong::Fails), (257, Wrong::Panics), (599, Wrong::Hangs)]);
    let (report, seen) = world.run(Checkpoint::start(), wrong).await;
    assert_eq!((report.done, report.failed.len()), (597, 3));
    let why = |at: usize| report.failed[&world.tenants[at]].as_str();
    assert_eq!(why(3), "internal error: the disk is full");
    assert_eq!(why(257), "the work panicked");
    assert_eq!(why(599), "it took longer than 60 s");
    assert_eq!(report.checkpoint.after(), world.tenants.last().copied());
    assert!(report.checkpoint.failed().iter().eq(report.failed.keys()));
    assert!(report.stopped.is_none() && !report.is_clean());
    // the checkpoint moves on only, and says nothing that is not so
    assert_eq!(seen.len(), 600);
    assert!(seen.windows(2).all(|pair| pair[0].after <= pair[1].after));
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_where_it_stopped_and_begins_with_those_that_failed() {
    let world = World::active(40);
    let wrong = BTreeMap::from([(3, Wrong::Fails), (30, Wrong::Panics)]);
    let (_, seen) = world.run(Checkpoint::start(), wrong).await;
    for stopped in seen {
        // written down and read again, as another process does
        let text = serde_json::to_string(&stopped).unwrap();
        let from: Checkpoint = serde_json::from_str(&text).unwrap();
        let taken = from.after().map_or(0, |after| {
            world.tenants.iter().filter(|tenant| **tenant <= after).count()
        });
        let failed_behind = from
            .failed()
            .iter()
            .filter(|tenant| Some(**tenant) <= from.after())
            .count();
        let failed_ahead = from.failed().len() - failed_behind;
        let (report, _) = world.run(from, BTreeMap::new()).await;
        // one that failed ahead of the others comes first, and once more in its turn
        let expect = 40 - taken + failed_behind + failed_ahead;
        assert_eq!(report.done, expect as u64, "{text}");
        assert!(report.is_clean() && report.checkpoint.failed().is_empty());
        assert_eq!(report.checkpoint.after(), world.tenants.last().copied());
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_passes_by_nobody_who_is_not_finished() {
    let world = World::active(40);
    let finished = Arc::new(Mutex::new(BTreeSet::new()));
    let work = {
        let (finished, slow) = (Arc::clone(&finished), [world.tenants[2], world.tenants[20]]);
        move |context: TenantContext| {
            let (finished, id) = (Arc::clone(&finished), context.tenant_id());
            let seconds = if slow.contains(&id) { 30 } else { 1 };
            async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                finished.lock().unwrap().insert(id);
                Ok(())
            }
        }
    };
    let mut seen = 0;
    let fan_out = world.fan_out(Arc::clone(&world.directory) as _);
    let report = fan_out.run(Checkpoint::start(), work, |checkpoint| {
        let finished = finished.lock().unwrap();
        let passed = world.tenants.iter().filter(|id| Some(**id) <= checkpoint.after());
        assert!(passed.clone().all(|id| finished.contains(id)), "{checkpoint:?}");
        seen += usize::from(passed.count() < finished.len());
    });
    assert_eq!(report.await.done, 40);
    // others did end before the slow ones
    assert!(seen > 10, "{seen}");
}

/// One that failed ahead of the others comes first in the next run, and says nothing of those before it.
#[tokio::test(start_paused = true)]
async fn one_that_is_tried_again_passes_by_nobody() {
    let world = World::active(40);
    let from = Checkpoint {
        after: Some(world.tenants[1]),
        failed: BTreeSet::from([world.tenants[30], world.tenants[0]]),
    };
    let (report, seen) = world.run(from, BTreeMap::from([(20, Wrong::Hangs)])).await;
    assert_eq!((report.done, report.failed.len()), (39, 1));
    assert_eq!(report.checkpoint.after(), world.tenants.last().copied());
    // any of them may be the last that was written down; tenant 20 is the last to end, and in all before that it is ahead
    let (_, before) = seen.split_last().unwrap();
    for checkpoint in before {
        assert!(checkpoint.after() < Some(world.tenants[20]), "{checkpoint:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_active_tenants_are_worked_on() {
    let world = World::new(TenantStatus::ALL);
    let (report, _) = world.run(Checkpoint::start(), BTreeMap::new()).await;
    assert_eq!((report.done, report.failed.len()), (1, 0));
    for status in TenantStatus::ALL {
        let expect = (status != TenantStatus::Active).then_some(&1);
        assert_eq!(report.skipped.get(&status), expect, "{status}");
    }
}

/// Says that all are active, whatever they are.
struct Stale(Arc<StaticDirectory>);

#[async_trait]
impl TenantList for Stale {
    async fn tenants_after(&self, after: Option<TenantId>, limit: u16) -> Result<Vec<ListedTenant>> {
        let mut page = self.0.tenants_after(after, limit).await?;
        page.iter_mut()
            .for_each(|tenant| tenant.status = TenantStatus::Active);
        Ok(page)
    }
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_the_list_is_passed_over_all_the_same() {
    let world = World::new(TenantStatus::ALL);
    let fan_out = world.fan_out(Arc::new(Stale(Arc::clone(&world.directory))));
    let (report, _) = run(&fan_out, &world.tenants, Checkpoint::start(), BTreeMap::new()).await;
    assert_eq!((report.done, report.failed.len()), (1, 0));
    assert_eq!(report.skipped.values().sum::<u64>(), 4);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_set_number_run_at_a_time() {
    let world = World::active(50);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let work = {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        move |_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        }
    };
    let five = NonZeroUsize::new(5).unwrap();
    let fan_out = world
        .fan_out(Arc::clone(&world.directory) as _)
        .with_concurrency(five);
    let started = tokio::time::Instant::now();
    let report = fan_out.run(Checkpoint::start(), work, |_| {}).await;
    assert_eq!((report.done, most.load(Ordering::SeqCst)), (50, 5));
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn too_many_failures_stop_the_run() {
    let world = World::active(100);
    let wrong = (0..100).map(|at| (at, Wrong::Fails)).collect();
    let fan_out = world
        .fan_out(Arc::clone(&world.directory) as _)
        .with_most_failures(10);
    let (report, _) = run(&fan_out, &world.tenants, Checkpoint::start(), wrong).await;
    // those under way still end
    assert!(
        (11..=18).contains(&report.failed.len()),
        "{}",
        report.failed.len()
    );
    assert!(report.stopped.is_some());
    assert!(report.checkpoint.after() < world.tenants.last().copied());
}

/// A page, and then an answer that is none.
struct Broken(
    Arc<StaticDirectory>,
    fn(Vec<ListedTenant>) -> Result<Vec<ListedTenant>>,
);

#[async_trait]
impl TenantList for Broken {
    async fn tenants_after(&self, after: Option<TenantId>, limit: u16) -> Result<Vec<ListedTenant>> {
        let first = self.0.tenants_after(None, limit).await?;
        match after {
            None => Ok(first),
            Some(_) => (self.1)(first),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_can_not_be_followed_stops_the_run() {
    let world = World::active(300);
    let down = |_| Err(Error::unavailable("the registry is down"));
    // would go round for ever
    let again = Ok;
    let unordered = |mut page: Vec<ListedTenant>| {
        page.reverse();
        Ok(page)
    };
    for broken in [down as fn(_) -> _, again, unordered] {
        let fan_out = world.fan_out(Arc::new(Broken(Arc::clone(&world.directory), broken)));
        let (report, _) = run(&fan_out, &world.tenants, Checkpoint::start(), BTreeMap::new()).await;
        assert_eq!(report.done, 256);
        assert!(report.stopped.is_some());
        assert_eq!(report.checkpoint.after(), Some(world.tenants[255]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pinned_deployment_has_one_tenant() {
    let world = World::active(5);
    let pin = world.tenants[2];
    let pinned = PinnedDirectory::new(Arc::clone(&world.directory) as _, pin);
    let fan_out = world.fan_out(Arc::new(pinned));
    let (report, _) = run(&fan_out, &world.tenants, Checkpoint::start(), BTreeMap::new()).await;
    assert_eq!((report.done, report.checkpoint.after()), (1, Some(pin)));
}
