//! Which tenants changed: told to who may know, once each, and of no transaction too early or never.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, Row};
use tenancy_control::NewTenant;
use tenancy_core::{
    Epoch, PermissionCatalogue, PermissionNames, Placement, PlanChanges, Result, Role, TenantId, Tier,
    directory::{ChangeFeed, Changed, Changes, Cursor},
    registry::{Access, RegistryClient},
};

use crate::fixture::{Fixture, new_tenant, user};

/// A reader of the feed, at its place.
struct Reader {
    client: RegistryClient,
    cursor: Cursor,
}

impl Reader {
    async fn new(client: RegistryClient) -> Self {
        let Changes { cursor, changed } = client.changes(None).await.unwrap();
        assert_eq!(
            changed,
            Changed::Everything,
            "without a cursor nothing is confirmed"
        );
        Self { client, cursor }
    }

    async fn read(&mut self) -> Changed {
        let Changes { cursor, changed } = self.client.changes(Some(&self.cursor)).await.unwrap();
        self.cursor = cursor;
        changed
    }

    async fn tells(&mut self, what: &str, tenants: &[TenantId]) {
        match self.read().await {
            Changed::Everything => panic!("{what}: everything"),
            Changed::Tenants(told) => assert_eq!(
                told.into_iter().collect::<BTreeSet<_>>(),
                tenants.iter().copied().collect(),
                "{what}"
            ),
        }
    }
}

async fn world() -> (Fixture, NewTenant, NewTenant) {
    let fixture = Fixture::new().await;
    let acme = fixture.tenant("acme", Tier::Standard).await;
    let globex = fixture.tenant("globex", Tier::Enterprise).await;
    (fixture, acme, globex)
}

#[tokio::test]
async fn every_change_is_told_of_once_by_its_tenant() {
    let (fixture, acme, globex) = world().await;
    let (registry, id, eve) = (&fixture.registry, globex.id, user("eve"));
    let mut shared = Reader::new(fixture.shared().await.client(Access::Shared)).await;
    let mut pinned = Reader::new(fixture.pinned(acme.id).await.client(Access::Pinned)).await;
    shared.read().await;
    let mut check = async |what: &str, change: Result<()>| {
        change.unwrap_or_else(|e| panic!("{what}: {e:?}"));
        shared.tells(what, &[id]).await;
        shared.tells("nothing since", &[]).await;
        pinned.tells("of another tenant", &[]).await;
    };
    check(
        "a member",
        registry.add_member(id, &eve, Role::Member).await.map(drop),
    )
    .await;
    check("a role", registry.set_role(id, eve.id, Role::Admin).await).await;
    check("one less", registry.remove_member(id, eve.id).await).await;
    let record = registry.tenant(id).await.unwrap();
    let owner = tenancy_testkit::context_of(&record, globex.owner.id, Role::Owner).await;
    let (editor, catalogue) = ("editor".parse().unwrap(), PermissionCatalogue::new([]).unwrap());
    let names = PermissionNames::default();
    let define = registry.define_role(&owner, &editor, &names, &catalogue);
    check("a custom role", define.await).await;
    let update = registry.update_role(&owner, &editor, &names, &catalogue);
    check("a custom role's permissions", update.await.map(drop)).await;
    let delete = registry.delete_role(&owner, &editor, &catalogue);
    check("a custom role less", delete.await).await;
    check("suspended", registry.suspend(id).await).await;
    check("resumed", registry.resume(id).await).await;
    let placement = Placement {
        epoch: Epoch(1),
        ..globex.placement.clone()
    };
    check("moved", registry.place(id, &placement).await).await;
    let host = "trips.globex.example".parse().unwrap();
    check("a host", registry.set_custom_host(id, Some(&host)).await).await;
    check(
        "a plan",
        registry.set_plan(id, Some(&PlanChanges::default())).await,
    )
    .await;
    let other = fixture.role().await;
    check("pinned", registry.pin(&other.name, id).await).await;
    check("revoked", registry.revoke(&other.name).await).await;

    let initech = new_tenant("initech", Tier::Free);
    registry.create(&initech).await.unwrap();
    registry.suspend(acme.id).await.unwrap();
    shared
        .tells("created and suspended", &[initech.id, acme.id])
        .await;
    pinned.tells("its own", &[acme.id]).await;
}

#[tokio::test]
async fn a_change_that_began_early_and_commits_late_is_told_of_then() {
    let (fixture, acme, globex) = world().await;
    let mut reader = Reader::new(fixture.shared().await.client(Access::Shared)).await;
    let mut owner = fixture.owner().await;
    let mut late = owner.begin().await.unwrap();
    let text = format!(
        "UPDATE registry.tenants SET name = 'late' WHERE id = '{}'",
        acme.id
    );
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(&mut *late)
        .await
        .unwrap();
    for _ in 0..3 {
        fixture.registry.suspend(globex.id).await.unwrap();
        reader.tells("the younger one", &[globex.id]).await;
        fixture.registry.resume(globex.id).await.unwrap();
        reader.tells("not again", &[globex.id]).await;
        reader.tells("nothing", &[]).await;
    }
    late.commit().await.unwrap();
    reader.tells("the older one", &[acme.id]).await;
    reader.tells("nothing more", &[]).await;
}

#[tokio::test]
async fn what_is_rolled_back_is_not_told_of() {
    let (fixture, acme, _) = world().await;
    let mut reader = Reader::new(fixture.shared().await.client(Access::Shared)).await;
    let mut owner = fixture.owner().await;
    let mut tx = owner.begin().await.unwrap();
    let text = format!(
        "UPDATE registry.tenants SET name = 'never' WHERE id = '{}'",
        acme.id
    );
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    reader.tells("nothing", &[]).await;
}

/// Two that change one tenant, and one of them everything, in every order: nobody waits for ever, and nothing is missed.
#[tokio::test]
async fn many_writers_of_one_tenant_neither_block_each_other_nor_are_missed() {
    let (fixture, acme, _) = world().await;
    let mut reader = Reader::new(fixture.shared().await.client(Access::Shared)).await;
    let ids = futures_of(&fixture, acme.id).await;
    let registry = &fixture.registry;
    for round in 0..10 {
        let role = if round % 2 == 0 { Role::Admin } else { Role::Member };
        let outcomes = tokio::join!(
            registry.set_role(acme.id, ids[0], role),
            registry.set_role(acme.id, ids[1], role),
            async {
                registry.suspend(acme.id).await?;
                registry.resume(acme.id).await
            },
        );
        outcomes.0.and(outcomes.1).and(outcomes.2).unwrap();
        reader.tells("all of them", &[acme.id]).await;
    }
}

async fn futures_of(fixture: &Fixture, tenant: TenantId) -> Vec<tenancy_core::UserId> {
    let mut ids = Vec::new();
    for name in ["eve", "bob"] {
        let new = user(name);
        ids.push(
            fixture
                .registry
                .add_member(tenant, &new, Role::Member)
                .await
                .unwrap(),
        );
    }
    ids
}

#[tokio::test]
async fn a_cursor_of_another_history_is_told_to_drop_everything() {
    let (fixture, acme, _) = world().await;
    for client in [
        fixture.shared().await.client(Access::Shared),
        fixture.pinned(acme.id).await.client(Access::Pinned),
    ] {
        let cursor = client.changes(None).await.unwrap().cursor;
        let (history, snapshot) = cursor.as_str().split_once('/').unwrap();
        let (system, timeline) = history.split_once('.').unwrap();
        for (other, expect) in [
            (cursor.as_str().to_owned(), Changed::Tenants(vec![])),
            (format!("1{system}.{timeline}/{snapshot}"), Changed::Everything),
            (format!("{system}.000000FF/{snapshot}"), Changed::Everything),
            (String::new(), Changed::Everything),
        ] {
            let changes = client.changes(Some(&Cursor::new(other.clone()))).await.unwrap();
            assert_eq!(changes.changed, expect, "{other}");
        }
    }
}

/// A server that was put back to an earlier state, without a timeline of its own, counts some transactions again.
#[tokio::test]
async fn a_cursor_of_what_has_not_happened_yet_is_told_to_drop_everything() {
    let (fixture, acme, _) = world().await;
    let client = fixture.shared().await.client(Access::Shared);
    let cursor = client.changes(None).await.unwrap().cursor;
    let (history, _) = cursor.as_str().split_once('/').unwrap();
    let later = Cursor::new(format!("{history}/4000000000:4000000000:"));
    fixture.registry.suspend(acme.id).await.unwrap();
    let changes = client.changes(Some(&later)).await.unwrap();
    assert_eq!(changes.changed, Changed::Everything);
}

#[tokio::test]
async fn the_feed_is_one_row_a_tenant_and_more_than_ten_thousand_are_everything() {
    let (fixture, acme, _) = world().await;
    let mut reader = Reader::new(fixture.shared().await.client(Access::Shared)).await;
    for _ in 0..5 {
        fixture.registry.suspend(acme.id).await.unwrap();
        fixture.registry.resume(acme.id).await.unwrap();
    }
    let mut owner = fixture.owner().await;
    let count = "SELECT count(*) FROM registry.changes";
    let rows = sqlx::query(count).fetch_one(&mut owner).await.unwrap();
    assert_eq!(rows.get::<i64, _>(0), 2);
    reader.tells("ten changes", &[acme.id]).await;
    let many = "INSERT INTO registry.changes SELECT gen_random_uuid(), pg_current_xact_id() FROM generate_series(1, 10001)";
    sqlx::raw_sql(many).execute(&mut owner).await.unwrap();
    assert_eq!(reader.read().await, Changed::Everything);
    reader.tells("and on from there", &[]).await;
}

/// Deployments that were granted before there was a feed can read it.
#[tokio::test]
async fn a_role_without_the_feed_still_has_its_look_ups() {
    let (fixture, acme, _) = world().await;
    let role = fixture.shared().await;
    let take = format!(
        "REVOKE EXECUTE ON FUNCTION registry.changes_since(text) FROM {}",
        role.name.as_str()
    );
    sqlx::raw_sql(AssertSqlSafe(take))
        .execute(&mut fixture.owner().await)
        .await
        .unwrap();
    let client = role.client(Access::Shared);
    assert!(client.changes(None).await.is_err());
    let key = tenancy_core::TenantKey::Id(acme.id);
    assert!(client.tenant(&key).await.unwrap().is_some());
}
