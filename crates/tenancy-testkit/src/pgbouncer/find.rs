//! Finds PgBouncer on this machine, or installs it when that is allowed.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use parking_lot::Mutex;

use crate::machine::{ALLOWED, Account, ServerError, allowed, apt_get_without_service, candidate};

/// Names the program, before anything else is looked at.
const VARIABLE: &str = "TENANCY_PGBOUNCER_BIN";
const USUAL: [&str; 4] = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

static INSTALLING: Mutex<()> = Mutex::new(());

/// The program: from the environment, on the machine, or installed when that is allowed.
pub(super) fn binary(account: Option<Account>) -> Result<PathBuf, ServerError> {
    if let Some(named) = env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        return runs(&named).then(|| named.clone()).ok_or_else(|| {
            ServerError::Missing(format!(
                "{VARIABLE} is `{}`, which is no PgBouncer that runs: correct it or unset it",
                named.display()
            ))
        });
    }
    // tests start several at a time, and one install is enough
    let _one = INSTALLING.lock();
    if let Some(found) = on_machine() {
        return Ok(found);
    }
    if !allowed() || account.is_none() || candidate("pgbouncer").is_none() {
        return Err(missing());
    }
    let installed = apt_get_without_service("pgbouncer");
    on_machine().ok_or_else(|| installed.err().unwrap_or_else(missing))
}

fn missing() -> ServerError {
    ServerError::Missing(format!(
        "PgBouncer is missing: install it (Debian: `apt-get install pgbouncer`, Fedora: `dnf install pgbouncer`, \
         macOS: `brew install pgbouncer`), or name its program in {VARIABLE}, or set {ALLOWED}=1 to let apt-get (as \
         root) install it"
    ))
}

fn on_machine() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(USUAL.map(PathBuf::from))
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| runs(program))
}

fn runs(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| output.stdout.starts_with(b"PgBouncer "))
}
