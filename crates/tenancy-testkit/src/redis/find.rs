//! Finds Redis on this machine, or installs it when that is allowed.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use parking_lot::Mutex;

use crate::machine::{ALLOWED, Account, ServerError, allowed, apt_get_without_service, candidate};

/// Names the program, before anything else is looked at.
const VARIABLE: &str = "TENANCY_REDIS_BIN";
/// The oldest major version whose scripts may read the clock and write.
const OLDEST: u32 = 6;
/// Redis, and the server that took over its protocol.
const NAMES: [&str; 2] = ["redis-server", "valkey-server"];
const USUAL: [&str; 3] = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

static INSTALLING: Mutex<()> = Mutex::new(());

/// The program: from the environment, on the machine, or installed when that is allowed.
pub(super) fn binary(account: Option<Account>) -> Result<PathBuf, ServerError> {
    if let Some(named) = env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        return version(&named).map(|_| named.clone()).ok_or_else(|| {
            ServerError::Missing(format!(
                "{VARIABLE} is `{}`, which is no Redis that runs: correct it or unset it",
                named.display()
            ))
        });
    }
    // tests start several at a time, and one install is enough
    let _one = INSTALLING.lock();
    if let Some(found) = on_machine() {
        return Ok(found);
    }
    if !allowed() || account.is_none() || candidate("redis-server") < Some(OLDEST) {
        return Err(missing());
    }
    let installed = apt_get_without_service("redis-server");
    on_machine().ok_or_else(|| installed.err().unwrap_or_else(missing))
}

fn missing() -> ServerError {
    ServerError::Missing(format!(
        "Redis {OLDEST} or newer is missing: install it (Debian: `apt-get install redis-server`, Fedora: `dnf \
         install valkey`, macOS: `brew install redis`), or name its program in {VARIABLE}, or set {ALLOWED}=1 to \
         let apt-get (as root) install it"
    ))
}

fn on_machine() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(USUAL.map(PathBuf::from))
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| version(program) >= Some(OLDEST))
}

/// The major version of a program that is one.
fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    version_of(&String::from_utf8(output.stdout).ok()?)
}

fn version_of(said: &str) -> Option<u32> {
    let number = said.split_whitespace().find_map(|word| word.strip_prefix("v="))?;
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read() {
        let check = |said, expect| assert_eq!(version_of(said), expect, "{said}");
        check(
            "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0",
            Some(7),
        );
        check("Valkey server v=8.1.3 sha=0", Some(8));
        check("redis-cli 7.0.15", None);
        check("", None);
    }

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        let text = missing().to_string();
        assert!(
            !text.contains('\n') && text.contains("apt-get install redis-server") && text.contains(VARIABLE)
        );
    }
}
