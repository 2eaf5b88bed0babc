//! What stands in the file.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    CachedMemberships, CustomRole, IdentityTenant, MemberRole, Membership, MembershipKey, PermissionNames,
    Subject, TenantId, TenantRecord, UserId, directory::CachedDirectory, fresh::Standing, membership::Member,
};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    tenants: Vec<KnownTenant>,
    members: Vec<KnownMember>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownTenant {
    confirmed_at: Timestamp,
    record: Shared,
}

/// Written out of the cache's own record, and read into one of its own.
#[derive(Debug)]
struct Shared(Arc<TenantRecord>);

impl Serialize for Shared {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Shared {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        TenantRecord::deserialize(from).map(|record| Self(Arc::new(record)))
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownMember {
    confirmed_at: Timestamp,
    tenant: TenantId,
    pool: IdentityTenant,
    subject: Subject,
    user: UserId,
    role: String,
    /// Of a custom role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<String>>,
    /// The custom role's.
    #[serde(default)]
    version: u64,
}

impl Content {
    /// What the caches know now, without what is known to have changed.
    pub(super) fn of(directory: &CachedDirectory, memberships: &CachedMemberships, now: Timestamp) -> Self {
        let freshness = directory.freshness();
        let confirmed_at = |age: Duration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let tenants = directory.cache.shelf.all().into_iter().filter_map(|entry| {
            let known = freshness.judge(&entry);
            (known.standing != Standing::Changed).then(|| KnownTenant {
                confirmed_at: confirmed_at(known.age),
                record: Shared(Arc::clone(&entry.value)),
            })
        });
        let members = memberships.cache.shelf.all().into_iter().filter_map(|entry| {
            let known = freshness.judge(&entry);
            (known.standing != Standing::Changed)
                .then(|| KnownMember::new(&entry.value, confirmed_at(known.age)))
        });
        Self {
            tenants: tenants.collect(),
            members: members.collect(),
        }
    }

    /// Gives it to caches that know nothing yet. How many tenants and memberships that were.
    ///
    /// What was confirmed in the future is not believed: a clock was wrong, and how old it is can't be told.
    pub(super) fn restore(
        self,
        directory: &CachedDirectory,
        memberships: &CachedMemberships,
        now: Timestamp,
    ) -> (usize, usize) {
        let freshness = directory.freshness();
        let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).ok();
        for tenant in self.tenants {
            if let Some(age) = age(tenant.confirmed_at) {
                let record = Arc::unwrap_or_clone(tenant.record.0);
                directory.cache.shelf.restore(record, freshness.before(age));
            }
        }
        for member in self.members {
            if let (Some(age), Some(member)) = (age(member.confirmed_at), member.read()) {
                memberships.cache.shelf.restore(member, freshness.before(age));
            }
        }
        (directory.len(), memberships.len())
    }
}

impl KnownMember {
    fn new(member: &Member, confirmed_at: Timestamp) -> Self {
        let (key, membership) = (&member.key, &member.membership);
        let (permissions, version) = match &membership.role {
            MemberRole::Fixed(_) => (None, 0),
            MemberRole::Custom(role) | MemberRole::Lapsed(role) => {
                let names = role.permissions.iter().map(str::to_owned);
                (Some(names.collect()), role.version)
            }
        };
        Self {
            confirmed_at,
            tenant: key.tenant,
            pool: key.pool.clone(),
            subject: key.subject.clone(),
            user: membership.user,
            role: membership.role.as_str().to_owned(),
            permissions,
            version,
        }
    }

    /// `None` when the role is none that this version knows.
    fn read(self) -> Option<Member> {
        let role = match self.permissions {
            None => MemberRole::Fixed(self.role.parse().ok()?),
            Some(names) => MemberRole::Custom(Arc::new(CustomRole {
                name: self.role.parse().ok()?,
                permissions: PermissionNames::parse(names.iter().map(String::as_str)).ok()?,
                version: self.version,
            })),
        };
        Some(Member {
            key: MembershipKey {
                tenant: self.tenant,
                pool: self.pool,
                subject: self.subject,
            },
            membership: Membership {
                user: self.user,
                role,
            },
        })
    }
}
