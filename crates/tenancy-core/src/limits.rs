//! What the tower layer asks of rate and concurrency limits. `tenancy-limits` implements it.

use std::{any::Any, fmt, net::IpAddr, pin::Pin, time::Duration};

use crate::{Result, TenantContext};

/// One rate that a request was counted against: a row of the `RateLimit` and `RateLimit-Policy` headers
/// (draft-ietf-httpapi-ratelimit-headers-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The policy's name: `address`, `tenant` or `user`.
    pub policy: &'static str,
    /// How many requests the window allows.
    pub limit: u64,
    /// The window.
    pub window: Duration,
    /// How many are left.
    pub remaining: u64,
    /// When all are back.
    pub reset: Duration,
}

/// What a limit says of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on. The rate that is nearest to its end, when one applies.
    Allowed(Option<Rate>),
    /// It is refused: 429 with `Retry-After`.
    Limited {
        /// The rate that is used up.
        rate: Rate,
        /// When to come again.
        retry_after: Duration,
    },
}

/// A request's place among its tenant's concurrent ones; dropping it gives the place to the next.
#[must_use = "dropping it gives the place back"]
pub struct Place(Option<Box<dyn Any + Send>>);

impl Place {
    /// A place where none is counted.
    pub const FREE: Self = Self(None);

    /// A place that `held` gives back when it is dropped.
    pub fn holding(held: impl Any + Send) -> Self {
        Self(Some(Box::new(held)))
    }

    /// Whether no place is counted, so that dropping it gives none back.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}

/// The answer to a request that wants a place.
pub enum Entry {
    /// There is one.
    Now(Place),
    /// It waits in its tenant's queue, for a bounded time. `Unavailable` with `Retry-After` when there was none.
    Later(Pin<Box<dyn Future<Output = Result<Place>> + Send>>),
    /// The queue is full: `RateLimited` or `Unavailable`, with `Retry-After`.
    Refused(crate::Error),
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(_) => f.write_str("Now"),
            Self::Later(_) => f.write_str("Later"),
            Self::Refused(error) => write!(f, "Refused({error:?})"),
        }
    }
}

/// Rate and concurrency limits. No call waits: what has to wait comes back as [`Entry::Later`].
pub trait Limits: Send + Sync + 'static {
    /// Counts a request of an address, before its token is looked at.
    fn address(&self, peer: IpAddr) -> Verdict;

    /// Counts a request of a tenant and its user against the plan's rates.
    fn request(&self, ctx: &TenantContext) -> Verdict;

    /// Asks for a place among the tenant's concurrent requests.
    fn enter(&self, ctx: &TenantContext) -> Entry;
}

/// Limits nothing: what runs behind a gateway that does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlimited;

impl Limits for Unlimited {
    fn address(&self, _: IpAddr) -> Verdict {
        Verdict::Allowed(None)
    }

    fn request(&self, _: &TenantContext) -> Verdict {
        Verdict::Allowed(None)
    }

    fn enter(&self, _: &TenantContext) -> Entry {
        Entry::Now(Place::FREE)
    }
}
