//! Indexes, and the keys that stand on them.

use sqlx::postgres::PgConnection;

use super::ours;

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Index {
    pub(in crate::rls) oid: i64,
    pub(in crate::rls) table: i64,
    pub(in crate::rls) raw: String,
    pub(in crate::rls) name: String,
    /// The schema's name, quoted; an index is where its table is.
    pub(in crate::rls) schema: String,
    /// The index of the partitioned table that this one is a part of.
    pub(in crate::rls) parent: Option<i64>,
    pub(in crate::rls) unique: bool,
    pub(in crate::rls) primary: bool,
    pub(in crate::rls) excludes: bool,
    pub(in crate::rls) valid: bool,
    pub(in crate::rls) method: String,
    /// What follows the parenthesis of its definition: its columns, and the rest.
    pub(in crate::rls) rest: Option<String>,
    /// Its key's columns by name; an expression has none.
    pub(in crate::rls) key: Vec<Option<String>>,
    /// The constraint it stands for.
    pub(in crate::rls) constraint: Option<String>,
    pub(in crate::rls) deferrable: bool,
    pub(in crate::rls) deferred: bool,
    /// Views that group by this key.
    pub(in crate::rls) views: Vec<String>,
    /// The table's replica identity.
    pub(in crate::rls) identity: bool,
}

impl Index {
    /// The tenant is part of its key.
    pub(in crate::rls) fn knows_tenants(&self) -> bool {
        self.key.iter().flatten().any(|column| column == "tenant_id")
    }

    /// What a twin's definition holds after the parenthesis.
    pub(in crate::rls) fn led(&self) -> Option<String> {
        self.rest.as_ref().map(|rest| format!("tenant_id, {rest}"))
    }

    pub(in crate::rls) fn timing(&self) -> &'static str {
        match (self.deferrable, self.deferred) {
            (false, _) => "",
            (true, false) => " DEFERRABLE",
            (true, true) => " DEFERRABLE INITIALLY DEFERRED",
        }
    }
}

const INDEXES: &str = concat!(
    "SELECT x.oid::int8 AS oid, c.oid::int8 AS table, x.relname::text AS raw, format('%I.%I', n.nspname, x.relname) AS name,
        format('%I', n.nspname) AS schema,
        (SELECT h.inhparent::int8 FROM pg_inherits h WHERE h.inhrelid = x.oid) AS parent,
        i.indisunique AS unique, i.indisprimary AS primary, i.indisexclusion AS excludes, i.indisvalid AS valid,
        am.amname::text AS method,
        CASE WHEN starts_with(pg_get_indexdef(x.oid), prefix.text)
             THEN substr(pg_get_indexdef(x.oid), length(prefix.text) + 1) END AS rest,
        ARRAY (SELECT quote_ident(a.attname) FROM generate_series(0, i.indnkeyatts - 1) at
               LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[at] AND a.attnum > 0
               ORDER BY at) AS key,
        k.conname::text AS constraint, coalesce(k.condeferrable, false) AS deferrable, coalesce(k.condeferred, false) AS deferred,
        ARRAY (SELECT DISTINCT r.ev_class::regclass::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
               WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid
               ORDER BY 1) AS views,
        i.indisreplident AS identity
     FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am am ON am.oid = x.relam
     LEFT JOIN pg_constraint k ON k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')
     CROSS JOIN LATERAL (SELECT format('CREATE %sINDEX %I ON %s%I.%I USING %I (', CASE WHEN i.indisunique THEN 'UNIQUE ' END,
        x.relname, CASE WHEN x.relkind = 'I' THEN 'ONLY ' END, n.nspname, c.relname, am.amname) AS text) prefix
     WHERE c.relkind IN ('r', 'p') AND ",
    ours!(),
    "ORDER BY 4"
);

pub(super) async fn read(connection: &mut PgConnection) -> sqlx::Result<Vec<Index>> {
    sqlx::query_as(INDEXES).fetch_all(connection).await
}
