//! The corpus (RFC 8725, and what real verifiers have let through).

mod claims;
mod cookies;
mod envelope;
mod json;
mod keys;
mod lookalikes;
mod signatures;

use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    IdTokens,
    SessionCookies,
}

/// What a service answers to a request with `Authorization: Bearer <the row's token>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// 401, the one body.
    Refused,
    /// 400: it is no header.
    NoHeader,
    /// 431, or the connection is cut: longer than any head.
    TooLong,
    /// 200: what is wrong with the text ends before HTTP's value does, so a good token arrives.
    Mended,
}

pub(super) struct Row {
    /// What is wrong with it.
    pub(super) what: &'static str,
    pub(super) token: String,
    /// What the log says.
    pub(super) log: &'static str,
    /// Which verifier has to refuse it.
    pub(super) by: By,
    pub(super) answer: Answer,
}

impl Row {
    fn over_http(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }
}

pub(super) fn row(what: &'static str, token: impl Into<String>, log: &'static str) -> Row {
    Row {
        what,
        token: token.into(),
        log,
        by: By::IdTokens,
        answer: Answer::Refused,
    }
}

pub(super) fn rows(world: &World) -> Vec<Row> {
    let mut rows = envelope::segments(world);
    rows.extend(json::objects(world));
    rows.extend(json::texts(world));
    rows.extend(keys::algorithms(world));
    rows.extend(keys::kids(world));
    rows.extend(keys::headers(world));
    rows.extend(signatures::signatures(world));
    rows.extend(claims::issuers(world));
    rows.extend(claims::texts(world));
    rows.extend(claims::times(world));
    rows.extend(claims::tenants(world));
    rows.extend(claims::duplicates(world));
    rows.extend(lookalikes::lookalikes(world));
    rows.extend(cookies::for_tokens(world));
    rows.extend(cookies::for_cookies(world));
    rows
}
