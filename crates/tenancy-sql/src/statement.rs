//! Which statements may reach a scoped connection.

use std::fmt;

/// Why a statement is refused before it reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The simple protocol can carry many statements in one text.
    SimpleProtocol,
    /// A statement of its own would be known to one session of many.
    Prepared,
    /// The first word is none of those that read or write rows.
    NotARowStatement,
    /// The text names what the connection is scoped by.
    TouchesScope,
    /// Large objects belong to the role, and so to every tenant at once: no policy can be put on one.
    LargeObject,
    /// A session outlives the request, and its lock would with it; keys are every tenant's.
    SessionLock,
    /// All tenants' sessions are one role's: the server shows and lets end each of them.
    OtherSessions,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SimpleProtocol => "a scoped connection takes one statement at a time: use `sqlx::query`",
            Self::Prepared => {
                "a pool in transaction mode prepares no statement that stays: use `sqlx::query`"
            }
            Self::NotARowStatement => {
                "a scoped connection takes SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES and WITH; transactions are \
                 `begin(&permit)` and `commit()`, schema changes are migrations"
            }
            Self::TouchesScope => {
                "a statement must not touch the tenant setting: `read(&ctx)` and `begin(&permit)` set it"
            }
            Self::SessionLock => {
                "a session's advisory lock outlives the transaction and keeps other tenants out: use \
                 `pg_advisory_xact_lock`, with a key of the tenant's"
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
/// What a text must not hold, in lower case: anywhere, or where a word begins.
struct Forbidden {
    text: &'static [u8],
    begins_a_word: bool,
    refusal: Refusal,
}

const fn anywhere(text: &'static str, refusal: Refusal) -> Forbidden {
    Forbidden {
        text: text.as_bytes(),
        begins_a_word: false,
        refusal,
    }
}

const fn word(text: &'static str, refusal: Refusal) -> Forbidden {
    Forbidden {
        text: text.as_bytes(),
        begins_a_word: true,
        refusal,
    }
}

const FORBIDDEN: [Forbidden; 23] = [
    anywhere("set_config", Refusal::TouchesScope),
    anywhere("app.current_", Refusal::TouchesScope),
    anywhere("pg_settings", Refusal::TouchesScope),
    // could spell any of the others
    anywhere("u&\"", Refusal::TouchesScope),
    word("pg_advisory_lock", Refusal::SessionLock),
    word("pg_try_advisory_lock", Refusal::SessionLock),
    word("lo_creat", Refusal::LargeObject),
    word("lo_from_bytea", Refusal::LargeObject),
    word("lo_open", Refusal::LargeObject),
    word("lo_get", Refusal::LargeObject),
    word("lo_put", Refusal::LargeObject),
    word("lo_import", Refusal::LargeObject),
    word("lo_export", Refusal::LargeObject),
    word("lo_unlink", Refusal::LargeObject),
    word("lo_truncate", Refusal::LargeObject),
    word("loread", Refusal::LargeObject),
    word("lowrite", Refusal::LargeObject),
    word("pg_largeobject", Refusal::LargeObject),
    word("pg_stat_activity", Refusal::OtherSessions),
    word("pg_stat_get_activity", Refusal::OtherSessions),
    word("pg_stat_statements", Refusal::OtherSessions),
    word("pg_cancel_backend", Refusal::OtherSessions),
    word("pg_terminate_backend", Refusal::OtherSessions),
];

/// Checks a statement's text. Pure, one pass over it. It stops mistakes; what a hostile statement can still reach inside of
/// a function is stopped by the role's rights and the reset between tenants.
pub(crate) fn check(text: &str) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let first = first_word(bytes);
    if !ROW_STATEMENTS
        .iter()
        .any(|known| first.eq_ignore_ascii_case(known))
    {
        return Err(Refusal::NotARowStatement);
    }
    let mut in_a_word = false;
    for (at, byte) in bytes.iter().enumerate() {
        // the letters that a forbidden text begins with
        if matches!(byte | 0x20, b'a' | b'l' | b'p' | b's' | b'u')
            && let Some(refusal) = forbidden(bytes.get(at..).unwrap_or_default(), in_a_word)
        {
            return Err(refusal);
        }
        in_a_word = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
    }
    Ok(())
}

fn forbidden(rest: &[u8], in_a_word: bool) -> Option<Refusal> {
    let found = FORBIDDEN.iter().find(|forbidden| {
        let begins = rest.get(..forbidden.text.len());
        !(forbidden.begins_a_word && in_a_word)
            && begins.is_some_and(|text| text.eq_ignore_ascii_case(forbidden.text))
    });
    found.map(|forbidden| forbidden.refusal)
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

#[cfg(test)]
mod tests {
    use super::{Refusal::*, *};

    #[test]
    fn each_forbidden_text_is_found_in_any_spelling() {
        for Forbidden { text, refusal, .. } in FORBIDDEN {
            let text = std::str::from_utf8(text).unwrap();
            for spelling in [text.to_lowercase(), text.to_uppercase()] {
                assert_eq!(check(&format!("SELECT {spelling}")), Err(refusal), "{spelling}");
            }
        }
    }

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
            ("SELECT pg_advisory_lock(1)", Err(SessionLock)),
            (
                "SELECT pg_catalog.pg_try_advisory_lock_shared(1)",
                Err(SessionLock),
            ),
            (
                "SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock(2)",
                Ok(()),
            ),
            ("SELECT solo_trip, hello_get, lo FROM x", Ok(())),
        ];
        for (text, expect) in rows {
            assert_eq!(check(text), *expect, "{text}");
        }
    }
}
