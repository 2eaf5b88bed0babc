//! The accounts of all tenants and users.

use std::{fmt, time::Duration};

use tenancy_core::{TenantId, UserId};
use tokio::time::Instant;

use crate::rate::{Account, Accounts};

/// Whose account: a tenant's, or that of one user within a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Tenant(TenantId),
    User(TenantId, UserId),
}

impl fmt::Display for Key {
    /// For the shared store. Ids, and nothing else of a tenant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(tenant) => write!(f, "rate:{tenant}"),
            Self::User(tenant, user) => write!(f, "rate:{tenant}:{user}"),
        }
    }
}

/// The accounts of all tenants and users, and the clock they go by.
pub(crate) struct Books {
    pub(crate) tenants: Accounts<TenantId>,
    pub(crate) users: Accounts<(TenantId, UserId)>,
    start: Instant,
}

impl Books {
    /// Room for so many tenants and users.
    pub(crate) fn new(tenants: usize, users: usize) -> Self {
        Self {
            tenants: Accounts::new(tenants),
            users: Accounts::new(users),
            start: Instant::now(),
        }
    }

    /// The time since the start.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Does something with an account if it is still there.
    pub(crate) fn at<T>(&self, key: Key, work: impl FnOnce(&mut Account, Duration) -> T) -> Option<T> {
        let now = self.now();
        match key {
            Key::Tenant(tenant) => self.tenants.if_there(&tenant, |account| work(account, now)),
            Key::User(tenant, user) => self.users.if_there(&(tenant, user), |account| work(account, now)),
        }
    }
}
