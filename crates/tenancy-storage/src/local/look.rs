//! What lies at a path, without following anything.

use std::{fs::Metadata, io, path::Path};

use super::failure::Failure;

/// What lies at a path of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// An object.
    Object,
    /// A folder of objects.
    Folder,
    /// A segment before the last one is an object.
    BelowObject,
}

/// Walks down from `folder`, segment by segment, and refuses whatever is no plain folder or file.
///
/// This keeps out what someone with access to the disk left in a bucket. Against someone who swaps a folder for a
/// link between this look and the driver's, it is the file system's permissions that stand.
pub(super) fn look<'a>(folder: &Path, segments: impl Iterator<Item = &'a str>) -> Result<Found, Failure> {
    let mut path = folder.to_owned();
    let mut found = Found::Folder;
    for segment in segments {
        if found == Found::Object {
            return Ok(Found::BelowObject);
        }
        path.push(segment);
        let Some(metadata) = metadata(&path)? else {
            return Ok(Found::Nothing);
        };
        found = kind(&metadata)?;
    }
    Ok(found)
}

/// Of the path itself, not of what it links to; `None` when nothing is there.
pub(super) fn metadata(path: &Path) -> io::Result<Option<Metadata>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn kind(metadata: &Metadata) -> Result<Found, Failure> {
    if metadata.is_dir() {
        Ok(Found::Folder)
    } else if metadata.is_file() {
        Ok(Found::Object)
    } else {
        Err(Failure::Foreign)
    }
}
