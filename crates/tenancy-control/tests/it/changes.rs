//! How deployments hear of changes, and that they hear nothing else.

use std::time::{Duration, Instant};

use sqlx::postgres::PgListener;
use tenancy_core::{
    Directory, Epoch, PermissionCatalogue, PermissionNames, Placement, PlanChanges, Result, Role, TenantKey,
    TenantStatus, Tier,
    directory::{CachedDirectory, PgDirectory},
    registry::{Access, CHANNEL, ChangeListener},
};
use tenancy_testkit::context_of;

use crate::fixture::{Fixture, Role as Deployment, new_tenant, user};

/// Listens as a deployment does: as its own role.
#[expect(clippy::disallowed_methods, reason = "the driver's listener asks for a pool")]
async fn listener(role: &Deployment) -> PgListener {
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(role.options());
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen(CHANNEL).await.unwrap();
    listener
}

/// What was heard, up to a short silence.
async fn heard(listener: &mut PgListener) -> Vec<String> {
    let mut payloads = Vec::new();
    while let Ok(note) = tokio::time::timeout(Duration::from_millis(300), listener.recv()).await {
        payloads.push(note.unwrap().payload().to_owned());
    }
    payloads
}

async fn announces(what: &str, listener: &mut PgListener, change: impl Future<Output = Result<()>>) {
    change.await.unwrap_or_else(|e| panic!("{what}: {e:?}"));
    let payloads = heard(listener).await;
    assert!(!payloads.is_empty(), "{what}: nothing was announced");
    for payload in payloads {
        let version =
            uuid::Uuid::try_parse(&payload).unwrap_or_else(|_| panic!("{what}: `{payload}` is data"));
        assert_eq!(
            version.get_version_num(),
            4,
            "{what}: a version that is not random tells when"
        );
    }
}

#[tokio::test]
async fn every_change_announces_itself_and_says_nothing() {
    let fixture = Fixture::new().await;
    let (acme, globex) = (
        fixture.tenant("acme", Tier::Standard).await,
        fixture.tenant("globex", Tier::Enterprise).await,
    );
    let (registry, id) = (&fixture.registry, globex.id);
    let role = fixture.pinned(acme.id).await;
    let mut ear = listener(&role).await;
    let (ear, eve) = (&mut ear, user("eve"));

    announces("create", ear, async {
        registry
            .create(&new_tenant("initech", Tier::Free))
            .await
            .map(drop)
    })
    .await;
    announces("add a member", ear, async {
        registry.add_member(id, &eve, Role::Member).await.map(drop)
    })
    .await;
    announces("set a role", ear, registry.set_role(id, eve.id, Role::Admin)).await;
    announces("remove a member", ear, registry.remove_member(id, eve.id)).await;
    let record = registry.tenant(id).await.unwrap();
    let owner = context_of(&record, globex.owner.id, Role::Owner).await;
    let (editor, catalogue) = ("editor".parse().unwrap(), PermissionCatalogue::new([]).unwrap());
    let names = PermissionNames::default();
    let define = registry.define_role(&owner, &editor, &names, &catalogue);
    announces("define a role", ear, define).await;
    let update = async {
        registry
            .update_role(&owner, &editor, &names, &catalogue)
            .await
            .map(drop)
    };
    announces("change a role", ear, update).await;
    announces(
        "delete a role",
        ear,
        registry.delete_role(&owner, &editor, &catalogue),
    )
    .await;
    announces("suspend", ear, registry.suspend(id)).await;
    announces("resume", ear, registry.resume(id)).await;
    let placement = Placement {
        epoch: Epoch(1),
        ..globex.placement.clone()
    };
    announces("place", ear, registry.place(id, &placement)).await;
    let host = "trips.globex.example".parse().unwrap();
    announces("set a host", ear, registry.set_custom_host(id, Some(&host))).await;
    announces(
        "set a plan",
        ear,
        registry.set_plan(id, Some(&PlanChanges::default())),
    )
    .await;
    let other = fixture.role().await;
    announces("pin", ear, registry.pin(&other.name, id)).await;
    announces("revoke", ear, registry.revoke(&other.name)).await;

    registry.suspend(id).await.unwrap();
    heard(ear).await;
    registry.suspend(id).await.unwrap();
    registry.place(id, &placement).await.unwrap();
    assert_eq!(
        heard(ear).await,
        Vec::<String>::new(),
        "what changes nothing announces nothing"
    );
}

#[tokio::test]
async fn a_suspension_is_seen_through_the_cache_within_a_second() {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let client = fixture.pinned(acme.id).await.client(Access::Pinned);
    let directory = CachedDirectory::new(std::sync::Arc::new(PgDirectory::new(client.clone())));
    let _listener = ChangeListener::spawn(&client, directory.freshness());
    let status = async || {
        directory
            .lookup(&TenantKey::Id(acme.id))
            .await
            .unwrap()
            .unwrap()
            .status
    };
    assert_eq!(status().await, TenantStatus::Active);
    fixture.registry.suspend(acme.id).await.unwrap();
    let since = Instant::now();
    while status().await != TenantStatus::Suspended {
        assert!(
            since.elapsed() < Duration::from_secs(1),
            "still active after {:?}",
            since.elapsed()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
