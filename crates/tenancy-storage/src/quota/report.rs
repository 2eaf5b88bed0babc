//! What a store lists, added up.

use crate::{ObjectKey, ObjectMeta};

/// How many folders a report names.
const FOLDERS: usize = 100;

/// Some objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many.
    pub objects: u64,
    /// Their sizes' sum, in bytes.
    pub bytes: u64,
}

impl Usage {
    fn add(&mut self, other: Self) {
        self.objects = self.objects.saturating_add(other.objects);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What one tenant has in one store, as the store lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageReport {
    /// Everything.
    pub total: Usage,
    /// The objects whose keys have one segment.
    pub top: Usage,
    /// The others by the first segment of their keys: the 100 folders with the most bytes, the largest first.
    pub folders: Vec<(ObjectKey, Usage)>,
    /// What is in folders that are not named.
    pub other_folders: Usage,
}

/// Adds up objects in the order of their keys, in which a folder's are next to each other. Its memory does not grow with
/// their number.
#[derive(Default)]
pub(super) struct Tally {
    report: UsageReport,
    open: Option<(ObjectKey, Usage)>,
}

impl Tally {
    pub(super) fn add(&mut self, object: &ObjectMeta) {
        let usage = Usage {
            objects: 1,
            bytes: object.size,
        };
        self.report.total.add(usage);
        let Some((first, _)) = object.key.as_str().split_once('/') else {
            return self.report.top.add(usage);
        };
        match &mut self.open {
            Some((folder, open)) if folder.as_str() == first => open.add(usage),
            _ => {
                self.close();
                // the first segment of a key is one
                self.open = first.parse().ok().map(|folder| (folder, usage));
            }
        }
    }

    fn close(&mut self) {
        let Some((folder, usage)) = self.open.take() else {
            return;
        };
        let folders = &mut self.report.folders;
        let at = folders.partition_point(|(_, other)| other.bytes >= usage.bytes);
        folders.insert(at, (folder, usage));
        if folders.len() > FOLDERS {
            let least = folders.pop().map(|(_, usage)| usage);
            self.report.other_folders.add(least.unwrap_or_default());
        }
    }

    pub(super) fn report(mut self) -> UsageReport {
        self.close();
        self.report
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tally(objects: &[(String, u64)]) -> UsageReport {
        let mut tally = Tally::default();
        for (key, size) in objects {
            tally.add(&ObjectMeta {
                key: key.parse().unwrap(),
                size: *size,
                etag: None,
            });
        }
        tally.report()
    }

    fn usage(objects: u64, bytes: u64) -> Usage {
        Usage { objects, bytes }
    }

    #[test]
    fn objects_are_counted_by_their_first_segment() {
        let objects = [
            ("a", 1),
            ("a-b/c", 2),
            ("a/b", 4),
            ("a/c/d", 8),
            ("b/a", 16),
            ("c", 32),
        ];
        let report = tally(&objects.map(|(key, size)| (key.to_owned(), size)));
        assert_eq!((report.total, report.top), (usage(6, 63), usage(2, 33)));
        let folders: Vec<_> = report
            .folders
            .iter()
            .map(|(key, usage)| (key.as_str(), *usage))
            .collect();
        assert_eq!(
            folders,
            [("b", usage(1, 16)), ("a", usage(2, 12)), ("a-b", usage(1, 2))]
        );
        assert_eq!(report.other_folders, Usage::default());
        assert_eq!(tally(&[]), UsageReport::default());
    }

    #[test]
    fn a_report_names_the_largest_folders() {
        let objects: Vec<_> = (0..150).map(|n| (format!("f{n:03}/x"), n)).collect();
        let report = tally(&objects);
        assert_eq!(report.folders.len(), FOLDERS);
        assert_eq!(report.folders[0].1, usage(1, 149));
        assert_eq!(report.folders[99].1, usage(1, 50));
        assert_eq!(report.other_folders, usage(50, (0..50).sum()));
    }

    proptest! {
        #[test]
        fn the_parts_are_the_whole(mut objects in prop::collection::vec(("[ab]([/ab.-]{0,3}[ab])?", 0u64..100), 0..40)) {
            objects.retain(|(key, _)| key.parse::<ObjectKey>().is_ok());
            objects.sort();
            objects.dedup_by(|a, b| a.0 == b.0);
            let report = tally(&objects);
            let mut sum = report.top;
            sum.add(report.other_folders);
            report.folders.iter().for_each(|(_, usage)| sum.add(*usage));
            prop_assert_eq!(sum, report.total);
            let names: std::collections::BTreeSet<_> = report.folders.iter().map(|(key, _)| key.clone()).collect();
            prop_assert_eq!(names.len(), report.folders.len());
        }
    }
}
