//! The texts that scope a connection: validated ids only, so that nothing is ever quoted.

use std::fmt::Write;

use tenancy_core::{TenantId, UserId};

/// Ends what a tenant could leave behind for the next: settings, cursors, listeners, temporary objects, advisory locks.
const RESIDUE: &str =
    "RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; SELECT pg_catalog.pg_advisory_unlock_all()";

/// One message: nothing of the session's last tenant is left, and it reads for `tenant`.
pub(super) fn read(tenant: TenantId, residue: bool) -> String {
    let mut text = String::with_capacity(256);
    if residue {
        text.push_str(RESIDUE);
        text.push_str("; ");
    }
    // the formatter of a String does not fail
    let _ = write!(
        text,
        "SET app.current_tenant = '{tenant}'; SET default_transaction_read_only = on"
    );
    text
}

/// One message: nothing of the session's last tenant is left, and a transaction has begun for `tenant` and the user who
/// acts, if it is one.
///
/// The residue goes in a transaction of its own: a ROLLBACK must not bring it back.
pub(super) fn begin(tenant: TenantId, user: Option<UserId>, residue: bool) -> String {
    let mut text = String::with_capacity(320);
    if residue {
        text.push_str("BEGIN; ");
        text.push_str(RESIDUE);
        text.push_str("; COMMIT; ");
    }
    let _ = write!(
        text,
        "BEGIN READ WRITE; SET LOCAL app.current_tenant = '{tenant}'; SET LOCAL app.current_actor = '"
    );
    if let Some(user) = user {
        let _ = write!(text, "{user}");
    }
    text.push('\'');
    text
}

/// Asks whose backend this is: the key for cancelling what runs on it.
pub(super) const BACKEND: &str = "; SELECT pg_catalog.pg_backend_pid()::text";

/// One message: no transaction, no residue, and the proof: backend, tenant, whether a transaction is open still, and how
/// many prepared statements there are.
pub(super) fn scrub() -> String {
    format!(
        "ROLLBACK; {RESIDUE}; SELECT pg_catalog.pg_backend_pid()::text, \
         coalesce(pg_catalog.current_setting('app.current_tenant', true), ''), \
         (pg_catalog.now() = pg_catalog.statement_timestamp())::text, \
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements)::text"
    )
}
