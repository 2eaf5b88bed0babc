//! Shared cells, and which one a new tenant goes to.

use std::collections::BTreeSet;

use sqlx::Row;
use tenancy_core::{DatabaseName, Error, Kind, Location, Result, TenantRecord, names};

use super::{
    Registry,
    connect::{bounded, commit},
    refusal::refused,
};
use crate::{Cell, NewTenant};

impl Registry {
    /// Adds a cell, or changes one. Tenants who are there already count. A closed cell keeps its tenants and gets no more.
    ///
    /// # Errors
    ///
    /// `Invalid` for a name, a capacity or a weight that can't be; `Conflict` when it has more tenants than that.
    pub async fn set_cell(&self, cell: &Cell) -> Result<()> {
        bounded(async {
            let mut tx = self.begin().await?;
            sqlx::query("SELECT registry.set_cell($1, $2, $3, $4)")
                .bind(&cell.name)
                .bind(cell.capacity)
                .bind(cell.weight)
                .bind(cell.closed)
                .execute(&mut *tx)
                .await
                .map_err(refused)?;
            commit(tx).await
        })
        .await
    }

    /// Every cell, and how many tenants it has, by name.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the registry does not answer.
    pub async fn cells(&self) -> Result<Vec<(Cell, i32)>> {
        bounded(async {
            let mut tx = self.begin().await?;
            let text = "SELECT name, capacity, weight, closed, tenants FROM registry.cells ORDER BY name";
            let rows = sqlx::query(text).fetch_all(&mut *tx).await.map_err(refused)?;
            let cell = |row: sqlx::postgres::PgRow| {
                let cell = Cell {
                    name: row.try_get(0)?,
                    capacity: row.try_get(1)?,
                    weight: row.try_get(2)?,
                    closed: row.try_get(3)?,
                };
                Ok((cell, row.try_get(4)?))
            };
            rows.into_iter().map(cell).collect()
        })
        .await
    }

    /// Creates a tenant, as [`create`](Self::create), with `databases` in the open cell that has the most free room, by its
    /// weight. Made again, it answers the place that it was given first.
    ///
    /// # Errors
    ///
    /// As there, and `Unavailable` when no cell has room: add one.
    pub async fn create_in_cell(&self, new: &NewTenant, databases: &[DatabaseName]) -> Result<TenantRecord> {
        if self.is_made(new).await? {
            return self.tenant(new.id).await;
        }
        let made = bounded(async {
            let mut tx = self.begin().await?;
            let chosen: String = sqlx::query_scalar("SELECT registry.choose_cell()")
                .fetch_one(&mut *tx)
                .await
                .map_err(refused)?;
            let placed = placed(new, &chosen, databases)?;
            self.create_within(tx, &placed).await
        })
        .await;
        match made {
            Err(error) if error.kind() != Kind::Conflict || !self.is_made(new).await? => Err(error),
            _ => self.tenant(new.id).await,
        }
    }

    /// Every place where a tenant has a database: what a fleet migration must reach.
    ///
    /// # Errors
    ///
    /// `Unavailable` when the registry does not answer.
    pub async fn sql_locations(&self) -> Result<BTreeSet<Location>> {
        bounded(async {
            let mut tx = self.begin().await?;
            let text = "SELECT DISTINCT e.value FROM registry.tenants t, pg_catalog.jsonb_each_text(t.sql) e";
            let places: Vec<String> = sqlx::query_scalar(text)
                .fetch_all(&mut *tx)
                .await
                .map_err(refused)?;
            let parsed = places.iter().map(|place| place.parse::<Location>());
            parsed.collect::<Result<_, _>>().map_err(|error| {
                Error::internal("the registry has a place that is no location").with_source(error)
            })
        })
        .await
    }
}

fn placed(new: &NewTenant, cell: &str, databases: &[DatabaseName]) -> Result<NewTenant> {
    let mut placed = new.clone();
    for database in databases {
        let location = names::cell_location(cell, database)
            .ok_or_else(|| Error::internal("a cell's name makes no location"))?;
        placed.placement.sql.insert(database.clone(), location);
    }
    Ok(placed)
}
