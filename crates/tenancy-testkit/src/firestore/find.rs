//! Finds the emulator and a Java on this machine. Neither is installed: the emulator comes with the vendor's SDK alone.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::machine::ServerError;

/// Names the emulator's jar, before anything else is looked at.
const VARIABLE: &str = "TENANCY_FIRESTORE_JAR";
/// Where the SDK keeps it.
const IN_SDK: &str = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar";
/// Where the SDK usually is, beside where its program says.
const USUAL: [&str; 4] = [
    "/usr/lib/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/usr/local/share/google-cloud-sdk",
    "/opt/homebrew/share/google-cloud-sdk",
];

/// What it takes to run the emulator.
pub(super) struct Program {
    pub(super) java: PathBuf,
    pub(super) jar: PathBuf,
}

/// The jar: from the environment, or of the SDK that is installed. And a Java that runs.
pub(super) fn program() -> Result<Program, ServerError> {
    let jar = match env::var_os(VARIABLE) {
        Some(named) => Some(PathBuf::from(named)).filter(|jar| jar.is_file()),
        None => sdks().map(|root| root.join(IN_SDK)).find(|jar| jar.is_file()),
    };
    let found = jar.zip(java());
    let (jar, java) = found.ok_or_else(missing)?;
    Ok(Program { java, jar })
}

fn missing() -> ServerError {
    ServerError::Missing(format!(
        "the Firestore emulator or a Java for it is missing: install them (Debian: `apt-get install \
         google-cloud-cli-firestore-emulator default-jre-headless` from the vendor's archive; else `gcloud components \
         install cloud-firestore-emulator` and a Java 17 or newer), or name the jar in {VARIABLE}"
    ))
}

/// Where the SDK may be.
fn sdks() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let beside: Vec<PathBuf> = env::split_paths(&path).filter_map(|bin| root(&bin)).collect();
    let home = env::var_os("HOME").map(|home| PathBuf::from(home).join("google-cloud-sdk"));
    beside.into_iter().chain(home).chain(USUAL.map(PathBuf::from))
}

/// The SDK's folder, when `bin` has its program.
fn root(bin: &Path) -> Option<PathBuf> {
    let gcloud = bin.join("gcloud").canonicalize().ok()?;
    Some(gcloud.parent()?.parent()?.to_owned())
}

/// `JAVA_HOME`'s, or that of the path.
fn java() -> Option<PathBuf> {
    let home = env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin/java"));
    let path = env::var_os("PATH").unwrap_or_default();
    home.into_iter()
        .chain(env::split_paths(&path).map(|bin| bin.join("java")))
        .find(|java| runs(java))
}

fn runs(java: &Path) -> bool {
    let mut command = Command::new(java);
    command
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_one_line() {
        let text = missing().to_string();
        assert!(
            !text.contains('\n') && text.contains("gcloud components install") && text.contains(VARIABLE)
        );
    }
}
