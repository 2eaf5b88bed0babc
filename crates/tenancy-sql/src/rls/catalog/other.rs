//! What else shows rows, or is needed to write them.

use sqlx::postgres::PgConnection;

use super::{Rights, ours, table::rights};

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Other {
    pub(in crate::rls) oid: i64,
    pub(in crate::rls) schema: String,
    pub(in crate::rls) name: String,
    kind: String,
    /// A view that reads as its reader.
    pub(in crate::rls) invoker: bool,
    /// The tables whose defaults call this sequence.
    pub(in crate::rls) users: Vec<i64>,
    #[sqlx(flatten)]
    pub(in crate::rls) rights: Rights,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rls) enum OtherKind {
    View,
    Materialised,
    Foreign,
    Sequence,
    Definer,
}

impl Other {
    pub(in crate::rls) fn kind(&self) -> OtherKind {
        match self.kind.as_str() {
            "v" => OtherKind::View,
            "m" => OtherKind::Materialised,
            "f" => OtherKind::Foreign,
            "S" => OtherKind::Sequence,
            _ => OtherKind::Definer,
        }
    }
}

const RELATIONS: &str = concat!(
    "SELECT c.oid::int8 AS oid, format('%I', n.nspname) AS schema, format('%I.%I', n.nspname, c.relname) AS name,
        c.relkind::text AS kind,
        EXISTS (SELECT FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'security_invoker'
                AND lower(o.option_value) IN ('true', 'on', 'yes', '1')) AS invoker,
        ARRAY (SELECT DISTINCT d.adrelid::int8 FROM pg_depend e JOIN pg_attrdef d ON d.oid = e.objid
               WHERE e.classid = 'pg_attrdef'::regclass AND e.refclassid = 'pg_class'::regclass AND e.refobjid = c.oid
               ORDER BY 1) AS users,",
    rights!(),
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('v', 'm', 'f', 'S') AND ",
    ours!(),
    "UNION ALL
     SELECT p.oid::int8, format('%I', n.nspname), p.oid::regprocedure::text, 'definer', false, '{}', '{}', '{}', false
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'tenancy')
     ORDER BY 3"
);

pub(super) async fn read(connection: &mut PgConnection, role: &str) -> sqlx::Result<Vec<Other>> {
    sqlx::query_as(RELATIONS).bind(role).fetch_all(connection).await
}
