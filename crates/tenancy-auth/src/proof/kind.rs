//! The kinds of proof.

use serde::Deserialize;

use crate::token;

/// What a proof is for. One of a kind is never taken for one of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofKind {
    /// One call of one service to another.
    Service,
    /// A job in a queue.
    Job,
    /// Leave for an operator of the platform.
    Operator,
}

impl ProofKind {
    pub(crate) const ALL: [Self; 3] = [Self::Service, Self::Job, Self::Operator];

    /// The header's `typ`.
    pub(crate) fn typ(self) -> &'static str {
        match self {
            Self::Service => "tenancy-service+jwt",
            Self::Job => "tenancy-job+jwt",
            Self::Operator => "tenancy-operator+jwt",
        }
    }

    /// How long the text may be. A job holds a user's token of at most 8 KiB, encoded once more.
    pub(crate) fn most_bytes(self) -> usize {
        match self {
            Self::Service | Self::Operator => 4096,
            Self::Job => 16 * 1024,
        }
    }
}

#[derive(Deserialize)]
struct Typ {
    typ: Option<String>,
}

/// What a text says that it is: says who has to verify it, and is no reason to trust it.
pub(crate) fn peek(text: &str) -> Option<ProofKind> {
    let most = ProofKind::ALL.map(ProofKind::most_bytes).into_iter().max()?;
    let (header, _) = text.split_once('.').filter(|_| text.len() <= most)?;
    let typ = token::read::<Typ>(header, "header", &[]).ok()?.typ?;
    ProofKind::ALL.into_iter().find(|kind| kind.typ() == typ)
}
