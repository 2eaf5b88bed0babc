//! The job: one export, made in the name of who asked for it.

use tenancy::{DataWrite, Permit, Result, SqlHandle, TenantContext};

use super::{model::ExportId, queries};
use crate::itinerary::{self, Viewer};

/// How many itineraries an export has at most: the newest.
const MOST: i64 = 1000;

/// Reads what the asker sees by now, and puts it where the job was. Done twice, it is done once.
pub(super) async fn make(core: &SqlHandle, ctx: &TenantContext, id: ExportId) -> Result<()> {
    let permit = Permit::<DataWrite>::check(ctx)?;
    let mut tx = core.begin(&permit).await?;
    let seen = itinerary::queries::newest(&mut tx, Viewer::of(ctx), MOST).await?;
    queries::make(&mut tx, id, &seen).await?;
    tx.commit().await
}
