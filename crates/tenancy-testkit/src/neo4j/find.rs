//! Finds Neo4j's jars and a Java that runs them, or has Maven fetch the jars into the cache.

use std::{
    env,
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::machine::{ALLOWED, Account, ServerError, While, allowed, cache, run, runs};

/// Names the folder of the jars, before anything else is looked at.
const VARIABLE: &str = "TENANCY_NEO4J_LIB";
/// The release with long-term support that runs on Java 17.
const RELEASE: &str = "5.26.30";
const POM: &str = include_str!("pom.xml");

/// What runs Neo4j.
pub(super) struct Program {
    pub(super) java: PathBuf,
    /// The folder of its jars.
    pub(super) lib: PathBuf,
}

/// The jars: from the environment, from the cache, or fetched into it when that is allowed. Blocks, for a minute when they are
/// fetched.
pub(super) fn program(account: Option<Account>) -> Result<Program, ServerError> {
    let java = java().ok_or_else(missing)?;
    if let Some(named) = env::var_os(VARIABLE) {
        let lib = PathBuf::from(named);
        return Ok(Program { java, lib });
    }
    let folder = cache(account).join(format!("neo4j-{RELEASE}"));
    let lib = folder.join("lib");
    if !lib.exists() {
        if !allowed() || !runs("mvn") {
            return Err(missing());
        }
        fetch(&folder, &lib)?;
    }
    Ok(Program { java, lib })
}

/// Of any number of processes, one fetches. Beside the place, then renamed: the folder is whole or absent.
fn fetch(folder: &Path, lib: &Path) -> Result<(), ServerError> {
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, Permissions::from_mode(0o755)))
        .during(|| format!("make `{}`", folder.display()))?;
    let lock = File::create(folder.join("lock")).during(|| format!("lock `{}`", folder.display()))?;
    lock.lock().during(|| format!("lock `{}`", folder.display()))?;
    if lib.exists() {
        return Ok(());
    }
    fs::write(folder.join("pom.xml"), POM).during(|| format!("write into `{}`", folder.display()))?;
    let fresh = folder.join("lib.new");
    // what is there, if anything, is the rest of something that failed
    let _ = fs::remove_dir_all(&fresh);
    run(Command::new("mvn")
        .current_dir(folder)
        .args([
            "-q",
            "-B",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
        ])
        .arg("-DoutputDirectory=lib.new"))?;
    readable(&fresh)
        .and_then(|()| fs::rename(&fresh, lib))
        .during(|| format!("make `{}`", lib.display()))
}

/// The server's user is not the one who fetched them.
fn readable(folder: &Path) -> std::io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    for jar in folder.read_dir()? {
        fs::set_permissions(jar?.path(), Permissions::from_mode(0o644))?;
    }
    Ok(())
}

/// The Java that `JAVA_HOME` names, or the first on the path.
fn java() -> Option<PathBuf> {
    let home = env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    home.into_iter()
        .chain(env::split_paths(&path))
        .map(|folder| folder.join("java"))
        .find(|java| java.exists())
}

fn missing() -> ServerError {
    ServerError::Missing(format!(
        "Neo4j {RELEASE} is missing: install Java 17 and Maven (Debian: `apt-get install openjdk-17-jre-headless maven`, \
         macOS: `brew install openjdk@17 maven`) and set {ALLOWED}=1 to let Maven fetch its jars, or name the folder of \
         its jars in {VARIABLE}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        let text = missing().to_string();
        assert!(!text.contains('\n') && text.contains("maven") && text.contains(VARIABLE));
    }

    #[test]
    fn the_release_is_the_poms() {
        assert!(POM.contains(&format!("<version>{RELEASE}</version>")));
    }
}
