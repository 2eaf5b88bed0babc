//! What goes wrong at the cloud's store, and what the caller sees of it.

use google_cloud_gax::error::Error as DriverError;
use tenancy_core::Error;

use crate::content::out_of_range;

/// What went wrong. Holds nothing that the store said: it repeats names, which are the tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No such object, or no such bucket: the store says the same.
    Absent,
    /// A precondition does not hold: an object has the key.
    Exists,
    /// The range begins after the object's end.
    Range,
    /// The store knows the service, or does not, and refuses.
    Refused(Option<u16>),
    /// Late, overloaded, out of reach, or cut off in the middle.
    Unavailable(Option<u16>),
}

impl Failure {
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            404 => Self::Absent,
            409 | 412 => Self::Exists,
            416 => Self::Range,
            408 | 429 | 500.. => Self::Unavailable(Some(status)),
            _ => Self::Refused(Some(status)),
        }
    }

    /// For a call that names no object, or that makes one: what is absent is the bucket.
    pub(super) fn of_bucket(self) -> Error {
        match self {
            Self::Absent => Error::internal(
                "the placement's bucket does not exist: create it, or correct the placement in the registry",
            ),
            other => other.into(),
        }
    }
}

impl From<&DriverError> for Failure {
    fn from(error: &DriverError) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = cause {
            let driver = error.downcast_ref::<DriverError>();
            if let Some(status) = driver.and_then(DriverError::http_status_code) {
                return Self::of_status(status);
            }
            if driver.is_some_and(DriverError::is_authentication) {
                return Self::Refused(None);
            }
            cause = error.source();
        }
        Self::Unavailable(None)
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Self::from(&error)
    }
}

impl From<reqwest::Error> for Failure {
    fn from(_: reqwest::Error) -> Self {
        Self::Unavailable(None)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it answered with status {0}")]
struct Status(u16);

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let with = |error: Self, status: Option<u16>| match status {
            Some(status) => error.with_source(Status(status)),
            None => error,
        };
        match failure {
            Failure::Absent => Self::not_found("no object has the key"),
            Failure::Exists => Self::conflict("an object with this key exists already"),
            Failure::Range => out_of_range(),
            Failure::Refused(status) => with(
                Self::internal("the object store refuses the service: check its credentials and their roles"),
                status,
            ),
            Failure::Unavailable(status) => with(Self::unavailable("the object store failed"), status),
        }
    }
}

#[cfg(test)]
mod tests {
    use tenancy_core::Kind;

    use super::*;

    #[test]
    fn a_status_is_an_outcome() {
        let check = |status, kind| {
            assert_eq!(Error::from(Failure::of_status(status)).kind(), kind, "{status}");
        };
        check(404, Kind::NotFound);
        check(409, Kind::Conflict);
        check(412, Kind::Conflict);
        check(416, Kind::Invalid);
        check(429, Kind::Unavailable);
        check(503, Kind::Unavailable);
        check(401, Kind::Internal);
        check(403, Kind::Internal);
        check(400, Kind::Internal);
    }

    #[test]
    fn what_the_store_said_is_not_repeated() {
        let said = DriverError::http(503, Default::default(), "No such object: secret".into());
        let wrapped = DriverError::exhausted(said);
        assert_eq!(Failure::from(&wrapped), Failure::Unavailable(Some(503)));
        assert!(!format!("{:?}", Error::from(Failure::from(wrapped))).contains("secret"));
    }
}
