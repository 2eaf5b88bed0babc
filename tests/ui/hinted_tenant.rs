//! A tenant that a host hints at opens no store: nobody proved anything.

use tests::{
    tenancy_core::{HintedTenant, Result},
    tenancy_sql::SqlHandle,
};

async fn count(core: &SqlHandle, hinted: &HintedTenant) -> Result<()> {
    core.read(hinted).await.map(drop)
}

fn main() {}
