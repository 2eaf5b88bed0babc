//! The hints of one request.

use std::fmt;

/// Where a hint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintSource {
    /// The `Host` header, the target's authority, and what a trusted proxy forwarded of them.
    Host,
    /// The header `X-Tenant-Id`: an id or a slug.
    Header,
    /// A path parameter `{tenant}` or `{tenant_id}`: an id or a slug.
    Path,
}

impl HintSource {
    pub(super) const ALL: [Self; 3] = [Self::Host, Self::Header, Self::Path];
}

/// More than a request has a reason to give.
const MOST: usize = 8;

/// What a request says about its tenant beside its proof: host, header and path. Unverified, all of it.
///
/// Borrowed from the request's head: making one and checking it allocates nothing. It holds eight; a request with more of
/// them is refused.
#[derive(Clone, Copy, Debug)]
pub struct Hints<'a> {
    given: [(HintSource, &'a str); MOST],
    count: usize,
    request: bool,
}

impl Default for Hints<'_> {
    /// None, of work that no request is: a job, say. Nothing is required of it.
    fn default() -> Self {
        Self {
            given: [(HintSource::Host, ""); MOST],
            count: 0,
            request: false,
        }
    }
}

impl<'a> Hints<'a> {
    /// None yet, of a request: what the rules require has to be added.
    #[must_use]
    pub fn of_request() -> Self {
        Self {
            request: true,
            ..Self::default()
        }
    }

    /// Whether there is a request that has to say what the rules require.
    pub(super) fn is_request(&self) -> bool {
        self.request
    }

    /// With a host, as it stands in the request: with or without port.
    #[must_use]
    pub fn host(self, host: &'a str) -> Self {
        self.with(HintSource::Host, host)
    }

    /// With what a header names: an id or a slug.
    #[must_use]
    pub fn header(self, tenant: &'a str) -> Self {
        self.with(HintSource::Header, tenant)
    }

    /// With what a path parameter names: an id or a slug.
    #[must_use]
    pub fn path(self, tenant: &'a str) -> Self {
        self.with(HintSource::Path, tenant)
    }

    /// With one of `source` that names no tenant there could be: what is there and can't be read must not pass for absent.
    #[must_use]
    pub fn unreadable(self, source: HintSource) -> Self {
        self.with(source, "")
    }

    pub(super) fn with(mut self, source: HintSource, text: &'a str) -> Self {
        if let Some(place) = self.given.get_mut(self.count) {
            *place = (source, text);
        }
        self.count = self.count.saturating_add(1);
        self
    }

    /// All of them; `None` when there were more than it holds.
    pub(super) fn all(&self) -> Option<&[(HintSource, &'a str)]> {
        self.given.get(..self.count)
    }
}

impl fmt::Display for Hints<'_> {
    /// `Host a.example, Path acme`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(all) = self.all() else {
            return f.write_str("too many");
        };
        for (at, (source, text)) in all.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{source:?} {text}")?;
        }
        Ok(())
    }
}
