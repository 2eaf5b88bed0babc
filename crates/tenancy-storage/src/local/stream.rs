//! Content of any size.

use futures::StreamExt;
use object_store::{MultipartUpload, ObjectStoreExt, path::Path as ObjectPath};
use tenancy_core::{Error, Result};
use uuid::Uuid;

use super::{bucket::Bucket, failure::Failure};
use crate::{PutMode, backend::Content};

/// Writes beside the object, and gives the whole its name at the end: its size and its entity tag.
pub(super) async fn write(
    bucket: &Bucket,
    path: &ObjectPath,
    content: Content,
    mode: PutMode,
) -> Result<(u64, Option<String>)> {
    match mode {
        PutMode::Replace => upload(bucket, path, content).await,
        PutMode::Create => {
            let beside = beside()?;
            let written = upload(bucket, &beside, content).await?;
            let named = bucket.driver().rename_if_not_exists(&beside, path).await;
            if let Err(error) = named {
                let _ = bucket.driver().delete(&beside).await;
                return Err(Failure::from(error).into());
            }
            Ok(written)
        }
    }
}

/// A path that no key has, for what the driver can't write where nothing may be replaced.
pub(super) fn beside() -> Result<ObjectPath> {
    ObjectPath::parse(format!("~{}", Uuid::now_v7().simple()))
        .map_err(|_| Error::internal("the driver refuses a path of the SDK's own; report it as a bug"))
}

async fn upload(bucket: &Bucket, path: &ObjectPath, content: Content) -> Result<(u64, Option<String>)> {
    let mut upload = bucket.driver().put_multipart(path).await.map_err(Failure::from)?;
    match fill(&mut *upload, content).await {
        Ok(size) => {
            let written = upload.complete().await.map_err(Failure::from)?;
            Ok((size, written.e_tag))
        }
        Err(error) => {
            let _ = upload.abort().await;
            Err(error)
        }
    }
}

async fn fill(upload: &mut dyn MultipartUpload, mut content: Content) -> Result<u64> {
    let mut size = 0;
    while let Some(chunk) = content.next().await {
        let chunk = chunk?;
        size += chunk.len() as u64;
        upload.put_part(chunk.into()).await.map_err(Failure::from)?;
    }
    Ok(size)
}
