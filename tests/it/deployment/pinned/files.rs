//! What lies in its folder: configurations, secrets, objects.

use std::path::Path;

use secrecy::ExposeSecret;

use super::{each, held};
use crate::harness::on_trips;

#[test]
fn it_holds_its_own_secrets_and_no_other() {
    on_trips(async |trips| {
        each(trips, async |own, other, _| {
            let slug = own.slug();
            let mut expect = [
                format!("{slug}-postgres-1"),
                format!("{slug}-postgres-2"),
                "itineraries.key".to_owned(),
                "registry".to_owned(),
                "social.key".to_owned(),
            ];
            expect.sort();
            let (own, other) = (held(trips, own), held(trips, other));
            assert_eq!(own.keys().collect::<Vec<_>>(), expect.iter().collect::<Vec<_>>());
            // what one deployment's services sign, no other's could
            for (name, secret) in &own {
                let same = other
                    .values()
                    .any(|theirs| theirs.expose_secret() == secret.expose_secret());
                assert!(!same, "{name} is another deployment's too");
            }
        })
        .await;
    });
}

#[test]
fn its_folder_and_its_objects_hold_nothing_of_another() {
    on_trips(async |trips| {
        each(trips, async |own, other, markers| {
            let root = trips.world.objects_root(own.target());
            let buckets: Vec<_> = root
                .read_dir()
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(buckets, [format!("{}-uploads", own.id()).as_str()]);
            let files = files(&trips.world.folder(own.target()));
            assert!(files.len() > 5, "{files:?}");
            for (path, content) in files {
                let told = markers.iter().map(String::as_str).chain([other.slug()]);
                let told = told.filter(|marker| content.contains(marker) || path.contains(marker));
                assert_eq!(told.collect::<Vec<_>>(), Vec::<&str>::new(), "{path}");
            }
        })
        .await;
    });
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let file = |path: std::path::PathBuf| {
        let content = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        (path.display().to_string(), content)
    };
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![file(path)]
            }
        })
        .collect()
}
