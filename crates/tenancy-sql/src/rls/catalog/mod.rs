//! A schema as the server knows it. Names that end up in SQL are quoted by the server; `raw` ones are not.

mod facts;
mod index;
mod other;
mod reference;
mod rule;
mod table;

use std::collections::HashMap;

use sqlx::postgres::PgConnection;

pub(super) use self::facts::Facts;
pub(super) use self::index::Index;
pub(super) use self::other::{Other, OtherKind};
pub(super) use self::reference::{Action, Reference};
pub(super) use self::rule::{Check, Policy, Trigger};
pub(super) use self::table::{Column, Rights, Table};
use super::Declaration;

/// Which relations are looked at: an application's own, not the server's, ours or an extension's.
macro_rules! ours {
    () => {
        " n.nspname NOT IN ('pg_catalog', 'information_schema', 'tenancy') AND n.nspname !~ '^pg_(toast|temp)' \
          AND c.relpersistence <> 't' \
          AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') "
    };
}
use ours;

/// What was read, in one snapshot.
#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) facts: Facts,
    /// Tables and partitions, by name.
    pub(super) tables: Vec<Table>,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    pub(super) references: Vec<Reference>,
    pub(super) checks: Vec<Check>,
    pub(super) policies: Vec<Policy>,
    pub(super) triggers: Vec<Trigger>,
    /// Views, materialised views, foreign tables, sequences and functions that matter.
    pub(super) others: Vec<Other>,
    /// What the declaration's names mean; `None` is no table.
    pub(super) named: HashMap<String, Option<i64>>,
}

impl Catalog {
    /// Reads it. Sets the session's `search_path` to `pg_catalog`, so that the server writes each name with its schema.
    pub(super) async fn read(connection: &mut PgConnection, declared: &Declaration) -> sqlx::Result<Self> {
        let named = resolve(connection, declared).await?;
        let mut snapshot = sqlx::Connection::begin(connection).await?;
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .execute(&mut *snapshot)
            .await?;
        let role = declared.role.as_str();
        let catalog = Self {
            facts: facts::read(&mut snapshot, role).await?,
            tables: table::read(&mut snapshot, role).await?,
            columns: table::columns(&mut snapshot).await?,
            indexes: index::read(&mut snapshot).await?,
            references: reference::read(&mut snapshot).await?,
            checks: rule::checks(&mut snapshot).await?,
            policies: rule::policies(&mut snapshot, role).await?,
            triggers: rule::triggers(&mut snapshot).await?,
            others: other::read(&mut snapshot, role).await?,
            named,
        };
        snapshot.commit().await?;
        Ok(catalog)
    }

    pub(super) fn table(&self, oid: i64) -> Option<&Table> {
        self.tables.iter().find(|table| table.oid == oid)
    }

    /// Its name, for a message.
    pub(super) fn name(&self, oid: i64) -> &str {
        self.table(oid).map_or("?", |table| &table.name)
    }

    pub(super) fn columns_of(&self, oid: i64) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |column| column.table == oid)
    }

    /// A partitioned table's partitions at all depths, those without partitions of their own first; nothing for any other.
    pub(super) fn below(&self, oid: i64) -> Vec<&Table> {
        let mut found = Vec::new();
        for table in self.tables.iter().filter(|table| table.parent == Some(oid)) {
            found.extend(self.below(table.oid));
            found.push(table);
        }
        found.sort_by_key(|table| table.partitioned());
        found
    }

    /// Where the rows are: the table itself, or those of its partitions that have any.
    pub(super) fn leaves<'a>(&'a self, table: &'a Table) -> Vec<&'a Table> {
        if table.partitioned() {
            let below = self.below(table.oid).into_iter();
            below.filter(|node| !node.partitioned()).collect()
        } else {
            vec![table]
        }
    }

    /// The table and its partitions.
    pub(super) fn nodes<'a>(&'a self, table: &'a Table) -> Vec<&'a Table> {
        let mut nodes = self.below(table.oid);
        nodes.push(table);
        nodes
    }
}

/// In the session's own `search_path`, as whoever wrote the names means them.
async fn resolve(
    connection: &mut PgConnection,
    declared: &Declaration,
) -> sqlx::Result<HashMap<String, Option<i64>>> {
    sqlx::query("RESET search_path").execute(&mut *connection).await?;
    let rows: Vec<(String, Option<i64>)> = sqlx::query_as(
        "SELECT name, pg_catalog.to_regclass(name)::oid::int8 FROM pg_catalog.unnest($1) name",
    )
    .bind(declared.tables())
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query("SET search_path = pg_catalog")
        .execute(&mut *connection)
        .await?;
    Ok(rows.into_iter().collect())
}
