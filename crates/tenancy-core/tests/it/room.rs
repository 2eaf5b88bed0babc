//! Memory is bounded, and "there is none" is short.

use tenancy_core::{CacheOptions, Directory, Kind, Role, TenantKey, TenantStatus, Tier};

use crate::world::{Health, Process, Source, member, ms, pass, record, secs};

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_for_once_a_second_and_found_when_created() {
    for (push, bound) in [(true, ms(50)), (false, ms(1_100))] {
        let source = Source::new();
        let process = Process::start(&source);
        pass(ms(100)).await;
        let acme = record("acme", Tier::Standard);
        let by_slug = TenantKey::Slug(acme.slug.clone());
        let key = member(&acme, "ada");
        for _ in 0..9 {
            assert_eq!(process.directory.lookup(&by_slug).await.unwrap(), None);
            pass(ms(100)).await;
        }
        assert_eq!(source.loads(), 1);
        pass(secs(2)).await;
        assert_eq!(process.directory.lookup(&by_slug).await.unwrap(), None);
        assert_eq!(process.role(&key).await, Err(Kind::NotFound));
        assert_eq!(source.loads(), 3);
        source.push(push);
        source.put(acme.clone());
        source.join(&key, Role::Owner);
        pass(bound).await;
        assert_eq!(
            process.directory.lookup(&by_slug).await.unwrap().unwrap().id,
            acme.id
        );
        assert_eq!(process.role(&key).await, Ok("owner".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_keys_that_nobody_has_pushes_out_nobody() {
    let source = Source::new();
    let known: Vec<_> = (0..100)
        .map(|n| record(&format!("t{n:03}"), Tier::Free))
        .collect();
    known.iter().cloned().for_each(|record| source.put(record));
    let process = Process::start(&source);
    pass(ms(100)).await;
    for record in &known {
        process.tenant(record.id).await.unwrap().unwrap();
    }
    source.trip(ms(0));
    for n in 0..30_000 {
        let host = TenantKey::Host(format!("{n}.example"));
        assert_eq!(process.directory.lookup(&host).await.unwrap(), None);
    }
    assert_eq!(process.directory.len(), 100);
    for record in &known {
        assert!(process.directory.at_hand(&TenantKey::Id(record.id)).is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn the_tenants_that_are_kept_are_bounded_and_those_in_use_stay() {
    let source = Source::new();
    let options = CacheOptions {
        tenants: 100,
        members: 100,
        ..CacheOptions::default()
    };
    let process = Process::with_options(&source, options);
    source.trip(ms(0));
    let all: Vec<_> = (0..1_000)
        .map(|n| record(&format!("t{n:03}"), Tier::Free))
        .collect();
    for record in &all {
        source.put(record.clone());
        source.join(&member(record, "ada"), Role::Owner);
    }
    pass(secs(3)).await;
    let (busy, rest) = all.split_at(20);
    for record in rest {
        for record in busy.iter().chain([record]) {
            process.tenant(record.id).await.unwrap().unwrap();
            assert_eq!(process.role(&member(record, "ada")).await, Ok("owner".to_owned()));
        }
        assert!(process.directory.len() <= 100 && process.memberships.len() <= 100);
    }
    // each of the busy ones was asked for once
    let loads = source.loads();
    assert!(
        loads <= 2 * 1_000 + 40,
        "{loads} look-ups: those in use were pushed out"
    );
    for record in &all {
        let kept = process.directory.at_hand(&TenantKey::Id(record.id)).is_some();
        let by_slug = process
            .directory
            .at_hand(&TenantKey::Slug(record.slug.clone()))
            .is_some();
        assert_eq!(kept, by_slug, "a name outlived its record");
    }
}

/// A host that goes from one tenant to another is never answered with the old one once that is known.
#[tokio::test(start_paused = true)]
async fn a_host_that_changes_hands() {
    let source = Source::new();
    let (mut acme, globex) = (
        record("acme", Tier::Enterprise),
        record("globex", Tier::Enterprise),
    );
    acme.custom_host = Some("trips.example".to_owned());
    source.put(acme.clone());
    source.put(globex.clone());
    let process = Process::start(&source);
    pass(ms(100)).await;
    let host = TenantKey::Host("trips.example".to_owned());
    let owner = async || {
        process
            .directory
            .lookup(&host)
            .await
            .unwrap()
            .map(|record| record.id)
    };
    assert_eq!(owner().await, Some(acme.id));
    source.change(acme.id, |record| record.custom_host = None);
    pass(ms(50)).await;
    assert_eq!(owner().await, None);
    assert_eq!(process.status(acme.id).await, Ok(TenantStatus::Active));
    assert_eq!(owner().await, None);
    source.change(globex.id, |record| {
        record.custom_host = Some("trips.example".to_owned())
    });
    pass(ms(50)).await;
    assert_eq!(owner().await, Some(globex.id));
    source.look_ups(Health::Down);
    pass(secs(60)).await;
    assert_eq!(owner().await, Some(globex.id));
}
