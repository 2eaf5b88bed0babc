//! A change is true in every process within the stated bound, whatever is lost.

use std::{sync::Arc, time::Duration};

use tenancy_core::{CustomPlan, Epoch, MembershipKey, Role, TenantId, TenantRecord, TenantStatus, Tier};
use tokio::time::Instant;

use crate::world::{Health, Process, Source, member, ms, pass, record, secs};

/// What is lost when the change is made, and within what it is true nevertheless.
struct Loss {
    what: &'static str,
    lose: fn(&Source),
    bound: Duration,
}

const LOSSES: [Loss; 6] = [
    Loss {
        what: "nothing",
        lose: |_| {},
        bound: ms(50),
    },
    Loss {
        what: "push",
        lose: |source| source.push(false),
        bound: ms(1_100),
    },
    Loss {
        what: "push and feed: it is down",
        lose: |source| {
            source.push(false);
            source.feed(Health::Down);
        },
        bound: secs(5),
    },
    Loss {
        what: "push and feed: it hangs",
        lose: |source| {
            source.push(false);
            source.feed(Health::Hangs);
        },
        bound: secs(5),
    },
    Loss {
        what: "push and feed: it makes no sense",
        lose: |source| {
            source.push(false);
            source.feed(Health::Wrong);
        },
        bound: secs(5),
    },
    Loss {
        what: "the place in the feed",
        lose: |source| {
            source.push(false);
            source.forget_changes();
        },
        bound: ms(1_100),
    },
];

/// What a process says of a tenant and a member: all of it is to become what it is at the source.
type Said = (Option<Arc<TenantRecord>>, Result<String, tenancy_core::Kind>);

async fn said(process: &Process, id: TenantId, key: &MembershipKey) -> Said {
    (process.tenant(id).await.unwrap(), process.role(key).await)
}

type Change = fn(&Source, TenantId, &MembershipKey);

async fn check(what: &str, loss: &Loss, change: Change) {
    for earlier in [200, 223, 257, 271] {
        once(what, loss, change, earlier).await;
    }
}

/// Three processes are asked every 20 ms, so often before the change; none says the old when the bound has passed, nor
/// ever again.
async fn once(what: &str, loss: &Loss, change: Change, earlier: usize) {
    let source = Source::new();
    let acme = record("acme", Tier::Standard);
    let key = member(&acme, "ada");
    source.put(acme.clone());
    source.join(&key, Role::Admin);
    let processes: Vec<Process> = (0..3).map(|_| Process::start(&source)).collect();
    let stranger = Process::start(&source);
    for _ in 0..earlier {
        for process in &processes {
            let _ = said(process, acme.id, &key).await;
        }
        pass(ms(20)).await;
    }
    (loss.lose)(&source);
    let before = said(&stranger, acme.id, &key).await;
    pass(ms(7)).await;
    change(&source, acme.id, &key);
    let since = Instant::now();
    // who keeps nothing says the truth
    let truth = said(&Process::start(&source), acme.id, &key).await;
    assert_ne!(before, truth, "{what}: it changes nothing");
    let mut seen = [None; 3];
    while since.elapsed() < loss.bound + secs(5) {
        for (process, seen) in processes.iter().zip(&mut seen) {
            let asked = since.elapsed();
            if said(process, acme.id, &key).await == truth {
                seen.get_or_insert(asked);
            } else {
                let lost = loss.what;
                assert!(
                    asked <= loss.bound,
                    "{what}, {lost} lost: the old is said after {asked:?}"
                );
                assert_eq!(*seen, None, "{what}, {lost} lost: the old is back");
            }
        }
        pass(ms(20)).await;
    }
}

async fn within_the_bounds(what: &str, change: Change) {
    for loss in &LOSSES {
        check(what, loss, change).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_revoked_role() {
    within_the_bounds("removed", |source, _, key| source.leave(key)).await;
    within_the_bounds("demoted", |source, _, key| source.join(key, Role::ReadOnly)).await;
}

#[tokio::test(start_paused = true)]
async fn a_suspended_tenant() {
    within_the_bounds("suspended", |source, id, _| {
        source.change(id, |record| record.status = TenantStatus::Suspended);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_changed_plan() {
    within_the_bounds("plan", |source, id, _| {
        source.change(id, |record| record.plan = Some(CustomPlan::default()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_moved_tenant() {
    within_the_bounds("moved", |source, id, _| {
        source.change(id, |record| record.placement.epoch = Epoch(1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_at_once() {
    check("renamed", &LOSSES[0], |source, id, _| {
        source.change(id, |record| record.name.push('!'))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn without_push_a_change_is_seen_within_a_second() {
    check("renamed", &LOSSES[1], |source, id, _| {
        source.change(id, |record| record.name.push('!'))
    })
    .await;
}

/// A change costs the tenants that it is not about nothing.
#[tokio::test(start_paused = true)]
async fn a_change_ages_its_tenant_and_no_other() {
    let source = Source::new();
    let all: Vec<TenantRecord> = (0..50).map(|n| record(&format!("t{n:02}"), Tier::Free)).collect();
    all.iter().cloned().for_each(|record| source.put(record));
    let process = Process::start(&source);
    pass(ms(100)).await;
    let ask_all = async || {
        for record in &all {
            process.tenant(record.id).await.unwrap().unwrap();
        }
    };
    ask_all().await;
    assert_eq!(source.loads(), 50);
    for changes in 1..=20 {
        source.change(all[0].id, |record| record.name.push('!'));
        pass(secs(30)).await;
        ask_all().await;
        assert_eq!(source.loads(), 50 + changes);
    }
}

/// Ten changes at once are one question.
#[tokio::test(start_paused = true)]
async fn a_burst_of_pushes_is_gathered() {
    let source = Source::new();
    let acme = record("acme", Tier::Standard);
    source.put(acme.clone());
    let process = Process::start(&source);
    pass(ms(100)).await;
    process.tenant(acme.id).await.unwrap();
    for _ in 0..1_000 {
        source.change(acme.id, |record| record.name.push('!'));
        process.nudge.now();
    }
    pass(ms(50)).await;
    let name = process.tenant(acme.id).await.unwrap().unwrap().name.len();
    assert_eq!((name, source.loads()), (1_004, 2));
}
