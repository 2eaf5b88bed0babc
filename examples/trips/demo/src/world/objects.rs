//! Which objects are where, seen on the disk.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Result, Target, failure::While};

/// How many objects lie below the first folder of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectCount {
    /// The deployment whose bucket it is.
    pub target: Target,
    /// The bucket.
    pub bucket: String,
    /// The first folder in it.
    pub prefix: String,
    /// How many objects.
    pub objects: usize,
}

/// Counts what the disk holds below `root`, whose folders are buckets.
pub(super) fn count(target: Target, root: &Path) -> Result<Vec<ObjectCount>> {
    let mut counts = BTreeMap::new();
    for bucket in folders(root)? {
        for prefix in folders(&root.join(&bucket))? {
            let objects = files_below(&root.join(&bucket).join(&prefix))?;
            counts.insert((bucket.clone(), prefix), objects.len());
        }
    }
    let row = |((bucket, prefix), objects)| ObjectCount {
        target,
        bucket,
        prefix,
        objects,
    };
    Ok(counts.into_iter().map(row).collect())
}

/// Every file below `root`.
pub(super) fn files_below(root: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(root).during(|| format!("list `{}`", root.display()))?;
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn folders(path: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(path).during(|| format!("list `{}`", path.display()))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    Ok(folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect())
}
