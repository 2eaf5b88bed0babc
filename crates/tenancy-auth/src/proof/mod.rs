//! Proofs that services make for each other: signed texts of three kinds, each with a `typ` of its own (RFC 8725 section 3.11).
//! Pure: what a text says, and whether that is what we accept; no keys are fetched here.

mod compact;
mod hash;
mod kind;
mod times;

pub(crate) use self::compact::Proof;
pub(crate) use self::hash::sha256;
pub(crate) use self::kind::{ProofKind, peek};
pub(crate) use self::times::Times;
