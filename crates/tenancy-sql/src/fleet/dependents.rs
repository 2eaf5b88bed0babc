//! What of a tenant's own stands on what a migration takes away.

use sqlx::postgres::PgConnection;

use super::lint::Dropped;

/// Views, and keys of other tables, whose owner is not the table's: dropping what they stand on is refused by the server.
const DEPENDENTS: &str = "
    SELECT DISTINCT pg_catalog.pg_describe_object('pg_class'::pg_catalog.regclass, d.oid, 0)
    FROM (
        SELECT w.ev_class AS oid, p.refobjid, p.refobjsubid
        FROM pg_catalog.pg_depend p
        JOIN pg_catalog.pg_rewrite w ON p.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = p.objid
        WHERE p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        UNION ALL
        SELECT k.conrelid, k.confrelid, c.attnum::integer
        FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL pg_catalog.unnest(k.confkey) c (attnum)
        WHERE k.contype = 'f'
    ) d
    JOIN pg_catalog.pg_class own ON own.oid = d.oid
    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = $3 AND NOT a.attisdropped
    WHERE n.nspname = $1 AND c.relname = $2 AND own.relowner <> c.relowner
        AND ($3 IS NULL OR d.refobjsubid = a.attnum)
    ORDER BY 1";

/// What stands on a table or a column and belongs to somebody else.
pub(super) async fn of(connection: &mut PgConnection, dropped: &Dropped) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(DEPENDENTS)
        .bind(&dropped.table.schema)
        .bind(&dropped.table.table)
        .bind(&dropped.column)
        .fetch_all(connection)
        .await
}
