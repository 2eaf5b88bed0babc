//! Writing takes a permit: a context proves who asks, not that it may.

use tenancy_core::{Result, TenantContext};
use tenancy_sql::{SqlHandle, Transaction};

async fn open(core: &SqlHandle, ctx: &TenantContext) -> Result<Transaction> {
    core.begin(ctx).await
}

fn main() {}
