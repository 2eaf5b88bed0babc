//! The server's program: named by the environment, or built by Go into the cache, once for each state of its source.

use std::{
    env,
    fs::{self, File, Permissions},
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::machine::{ALLOWED, Account, ServerError, While, allowed, cache, run};

/// Names the program, before anything else is looked at.
const VARIABLE: &str = "TENANCY_OBJECT_SERVER_BIN";
const SOURCE: [(&str, &str); 6] = [
    ("go.mod", include_str!("program/go.mod")),
    ("go.sum", include_str!("program/go.sum")),
    ("main.go", include_str!("program/main.go")),
    ("conditions.go", include_str!("program/conditions.go")),
    ("multipart.go", include_str!("program/multipart.go")),
    ("resumable.go", include_str!("program/resumable.go")),
];

/// The program. Blocks, for minutes when Go has to fetch and build it.
pub(super) fn binary(account: Option<Account>) -> Result<PathBuf, ServerError> {
    if let Some(named) = env::var_os(VARIABLE) {
        return Ok(named.into());
    }
    let folder = cache(account).join(format!("object-server-{:016x}", state()));
    let program = folder.join("object-server");
    if program.exists() {
        return Ok(program);
    }
    if !allowed() || !has_go() {
        return Err(missing());
    }
    make(&folder)?;
    // of any number of processes, one builds
    let lock = File::create(folder.join("lock")).during(|| format!("lock `{}`", folder.display()))?;
    lock.lock().during(|| format!("lock `{}`", folder.display()))?;
    if !program.exists() {
        build(&folder, &program)?;
    }
    Ok(program)
}

fn state() -> u64 {
    let mut hasher = DefaultHasher::new();
    SOURCE.hash(&mut hasher);
    hasher.finish()
}

fn has_go() -> bool {
    Command::new("go")
        .arg("version")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Builds beside the place and renames, so that the program is whole or absent.
fn build(folder: &Path, program: &Path) -> Result<(), ServerError> {
    let source = folder.join("source");
    make(&source)?;
    for (name, text) in SOURCE {
        let file = source.join(name);
        fs::write(&file, text).during(|| format!("write `{}`", file.display()))?;
    }
    let fresh = folder.join("object-server.new");
    run(Command::new("go")
        .current_dir(&source)
        .env("CGO_ENABLED", "0")
        .args(["build", "-trimpath", "-o"])
        .arg(&fresh)
        .arg("."))?;
    // the server's user is not the one who built it
    fs::set_permissions(&fresh, Permissions::from_mode(0o755))
        .and_then(|()| fs::rename(&fresh, program))
        .during(|| format!("make `{}`", program.display()))
}

fn make(folder: &Path) -> Result<(), ServerError> {
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, Permissions::from_mode(0o755)))
        .during(|| format!("make `{}`", folder.display()))
}

fn missing() -> ServerError {
    ServerError::Missing(format!(
        "the object server is missing: install Go 1.26 or newer (Debian: `apt-get install golang-go`, macOS: `brew \
         install go`) and set {ALLOWED}=1 to let it build the server, or name a built one in {VARIABLE}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        let text = missing().to_string();
        assert!(!text.contains('\n') && text.contains("install Go") && text.contains(VARIABLE));
    }
}
