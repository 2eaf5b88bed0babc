//! A copy of the checkout, to break things in.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{cache, cargo::workspace};

/// A copy of the checkout as it was when the run began, held by one run at a time. What is in it already is not written
/// again, so that it is not built again.
pub(super) struct Tree {
    copy: PathBuf,
    /// What was changed, as it was before.
    changed: BTreeMap<String, String>,
    /// Held for as long as this lives.
    _lock: File,
}

impl Tree {
    /// Copies what git keeps, and what it would: as it is in the checkout, committed or not.
    pub(super) fn copy() -> Result<Self, String> {
        let folder = cache::target().join("mutants");
        let say = |error: io::Error| format!("can't use `{}`: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(say)?;
        let lock = File::create(folder.join("lock")).map_err(say)?;
        lock.try_lock()
            .map_err(|_| format!("another run uses `{}`", folder.display()))?;
        let (from, copy) = (workspace(), folder.join("tree"));
        let files = kept(&from)?;
        remove_others(&copy, &copy, &files).map_err(say)?;
        for file in &files {
            bring(&from.join(file), &copy.join(file))
                .map_err(|error| format!("can't copy `{}`: {error}", file.display()))?;
        }
        Ok(Self {
            copy,
            changed: BTreeMap::new(),
            _lock: lock,
        })
    }

    /// Where the copy is.
    pub(super) fn folder(&self) -> &Path {
        &self.copy
    }

    /// Where it is built.
    pub(super) fn target(&self) -> PathBuf {
        self.copy.with_file_name("target")
    }

    /// A file's text as it is now.
    pub(super) fn read(&self, file: &str) -> Result<String, String> {
        fs::read_to_string(self.copy.join(file)).map_err(|error| format!("can't read `{file}`: {error}"))
    }

    /// Changes a file of the copy.
    pub(super) fn write(&mut self, file: &str, text: &str) -> Result<(), String> {
        let before = self.read(file)?;
        self.changed.entry(file.to_owned()).or_insert(before);
        self.put(file, text)
    }

    /// Takes every change back.
    pub(super) fn restore(&mut self) -> Result<(), String> {
        for (file, text) in std::mem::take(&mut self.changed) {
            self.put(&file, &text)?;
        }
        Ok(())
    }

    fn put(&self, file: &str, text: &str) -> Result<(), String> {
        fs::write(self.copy.join(file), text).map_err(|error| format!("can't write `{file}`: {error}"))
    }
}

/// Writes only what differs: cargo goes by the time.
fn bring(from: &Path, to: &Path) -> io::Result<()> {
    let text = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).map(drop)
}

fn kept(checkout: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(words).current_dir(checkout).output();
    let output = output.map_err(|error| format!("can't run `git`: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let names = String::from_utf8(output.stdout).map_err(|_| "a file's name is no text".to_owned())?;
    let names = names.split_terminator('\0').map(PathBuf::from);
    // one that was removed is still in the index
    Ok(names.filter(|name| checkout.join(name).is_file()).collect())
}

/// Takes away what an earlier run copied and is no more.
fn remove_others(root: &Path, folder: &Path, files: &BTreeSet<PathBuf>) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(root, &path, files)?;
        } else if !path.strip_prefix(root).is_ok_and(|name| files.contains(name)) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_is_there_already_keeps_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("a/to"));
        fs::write(&from, "one").unwrap();
        bring(&from, &to).unwrap();
        let old = File::options().write(true).open(&to).unwrap();
        old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let time = || fs::metadata(&to).unwrap().modified().unwrap();
        bring(&from, &to).unwrap();
        assert_eq!(time(), SystemTime::UNIX_EPOCH);
        fs::write(&from, "two").unwrap();
        bring(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "two");
        assert_ne!(time(), SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn what_is_no_more_goes() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        for file in ["a/stays", "a/goes", "goes"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let files = BTreeSet::from([PathBuf::from("a/stays")]);
        remove_others(folder.path(), folder.path(), &files).unwrap();
        assert!(folder.path().join("a/stays").exists());
        assert!(!folder.path().join("a/goes").exists() && !folder.path().join("goes").exists());
    }
}
