//! The registry does not answer: who is known goes on, up to the cap of its tier.

use std::{sync::Arc, time::Duration};

use tenancy_core::{Directory, Kind, Role, TenantKey, TenantRecord, TenantStatus, Tier};
use tokio::time::Instant;

use crate::{
    log::Heard,
    world::{Health, Process, Source, member, ms, pass, record, secs},
};

const CAPS: [(Tier, Duration); 3] = [
    (Tier::Free, secs(5 * 60)),
    (Tier::Standard, secs(60 * 60)),
    (Tier::Enterprise, secs(24 * 60 * 60)),
];

/// A process that knows one tenant of each tier and a member of it, and was last told so a moment ago.
async fn known() -> (Arc<Source>, Process, Vec<TenantRecord>) {
    let source = Source::new();
    let all: Vec<_> = CAPS
        .iter()
        .map(|(tier, _)| record(&format!("a-{tier}"), *tier))
        .collect();
    for record in &all {
        source.put(record.clone());
        source.join(&member(record, "ada"), Role::Member);
    }
    let process = Process::start(&source);
    pass(ms(100)).await;
    for record in &all {
        process.tenant(record.id).await.unwrap();
        process.role(&member(record, "ada")).await.unwrap();
    }
    // idle for long: what the feed confirms needs no look-up
    pass(secs(7_200)).await;
    (source, process, all)
}

fn lose_everything(source: &Source, how: Health) {
    source.push(false);
    source.feed(how);
    source.look_ups(how);
}

#[tokio::test(start_paused = true)]
async fn the_last_known_answers_serve_up_to_the_cap_of_the_tier() {
    for how in [Health::Down, Health::Hangs] {
        let (source, process, all) = known().await;
        lose_everything(&source, how);
        let since = Instant::now();
        for step in [secs(3), secs(10), secs(60)].into_iter().chain([secs(97); 900]) {
            pass(step).await;
            for (record, (tier, cap)) in all.iter().zip(CAPS) {
                let age = since.elapsed();
                let status = process.status(record.id).await;
                let role = process.role(&member(record, "ada")).await;
                let (status, role) = (status.err(), role.err());
                if age + secs(10) < cap {
                    assert_eq!((status, role), (None, None), "{tier} after {age:?}, {how:?}");
                } else if age > cap + secs(2) {
                    let unavailable = Some(Kind::Unavailable);
                    assert_eq!((status, role), (unavailable, unavailable), "{tier} after {age:?}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_twice_for_a_registry_that_hangs() {
    let (source, process, all) = known().await;
    lose_everything(&source, Health::Hangs);
    pass(secs(60)).await;
    let ask = async |record: &TenantRecord| {
        let since = Instant::now();
        process.status(record.id).await.unwrap();
        since.elapsed()
    };
    assert!(ask(&all[0]).await <= secs(3));
    for _ in 0..100 {
        for record in &all {
            assert_eq!(ask(record).await, ms(0));
        }
        pass(ms(100)).await;
    }
    // one look-up a second tries whether it is back
    assert!(source.loads() <= 3 + 3 + 12, "{} look-ups", source.loads());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_tenant_is_unavailable() {
    let (source, process, _) = known().await;
    let globex = record("globex", Tier::Enterprise);
    source.put(globex.clone());
    lose_everything(&source, Health::Down);
    pass(secs(10)).await;
    assert_eq!(process.status(globex.id).await, Err(Kind::Unavailable));
    assert_eq!(
        process.role(&member(&globex, "ada")).await,
        Err(Kind::Unavailable)
    );
    source.look_ups(Health::Up);
    assert_eq!(process.status(globex.id).await, Ok(TenantStatus::Active));
}

/// Push says that somebody changed, look-ups fail: the old answer is known to be wrong, and serves nobody.
#[tokio::test(start_paused = true)]
async fn what_is_known_to_have_changed_is_not_the_last_known() {
    let (source, process, all) = known().await;
    source.look_ups(Health::Down);
    source.change(all[2].id, |record| record.status = TenantStatus::Suspended);
    pass(ms(50)).await;
    assert_eq!(process.status(all[2].id).await, Err(Kind::Unavailable));
    assert_eq!(
        process.role(&member(&all[2], "ada")).await,
        Err(Kind::Unavailable)
    );
    assert_eq!(process.status(all[1].id).await, Ok(TenantStatus::Active));
}

#[tokio::test(start_paused = true)]
async fn a_suspension_that_was_seen_wins() {
    let (source, process, all) = known().await;
    source.change(all[0].id, |record| record.status = TenantStatus::Suspended);
    pass(ms(50)).await;
    assert_eq!(process.status(all[0].id).await, Ok(TenantStatus::Suspended));
    lose_everything(&source, Health::Down);
    for _ in 0..100 {
        pass(secs(3_600)).await;
        assert_eq!(process.status(all[0].id).await, Ok(TenantStatus::Suspended));
    }
}

/// What the registry says wins, also when it says that nobody may ask.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_no_outage() {
    let (source, process, all) = known().await;
    source.feed(Health::Wrong);
    source.look_ups(Health::Wrong);
    pass(secs(10)).await;
    assert_eq!(process.status(all[2].id).await, Err(Kind::Internal));
}

/// Whoever invents names makes their look-ups fail: what a token names is asked for all the same, and nobody is told of an outage.
#[tokio::test(start_paused = true)]
async fn names_that_find_no_place_are_no_outage() {
    let heard = Heard::start();
    let (source, process, all) = known().await;
    source.hints(Health::Down);
    source.push(false);
    source.feed(Health::Down);
    pass(secs(60)).await;
    source.change(all[1].id, |record| record.status = TenantStatus::Suspended);
    let nobody = TenantKey::Slug("nobody".parse().unwrap());
    let flood = process.directory.lookup(&nobody).await;
    assert_eq!(flood.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(process.status(all[1].id).await, Ok(TenantStatus::Suspended));
    assert_eq!(heard.count("the registry does not answer"), 0);
}

#[tokio::test(start_paused = true)]
async fn it_recovers_by_itself_and_what_changed_meanwhile_is_true_within_a_second() {
    for how in [Health::Down, Health::Hangs] {
        let (source, process, all) = known().await;
        lose_everything(&source, how);
        pass(secs(120)).await;
        for record in &all {
            process.status(record.id).await.unwrap();
        }
        source.change(all[1].id, |record| record.status = TenantStatus::Suspended);
        source.leave(&member(&all[2], "ada"));
        pass(secs(60)).await;
        assert_eq!(
            process.status(all[1].id).await,
            Ok(TenantStatus::Active),
            "nobody could know"
        );
        source.feed(Health::Up);
        source.look_ups(Health::Up);
        let patience = if how == Health::Hangs { secs(3) } else { ms(1_100) };
        pass(patience).await;
        assert_eq!(process.status(all[1].id).await, Ok(TenantStatus::Suspended));
        assert_eq!(process.role(&member(&all[2], "ada")).await, Err(Kind::NotFound));
        assert_eq!(process.status(all[0].id).await, Ok(TenantStatus::Active));
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_says_once_when_it_begins_and_once_when_it_ends() {
    let heard = Heard::start();
    let (source, process, all) = known().await;
    for outage in 1..=2 {
        lose_everything(&source, Health::Down);
        for _ in 0..50 {
            pass(secs(5)).await;
            for record in &all {
                let _ = process.status(record.id).await;
                let _ = process.role(&member(record, "ada")).await;
            }
        }
        source.feed(Health::Up);
        source.look_ups(Health::Up);
        pass(secs(2)).await;
        source.change(all[0].id, |record| record.name.push('!'));
        pass(secs(2)).await;
        for record in &all {
            process.status(record.id).await.unwrap();
            process.role(&member(record, "ada")).await.unwrap();
        }
        assert_eq!(heard.count("the registry does not answer"), 2 * outage);
        assert_eq!(heard.count("the registry answers again"), 2 * outage);
        assert_eq!(heard.count("tells of no changes"), outage);
        assert_eq!(heard.count("tells of changes again"), outage);
    }
}
