//! Writing takes a permit: a context proves who asks, not that it may.

use tests::tenancy_core::{Result, TenantContext};
use tests::tenancy_sql::{SqlHandle, Transaction};

async fn open(core: &SqlHandle, ctx: &TenantContext) -> Result<Transaction> {
    core.begin(ctx).await
}

fn main() {}
