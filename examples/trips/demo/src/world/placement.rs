//! Where each tier's stores are.

use std::collections::BTreeMap;

use tenancy_core::{DatabaseName, Epoch, KeyLayout, Location, Placement, TenantId, TenantSlug, Tier, names};

use super::{Failure, Result, failure::While};

/// The shared cell that the Free tenants are in.
const CELL: &str = "free-1";
/// The logical databases: a Free tenant has the first, others have one instance for each.
const DATABASES: [(&str, u8); 3] = [("core", 1), ("social", 2), ("insights", 3)];

/// Where a tenant's stores are.
pub(super) fn of(id: TenantId, slug: &TenantSlug, tier: Tier) -> Result<Placement> {
    let free = tier == Tier::Free;
    let mut sql = BTreeMap::new();
    for (name, instance) in DATABASES.into_iter().take(if free { 1 } else { DATABASES.len() }) {
        let name: DatabaseName = name.parse().during(|| format!("name the database `{name}`"))?;
        let location = if free {
            names::cell_location(CELL, &name)
        } else {
            names::sql_location(slug, instance)
        };
        sql.insert(name, location.ok_or_else(|| nowhere(slug))?);
    }
    let layout = if free {
        KeyLayout::TenantPrefix
    } else {
        KeyLayout::Dedicated
    };
    let uploads = "uploads"
        .parse()
        .during(|| "name the store `uploads`".to_owned())?;
    let objects = names::objects(id, layout).ok_or_else(|| nowhere(slug))?;
    Ok(Placement {
        epoch: Epoch(0),
        sql,
        objects: BTreeMap::from([(uploads, objects)]),
        documents: Default::default(),
        graph: Default::default(),
    })
}

/// What a location is called where dots and hyphens are not allowed.
pub(super) fn plain(location: &Location) -> String {
    location.as_str().replace(['.', '-'], "_")
}

fn nowhere(slug: &TenantSlug) -> Failure {
    Failure::new(format!("place `{slug}`"), "its stores have no legal name")
}
