//! What a resolver refuses, whatever the directory says.

use super::*;
use crate::{
    AuditEvent, DataRead, DataWrite, Epoch, Kind, OperatorAccess, Permit, Placement, StaticMemberships, Tier,
    directory::StaticDirectory,
};

fn acme(tier: Tier) -> TenantRecord {
    TenantRecord {
        id: TenantId::new(),
        slug: "acme".parse().unwrap(),
        name: String::new(),
        tier,
        status: TenantStatus::Active,
        identity_tenant: "acme-x1y2z".parse().unwrap(),
        custom_host: None,
        plan: None,
        placement: Placement {
            epoch: Epoch(0),
            sql: Default::default(),
            objects: Default::default(),
            documents: Default::default(),
            graph: Default::default(),
        },
    }
}

fn resolver(directory: impl Directory) -> Resolver {
    Resolver::new(
        Arc::new(directory),
        Arc::new(StaticMemberships::new([])),
        Deployment::Shared,
        HostPolicy::default(),
    )
}

async fn resolved(resolver: &Resolver, principal: Principal) -> Result<TenantContext> {
    let hints = Hints::default();
    resolver.resolve(&principal, &hints, RequestId::new(), None).await
}

fn service(tenant: TenantId) -> Principal {
    let (name, permissions) = ("trips".parse().unwrap(), Arc::default());
    crate::OwnService { name, permissions }.within(tenant)
}

/// A directory that answers with somebody else.
struct MixedUp;

#[async_trait::async_trait]
impl Directory for MixedUp {
    async fn lookup(&self, _: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        Ok(Some(Arc::new(acme(Tier::Free))))
    }
}

#[tokio::test]
async fn an_answer_about_another_tenant_opens_nothing() {
    let refused = resolved(&resolver(MixedUp), service(TenantId::new()))
        .await
        .unwrap_err();
    assert_eq!(Unresolved::of(&refused), Some(Unresolved::UnknownTenant));
}

#[tokio::test]
async fn a_grant_that_has_ended_opens_nothing() {
    let acme = acme(Tier::Free);
    let resolver = resolver(StaticDirectory::new([acme.clone()]).unwrap());
    for (expires_at, refusal) in [
        (Timestamp::MAX, None),
        (Timestamp::UNIX_EPOCH, Some(Kind::Unauthenticated)),
    ] {
        let grant = OperatorGrant {
            operator: "eve@platform".parse().unwrap(),
            tenant: acme.id,
            reason: "ticket 4711: a trip is lost".parse().unwrap(),
            access: OperatorAccess::Read,
            expires_at,
        };
        let context = resolved(&resolver, Principal::Operator(grant)).await;
        assert_eq!(context.err().map(|error| error.kind()), refusal);
    }
}

#[tokio::test]
async fn a_tenant_that_is_not_active_is_not_served() {
    for (status, refusal) in [
        (TenantStatus::Active, None),
        (TenantStatus::Suspended, Some(Kind::Suspended)),
        (TenantStatus::Moving, Some(Kind::Moving)),
        (TenantStatus::Provisioning, Some(Kind::Unavailable)),
        (TenantStatus::Deleting, Some(Kind::NotFound)),
    ] {
        let mut acme = acme(Tier::Free);
        acme.status = status;
        let resolver = resolver(StaticDirectory::new([acme.clone()]).unwrap());
        let context = resolved(&resolver, service(acme.id)).await;
        assert_eq!(context.err().map(|error| error.kind()), refusal, "{status:?}");
    }
}

#[tokio::test]
async fn a_permit_is_for_who_may() {
    let acme = acme(Tier::Free);
    let resolver = resolver(StaticDirectory::new([acme.clone()]).unwrap());
    for (access, writes) in [(OperatorAccess::Read, false), (OperatorAccess::Write, true)] {
        let grant = OperatorGrant {
            operator: "eve@platform".parse().unwrap(),
            tenant: acme.id,
            reason: "ticket 4711: a trip is lost".parse().unwrap(),
            access,
            expires_at: Timestamp::MAX,
        };
        let context = resolved(&resolver, Principal::Operator(grant)).await.unwrap();
        assert!(Permit::<DataRead>::check(&context).is_ok());
        let write = Permit::<DataWrite>::check(&context);
        let refusal = write.err().map(|error| error.kind());
        assert_eq!(refusal, (!writes).then_some(Kind::Forbidden), "{access:?}");
    }
}

/// Counts what it is told.
#[derive(Default)]
struct Told(std::sync::atomic::AtomicUsize);

impl AuditSink for Told {
    fn record(&self, _: &AuditEvent) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}

#[tokio::test]
async fn the_sink_is_told_of_tenants_that_bought_it() {
    for (tier, told) in [(Tier::Free, 0), (Tier::Enterprise, 1)] {
        let (acme, sink) = (acme(tier), Arc::new(Told::default()));
        let resolver = resolver(StaticDirectory::new([acme.clone()]).unwrap());
        let resolver = resolver.with_audit(Arc::clone(&sink) as _);
        let context = resolved(&resolver, service(acme.id)).await.unwrap();
        assert!(Permit::<DataRead>::check(&context).is_err());
        assert_eq!(sink.0.load(std::sync::atomic::Ordering::SeqCst), told, "{tier:?}");
    }
}
