//! Which rows are where, seen by the superuser, whom no policy stops.

use std::collections::BTreeMap;

use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tenancy_core::{Location, TenantId};
use uuid::Uuid;

use super::{Failure, Result, Store, failure::While, role::connect};

/// How many rows of each tenant a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCount {
    /// Where the database is.
    pub location: Location,
    /// The database's name on the server.
    pub database: String,
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// How many rows, by tenant.
    pub rows: BTreeMap<TenantId, u64>,
}

/// Every table with tenants' rows.
const TABLES: &str = "
    SELECT n.nspname::text, c.relname::text, format('%I.%I', n.nspname, c.relname)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2";

pub(super) async fn count(store: &Store) -> Result<Vec<RowCount>> {
    let what = || format!("look into `{}`", store.location);
    let mut superuser = connect(&store.database.superuser_url).await?;
    let tables: Vec<(String, String, String)> = sqlx::query_as(TABLES)
        .fetch_all(&mut superuser)
        .await
        .during(what)?;
    let mut counts = Vec::new();
    for (schema, table, quoted) in tables {
        let rows = by_tenant(&mut superuser, &quoted).await?;
        let (location, database) = (store.location.clone(), store.database.name.clone());
        counts.push(RowCount {
            location,
            database,
            schema,
            table,
            rows,
        });
    }
    superuser.close().await.during(what)?;
    Ok(counts)
}

/// `quoted` comes from the catalogue, quoted by the server.
async fn by_tenant(superuser: &mut PgConnection, quoted: &str) -> Result<BTreeMap<TenantId, u64>> {
    let query = format!("SELECT tenant_id, count(*) FROM {quoted} GROUP BY 1");
    let rows: Vec<(TenantId, i64)> = sqlx::query_as(AssertSqlSafe(query))
        .fetch_all(superuser)
        .await
        .during(|| format!("count {quoted}"))?;
    Ok(rows
        .into_iter()
        .map(|(tenant, rows)| (tenant, rows.unsigned_abs()))
        .collect())
}

/// The envelope of one export beside another.
pub(super) async fn swap_envelope(superuser: &SecretString, from: &str, to: &str) -> Result<()> {
    let what = || "forge an envelope".to_owned();
    let [from, to]: [Uuid; 2] = [from.parse().during(what)?, to.parse().during(what)?];
    let swap = "UPDATE exports SET envelope = (SELECT envelope FROM exports WHERE id = $1) WHERE id = $2";
    let swap = sqlx::query(swap).bind(from).bind(to);
    let done = swap.execute(&mut connect(superuser).await?).await.during(what)?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(Failure::new(what(), "no such export")),
    }
}
