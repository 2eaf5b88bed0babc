//! What goes wrong on a file system, and what the caller sees of it.

use std::{error::Error as _, io};

use object_store::Error as DriverError;
use tenancy_core::Error;

/// What went wrong. Holds no path: a path holds a key, which is the tenant's, and errors are logged with their causes.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No object is there.
    Absent,
    /// An object is there already.
    Exists,
    /// The key needs a folder where another object is, or is the folder of other objects.
    Clash,
    /// A symbolic link, a device, a pipe: nothing that the SDK makes.
    Foreign,
    /// The file system failed.
    Io(io::Error),
}

impl Failure {
    /// What a reader sees: what is not a plain object of the tenant's does not exist.
    pub(super) fn hidden(self) -> Error {
        match self {
            Self::Foreign => Error::not_found(FOREIGN),
            Self::Clash => Self::Absent.into(),
            other => other.into(),
        }
    }
}

const FOREIGN: &str =
    "the bucket holds a symbolic link or another special file, which is never followed; remove it";

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Absent => Self::not_found("no object has the key"),
            Failure::Exists => Self::conflict("an object with this key exists already"),
            Failure::Clash => {
                Self::conflict("the key and another object's key are folder and object of one name")
            }
            Failure::Foreign => Self::internal(FOREIGN),
            Failure::Io(error) => Self::unavailable("the buckets' file system failed").with_source(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        match error {
            DriverError::NotFound { .. } => Self::Absent,
            DriverError::AlreadyExists { .. } => Self::Exists,
            other => Self::of_cause(&other),
        }
    }
}

impl Failure {
    /// By the first I/O error among the causes; the driver's own messages name paths, and are dropped.
    fn of_cause(error: &DriverError) -> Self {
        let mut cause = error.source();
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<io::Error>() {
                return match io.kind() {
                    io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => Self::Clash,
                    kind => Self::Io(
                        io.raw_os_error()
                            .map_or_else(|| kind.into(), io::Error::from_raw_os_error),
                    ),
                };
            }
            cause = error.source();
        }
        Self::Io(io::Error::other("the driver failed without an I/O error"))
    }
}

#[cfg(test)]
mod tests {
    use object_store::local::LocalFileSystem;
    use tenancy_core::Kind;

    use super::*;

    #[test]
    fn a_failure_repeats_no_path() {
        let folder = tempfile::tempdir().unwrap();
        let driver = LocalFileSystem::new_with_prefix(folder.path().join("secret")).unwrap_err();
        assert!(
            driver.to_string().contains("secret"),
            "the driver's own error does"
        );
        let absent = DriverError::NotFound {
            path: "/data/secret".to_owned(),
            source: "/data/secret".into(),
        };
        for (driver, kind) in [(driver, Kind::Unavailable), (absent, Kind::NotFound)] {
            let error = Error::from(Failure::from(driver));
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            assert_eq!(error.kind(), kind);
            assert!(!format!("{error} {error:?} {source}").contains("secret"));
        }
    }

    #[test]
    fn readers_see_only_what_is_theirs() {
        let absent = Failure::Absent.hidden();
        for failure in [Failure::Clash, Failure::Foreign] {
            let error = failure.hidden();
            assert_eq!(
                (error.kind(), error.to_string()),
                (Kind::NotFound, absent.to_string())
            );
        }
        let io = Failure::Io(io::ErrorKind::StorageFull.into()).hidden();
        assert_eq!(io.kind(), Kind::Unavailable);
    }
}
