//! Tables, partitions and their columns.

use sqlx::postgres::PgConnection;

use super::ours;

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Table {
    pub(in crate::rls) oid: i64,
    pub(in crate::rls) schema: String,
    pub(in crate::rls) raw: String,
    /// `schema.table`.
    pub(in crate::rls) name: String,
    kind: String,
    /// The table it is a partition of, or inherits from.
    pub(in crate::rls) parent: Option<i64>,
    pub(in crate::rls) partition: bool,
    pub(in crate::rls) fenced: bool,
    pub(in crate::rls) forced: bool,
    pub(in crate::rls) comment: Option<String>,
    /// The default of its `tenant_id`.
    pub(in crate::rls) tenant_default: Option<String>,
    #[sqlx(flatten)]
    pub(in crate::rls) rights: Rights,
}

/// What is granted on a relation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Rights {
    /// To the role that will serve.
    pub(in crate::rls) role: Vec<String>,
    /// To everybody.
    pub(in crate::rls) public: Vec<String>,
    /// The role may use the schema.
    pub(in crate::rls) reaches_schema: bool,
}

impl Table {
    pub(in crate::rls) fn partitioned(&self) -> bool {
        self.kind == "p"
    }

    /// Filled by the database from the session: the last phase has been here.
    pub(in crate::rls) fn defaulted(&self) -> bool {
        self.tenant_default.as_deref() == Some("tenancy.current_tenant()")
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Column {
    pub(in crate::rls) table: i64,
    pub(in crate::rls) raw: String,
    pub(in crate::rls) name: String,
    #[sqlx(rename = "type")]
    pub(in crate::rls) kind: String,
    pub(in crate::rls) required: bool,
}

/// The rights of the role `$1` on `c`, for those who read a relation. Rights on columns count as rights.
macro_rules! rights {
    () => {
        " ARRAY (SELECT DISTINCT item.privilege_type FROM (
                SELECT c.relacl AS acl UNION ALL SELECT a.attacl FROM pg_attribute a WHERE a.attrelid = c.oid) lists
            CROSS JOIN LATERAL aclexplode(lists.acl) item
            WHERE item.grantee = (SELECT oid FROM pg_roles WHERE rolname = $1) ORDER BY 1) AS role,
          ARRAY (SELECT DISTINCT item.privilege_type FROM (
                SELECT c.relacl AS acl UNION ALL SELECT a.attacl FROM pg_attribute a WHERE a.attrelid = c.oid) lists
            CROSS JOIN LATERAL aclexplode(lists.acl) item WHERE item.grantee = 0 ORDER BY 1) AS public,
          coalesce((SELECT has_schema_privilege(oid, n.oid, 'USAGE') FROM pg_roles WHERE rolname = $1), false) AS reaches_schema "
    };
}
pub(super) use rights;

const TABLES: &str = concat!(
    "SELECT c.oid::int8 AS oid, format('%I', n.nspname) AS schema, c.relname::text AS raw,
        format('%I.%I', n.nspname, c.relname) AS name, c.relkind::text AS kind,
        (SELECT i.inhparent::int8 FROM pg_inherits i WHERE i.inhrelid = c.oid LIMIT 1) AS parent,
        c.relispartition AS partition, c.relrowsecurity AS fenced, c.relforcerowsecurity AS forced,
        obj_description(c.oid, 'pg_class') AS comment,
        (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a
            JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS tenant_default,",
    rights!(),
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND ",
    ours!(),
    "ORDER BY 4"
);

pub(super) async fn read(connection: &mut PgConnection, role: &str) -> sqlx::Result<Vec<Table>> {
    sqlx::query_as(TABLES).bind(role).fetch_all(connection).await
}

const COLUMNS: &str = concat!(
    "SELECT c.oid::int8 AS table, a.attname::text AS raw, format('%I', a.attname) AS name,
        format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND ",
    ours!(),
    "ORDER BY c.oid, a.attnum"
);

pub(super) async fn columns(connection: &mut PgConnection) -> sqlx::Result<Vec<Column>> {
    sqlx::query_as(COLUMNS).fetch_all(connection).await
}
