//! Secrets in files that nobody else can read.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::Write,
    path::Path,
};

use secrecy::{ExposeSecret, SecretString};

use super::{Result, failure::While};

/// A folder for this user only.
pub(super) fn folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .during(|| format!("create `{}`", path.display()))
}

/// A new file for this user only.
pub(super) fn write(path: &Path, content: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(content.as_bytes()));
    written.during(|| format!("write `{}`", path.display()))
}

/// A secret in a file, and the reference to it.
pub(super) fn keep(path: &Path, secret: &SecretString) -> Result<String> {
    write(path, secret.expose_secret())?;
    Ok(format!("file:{}", path.display()))
}
