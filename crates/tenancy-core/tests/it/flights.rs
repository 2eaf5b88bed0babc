//! One look-up for many, and no answer from before a change for who comes after.

use std::sync::Arc;

use futures::future::join_all;
use tenancy_core::{CacheOptions, Directory, Epoch, Kind, TenantKey, TenantStatus, Tier};

use crate::world::{Health, Process, Source, ms, pass, record, secs};

#[tokio::test(start_paused = true)]
async fn a_thousand_at_once_cause_one_look_up() {
    let source = Source::new();
    let acme = record("acme", Tier::Standard);
    source.put(acme.clone());
    let process = Process::start(&source);
    pass(ms(100)).await;
    let answers = join_all((0..1_000).map(|_| process.status(acme.id))).await;
    assert!(answers.iter().all(|answer| *answer == Ok(TenantStatus::Active)));
    assert_eq!(source.loads(), 1);
    source.look_ups(Health::Down);
    let unknown = record("globex", Tier::Standard);
    let answers = join_all((0..1_000).map(|_| process.status(unknown.id))).await;
    assert!(answers.iter().all(|answer| *answer == Err(Kind::Unavailable)));
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_at_once_after_a_change_cause_one_look_up_too() {
    let source = Source::new();
    let acme = record("acme", Tier::Standard);
    source.put(acme.clone());
    let process = Process::start(&source);
    pass(ms(100)).await;
    process.tenant(acme.id).await.unwrap();
    source.change(acme.id, |record| record.status = TenantStatus::Suspended);
    pass(ms(50)).await;
    let answers = join_all((0..1_000).map(|_| process.status(acme.id))).await;
    assert!(
        answers
            .iter()
            .all(|answer| *answer == Ok(TenantStatus::Suspended))
    );
    assert_eq!(source.loads(), 2);
}

/// The first of those who wait gives up: the look-up goes on for the others, and stays for who comes later.
#[tokio::test(start_paused = true)]
async fn who_gives_up_harms_nobody() {
    let source = Source::new();
    source.trip(ms(100));
    let acme = record("acme", Tier::Standard);
    source.put(acme.clone());
    let process = Process::start(&source);
    pass(ms(500)).await;
    let first = tokio::time::timeout(ms(10), process.status(acme.id));
    let second = async {
        pass(ms(5)).await;
        process.status(acme.id).await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_err());
    assert_eq!(second, Ok(TenantStatus::Active));

    let globex = record("globex", Tier::Standard);
    source.put(globex.clone());
    pass(ms(500)).await;
    let loads = source.loads();
    let alone = tokio::time::timeout(ms(10), process.status(globex.id)).await;
    assert!(alone.is_err());
    pass(ms(200)).await;
    let kept = process.directory.at_hand(&TenantKey::Id(globex.id));
    assert_eq!(
        (kept.map(|record| record.id), source.loads()),
        (Some(globex.id), loads + 1)
    );
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_a_change_waits_for_a_look_up_that_began_after_it() {
    for gone in [false, true] {
        let source = Source::new();
        let acme = record("acme", Tier::Standard);
        source.put(acme.clone());
        let process = Arc::new(Process::start(&source));
        pass(ms(100)).await;
        // the source reads after 200 ms and answers after 400
        source.trip(ms(400));
        let (early, id) = (Arc::clone(&process), acme.id);
        let early = tokio::spawn(async move { early.status(id).await });
        pass(ms(210)).await;
        source.trip(ms(2));
        let status = if gone {
            TenantStatus::Deleting
        } else {
            TenantStatus::Suspended
        };
        source.change(acme.id, |record| record.status = status);
        pass(ms(50)).await;
        assert!(!early.is_finished());
        assert_eq!(process.status(acme.id).await, Ok(status));
        assert_eq!(
            early.await.unwrap(),
            Ok(TenantStatus::Active),
            "it came before the change"
        );
        assert_eq!(process.status(acme.id).await, Ok(status));
    }
}

/// A look-up that began earlier and ends later brings an older record; by another name, so that they do not wait for each
/// other.
#[tokio::test(start_paused = true)]
async fn an_older_answer_never_replaces_a_newer_one() {
    let change: [fn(&mut tenancy_core::TenantRecord); 2] = [
        |record| record.placement.epoch = Epoch(7),
        |record| record.status = TenantStatus::Suspended,
    ];
    for change in change {
        let source = Source::new();
        let acme = record("acme", Tier::Standard);
        source.put(acme.clone());
        let process = Process::start(&source);
        source.feed(Health::Hangs);
        pass(ms(100)).await;
        source.trip(ms(400));
        let by_slug = TenantKey::Slug(acme.slug.clone());
        let early = process.directory.lookup(&by_slug);
        let late = async {
            pass(ms(210)).await;
            source.trip(ms(2));
            source.push(false);
            source.change(acme.id, change);
            process.tenant(acme.id).await.unwrap().unwrap()
        };
        let (early, late) = tokio::join!(early, late);
        let early = early.unwrap().unwrap();
        assert_eq!(early, late, "the older one did not give way");
        assert_eq!(process.tenant(acme.id).await.unwrap().unwrap(), late);
        assert_eq!(process.directory.lookup(&by_slug).await.unwrap().unwrap(), late);
    }
}

/// A registry that went back in time answers with an older placement: it is not believed.
#[tokio::test(start_paused = true)]
async fn an_epoch_does_not_go_back() {
    let source = Source::new();
    let mut acme = record("acme", Tier::Standard);
    acme.placement.epoch = Epoch(3);
    source.put(acme.clone());
    let process = Process::start(&source);
    pass(ms(100)).await;
    process.tenant(acme.id).await.unwrap();
    source.change(acme.id, |record| record.placement.epoch = Epoch(2));
    pass(secs(30)).await;
    for _ in 0..3 {
        let record = process.tenant(acme.id).await.unwrap().unwrap();
        assert_eq!(record.placement.epoch, Epoch(3));
        pass(secs(10)).await;
    }
}

/// The same, when it shuts the tenant out: that wins, whatever its placement says.
#[tokio::test(start_paused = true)]
async fn a_suspension_wins_over_a_newer_placement() {
    let source = Source::new();
    let mut acme = record("acme", Tier::Standard);
    acme.placement.epoch = Epoch(3);
    source.put(acme.clone());
    let process = Process::start(&source);
    pass(ms(100)).await;
    process.tenant(acme.id).await.unwrap();
    source.change(acme.id, |record| {
        record.placement.epoch = Epoch(2);
        record.status = TenantStatus::Suspended;
    });
    pass(secs(1)).await;
    for _ in 0..3 {
        let record = process.tenant(acme.id).await.unwrap().unwrap();
        let is = (record.placement.epoch, record.status);
        assert_eq!(is, (Epoch(3), TenantStatus::Suspended));
        pass(secs(10)).await;
    }
    source.change(acme.id, |record| record.placement.epoch = Epoch(4));
    source.change(acme.id, |record| record.status = TenantStatus::Active);
    pass(secs(1)).await;
    assert_eq!(process.status(acme.id).await, Ok(TenantStatus::Active));
}

#[tokio::test(start_paused = true)]
async fn look_ups_under_way_are_bounded() {
    let source = Source::new();
    let options = CacheOptions {
        loads: 10,
        ..CacheOptions::default()
    };
    let process = Process::with_options(&source, options);
    pass(ms(100)).await;
    let unknown: Vec<_> = (0..15).map(|n| record(&format!("t{n:02}"), Tier::Free)).collect();
    let answers = join_all(unknown.iter().map(|record| process.status(record.id))).await;
    let refused = answers.iter().filter(|answer| **answer == Err(Kind::Unavailable));
    assert_eq!((refused.count(), source.loads()), (5, 10));
}

/// Whoever invents hosts and slugs fills half of the places: a tenant that a token names is looked up beside them.
#[tokio::test(start_paused = true)]
async fn a_flood_of_names_leaves_places_to_what_a_token_names() {
    let source = Source::new();
    let acme = record("acme", Tier::Standard);
    source.put(acme.clone());
    let options = CacheOptions {
        loads: 8,
        ..CacheOptions::default()
    };
    let process = Process::with_options(&source, options);
    source.trip(secs(1));
    let hints = (0..50).flat_map(|n| {
        let slug = TenantKey::Slug(format!("nobody-{n:02}").parse().unwrap());
        [slug, TenantKey::Host(format!("trips{n}.nobody.example"))]
    });
    let flood = hints.map(|hint| {
        let directory = Arc::clone(&process.directory);
        tokio::spawn(async move { directory.lookup(&hint).await })
    });
    let flood: Vec<_> = flood.collect();
    pass(ms(10)).await;
    assert_eq!(source.loads(), 4);
    for key in [
        TenantKey::Id(acme.id),
        TenantKey::Identity(acme.identity_tenant.clone()),
    ] {
        let found = process.directory.lookup(&key).await.unwrap();
        assert_eq!(found.map(|record| record.id), Some(acme.id), "{key:?}");
    }
    let answers = join_all(flood).await;
    let refused = answers.iter().filter(|answer| answer.as_ref().unwrap().is_err());
    assert_eq!(refused.count(), 96);
    // the places are free again
    let later = TenantKey::Slug("nobody-later".parse().unwrap());
    assert!(process.directory.lookup(&later).await.unwrap().is_none());
}
