//! Tenants to test with, and contexts made the way a service makes them.

use std::{sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use tenancy_core::{
    DatabaseName, Deployment, DocumentLayout, Epoch, Hints, HostPolicy, IdentityTenant, KeyLayout,
    MemberRole, Placement, RequestId, Resolver, StaticMember, StaticMemberships, StoreName, Subject,
    TenantContext, TenantId, TenantRecord, TenantSlug, TenantStatus, Tier, UserId, VerifiedIdentity,
    directory::StaticDirectory, names, trust,
};

/// Where documents are; an emulator has any project that is asked for.
const PROJECT: &str = "demo-tenancy";
const FAR: SignedDuration = SignedDuration::from_hours(1);

/// An active tenant with its tier's placement: a Free one's `core` in the cell `free-1`, its objects in the shared bucket and
/// its documents (`live`) under its root, any other's `core`, `social` and `insights` in three instances, its objects in a
/// bucket, its documents in a database and its graph (`places`) in an instance of its own.
///
/// # Panics
///
/// When `slug` is none.
#[must_use]
pub fn tenant(slug: &str, tier: Tier) -> TenantRecord {
    let id = TenantId::new();
    let slug: TenantSlug = parsed(slug);
    TenantRecord {
        id,
        name: slug.to_string(),
        tier,
        status: TenantStatus::Active,
        identity_tenant: identity_tenant(&slug),
        custom_host: None,
        plan: None,
        placement: placement(&slug, id, tier),
        slug,
    }
}

/// A tenant's user pool: its slug and five characters, as Identity Platform names them.
fn identity_tenant(slug: &TenantSlug) -> IdentityTenant {
    parsed(&format!("{slug}-x1y2z"))
}

fn placement(slug: &TenantSlug, id: TenantId, tier: Tier) -> Placement {
    let database = |name: &str| parsed::<DatabaseName>(name);
    let sql = match tier {
        Tier::Free => [names::cell_location("free-1", &database("core")).map(|at| (database("core"), at))]
            .into_iter()
            .flatten()
            .collect(),
        Tier::Standard | Tier::Enterprise => (1..)
            .zip(["core", "social", "insights"])
            .filter_map(|(n, name)| Some((database(name), names::sql_location(slug, n)?)))
            .collect(),
    };
    let layout = match tier {
        Tier::Free => KeyLayout::TenantPrefix,
        Tier::Standard | Tier::Enterprise => KeyLayout::Dedicated,
    };
    let documents = match tier {
        Tier::Free => DocumentLayout::TenantRoot,
        Tier::Standard | Tier::Enterprise => DocumentLayout::Dedicated,
    };
    let documents = names::documents(slug, &parsed(PROJECT), documents);
    let graph = names::graph(slug).filter(|_| tier != Tier::Free);
    let uploads = names::objects(id, layout).map(|objects| (parsed::<StoreName>("uploads"), objects));
    Placement {
        epoch: Epoch(0),
        sql,
        objects: uploads.into_iter().collect(),
        documents: documents.map(|at| (parsed("live"), at)).into_iter().collect(),
        graph: graph.map(|at| (parsed("places"), at)).into_iter().collect(),
    }
}

/// Two tenants of one tier, `acme` and `globex`: what isolation is tested between.
#[must_use]
pub fn two_tenants(tier: Tier) -> (TenantRecord, TenantRecord) {
    (tenant("acme", tier), tenant("globex", tier))
}

/// The context of a member with `role`, through the real resolver. Each call is another user; no token is involved.
///
/// # Panics
///
/// When the resolver refuses: the tenant is not active.
pub async fn context(tenant: &TenantRecord, role: impl Into<MemberRole>) -> TenantContext {
    context_of(tenant, UserId::new(), role).await
}

/// The context of one user, as [`context`].
///
/// # Panics
///
/// When the resolver refuses: the tenant is not active.
pub async fn context_of(tenant: &TenantRecord, user: UserId, role: impl Into<MemberRole>) -> TenantContext {
    made(tenant, user, role.into(), None).await
}

/// The context of a member whose caller waits until `deadline`, as [`context`].
///
/// # Panics
///
/// When the resolver refuses: the tenant is not active.
pub async fn context_until(
    tenant: &TenantRecord,
    role: impl Into<MemberRole>,
    deadline: Instant,
) -> TenantContext {
    made(tenant, UserId::new(), role.into(), Some(deadline)).await
}

async fn made(
    tenant: &TenantRecord,
    user: UserId,
    role: MemberRole,
    deadline: Option<Instant>,
) -> TenantContext {
    let subject: Subject = parsed(&format!("user-{user}"));
    let member = StaticMember {
        tenant: tenant.id,
        pool: tenant.identity_tenant.clone(),
        subject: subject.clone(),
        user,
        role,
    };
    let resolver = Resolver::new(
        Arc::new(must(StaticDirectory::new([tenant.clone()]))),
        Arc::new(StaticMemberships::new([member])),
        Deployment::Shared,
        HostPolicy::default(),
    );
    let identity = signed_in(tenant, subject);
    let hints = Hints::default();
    must(
        resolver
            .resolve(&identity.into(), &hints, RequestId::new(), deadline)
            .await,
    )
}

/// What the verifier says of a user who is signed in to the tenant's pool, member or not. No token is involved.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a test swears that its own token was verified"
)]
pub fn signed_in(tenant: &TenantRecord, subject: Subject) -> VerifiedIdentity {
    trust::token_verified(subject, tenant.identity_tenant.clone(), Timestamp::now() + FAR)
}

fn parsed<T: std::str::FromStr<Err: std::error::Error>>(text: &str) -> T {
    must(text.parse())
}

#[expect(clippy::panic, reason = "a fixture that can't be made fails its test")]
fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("a fixture can't be made: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use tenancy_core::Role;

    use super::*;

    #[test]
    fn a_free_tenant_shares_its_places() {
        let (a, b) = two_tenants(Tier::Free);
        assert_eq!(a.placement, b.placement);
        assert_ne!(a.id, b.id);
        let at: Vec<_> = a.placement.sql.iter().map(|(n, l)| format!("{n} {l}")).collect();
        assert_eq!(at, ["core cell-free-1.core"]);
        let bucket = a.placement.objects.values().next().unwrap();
        assert_eq!(bucket.bucket.as_str(), names::SHARED_BUCKET);
        assert_eq!(bucket.layout, KeyLayout::TenantPrefix);
    }

    #[test]
    fn a_standard_tenant_has_its_own_places() {
        let (a, b) = two_tenants(Tier::Standard);
        let at: Vec<_> = a.placement.sql.iter().map(|(n, l)| format!("{n} {l}")).collect();
        assert_eq!(
            at,
            [
                "core acme-postgres-1",
                "insights acme-postgres-3",
                "social acme-postgres-2"
            ]
        );
        assert!(
            a.placement
                .sql
                .values()
                .all(|place| !b.placement.sql.values().any(|other| other == place))
        );
        assert_ne!(a.placement.objects, b.placement.objects);
    }

    #[tokio::test]
    async fn a_context_is_the_tenants_and_the_roles() {
        let acme = tenant("acme", Tier::Enterprise);
        let ctx = context(&acme, Role::Admin).await;
        assert_eq!(
            (ctx.tenant_id(), ctx.role(), ctx.tier()),
            (acme.id, Some(&Role::Admin.into()), Tier::Enterprise)
        );
        assert_ne!(ctx.user_id(), context(&acme, Role::Admin).await.user_id());
    }
}
