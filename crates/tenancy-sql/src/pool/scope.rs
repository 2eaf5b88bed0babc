//! The texts that scope a connection: validated ids and numbers only, so that nothing is ever quoted.

use std::fmt::Write;

use tenancy_core::UserId;

use super::bounds::{Scope, Times};
use crate::{Hygiene, seal};

/// Ends what a tenant could leave behind for the next: settings, cursors, listeners, temporary objects, advisory locks.
const RESIDUE: &str = "RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all()";
/// A sealed session has no temporary objects but its seal.
const TEMPORARY: &str = "; DISCARD TEMP";
/// Statements whose names a tenant could have given another text.
const STATEMENTS: &str = "; DEALLOCATE ALL";
/// What a transaction has to be told in a session that is not ours alone.
const LOCAL: &str = "SET LOCAL search_path = public, pg_temp; SET LOCAL row_security = on; \
    SET LOCAL client_min_messages = error; SET LOCAL client_connection_check_interval = 1000; ";
/// The search path as the server shows it.
pub(super) const SEARCH_PATH: &str = "public,pg_temp";

/// What `RESET ALL` falls back to.
pub(super) fn settings(times: Times) -> [(&'static str, String); 6] {
    [
        // temporary objects come last, so that none can stand in for a table
        ("search_path", SEARCH_PATH.to_owned()),
        ("statement_timeout", times.statement.to_string()),
        ("idle_in_transaction_session_timeout", times.idle.to_string()),
        // the server notices that nobody waits, should a cancellation not reach it
        ("client_connection_check_interval", "1000".to_owned()),
        ("row_security", "on".to_owned()),
        // the driver logs what the server notices, and a trigger may notice a row's values
        ("client_min_messages", "error".to_owned()),
    ]
}

/// No server has these time-outs.
const UNKNOWN: Times = Times {
    statement: u32::MAX,
    idle: u32::MAX,
};

/// Ends a transaction that only read, or whose end nobody heard.
pub(super) const ROLLBACK: &str = "ROLLBACK";

/// What has to be done to a session before it is scoped.
pub(super) struct Before {
    /// Another tenant may have left something.
    pub(super) residue: Option<Hygiene>,
    /// It was not told its settings when it was opened, so it is told them whenever it has none.
    pub(super) settings: Option<Times>,
    /// The time-outs it has then.
    pub(super) known: Times,
    /// Whether the database is sealed.
    pub(super) sealed: bool,
    /// The statement that seals it for the tenant, if it is not yet.
    pub(super) open: Option<String>,
}

impl Before {
    fn is_nothing(&self) -> bool {
        self.residue.is_none() && self.settings.is_none() && self.open.is_none()
    }

    fn write(&self, text: &mut String) {
        if let Some(hygiene) = self.residue {
            residue(text, hygiene, self.sealed);
        }
        for (name, value) in self.settings.into_iter().flat_map(settings) {
            // the formatter of a String does not fail
            let _ = write!(text, "SET {name} = {value}; ");
        }
        text.push_str(self.open.as_deref().unwrap_or_default());
    }
}

fn residue(text: &mut String, hygiene: Hygiene, sealed: bool) {
    text.push_str(RESIDUE);
    if !sealed {
        text.push_str(TEMPORARY);
    }
    if hygiene == Hygiene::Strict {
        text.push_str(STATEMENTS);
    }
    text.push_str("; ");
}

/// One message: nothing of the session's last tenant is left, and it reads for the scope's.
pub(super) fn read(scope: Scope, before: &Before) -> String {
    let mut text = String::with_capacity(256);
    before.write(&mut text);
    if scope.times.statement != before.known.statement {
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
/// acts, if it is one.
///
/// What comes before goes in a transaction of its own: a ROLLBACK must not bring it back.
pub(super) fn begin(scope: Scope, user: Option<UserId>, before: &Before) -> String {
    let mut text = String::with_capacity(384);
    if !before.is_nothing() {
        text.push_str("BEGIN; ");
        before.write(&mut text);
        text.push_str("COMMIT; ");
    }
    text.push_str("BEGIN READ WRITE; ");
    local(&mut text, scope, user, before.known);
    text
}

/// One message: nothing is left of whoever had the session, and a transaction has begun for the scope's tenant. Statements
/// are left, as others may have prepared them.
pub(super) fn begin_anywhere(scope: Scope, user: Option<UserId>, writes: bool) -> String {
    let mut text = String::with_capacity(512);
    text.push_str("BEGIN; ");
    residue(&mut text, Hygiene::Reset, false);
    text.push_str("COMMIT; ");
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

/// What tells one server from the next behind the same URL, as sixteen digits: when it was started.
macro_rules! server {
    () => {
        "pg_catalog.encode(pg_catalog.timestamptz_send(pg_catalog.pg_postmaster_start_time()), 'hex')"
    };
}

/// Asks whose backend this is, the key for cancelling what runs on it, and whether it was told its settings.
pub(super) const BACKEND: &str = concat!(
    "; SELECT pg_catalog.pg_backend_pid()::text, ",
    server!(),
    ", pg_catalog.current_setting('search_path')"
);
/// Which server this is.
pub(super) const SERVER: &str = server!();

/// One message: no transaction, no residue, and the proof: backend, tenant, whether a transaction is open still, and how
/// many prepared statements there are.
pub(super) fn scrub(hygiene: Hygiene, sealed: bool) -> String {
    let mut text = "ROLLBACK; ".to_owned();
    residue(&mut text, hygiene, sealed);
    text.push_str(
        "SELECT pg_catalog.pg_backend_pid()::text, \
         coalesce(pg_catalog.current_setting('app.current_tenant', true), ''), \
         (pg_catalog.now() = pg_catalog.statement_timestamp())::text, \
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements)::text",
    );
    if sealed {
        text.push_str(seal::ASK);
    }
    text
}
