//! Members who change members and roles: nobody gives what is not their own.

use std::sync::Arc;

use tenancy_control::{NewTenant, NewUser};
use tenancy_core::{
    CustomRole, Error, Feature, FeatureSet, Kind, MemberRole, MembershipKey, Permission, PermissionCatalogue,
    PermissionDef, PermissionNames, PlanChanges, Role, RoleChoice, SettingsUpdate, TenantContext, Tier,
    UserId, registry::Access,
};
use tenancy_testkit::context_of;

use crate::fixture::{Fixture, constraint, is, user};

const PUBLISH: PermissionDef = PermissionDef::new("trips:itinerary:publish", Role::Admin);
const CLOSE: PermissionDef = PermissionDef::new("trips:shop:close", Role::Owner);

pub(crate) fn catalogue() -> PermissionCatalogue {
    PermissionCatalogue::new([PUBLISH, CLOSE]).unwrap()
}

pub(crate) fn names(list: &[&str]) -> PermissionNames {
    PermissionNames::parse(list.iter().copied()).unwrap()
}

/// An Enterprise tenant with an owner and an admin.
pub(crate) struct Globex {
    pub(crate) fixture: Fixture,
    pub(crate) tenant: NewTenant,
    pub(crate) owner: TenantContext,
    pub(crate) admin: TenantContext,
}

impl Globex {
    pub(crate) async fn new() -> Self {
        let fixture = Fixture::new().await;
        let tenant = fixture.tenant("globex", Tier::Enterprise).await;
        let admin = fixture
            .registry
            .add_member(tenant.id, &user("admin"), Role::Admin)
            .await
            .unwrap();
        let (owner, admin) = (
            as_user(&fixture, &tenant, tenant.owner.id, Role::Owner.into()).await,
            as_user(&fixture, &tenant, admin, Role::Admin.into()).await,
        );
        Self {
            fixture,
            tenant,
            owner,
            admin,
        }
    }

    pub(crate) async fn define(&self, by: &TenantContext, name: &str, list: &[&str]) -> Result<(), Error> {
        let registry = &self.fixture.registry;
        registry
            .define_role(by, &name.parse().unwrap(), &names(list), &catalogue())
            .await
    }

    pub(crate) async fn add(
        &self,
        by: &TenantContext,
        who: &NewUser,
        role: impl Into<RoleChoice>,
    ) -> Result<UserId, Error> {
        self.fixture
            .registry
            .add_member_by(by, who, &role.into(), &catalogue())
            .await
    }

    pub(crate) async fn assign(
        &self,
        by: &TenantContext,
        who: UserId,
        role: impl Into<RoleChoice>,
    ) -> Result<(), Error> {
        self.fixture
            .registry
            .assign_role(by, who, &role.into(), &catalogue())
            .await
    }

    /// A member with a role of the tenant's own.
    async fn member_with(&self, name: &str, list: &[&str]) -> TenantContext {
        self.define(&self.owner, name, list).await.unwrap();
        let id = self.add(&self.owner, &user(name), custom(name)).await.unwrap();
        let role = CustomRole {
            name: name.parse().unwrap(),
            permissions: names(list),
            version: 1,
        };
        as_user(
            &self.fixture,
            &self.tenant,
            id,
            MemberRole::Custom(Arc::new(role)),
        )
        .await
    }

    fn key(&self, who: &NewUser) -> MembershipKey {
        MembershipKey {
            tenant: self.tenant.id,
            pool: self.tenant.identity_tenant.clone(),
            subject: who.subject.clone(),
        }
    }
}

pub(crate) fn custom(name: &str) -> RoleChoice {
    RoleChoice::Custom(name.parse().unwrap())
}

pub(crate) async fn as_user(
    fixture: &Fixture,
    tenant: &NewTenant,
    id: UserId,
    role: MemberRole,
) -> TenantContext {
    context_of(&fixture.registry.tenant(tenant.id).await.unwrap(), id, role).await
}

/// The refusal names this permission.
fn forbids<T: std::fmt::Debug>(outcome: Result<T, Error>, permission: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), Kind::Forbidden, "{error:?}");
    let body = serde_json::to_value(error.problem()).unwrap();
    assert_eq!(body["permission"], permission);
}

#[tokio::test]
async fn a_custom_role_reaches_every_deployment_in_one_answer() {
    let globex = Globex::new().await;
    let list = ["trips:itinerary:publish", "tenant:data:write"];
    globex.define(&globex.admin, "editor", &list).await.unwrap();
    let bob = user("bob");
    let id = globex.add(&globex.admin, &bob, custom("editor")).await.unwrap();
    let (shared, pinned) = (
        globex.fixture.shared().await,
        globex.fixture.pinned(globex.tenant.id).await,
    );
    for client in [shared.client(Access::Shared), pinned.client(Access::Pinned)] {
        let member = client.membership(&globex.key(&bob)).await.unwrap().unwrap();
        assert_eq!(member.user, id);
        let MemberRole::Custom(role) = &member.role else {
            panic!("{member:?}")
        };
        assert_eq!((role.name.as_str(), role.version), ("editor", 1));
        assert_eq!(role.permissions, names(&list));
    }
    let registry = &globex.fixture.registry;
    let editor = "editor".parse().unwrap();
    let (less, catalogue) = (names(&["tenant:data:write"]), catalogue());
    let update = registry.update_role(&globex.admin, &editor, &less, &catalogue);
    assert_eq!(update.await.unwrap(), 2);
    let now = registry.member(&globex.key(&bob)).await.unwrap().unwrap();
    let MemberRole::Custom(role) = &now.role else {
        panic!("{now:?}")
    };
    assert_eq!((role.version, role.permissions.has(&PUBLISH)), (2, false));
    is(
        registry.delete_role(&globex.admin, &editor, &catalogue).await,
        Kind::Conflict,
        "members have the role",
    );
    globex.assign(&globex.admin, id, Role::ReadOnly).await.unwrap();
    registry
        .delete_role(&globex.admin, &editor, &catalogue)
        .await
        .unwrap();
    assert!(registry.roles(globex.tenant.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_role_lists_what_is_defined_and_nothing_of_the_owners() {
    let globex = Globex::new().await;
    for by in [&globex.owner, &globex.admin] {
        for list in [
            ["tenant:billing:manage"],
            ["trips:shop:close"],
            ["trips:itinerary:eat"],
        ] {
            let error = globex.define(by, "odd", &list).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Invalid, "{list:?}");
        }
    }
    let mut owner = globex.fixture.owner().await;
    let (tenant, creator) = (globex.tenant.id, globex.tenant.owner.id);
    for (list, rule) in [
        ("'tenant:*'", "role_permissions_shape"),
        ("NULL", "role_permissions_shape"),
        ("'a:b', 'a:b'", "role_permissions_shape"),
        ("'tenant:admins:manage'", "role_owner_only"),
    ] {
        let text = format!(
            "INSERT INTO registry.roles (tenant_id, name, permissions, created_by) \
             VALUES ('{tenant}', 'odd', ARRAY[{list}]::text[], '{creator}')"
        );
        assert_eq!(constraint(&mut owner, text).await, rule, "{list}");
    }
}

#[tokio::test]
async fn nobody_makes_or_gives_more_than_their_own() {
    let globex = Globex::new().await;
    let keeper = globex
        .member_with(
            "keeper",
            &[
                "tenant:settings:update",
                "tenant:users:invite",
                "tenant:users:remove",
            ],
        )
        .await;
    forbids(
        globex.define(&keeper, "editor", &["tenant:data:write"]).await,
        "tenant:data:write",
    );
    forbids(
        globex.add(&keeper, &user("eve"), Role::Member).await,
        "tenant:data:write",
    );
    forbids(
        globex.add(&keeper, &user("eve"), Role::Admin).await,
        "tenant:admins:manage",
    );
    let eve = globex.add(&keeper, &user("eve"), Role::ReadOnly).await.unwrap();
    globex
        .define(&globex.admin, "editor", &["tenant:data:write"])
        .await
        .unwrap();
    forbids(
        globex.assign(&keeper, eve, custom("editor")).await,
        "tenant:data:write",
    );
    // nor is a role above theirs theirs to change
    let editor = "editor".parse().unwrap();
    let registry = &globex.fixture.registry;
    forbids(
        registry
            .update_role(&keeper, &editor, &names(&[]), &catalogue())
            .await,
        "tenant:data:write",
    );
    forbids(
        registry.delete_role(&keeper, &editor, &catalogue()).await,
        "tenant:data:write",
    );
    let bob = globex
        .add(&globex.admin, &user("bob"), Role::Member)
        .await
        .unwrap();
    forbids(
        registry.remove_member_by(&keeper, bob, &catalogue()).await,
        "tenant:data:write",
    );
    // who may not manage roles makes not even a lesser one
    let member = as_user(&globex.fixture, &globex.tenant, bob, Role::Member.into()).await;
    forbids(
        globex.define(&member, "viewer", &["tenant:data:read"]).await,
        SettingsUpdate::DEF.name(),
    );
}

#[tokio::test]
async fn admins_and_owners_are_made_and_unmade_by_owners() {
    let globex = Globex::new().await;
    let registry = &globex.fixture.registry;
    let (first, admin) = (globex.tenant.owner.id, globex.admin.user_id().unwrap());
    let bob = globex
        .add(&globex.admin, &user("bob"), Role::Member)
        .await
        .unwrap();
    for role in [Role::Admin, Role::Owner] {
        forbids(
            globex.assign(&globex.admin, bob, role).await,
            "tenant:admins:manage",
        );
        forbids(
            globex.add(&globex.admin, &user("eve"), role).await,
            "tenant:admins:manage",
        );
    }
    for above in [first, admin] {
        forbids(
            globex.assign(&globex.admin, above, Role::Member).await,
            "tenant:admins:manage",
        );
        forbids(
            registry
                .remove_member_by(&globex.admin, above, &catalogue())
                .await,
            "tenant:admins:manage",
        );
    }
    is(
        globex.assign(&globex.owner, first, Role::Member).await,
        Kind::Conflict,
        "at least one owner",
    );
    is(
        registry
            .remove_member_by(&globex.owner, first, &catalogue())
            .await,
        Kind::Conflict,
        "at least one owner",
    );
    globex.assign(&globex.owner, bob, Role::Owner).await.unwrap();
    registry
        .remove_member_by(&globex.owner, admin, &catalogue())
        .await
        .unwrap();
    // a context that is older than the registry's answer is worth nothing here
    forbids(
        globex.assign(&globex.admin, bob, Role::Member).await,
        SettingsUpdate::DEF.name(),
    );
}

#[tokio::test]
async fn without_the_plan_there_are_no_custom_roles() {
    let globex = Globex::new().await;
    let registry = &globex.fixture.registry;
    let keeper = globex.member_with("keeper", &["tenant:settings:update"]).await;
    let downgrade = PlanChanges {
        remove_features: FeatureSet::of(&[Feature::CustomRoles]),
        ..PlanChanges::default()
    };
    registry
        .set_plan(globex.tenant.id, Some(&downgrade))
        .await
        .unwrap();
    is(
        globex.define(&globex.owner, "editor", &[]).await,
        Kind::NotEntitled,
        "",
    );
    is(
        globex.add(&globex.owner, &user("eve"), custom("keeper")).await,
        Kind::NotEntitled,
        "",
    );
    forbids(
        globex.define(&keeper, "editor", &[]).await,
        SettingsUpdate::DEF.name(),
    );
    // what is left can be cleared away
    let id = keeper.user_id().unwrap();
    globex.assign(&globex.owner, id, Role::Member).await.unwrap();
    registry
        .delete_role(&globex.owner, &"keeper".parse().unwrap(), &catalogue())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_role_is_its_tenants() {
    let globex = Globex::new().await;
    globex
        .define(&globex.owner, "editor", &["tenant:data:write"])
        .await
        .unwrap();
    let initech = globex.fixture.tenant("initech", Tier::Enterprise).await;
    let theirs = as_user(&globex.fixture, &initech, initech.owner.id, Role::Owner.into()).await;
    let registry = &globex.fixture.registry;
    is(
        globex.add(&theirs, &user("eve"), custom("editor")).await,
        Kind::Invalid,
        "",
    );
    is(
        registry
            .delete_role(&theirs, &"editor".parse().unwrap(), &catalogue())
            .await,
        Kind::NotFound,
        "",
    );
    // an owner of one tenant is nobody in another, whatever the user
    is(
        globex.assign(&theirs, globex.tenant.owner.id, Role::Member).await,
        Kind::NotFound,
        "",
    );
    let mut owner = globex.fixture.owner().await;
    let text = format!(
        "UPDATE registry.user_tenants SET role = 'custom', custom_role = 'editor' WHERE tenant_id = '{}'",
        initech.id
    );
    assert_eq!(constraint(&mut owner, text).await, "user_tenants_custom_role");
}
