//! Why a call was not answered.

use tenancy_core::Error;

/// Why a call to another service was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutgoingError<E> {
    /// It was not sent: nobody could be named in whose name it would be.
    #[error("the call was not sent")]
    Refused(#[source] Error),
    /// The client failed.
    #[error(transparent)]
    Client(E),
}

impl<E: std::error::Error + Send + Sync + 'static> From<OutgoingError<E>> for Error {
    fn from(error: OutgoingError<E>) -> Self {
        match error {
            OutgoingError::Refused(error) => error,
            OutgoingError::Client(error) => {
                Error::unavailable("another service could not be called").with_source(error)
            }
        }
    }
}
