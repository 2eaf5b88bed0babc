//! What ends a context, and what does not.
#![cfg(feature = "work")]

use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::*;
use crate::{
    Deployment, Epoch, Hints, HostPolicy, Kind, Membership, Placement, RequestId, Resolver, Role, TenantId,
    TenantStatus, Tier, UserId, VerifiedIdentity,
};

/// A directory and memberships that say what they are told to.
#[derive(Default)]
struct World {
    record: Mutex<Option<TenantRecord>>,
    member: Mutex<Option<Membership>>,
    away: Mutex<bool>,
}

#[async_trait::async_trait]
impl Directory for Arc<World> {
    async fn lookup(&self, _: &TenantKey) -> Result<Option<Arc<TenantRecord>>> {
        match *self.away.lock() {
            true => Err(Error::unavailable("away")),
            false => Ok(self.record.lock().clone().map(Arc::new)),
        }
    }
}

#[async_trait::async_trait]
impl Memberships for Arc<World> {
    async fn membership(&self, _: &MembershipKey) -> Result<Option<Membership>> {
        Ok(self.member.lock().clone())
    }
}

fn world() -> Arc<World> {
    let record = TenantRecord {
        id: TenantId::new(),
        slug: "acme".parse().unwrap(),
        name: String::new(),
        tier: Tier::Standard,
        status: TenantStatus::Active,
        identity_tenant: "acme-x1y2z".parse().unwrap(),
        custom_host: None,
        plan: None,
        placement: Placement {
            epoch: Epoch(3),
            sql: Default::default(),
            objects: Default::default(),
            documents: Default::default(),
            graph: Default::default(),
        },
    };
    let member = Membership {
        user: UserId::new(),
        role: Role::Member.into(),
    };
    Arc::new(World {
        record: Mutex::new(Some(record)),
        member: Mutex::new(Some(member)),
        away: Mutex::new(false),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test swears that its own token was verified"
)]
fn identity() -> VerifiedIdentity {
    let subject = "ada".parse().unwrap();
    crate::trust::token_verified(subject, "acme-x1y2z".parse().unwrap(), Timestamp::MAX)
}

async fn context(world: &Arc<World>) -> TenantContext {
    let (directory, members) = (Arc::new(world.clone()), Arc::new(world.clone()));
    let resolver = Resolver::new(directory, members, Deployment::Shared, HostPolicy::default());
    let hints = Hints::default();
    resolver
        .resolve(&identity().into(), &hints, RequestId::new(), None)
        .await
        .unwrap()
}

/// What a change gives, within two seconds of the runtime's clock.
async fn check(change: impl FnOnce(&World), expect: Option<Kind>) {
    let world = world();
    let ctx = context(&world).await;
    change(&world);
    let ended = tokio::time::timeout(Duration::from_secs(2), ctx.revoked()).await;
    assert_eq!(ended.ok().map(|error| error.kind()), expect);
}

#[tokio::test(start_paused = true)]
async fn a_context_ends_when_what_it_rests_on_does() {
    check(|_| (), None).await;
    let status = |status| {
        move |world: &World| {
            if let Some(record) = world.record.lock().as_mut() {
                record.status = status;
            }
        }
    };
    check(status(TenantStatus::Suspended), Some(Kind::Suspended)).await;
    check(status(TenantStatus::Moving), Some(Kind::Moving)).await;
    check(status(TenantStatus::Deleting), Some(Kind::NotFound)).await;
    check(|world| *world.record.lock() = None, Some(Kind::NotFound)).await;
    let moved = |world: &World| {
        if let Some(record) = world.record.lock().as_mut() {
            record.placement.epoch = Epoch(4);
        }
    };
    check(moved, Some(Kind::Moving)).await;
    check(|world| *world.member.lock() = None, Some(Kind::NotFound)).await;
    let demoted = |world: &World| {
        if let Some(member) = world.member.lock().as_mut() {
            member.role = Role::ReadOnly.into();
        }
    };
    check(demoted, Some(Kind::Forbidden)).await;
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_is_away_ends_a_context_after_ten_seconds() {
    let world = world();
    let ctx = context(&world).await;
    *world.away.lock() = true;
    let early = tokio::time::timeout(Duration::from_millis(9_500), ctx.revoked()).await;
    assert!(early.is_err());
    let late = tokio::time::timeout(Duration::from_millis(10_500), ctx.revoked()).await;
    assert_eq!(late.unwrap().kind(), Kind::Unavailable);
}
