//! One bucket's folder.

use std::{
    fs::DirBuilder,
    io,
    path::{Path, PathBuf},
};

use object_store::{local::LocalFileSystem, path::Path as ObjectPath};
use tenancy_core::BucketName;

use super::{
    failure::Failure,
    look::{Found, look, metadata},
};

/// A bucket whose folder was seen to be one, and the driver that is rooted there.
pub(super) struct Bucket {
    folder: PathBuf,
    driver: LocalFileSystem,
}

impl Bucket {
    /// The bucket, or `None` when it was never written to. A root that is gone is a failure, not an empty store.
    pub(super) fn existing(root: &Path, name: &BucketName) -> Result<Option<Self>, Failure> {
        let folder = root.join(name.as_str());
        match metadata(&folder)? {
            Some(found) if found.is_dir() => Self::open(folder).map(Some),
            Some(_) => Err(Failure::Foreign),
            None => {
                root.symlink_metadata()?;
                Ok(None)
            }
        }
    }

    /// The bucket, made when it does not exist. The root is not made.
    pub(super) fn ensured(root: &Path, name: &BucketName) -> Result<Self, Failure> {
        if let Some(bucket) = Self::existing(root, name)? {
            return Ok(bucket);
        }
        let folder = root.join(name.as_str());
        match private().create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
            _ => sync(root)?,
        }
        Self::existing(root, name)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound).into())
    }

    fn open(folder: PathBuf) -> Result<Self, Failure> {
        // a folder that no object is left in would keep an object of its name from being written
        let driver = LocalFileSystem::new_with_prefix(&folder)?
            .with_automatic_cleanup(true)
            .with_fsync(true);
        Ok(Self { folder, driver })
    }

    /// What lies at `path`, after a last check of the path that the driver will really use.
    pub(super) fn look(&self, path: &ObjectPath) -> Result<Found, Failure> {
        let used = self.driver.path_to_filesystem(path)?;
        if used != self.folder.join(path.as_ref()) {
            return Err(Failure::Foreign);
        }
        look(&self.folder, path.as_ref().split('/'))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn driver(&self) -> &LocalFileSystem {
        &self.driver
    }
}

/// For this process's user alone.
fn private() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "permissions are set on Unix only"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Puts a new entry of `folder` on stable storage; elsewhere than on Unix a folder can't be opened for that.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
