//! What members do to members and roles is written down, and a version of a role is given once.

use sqlx::{AssertSqlSafe, Executor};
use tenancy_core::{
    CustomRole, Feature, FeatureSet, Kind, MemberRole, PlanChanges, Role, TenantContext, TenantId, Tier,
};

use crate::{
    fixture::{Fixture, constraint, is, user},
    roles::{Globex, as_user, catalogue, custom, names},
};

/// The log of a tenant, a line a row, the oldest first.
async fn log(fixture: &Fixture, tenant: TenantId) -> Vec<String> {
    let text = "SELECT concat_ws(' ', deed, target, array_to_string(gives, ','), 'by', actor, coalesce(role, '-'), action,
                                 CASE WHEN allowed THEN 'may' ELSE 'may not' END, rule)
                FROM registry.audit_log WHERE tenant_id = $1 ORDER BY at";
    let query = sqlx::query_scalar(text).bind(tenant);
    query.fetch_all(&mut fixture.owner().await).await.unwrap()
}

/// Checks the log's last line.
async fn last(globex: &Globex, expect: &str) {
    let log = log(&globex.fixture, globex.tenant.id).await;
    assert_eq!(log.last().map(String::as_str), Some(expect), "{log:#?}");
}

fn id(context: &TenantContext) -> String {
    format!("user:{}", context.user_id().unwrap())
}

#[tokio::test]
async fn what_members_do_to_members_and_roles_is_written_down() {
    let (globex, catalogue) = (Globex::new().await, &catalogue());
    let (registry, admin, editor) = (
        &globex.fixture.registry,
        id(&globex.admin),
        "editor".parse().unwrap(),
    );
    let (settings, write) = ("tenant:settings:update", ["tenant:data:write"]);
    globex.define(&globex.admin, "editor", &write).await.unwrap();
    let by = format!("by {admin} admin {settings} may at_least_admin");
    last(
        &globex,
        &format!("define_role role/editor tenant:data:write {by}"),
    )
    .await;
    let bob = globex
        .add(&globex.admin, &user("bob"), custom("editor"))
        .await
        .unwrap();
    let invites = format!("by {admin} admin tenant:users:invite may at_least_admin");
    last(&globex, &format!("add_member user/{bob} editor {invites}")).await;
    // the user is known already, by another id than the one that is offered
    globex
        .add(&globex.admin, &user("eve"), Role::ReadOnly)
        .await
        .unwrap();
    let eve = user("eve");
    is(
        globex.add(&globex.admin, &eve, Role::ReadOnly).await,
        Kind::Conflict,
        "",
    );
    globex.assign(&globex.admin, bob, Role::Member).await.unwrap();
    last(&globex, &format!("assign_role user/{bob} member {by}")).await;
    let less = names(&[]);
    let update = registry.update_role(&globex.admin, &editor, &less, catalogue);
    update.await.unwrap();
    last(&globex, &format!("update_role role/editor  {by}")).await;
    let delete = registry.delete_role(&globex.admin, &editor, catalogue);
    delete.await.unwrap();
    last(&globex, &format!("delete_role role/editor  {by}")).await;
    let remove = registry.remove_member_by(&globex.admin, bob, catalogue);
    remove.await.unwrap();
    let removes = format!("by {admin} admin tenant:users:remove may at_least_admin");
    last(&globex, &format!("remove_member user/{bob}  {removes}")).await;
    assert_eq!(log(&globex.fixture, globex.tenant.id).await.len(), 7);
}

#[tokio::test]
async fn what_members_are_denied_is_written_down_too() {
    let (globex, catalogue) = (Globex::new().await, &catalogue());
    let registry = &globex.fixture.registry;
    let write = ["tenant:data:write"];
    globex.define(&globex.owner, "editor", &write).await.unwrap();
    let bob = globex
        .add(&globex.owner, &user("bob"), custom("editor"))
        .await
        .unwrap();
    let role = CustomRole {
        name: "editor".parse().unwrap(),
        permissions: names(&write),
        version: 1,
    };
    let editor = MemberRole::Custom(role.into());
    let editor = as_user(&globex.fixture, &globex.tenant, bob, editor).await;
    globex.define(&editor, "mine", &write).await.unwrap_err();
    let settings = "tenant:settings:update may not";
    last(
        &globex,
        &format!(
            "define_role role/mine tenant:data:write by {} editor {settings} custom_role",
            id(&editor)
        ),
    )
    .await;
    globex.assign(&globex.admin, bob, Role::Owner).await.unwrap_err();
    let admin = id(&globex.admin);
    last(
        &globex,
        &format!("assign_role user/{bob} owner by {admin} admin {settings} exceeds_own_role"),
    )
    .await;
    // an owner of another tenant, whose context says that this one is theirs
    let initech = globex.fixture.tenant("initech", Tier::Enterprise).await;
    let stranger = as_user(
        &globex.fixture,
        &globex.tenant,
        initech.owner.id,
        Role::Owner.into(),
    )
    .await;
    registry
        .remove_member_by(&stranger, bob, catalogue)
        .await
        .unwrap_err();
    let removes = "tenant:users:remove may not no_member";
    last(
        &globex,
        &format!("remove_member user/{bob}  by {} - {removes}", id(&stranger)),
    )
    .await;
    let downgrade = PlanChanges {
        remove_features: FeatureSet::of(&[Feature::CustomRoles]),
        ..PlanChanges::default()
    };
    registry
        .set_plan(globex.tenant.id, Some(&downgrade))
        .await
        .unwrap();
    globex.define(&globex.owner, "late", &[]).await.unwrap_err();
    let owner = id(&globex.owner);
    last(
        &globex,
        &format!("define_role role/late  by {owner} owner {settings} not_in_plan"),
    )
    .await;
    assert_eq!(log(&globex.fixture, globex.tenant.id).await.len(), 6);
    assert!(log(&globex.fixture, initech.id).await.is_empty());
}

#[tokio::test]
async fn what_was_not_done_is_not_written_down_and_what_was_written_down_stays() {
    let (globex, catalogue) = (Globex::new().await, &catalogue());
    // refused when it commits, after the record was written
    let leave = globex
        .fixture
        .registry
        .remove_member_by(&globex.owner, globex.tenant.owner.id, catalogue);
    is(leave.await, Kind::Conflict, "at least one owner");
    assert!(log(&globex.fixture, globex.tenant.id).await.is_empty());
    globex.define(&globex.owner, "editor", &[]).await.unwrap();
    let mut owner = globex.fixture.owner().await;
    for statement in [
        "UPDATE registry.audit_log SET allowed = false",
        "DELETE FROM registry.audit_log",
        "TRUNCATE registry.audit_log",
    ] {
        assert_eq!(
            constraint(&mut owner, statement.to_owned()).await,
            "audit_log_kept"
        );
    }
}

#[tokio::test]
async fn a_role_that_is_deleted_and_made_again_has_a_version_above() {
    let (globex, catalogue) = (Globex::new().await, &catalogue());
    let (registry, tenant) = (&globex.fixture.registry, globex.tenant.id);
    let (editor, none) = ("editor".parse().unwrap(), names(&[]));
    let version = async || registry.roles(tenant).await.unwrap()[0].version;
    globex.define(&globex.owner, "editor", &[]).await.unwrap();
    for expect in 2..=5 {
        let update = registry.update_role(&globex.owner, &editor, &none, catalogue);
        assert_eq!(update.await.unwrap(), expect);
    }
    for expect in 6..=7 {
        let delete = registry.delete_role(&globex.owner, &editor, catalogue);
        delete.await.unwrap();
        globex.define(&globex.owner, "editor", &[]).await.unwrap();
        assert_eq!(version().await, expect);
    }
    // nor by the statement of who passes by the library
    let mut owner = globex.fixture.owner().await;
    let text = format!(
        "DELETE FROM registry.roles;
         INSERT INTO registry.roles (tenant_id, name, permissions, version, created_by)
         VALUES ('{tenant}', 'editor', '{{}}', 1, '{}')",
        globex.tenant.owner.id
    );
    owner.execute(AssertSqlSafe(text)).await.unwrap();
    assert_eq!(version().await, 8);
    for statement in [
        "UPDATE registry.role_versions SET version = 1",
        "DELETE FROM registry.role_versions",
        "TRUNCATE registry.role_versions",
    ] {
        assert_eq!(
            constraint(&mut owner, statement.to_owned()).await,
            "role_versions_kept"
        );
    }
    // what another tenant does is not to be read off it
    let initech = globex.fixture.tenant("initech", Tier::Enterprise).await;
    let theirs = as_user(&globex.fixture, &initech, initech.owner.id, Role::Owner.into()).await;
    globex.define(&theirs, "editor", &[]).await.unwrap();
    assert_eq!(registry.roles(initech.id).await.unwrap()[0].version, 1);
}
