//! Which statements may reach a scoped connection.

use std::fmt;

/// Why a statement is refused before it reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The simple protocol can carry many statements in one text.
    SimpleProtocol,
    /// The first word is none of those that read or write rows.
    NotARowStatement,
    /// The text names what the connection is scoped by.
    TouchesScope,
    /// Large objects belong to the role, and so to every tenant at once: no policy can be put on one.
    LargeObject,
    /// All tenants' sessions are one role's: the server shows and lets end each of them.
    OtherSessions,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SimpleProtocol => "a scoped connection takes one statement at a time: use `sqlx::query`",
            Self::NotARowStatement => {
                "a scoped connection takes SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES and WITH; transactions are \
                 `begin(&permit)` and `commit()`, schema changes are migrations"
            }
            Self::TouchesScope => {
                "a statement must not touch the tenant setting: `read(&ctx)` and `begin(&permit)` set it"
            }
            Self::OtherSessions => "a statement must not look at other sessions or end them: they are other tenants'",
            Self::LargeObject => {
                "large objects are every tenant's: keep bytes in a `bytea` column, or in the object store"
            }
        })
    }
}

impl std::error::Error for Refusal {}

const ROW_STATEMENTS: [&[u8]; 7] = [
    b"select", b"insert", b"update", b"delete", b"with", b"merge", b"values",
];
/// Written in lower case. `u&"` could spell any of the others.
const SCOPE: [&[u8]; 4] = [b"set_config", b"app.current_", b"pg_settings", b"u&\""];
/// Written in lower case: how the names begin that make, read, write or list large objects.
const LARGE_OBJECTS: [&[u8]; 12] = [
    b"lo_creat",
    b"lo_from_bytea",
    b"lo_open",
    b"lo_get",
    b"lo_put",
    b"lo_import",
    b"lo_export",
    b"lo_unlink",
    b"lo_truncate",
    b"loread",
    b"lowrite",
    b"pg_largeobject",
];
/// Written in lower case: what shows other sessions and their texts, or ends them.
const SESSIONS: [&[u8]; 5] = [
    b"pg_stat_activity",
    b"pg_stat_get_activity",
    b"pg_stat_statements",
    b"pg_cancel_backend",
    b"pg_terminate_backend",
];

/// Checks a statement's text. Pure, linear in its length. It stops mistakes; what a hostile statement can still reach
/// inside of a function is stopped by the role's rights and the reset between tenants.
pub(crate) fn check(text: &str) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let word = first_word(bytes);
    if !ROW_STATEMENTS
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
    {
        return Err(Refusal::NotARowStatement);
    }
    if SCOPE.iter().any(|needle| contains(bytes, needle)) {
        return Err(Refusal::TouchesScope);
    }
    if LARGE_OBJECTS.iter().any(|name| begins_a_word(bytes, name)) {
        return Err(Refusal::LargeObject);
    }
    if SESSIONS.iter().any(|name| begins_a_word(bytes, name)) {
        return Err(Refusal::OtherSessions);
    }
    Ok(())
}

/// The first word after white space, opening parentheses and comments.
fn first_word(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b"(") {
            rest = after;
        } else if let Some(comment) = rest.strip_prefix(b"--") {
            let end = comment.iter().position(|&b| b == b'\n').unwrap_or(comment.len());
            rest = comment.get(end..).unwrap_or_default();
        } else if let Some(comment) = rest.strip_prefix(b"/*") {
            rest = after_comment(comment);
        } else {
            let end = rest
                .iter()
                .position(|b| !b.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            return rest.get(..end).unwrap_or_default();
        }
    }
}

/// Block comments nest in PostgreSQL.
fn after_comment(text: &[u8]) -> &[u8] {
    let (mut depth, mut at) = (1_usize, 0);
    while let Some(pair) = text.get(at..at + 2) {
        match pair {
            b"*/" => (depth, at) = (depth - 1, at + 2),
            b"/*" => (depth, at) = (depth + 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return text.get(at..).unwrap_or_default();
        }
    }
    &[]
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    found(text, needle).next().is_some()
}

/// Whether a word of `text` begins with `needle`.
fn begins_a_word(text: &[u8], needle: &[u8]) -> bool {
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$') || !b.is_ascii();
    found(text, needle).any(|at| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        !before.is_some_and(inner)
    })
}

/// Where `needle` stands in `text`, without regard to case.
fn found<'t>(text: &'t [u8], needle: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    let first = needle.first().copied().unwrap_or_default();
    let windows = text.windows(needle.len()).enumerate();
    windows
        .filter(move |(_, window)| {
            window.first().is_some_and(|b| b.to_ascii_lowercase() == first)
                && window.eq_ignore_ascii_case(needle)
        })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::{Refusal::*, *};

    #[test]
    fn statements() {
        let rows: &[(&str, Result<(), Refusal>)] = &[
            ("SELECT 1", Ok(())),
            ("  -- a note\n /* and /* nested */ one */ ((select 1))", Ok(())),
            ("with x as (select 1) select * from x", Ok(())),
            ("VALUES (1)", Ok(())),
            ("select tenancy.current_tenant()", Ok(())),
            ("", Err(NotARowStatement)),
            ("/* open", Err(NotARowStatement)),
            ("BEGIN", Err(NotARowStatement)),
            ("commit", Err(NotARowStatement)),
            ("ROLLBACK TO x", Err(NotARowStatement)),
            ("SET app.x = '1'", Err(NotARowStatement)),
            ("reset all", Err(NotARowStatement)),
            ("DISCARD ALL", Err(NotARowStatement)),
            ("LISTEN x", Err(NotARowStatement)),
            ("selection", Err(NotARowStatement)),
            ("COPY t TO STDOUT", Err(NotARowStatement)),
            ("DO $$ begin end $$", Err(NotARowStatement)),
            ("CALL p()", Err(NotARowStatement)),
            ("PREPARE x AS SELECT 1", Err(NotARowStatement)),
            ("SELECT set_config('app.x', 'y', false)", Err(TouchesScope)),
            (
                "SELECT pg_catalog.\"set_config\"('a', 'b', true)",
                Err(TouchesScope),
            ),
            ("SELECT SET_CONFIG($1, $2, false)", Err(TouchesScope)),
            ("SELECT U&\"set\\005fconfig\"($1, $2, false)", Err(TouchesScope)),
            (
                "UPDATE pg_settings SET setting = $1 WHERE name = 'app.current_tenant'",
                Err(TouchesScope),
            ),
            (
                "UPDATE pg_catalog.\"pg_settings\" SET setting = 'off' WHERE name = $1",
                Err(TouchesScope),
            ),
            ("SELECT lo_get($1)", Err(LargeObject)),
            ("SELECT pg_catalog.\"LO_CREATE\"(0)", Err(LargeObject)),
            ("SELECT solo_trip, hello_get, lo FROM x", Ok(())),
        ];
        for (text, expect) in rows {
            assert_eq!(check(text), *expect, "{text}");
        }
    }
}
