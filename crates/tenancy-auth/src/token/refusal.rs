//! Why a token is refused: for the log, and never for the client.

use tenancy_core::Error;

/// The check that failed. Nothing in it comes from the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("token: longer than 8192 bytes")]
    TooLong,
    #[error("proof: longer than one of its kind may be")]
    ProofTooLong,
    #[error("token: not three segments")]
    Segments,
    #[error("{0}: not base64url without padding")]
    Encoding(&'static str),
    #[error("{0}: not UTF-8")]
    Text(&'static str),
    #[error("{0}: no JSON object of the expected shape")]
    Shape(&'static str),
    #[error("{part}: `{member}` {problem}")]
    Member {
        part: &'static str,
        member: &'static str,
        problem: &'static str,
    },
    #[error("signature: no key of that `kid`")]
    UnknownKey,
    #[error("signature: not made with the key of that `kid`")]
    Signature,
    #[error("user: there is none of that `sub`")]
    NoUser,
    #[error("user: disabled")]
    Disabled,
    #[error("user: signed in before the sessions were revoked")]
    Revoked,
}

impl Refusal {
    /// What was good once.
    pub(crate) const EXPIRED: Self = Self::Member {
        part: "claims",
        member: "exp",
        problem: "is past",
    };

    pub(crate) fn header(member: &'static str, problem: &'static str) -> Self {
        Self::Member {
            part: "header",
            member,
            problem,
        }
    }

    pub(crate) fn claim(member: &'static str, problem: &'static str) -> Self {
        Self::Member {
            part: "claims",
            member,
            problem,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::unauthenticated(refusal.to_string())
    }
}
