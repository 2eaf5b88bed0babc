//! The texts that scope a connection: validated ids and numbers only, so that nothing is ever quoted.

use std::fmt::Write;

use tenancy_core::UserId;

use super::bounds::{Scope, Times};
use crate::Hygiene;

/// Ends what a tenant could leave behind for the next: settings, cursors, listeners, temporary objects, advisory locks.
const RESIDUE: &str =
    "RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; SELECT pg_catalog.pg_advisory_unlock_all()";
/// Statements whose names a tenant could have given another text.
const STATEMENTS: &str = "; DEALLOCATE ALL";
/// What a session that is not ours alone has to be told with each transaction.
const LOCAL: &str = "SET LOCAL search_path = public, pg_temp; SET LOCAL row_security = on; \
    SET LOCAL client_min_messages = error; SET LOCAL client_connection_check_interval = 1000; ";

/// No server has these time-outs.
const UNKNOWN: Times = Times {
    statement: u32::MAX,
    idle: u32::MAX,
};

/// Ends a transaction that only read, or whose end nobody heard.
pub(super) const ROLLBACK: &str = "ROLLBACK";

fn residue(text: &mut String, hygiene: Hygiene) {
    text.push_str(RESIDUE);
    if hygiene == Hygiene::Strict {
        text.push_str(STATEMENTS);
    }
    text.push_str("; ");
}

/// One message: nothing of the session's last tenant is left, and it reads for the scope's. `known` are the session's
/// time-outs as they are.
pub(super) fn read(scope: Scope, known: Times, after_another: Option<Hygiene>) -> String {
    let mut text = String::with_capacity(256);
    if let Some(hygiene) = after_another {
        residue(&mut text, hygiene);
    }
    if scope.times.statement != known.statement {
        // the formatter of a String does not fail
        let _ = write!(text, "SET statement_timeout = {}; ", scope.times.statement);
    }
    let _ = write!(
        text,
        "SET app.current_tenant = '{}'; SET default_transaction_read_only = on",
        scope.tenant
    );
    text
}

/// One message: nothing of the session's last tenant is left, and a transaction has begun for the scope's and the user who
/// acts, if it is one. `known` are the session's time-outs as they are.
///
/// The residue goes in a transaction of its own: a ROLLBACK must not bring it back.
pub(super) fn begin(
    scope: Scope,
    user: Option<UserId>,
    known: Times,
    after_another: Option<Hygiene>,
) -> String {
    let mut text = String::with_capacity(384);
    if let Some(hygiene) = after_another {
        text.push_str("BEGIN; ");
        residue(&mut text, hygiene);
        text.push_str("COMMIT; ");
    }
    text.push_str("BEGIN READ WRITE; ");
    local(&mut text, scope, user, known);
    text
}

/// One message: a transaction for the scope's tenant in a session of which nothing is known. With
/// [`Hygiene::Strict`] it is reset first; statements are left, as others may have prepared them.
pub(super) fn begin_anywhere(scope: Scope, user: Option<UserId>, writes: bool, hygiene: Hygiene) -> String {
    let mut text = String::with_capacity(512);
    if hygiene == Hygiene::Strict {
        text.push_str("BEGIN; ");
        residue(&mut text, Hygiene::Reset);
        text.push_str("COMMIT; ");
    }
    text.push_str(if writes {
        "BEGIN READ WRITE; "
    } else {
        "BEGIN READ ONLY; "
    });
    text.push_str(LOCAL);
    local(&mut text, scope, user, UNKNOWN);
    text
}

fn local(text: &mut String, scope: Scope, user: Option<UserId>, known: Times) {
    // the formatter of a String does not fail
    if scope.times.statement != known.statement {
        let _ = write!(text, "SET LOCAL statement_timeout = {}; ", scope.times.statement);
    }
    if scope.times.idle != known.idle {
        let _ = write!(
            text,
            "SET LOCAL idle_in_transaction_session_timeout = {}; ",
            scope.times.idle
        );
    }
    let _ = write!(
        text,
        "SET LOCAL app.current_tenant = '{}'; SET LOCAL app.current_actor = '",
        scope.tenant
    );
    if let Some(user) = user {
        let _ = write!(text, "{user}");
    }
    text.push('\'');
}

/// Asks whose backend this is: the key for cancelling what runs on it.
pub(super) const BACKEND: &str = "; SELECT pg_catalog.pg_backend_pid()::text";

/// One message: no transaction, no residue, and the proof: backend, tenant, whether a transaction is open still, and how
/// many prepared statements there are.
pub(super) fn scrub(hygiene: Hygiene) -> String {
    let mut text = "ROLLBACK; ".to_owned();
    residue(&mut text, hygiene);
    text.push_str(
        "SELECT pg_catalog.pg_backend_pid()::text, \
         coalesce(pg_catalog.current_setting('app.current_tenant', true), ''), \
         (pg_catalog.now() = pg_catalog.statement_timestamp())::text, \
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements)::text",
    );
    text
}
