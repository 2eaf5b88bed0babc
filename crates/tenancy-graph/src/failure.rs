//! What the server said, by what the caller can do about it.

use tenancy_core::Error;

/// The source of an error after which it is not known whether a commit took place: look, or make the work repeatable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "whether the commit took place is not known: look before doing it again, or make the work repeatable"
)]
pub struct OutcomeUnknown;

impl OutcomeUnknown {
    /// Whether this error is one.
    #[must_use]
    pub fn is(error: &Error) -> bool {
        let source = std::error::Error::source(error);
        source.is_some_and(|source| source.is::<Self>())
    }

    pub(crate) fn error(why: &'static str) -> Error {
        Error::unavailable(why).with_source(Self)
    }
}

/// The log gets the code alone: a message can hold a node's values.
pub(crate) fn classify(error: neo4rs::Error) -> Error {
    use neo4rs::Error as Driver;
    let classified = match &error {
        Driver::Neo4j(said) => by_code(said.code()),
        Driver::AuthenticationError(_) => {
            Error::unavailable("the graph refused the login: correct the secret that its password refers to")
        }
        Driver::IOError { .. }
        | Driver::ConnectionError
        | Driver::ConnectionTimedOut
        | Driver::IncompleteBoltExchange
        | Driver::ServerUnavailableError(_) => {
            Error::unavailable("the graph can't be reached, or the connection broke")
        }
        Driver::UnsupportedVersion(..) | Driver::ProtocolMismatch(_) => {
            Error::unavailable("what answers at the graph's address does not speak Bolt 4.4")
        }
        Driver::DeserializationError(_) => {
            Error::internal("a row does not decode into the type that the code asks for")
        }
        Driver::Ignored(_) | Driver::RequestIgnoredError => {
            Error::internal("the server ignored a statement, after one that failed")
        }
        _ => Error::internal("the graph's driver refused"),
    };
    classified.with_source(error)
}

/// Whether the same work may succeed when it is done once more, and was not done now.
pub(crate) fn may_pass(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    match source.and_then(|source| source.downcast_ref()) {
        Some(neo4rs::Error::Neo4j(said)) => {
            let code = said.code();
            code.starts_with("Neo.TransientError.") || MOVED.contains(&code)
        }
        Some(neo4rs::Error::IOError { .. } | neo4rs::Error::ConnectionError) => true,
        _ => false,
    }
}

/// Whether the connection was gone before the server did anything: what idled may have been closed, or its login changed.
pub(crate) fn is_broken(error: &neo4rs::Error) -> bool {
    use neo4rs::Error as Driver;
    matches!(
        error,
        Driver::IOError { .. }
            | Driver::ConnectionError
            | Driver::IncompleteBoltExchange
            | Driver::AuthenticationError(_)
    )
}

/// Whether the server says with this code that it did not commit.
pub(crate) fn is_refusal(code: &str) -> bool {
    code.starts_with("Neo.ClientError.") || code.starts_with("Neo.TransientError.")
}

/// Another server of the cluster writes now.
const MOVED: [&str; 2] = [
    "Neo.ClientError.Cluster.NotALeader",
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
];

fn by_code(code: &str) -> Error {
    let log = code.to_owned();
    let mut parts = code.split('.').skip(1);
    let (class, topic, title) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    match (class, topic, title) {
        (_, "Schema", "ConstraintValidationFailed") => {
            Error::conflict("it exists already, or something refers to it").with_log(log)
        }
        ("ClientError", "Statement", "EntityNotFound") => {
            Error::conflict("it was deleted meanwhile").with_log(log)
        }
        ("ClientError", "Statement", "ArithmeticError" | "ArgumentError" | "TypeError") => {
            Error::invalid(Vec::new()).with_log(log)
        }
        ("ClientError", "Statement", "AccessMode") => {
            Error::internal(format!("{code}: a read wrote; write within `begin`"))
        }
        ("ClientError", "Database", "DatabaseNotFound") => Error::internal(format!(
            "{code}: the placement names a database that the instance lacks; make it, or correct the placement"
        )),
        ("TransientError", ..) | ("ClientError", "Transaction" | "Security" | "Cluster", _) => {
            Error::unavailable(log)
        }
        _ if MOVED.contains(&code) => Error::unavailable(log),
        _ => Error::internal(log),
    }
}

#[cfg(test)]
mod tests {
    use tenancy_core::Kind;

    use super::*;

    #[test]
    fn codes_are_classified_by_what_the_caller_can_do() {
        for (code, kind) in [
            (
                "Neo.ClientError.Schema.ConstraintValidationFailed",
                Kind::Conflict,
            ),
            ("Neo.ClientError.Statement.EntityNotFound", Kind::Conflict),
            ("Neo.ClientError.Statement.TypeError", Kind::Invalid),
            ("Neo.ClientError.Statement.ArithmeticError", Kind::Invalid),
            (
                "Neo.TransientError.Transaction.DeadlockDetected",
                Kind::Unavailable,
            ),
            (
                "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
                Kind::Unavailable,
            ),
            (
                "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
                Kind::Unavailable,
            ),
            ("Neo.ClientError.Transaction.Terminated", Kind::Unavailable),
            ("Neo.ClientError.Security.Unauthorized", Kind::Unavailable),
            ("Neo.ClientError.Cluster.NotALeader", Kind::Unavailable),
            (
                "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
                Kind::Unavailable,
            ),
            ("Neo.ClientError.Statement.AccessMode", Kind::Internal),
            ("Neo.ClientError.Statement.SyntaxError", Kind::Internal),
            ("Neo.ClientError.Database.DatabaseNotFound", Kind::Internal),
            ("Neo.DatabaseError.General.UnknownError", Kind::Internal),
            ("", Kind::Internal),
        ] {
            let error = by_code(code);
            assert_eq!(error.kind(), kind, "{code}");
            let retry = error.problem().retry_after_seconds().is_some();
            assert_eq!(retry, kind == Kind::Unavailable, "{code}");
        }
    }

    #[test]
    fn an_unknown_outcome_is_told_from_others() {
        assert!(OutcomeUnknown::is(&OutcomeUnknown::error("late")));
        assert!(!OutcomeUnknown::is(&Error::unavailable("late")));
    }
}
