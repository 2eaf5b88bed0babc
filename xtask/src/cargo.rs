//! Cargo, as every task runs it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::cache;

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    // as cargo says at run time: this program may have been built for another checkout
    let ours = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let ours = Path::new(&ours);
    ours.parent().unwrap_or(ours).to_owned()
}

/// `cargo WORDS` in the workspace, with the cache's target folder. Always with `--workspace`: a single package gets
/// other features, and its dependencies would be built again.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(words)
        .current_dir(workspace())
        .env("CARGO_TARGET_DIR", cache::target());
    services(&mut command);
    command
}

/// Lets what is run install a missing service, into the same cache.
pub(crate) fn services(command: &mut Command) {
    command
        .env(
            "TENANCY_INSTALL",
            env::var_os("TENANCY_INSTALL").unwrap_or_else(|| "1".into()),
        )
        .env("TENANCY_CACHE", cache::folder());
}
