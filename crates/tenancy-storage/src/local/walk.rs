//! The keys below a folder, in order, without following anything.

use std::{
    io::{
        self,
        ErrorKind::{NotADirectory, NotFound},
    },
    path::Path,
    sync::Weak,
};

use crate::{Listing, ObjectKey, key::MAX_KEY};

/// Collects keys in the order of their bytes, one more than a page holds: whether there is one says whether another
/// page follows. Stops when nobody waits for the keys any more.
pub(super) struct Walk {
    after: Option<ObjectKey>,
    most: usize,
    waiting: Weak<()>,
    keys: Vec<ObjectKey>,
}

impl Walk {
    pub(super) fn new(listing: &Listing, waiting: Weak<()>) -> Self {
        Self {
            after: listing.after.clone(),
            most: listing.limit + 1,
            waiting,
            keys: Vec::new(),
        }
    }

    /// The keys in `folder`, all of which begin with `prefix`: empty, or with its closing slash.
    pub(super) fn keys(mut self, folder: &Path, prefix: &str) -> io::Result<Vec<ObjectKey>> {
        self.visit(folder, prefix)?;
        Ok(self.keys)
    }

    fn visit(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for (name, is_folder) in entries(folder)? {
            if self.keys.len() >= self.most || self.waiting.strong_count() == 0 {
                break;
            }
            let text = format!("{prefix}{name}");
            if !is_folder {
                // what is no key is no object: files that are being written, and what others left
                let key = text.parse::<ObjectKey>().ok();
                self.keys
                    .extend(key.filter(|key| self.after.as_ref().is_none_or(|after| key > after)));
            } else if text.len() < MAX_KEY && self.may_hold_later_keys(&text) {
                self.visit(&folder.join(name), &text)?;
            }
        }
        Ok(())
    }

    /// Whether a key that begins with `prefix` can be greater than the cursor.
    fn may_hold_later_keys(&self, prefix: &str) -> bool {
        let after = self.after.as_ref().map(ObjectKey::as_str);
        after.is_none_or(|after| prefix > after || after.starts_with(prefix))
    }
}

/// The files and folders in `folder`. A folder's name has its closing slash, which puts it in the order of the keys
/// below it: `a-b` before `a/b` before `a0`. A folder that went away meanwhile, or gave way to an object, is empty.
fn entries(folder: &Path) -> io::Result<Vec<(String, bool)>> {
    let read = match folder.read_dir() {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(Vec::new()),
        read => read?,
    };
    let mut entries = Vec::new();
    for entry in read {
        let entry = entry?;
        let kind = entry.file_type()?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if kind.is_dir() {
            entries.push((name + "/", true));
        } else if kind.is_file() {
            entries.push((name, false));
        }
    }
    entries.sort_unstable();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn walk(root: &Path, listing: &Listing) -> Vec<String> {
        let waiting = Arc::new(());
        let walk = Walk::new(listing, Arc::downgrade(&waiting));
        walk.keys(root, "")
            .unwrap()
            .into_iter()
            .map(String::from)
            .collect()
    }

    fn lay_out(keys: &[String]) -> (tempfile::TempDir, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        let mut laid = Vec::new();
        for key in keys {
            let path = root.path().join(key);
            // a key that clashes with another's folder is left out
            if std::fs::create_dir_all(path.parent().unwrap()).is_ok() && std::fs::write(&path, "").is_ok() {
                laid.push(key.clone());
            }
        }
        laid.sort();
        laid.dedup();
        (root, laid)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_walk_is_the_sorted_keys_after_the_cursor(
            keys in prop::collection::vec("[ab][-./0ab]{0,4}[ab]", 0..12),
            cursor in prop::option::of("[ab][-./0ab]{0,3}[ab]"),
            limit in 1usize..8,
        ) {
            let keys: Vec<String> = keys.into_iter().filter(|k| k.parse::<ObjectKey>().is_ok()).collect();
            let (root, laid) = lay_out(&keys);
            let cursor: Option<ObjectKey> = cursor.and_then(|text| text.parse().ok());
            let later = laid.into_iter().filter(|key| cursor.as_ref().is_none_or(|c| key.as_str() > c.as_str()));
            let expect: Vec<String> = later.take(limit + 1).collect();
            let listing = Listing { folder: None, after: cursor, limit };
            prop_assert_eq!(walk(root.path(), &listing), expect);
        }
    }

    #[test]
    fn a_walk_ends_when_nobody_waits() {
        let (root, _) = lay_out(&["a".to_owned()]);
        let walk = Walk::new(&Listing::all(), Weak::new());
        assert!(walk.keys(root.path(), "").unwrap().is_empty());
    }
}
