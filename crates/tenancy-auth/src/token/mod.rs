//! A token, taken apart. Pure: what a text says, and whether that is what we accept; no keys are fetched here.

mod claims;
mod compact;
mod header;
mod kind;
mod object;
mod refusal;

pub(crate) use self::claims::Audience;
pub(crate) use self::compact::{TOKEN_BYTES, Token};
pub(crate) use self::header::KID_BYTES;
pub(crate) use self::kind::TokenKind;
pub(crate) use self::object::{Object, read};
pub(crate) use self::refusal::Refusal;
