//! The texts that rules look at.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::manifest::Manifest;
use crate::cargo::cargo;

/// Every source and text file of the workspace, and the dependencies that cargo resolves for it.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// By path from the workspace's folder, with `/`.
    pub(crate) files: BTreeMap<String, String>,
    /// A line for each resolved package: `name vX.Y.Z [(source)];licence`.
    pub(crate) dependencies: String,
}

const KINDS: [&str; 6] = ["rs", "toml", "lock", "md", "sql", "sh"];

impl Repository {
    /// Reads the workspace, without what git does not keep.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.extend(kept(path));
                } else if path
                    .extension()
                    .is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
                {
                    let name = path
                        .strip_prefix(root)
                        .unwrap_or(&path)
                        .to_string_lossy()
                        .into_owned();
                    files.insert(name, fs::read_to_string(&path)?);
                }
            }
        }
        Ok(Self {
            files,
            dependencies: dependencies()?,
        })
    }

    /// The files whose path ends so.
    pub(crate) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        let all = self
            .files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        all.filter(move |(path, _)| path.ends_with(end))
    }

    /// The manifests of the workspace's members. A package that is a workspace of its own is none of them.
    pub(crate) fn members(&self) -> impl Iterator<Item = Manifest> {
        let manifests = self.ending("/Cargo.toml");
        manifests
            .filter_map(|(path, text)| Manifest::parse(path, text))
            .filter(|manifest| !manifest.table.contains_key("workspace"))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self {
            files: files.collect(),
            dependencies: String::new(),
        }
    }
}

fn kept(folder: PathBuf) -> Option<PathBuf> {
    let name = folder.file_name()?.to_string_lossy().into_owned();
    (name != "target" && !name.starts_with('.')).then_some(folder)
}

/// Asks cargo, whose resolver knows which optional dependencies are really built.
fn dependencies() -> io::Result<String> {
    let words = [
        "tree",
        "--workspace",
        "--all-features",
        "--target",
        "all",
        "--prefix",
        "none",
    ];
    let output = cargo(&words).args(["--quiet", "--format", "{p};{l}"]).output()?;
    if !output.status.success() {
        return Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}
