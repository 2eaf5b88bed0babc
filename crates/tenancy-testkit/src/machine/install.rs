//! Installs through a package manager that the machine has, when the caller allows it.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{
    error::{ServerError, While},
    process::tail,
};

/// Debian's own switch against services that start with their package: it exits with 101.
const SERVICE_SWITCH: &str = "/usr/sbin/policy-rc.d";
/// Allows an install when it is `1`: `cargo xtask` sets it.
pub(crate) const ALLOWED: &str = "TENANCY_INSTALL";

/// Whether the caller allows an install.
pub(crate) fn allowed() -> bool {
    env::var_os(ALLOWED).is_some_and(|value| value == "1")
}

/// The major version of a package that `apt-get` would install; `None` without `apt-get` or without the package.
pub(crate) fn candidate(package: &str) -> Option<u32> {
    let look = || {
        let output = Command::new("apt-cache")
            .args(["policy", package])
            .output()
            .ok()?;
        candidate_of(&String::from_utf8(output.stdout).ok()?)
    };
    runs("apt-get").then_some(())?;
    look().or_else(|| {
        run(Command::new("apt-get").args(["update", "--quiet"])).ok()?;
        look()
    })
}

/// The major version that `apt-cache policy` says, without the epoch before it.
fn candidate_of(policy: &str) -> Option<u32> {
    let line = policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate:"))?;
    let version = line
        .trim()
        .split_once(':')
        .map_or(line.trim(), |(_, version)| version);
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Installs one package, as root.
pub(crate) fn apt_get(package: &str) -> Result<(), ServerError> {
    let mut install = Command::new("apt-get");
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("UCF_FORCE_CONFFOLD", "1")
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(["-o", "Dpkg::Options::=--force-confold"])
        .args(["-o", "DPkg::Lock::Timeout=300", package]);
    if run(&mut install).is_ok() {
        return Ok(());
    }
    // the lists may name files that the archive has replaced
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(&mut install)
}

/// Installs a package without the server that the distribution would run from it: neither now nor at the next boot.
pub(crate) fn apt_get_without_service(package: &str) -> Result<(), ServerError> {
    let switch = Path::new(SERVICE_SWITCH);
    let ours = !switch.exists();
    if ours {
        deny(switch).during(|| format!("write `{SERVICE_SWITCH}`"))?;
    }
    let installed = apt_get(package);
    if ours {
        let _ = fs::remove_file(switch);
    }
    installed?;
    run(Command::new("update-rc.d").args([package, "disable"]))
}

fn deny(switch: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::write(switch, "#!/bin/sh\nexit 101\n")?;
    fs::set_permissions(switch, fs::Permissions::from_mode(0o755))
}

/// Whether a program is there and says its version.
pub(crate) fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a package manager. Says so first: it takes a while, and a person waits.
pub(crate) fn run(command: &mut Command) -> Result<(), ServerError> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let text: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let text = text.join(" ");
    eprintln!("a server is missing; running `{text}`");
    let output = command
        .stdin(Stdio::null())
        .output()
        .during(|| format!("run `{text}`"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(ServerError::Install {
        command: text,
        output: tail(&String::from_utf8_lossy(&said)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_apt_would_install_is_read() {
        let check = |policy: &str, expect| assert_eq!(candidate_of(policy), expect, "{policy}");
        check(
            "postgresql:\n  Installed: (none)\n  Candidate: 17+278\n  Version table:\n",
            Some(17),
        );
        check("  Candidate: 5:7.0.15-1~deb12u10\n", Some(7));
        check("  Candidate: (none)\n", None);
        check("", None);
    }
}
