//! A step of the story, as data.

use std::collections::BTreeSet;

use super::call::Call;

/// What is done, and what must come back.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) what: String,
    pub(super) call: Call,
    pub(super) expect: Expect,
}

/// What must come back.
#[derive(Clone, Debug)]
pub(super) enum Expect {
    /// This status.
    Status(u16),
    /// This status, with a problem of this code.
    Refused(u16, &'static str),
    /// Nothing there for the caller: 404, and to the byte the body of an id that nobody has.
    Absent,
    /// No proof of identity: 401, and to the byte the body of a request without a token.
    NoProof,
    /// A list of items with these ids, and no other.
    Items(BTreeSet<String>),
    /// 200, with this value of this field.
    Says(&'static str, serde_json::Value),
    /// These bytes.
    Content(&'static [u8]),
}

impl Step {
    pub(super) fn new(what: impl Into<String>, call: Call, expect: Expect) -> Self {
        Self {
            what: what.into(),
            call,
            expect,
        }
    }
}
