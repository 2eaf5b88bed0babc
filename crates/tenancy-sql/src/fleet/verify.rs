//! That what a migration made is fenced, as the catalog has it.

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;

use super::lint::Name;

/// Tables with their rows outside of a fence: row-level security enabled and forced, the column, and a policy of each kind.
/// A partition has its table's rows, and is safe while it has either a fence or no reader but its owner.
const UNFENCED: &str = "
    SELECT n.nspname::text, c.relname::text
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't'
        AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
        AND c.relowner = (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND e.objid = c.oid AND e.deptype = 'e')
        AND NOT (c.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) a WHERE a.grantee <> c.relowner))
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity
            AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull AND NOT a.attisdropped)
            AND EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive)
            AND EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive
                AND p.polcmd = '*' AND p.polroles = '{0}'
                AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) LIKE '%tenancy.current_tenant()%'))";

/// Indexes that were left half made, and are not being made now.
const INVALID: &str = "
    SELECT n.nspname::text, c.relname::text
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)";

pub(super) async fn unfenced(connection: &mut PgConnection) -> sqlx::Result<BTreeSet<Name>> {
    names(connection, UNFENCED).await
}

pub(super) async fn invalid_indexes(connection: &mut PgConnection) -> sqlx::Result<BTreeSet<Name>> {
    names(connection, INVALID).await
}

async fn names(connection: &mut PgConnection, text: &'static str) -> sqlx::Result<BTreeSet<Name>> {
    let rows: Vec<(String, String)> = sqlx::query_as(text).fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(schema, table)| Name { schema, table })
        .collect())
}

/// The migrators' own tables, which no other role reads.
pub(super) fn is_ours(name: &Name) -> bool {
    name.schema == "public" && matches!(name.table.as_str(), "_sqlx_migrations" | "tenancy_migrations")
}
