//! Where objects are on the disk.

use std::{collections::BTreeMap, path::Path};

use super::{Result, error::While};

/// How many objects lie below one prefix of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectCount {
    /// The bucket.
    pub bucket: String,
    /// The first folder in it.
    pub prefix: String,
    /// How many objects.
    pub objects: usize,
}

/// Counts what the disk holds.
pub(super) fn count(root: &Path) -> Result<Vec<ObjectCount>> {
    let mut counts = BTreeMap::new();
    for bucket in folders(root)? {
        for prefix in folders(&root.join(&bucket))? {
            let objects = files(&root.join(&bucket).join(&prefix))?;
            counts.insert((bucket.clone(), prefix), objects);
        }
    }
    let row = |((bucket, prefix), objects)| ObjectCount { bucket, prefix, objects };
    Ok(counts.into_iter().map(row).collect())
}

fn folders(path: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(path).during("read a bucket")?;
    let names = entries.flatten().filter(|entry| entry.path().is_dir());
    Ok(names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

fn files(path: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(path).during("read a bucket")?.flatten() {
        count += if entry.path().is_dir() { files(&entry.path())? } else { 1 };
    }
    Ok(count)
}
