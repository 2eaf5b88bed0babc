//! What the database's answers mean, by their codes (google.rpc.Code). Pure.
//!
//! Its sentences are not kept: they hold the names of documents, which are the tenant's.

use firestore::gcloud_sdk::tonic::{Code, Status};
use tenancy_core::Error;

use super::Writing;

/// What a failed call comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing happened, and the same call may work.
    Again,
    /// Somebody else was there first: the transaction may work from its beginning.
    Contended,
    /// There is no such database.
    NoDatabase,
    /// The document that was to be changed is not there.
    NoDocument,
    /// The document that was to be made is there.
    Exists,
    /// The document is not in the state that was asked for.
    OtherState,
    /// The query needs an index that nobody made.
    NoIndex,
    /// The deployment's credentials do not reach it.
    NotAllowed,
    /// A mistake in the request.
    Mistake,
}

/// What a status means for a call that writes so.
pub(crate) fn outcome(status: &Status, writing: Writing) -> Outcome {
    match (status.code(), writing) {
        (Code::NotFound, Writing::Existing) if !of_database(status) => Outcome::NoDocument,
        (Code::NotFound, _) => Outcome::NoDatabase,
        (Code::AlreadyExists, _) => Outcome::Exists,
        (Code::FailedPrecondition, Writing::Nothing) => Outcome::NoIndex,
        (Code::FailedPrecondition, _) => Outcome::OtherState,
        (Code::Aborted, _) => Outcome::Contended,
        (Code::PermissionDenied | Code::Unauthenticated, _) => Outcome::NotAllowed,
        (Code::InvalidArgument | Code::OutOfRange | Code::Unimplemented, _) => Outcome::Mistake,
        _ => Outcome::Again,
    }
}

/// Production's sentence about a database that is not there begins so; one about a document says "document".
fn of_database(status: &Status) -> bool {
    status.message().starts_with("The database ")
}

impl Outcome {
    pub(crate) fn error(self) -> Error {
        match self {
            Self::Again => Error::unavailable("the document database is down, busy or out of reach"),
            Self::Contended => {
                Error::unavailable("others changed the same documents at the same time, too often")
            }
            Self::NoDatabase => Error::internal(
                "the placement's document database does not exist: make it, or correct the placement in the registry",
            ),
            Self::NoDocument => Error::not_found("no such document"),
            Self::Exists => Error::conflict("it exists already"),
            Self::OtherState => Error::precondition_failed(),
            Self::NoIndex => {
                Error::internal("a query needs an index that the document database lacks: make it")
            }
            Self::NotAllowed => {
                Error::internal("the deployment's credentials do not reach the document database")
            }
            Self::Mistake => Error::internal("the document database refuses the request as wrong"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        use Writing::{Existing, Nothing, Other};
        let check = |code, text, writing, expect| {
            let status = Status::new(code, text);
            assert_eq!(outcome(&status, writing), expect, "{code:?} {text}");
            let said = outcome(&status, writing).error();
            assert!(!format!("{said:?}").contains("ada"), "a document's name got out");
        };
        let gone = "The database (default) does not exist for project ada";
        check(Code::NotFound, gone, Nothing, Outcome::NoDatabase);
        check(Code::NotFound, gone, Existing, Outcome::NoDatabase);
        check(Code::NotFound, gone, Other, Outcome::NoDatabase);
        check(
            Code::NotFound,
            "No document to update: ada",
            Existing,
            Outcome::NoDocument,
        );
        check(
            Code::AlreadyExists,
            "Document already exists: ada",
            Other,
            Outcome::Exists,
        );
        check(
            Code::FailedPrecondition,
            "the stored version of ada",
            Existing,
            Outcome::OtherState,
        );
        check(
            Code::FailedPrecondition,
            "The query requires an index ada",
            Nothing,
            Outcome::NoIndex,
        );
        check(Code::Aborted, "ada", Other, Outcome::Contended);
        check(Code::PermissionDenied, "ada", Nothing, Outcome::NotAllowed);
        check(Code::InvalidArgument, "ada", Nothing, Outcome::Mistake);
        for code in [
            Code::Unavailable,
            Code::DeadlineExceeded,
            Code::ResourceExhausted,
            Code::Internal,
            Code::Unknown,
            Code::Cancelled,
        ] {
            check(code, "ada", Nothing, Outcome::Again);
        }
    }
}
