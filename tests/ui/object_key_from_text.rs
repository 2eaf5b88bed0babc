//! An object key is parsed: text from a caller is none.

use tests::tenancy_core::{Result, TenantContext};
use tests::tenancy_storage::{Object, ObjectHandle};

async fn download(uploads: &ObjectHandle, ctx: &TenantContext, name: &str) -> Result<Object> {
    uploads.get(ctx, name).await
}

fn main() {}
