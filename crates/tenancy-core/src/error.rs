//! The one error, by what the caller can do about it.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use crate::problem::Problem;

/// A result with the one [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What happened, as the caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// No valid proof of identity: sign in.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// It does not exist, or the caller may not see it: the two look alike.
    NotFound,
    /// The plan lacks it: upgrade.
    NotEntitled,
    /// A quota is used up.
    QuotaExceeded,
    /// Too fast: try again later.
    RateLimited,
    /// The tenant is suspended.
    Suspended,
    /// The tenant is being moved: try again shortly.
    Moving,
    /// It clashes with the present state: read again.
    Conflict,
    /// The input is wrong.
    Invalid,
    /// A service behind us is down or busy: try again later.
    Unavailable,
    /// A mistake of ours.
    Internal,
}

impl Kind {
    /// Its name in metrics: `not_found`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::NotEntitled => "not_entitled",
            Self::QuotaExceeded => "quota_exceeded",
            Self::RateLimited => "rate_limited",
            Self::Suspended => "suspended",
            Self::Moving => "moving",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// What is wrong with one field of the input.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The field: a path such as `stops[2].title`, or the name of a path or query parameter.
    pub field: String,
    /// What is wrong with it, for the caller.
    pub problem: String,
}

impl FieldError {
    /// Says what is wrong with a field.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

/// The one error: a [`Kind`], what the client sees, and what only the log keeps.
///
/// `Display` is the client's sentence. Causes are reached through [`source`](std::error::Error::source) and
/// [`log`](Self::log); they never reach a response.
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: Kind,
    problem: Problem,
    log: Option<Cow<'static, str>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    fn new(kind: Kind, problem: Problem) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                problem,
                log: None,
                source: None,
            }),
        }
    }

    /// 401. The same body whatever check failed; `log` says which.
    pub fn unauthenticated(log: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            Kind::Unauthenticated,
            Problem::new(401, "unauthenticated", "a valid token is required"),
        )
        .with_log(log)
    }

    /// 403, naming the permission that is missing.
    #[must_use]
    pub fn forbidden(permission: &'static str) -> Self {
        let problem =
            Problem::new(403, "forbidden", "the role lacks a permission").with("permission", permission);
        Self::new(Kind::Forbidden, problem)
    }

    /// 404. One body for "does not exist" and for "not yours to see"; `log` says which.
    pub fn not_found(log: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, Problem::new(404, "not_found", "not found")).with_log(log)
    }

    /// 403, naming the feature and the least tier that has it.
    #[must_use]
    pub fn not_entitled(feature: &str, available_from: Option<&'static str>) -> Self {
        let problem = Problem::new(403, "not_entitled", "the plan lacks a feature").with("feature", feature);
        let problem = match available_from {
            Some(tier) => problem.with("available_from", tier),
            None => problem,
        };
        Self::new(Kind::NotEntitled, problem)
    }

    /// 403: the tenant is suspended.
    #[must_use]
    pub fn suspended() -> Self {
        Self::new(
            Kind::Suspended,
            Problem::new(403, "suspended", "the tenant is suspended"),
        )
    }

    /// 503 with `Retry-After`: the tenant is between two placements.
    #[must_use]
    pub fn moving() -> Self {
        Self::new(
            Kind::Moving,
            Problem::new(503, "moving", "the tenant is being moved"),
        )
        .with_retry_after(Duration::from_secs(1))
    }

    /// 405: the resource has no such method (RFC 9110 section 15.5.6); the response also needs `Allow`, which axum adds.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let text = "the resource does not support this method";
        Self::new(Kind::Invalid, Problem::new(405, "method_not_allowed", text))
    }

    /// 409: it clashes with the present state.
    #[must_use]
    pub fn conflict(what: &'static str) -> Self {
        Self::new(Kind::Conflict, Problem::new(409, "conflict", what))
    }

    /// 412: the precondition of a conditional request does not hold (RFC 9110 section 13).
    #[must_use]
    pub fn precondition_failed() -> Self {
        let text = "the resource changed since it was read";
        Self::new(Kind::Conflict, Problem::new(412, "precondition_failed", text))
    }

    /// 428: the request must be conditional (RFC 6585 section 3).
    #[must_use]
    pub fn precondition_required() -> Self {
        let text = "send `If-Match` with the entity tag that was read";
        Self::new(Kind::Invalid, Problem::new(428, "precondition_required", text))
    }

    /// 400: the input can't be read; `fields` says where, when that is known.
    pub fn malformed(what: impl Into<Cow<'static, str>>, fields: Vec<FieldError>) -> Self {
        Self::new(
            Kind::Invalid,
            Problem::new(400, "malformed", what).with_fields(fields),
        )
    }

    /// 422: the input can be read, and some fields have values that can't be.
    #[must_use]
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self::new(
            Kind::Invalid,
            Problem::new(422, "invalid", "some fields are invalid").with_fields(fields),
        )
    }

    /// 413: more bytes than `limit`, which the problem names when it is known.
    #[must_use]
    pub fn too_large(limit: impl Into<Option<u64>>) -> Self {
        let problem = Problem::new(413, "too_large", "the body is too large");
        let problem = match limit.into() {
            Some(limit) => problem.with("limit_bytes", limit),
            None => problem,
        };
        Self::new(Kind::Invalid, problem)
    }

    /// 415: the media type is not one of `expected`.
    #[must_use]
    pub fn unsupported_media_type(expected: &'static str) -> Self {
        let problem = Problem::new(415, "unsupported_media_type", "the media type is not supported");
        Self::new(Kind::Invalid, problem.with("expected", expected))
    }

    /// 429 with `Retry-After`.
    #[must_use]
    pub fn rate_limited(retry_after: Duration) -> Self {
        Self::new(
            Kind::RateLimited,
            Problem::new(429, "rate_limited", "too many requests"),
        )
        .with_retry_after(retry_after)
    }

    /// 403, with the numbers.
    #[must_use]
    pub fn quota_exceeded(quota: &'static str, limit: u64, used: u64) -> Self {
        let problem = Problem::new(403, "quota_exceeded", "a quota is used up");
        Self::new(
            Kind::QuotaExceeded,
            problem
                .with("quota", quota)
                .with("limit", limit)
                .with("used", used),
        )
    }

    /// 503 with `Retry-After`: a service behind us is down or busy; `log` says which.
    pub fn unavailable(log: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            Kind::Unavailable,
            Problem::new(503, "unavailable", "temporarily unavailable"),
        )
        .with_log(log)
        .with_retry_after(Duration::from_secs(1))
    }

    /// 500: a mistake of ours; `log` says what.
    pub fn internal(log: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Internal, Problem::new(500, "internal", "internal error")).with_log(log)
    }

    /// Keeps a sentence for the log.
    #[must_use]
    pub fn with_log(mut self, log: impl Into<Cow<'static, str>>) -> Self {
        self.inner.log = Some(log.into());
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(Arc::from(source.into()));
        self
    }

    /// Sets `Retry-After`, in whole seconds, at least one.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.inner.problem.retry_after = Some(after);
        self
    }

    /// What happened, as the caller sees it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The body a client gets.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.inner.problem
    }

    /// What only the log keeps.
    #[must_use]
    pub fn log(&self) -> Option<&str> {
        self.inner.log.as_deref()
    }

    /// The same error once more, for another waiter of the same answer.
    #[cfg(feature = "cache")]
    pub(crate) fn shared(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.inner.problem.detail())
    }
}

impl fmt::Debug for Error {
    /// Without the cause: a driver's error can hold a row's values. Ask [`source`](std::error::Error::source) for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("problem", &self.inner.problem)
            .field("log", &self.inner.log)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
