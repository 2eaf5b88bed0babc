//! The physical databases.

use sqlx::migrate::Migrator;
use tenancy_core::{DatabaseName, Location};
use tenancy_testkit::{Database, Postgres};

use super::{Result, Tenant, failure::While, placement::plain, role::connect};

/// A physical database, at a location that placements name.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where it is.
    pub location: Location,
    /// What services call it.
    pub name: DatabaseName,
    /// How to reach it.
    pub database: Database,
}

/// Creates every database that the tenants' placements name, with its schema.
pub(super) async fn create(postgres: &Postgres, tenants: &[Tenant]) -> Result<Vec<Store>> {
    let mut stores: Vec<Store> = Vec::new();
    let placed = tenants.iter().flat_map(|tenant| &tenant.record.placement.sql);
    for (name, location) in placed {
        if !stores.iter().any(|store| store.location == *location) {
            stores.push(store(postgres, name, location).await?);
        }
    }
    Ok(stores)
}

async fn store(postgres: &Postgres, name: &DatabaseName, location: &Location) -> Result<Store> {
    let what = || format!("create the database at `{location}`");
    let plain = plain(location);
    let (owner, runtime) = (format!("{plain}_owner"), format!("{plain}_runtime"));
    let physical = location.as_str().replace('.', "-");
    let database = postgres
        .create_database(&physical, &owner, &runtime)
        .await
        .during(what)?;
    let runtime = runtime.parse().during(what)?;
    let mut owner = connect(&database.owner_url).await?;
    let migrated = match name.as_str() {
        "core" => tenancy_sql::migrate(&mut owner, &itineraries::MIGRATOR, &runtime).await,
        "social" => tenancy_sql::migrate(&mut owner, &social::MIGRATOR, &runtime).await,
        // its service is still to come: the database is there, with tenancy's own schema
        _ => tenancy_sql::migrate(&mut owner, &Migrator::with_migrations(Vec::new()), &runtime).await,
    };
    migrated.during(what)?;
    Ok(Store {
        location: location.clone(),
        name: name.clone(),
        database,
    })
}
