//! Foreign keys.

use sqlx::postgres::PgConnection;

use super::ours;

#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::rls) struct Reference {
    pub(in crate::rls) table: i64,
    pub(in crate::rls) target: i64,
    pub(in crate::rls) raw: String,
    /// It came with the partitioned table's one, or was taken into it.
    pub(in crate::rls) inherited: bool,
    pub(in crate::rls) valid: bool,
    pub(in crate::rls) columns: Vec<String>,
    pub(in crate::rls) target_columns: Vec<String>,
    /// How the target's column (left) is compared with ours.
    pub(in crate::rls) operators: Vec<String>,
    /// The columns that a deleted target changes, when not all of them.
    pub(in crate::rls) delete_columns: Vec<String>,
    on_update: String,
    on_delete: String,
    pub(in crate::rls) full: bool,
    pub(in crate::rls) deferrable: bool,
    pub(in crate::rls) deferred: bool,
}

/// What happens to a row when its target changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rls) enum Action {
    Nothing,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    fn of(letter: &str) -> Self {
        match letter {
            "r" => Self::Restrict,
            "c" => Self::Cascade,
            "n" => Self::SetNull,
            "d" => Self::SetDefault,
            _ => Self::Nothing,
        }
    }
}

impl Reference {
    pub(in crate::rls) fn on_update(&self) -> Action {
        Action::of(&self.on_update)
    }

    pub(in crate::rls) fn on_delete(&self) -> Action {
        Action::of(&self.on_delete)
    }

    /// It compares the tenants of both ends.
    pub(in crate::rls) fn knows_tenants(&self) -> bool {
        let mut pairs = self.columns.iter().zip(&self.target_columns);
        pairs.any(|(here, there)| here == "tenant_id" && there == "tenant_id")
    }

    /// It is `other` within the tenant.
    pub(in crate::rls) fn is_twin_of(&self, other: &Self) -> bool {
        let led = |own: &[String], old: &[String]| {
            own.split_first()
                .is_some_and(|(first, rest)| first == "tenant_id" && rest == old)
        };
        self.target == other.target
            && led(&self.columns, &other.columns)
            && led(&self.target_columns, &other.target_columns)
    }
}

const REFERENCES: &str = concat!(
    "SELECT c.oid::int8 AS table, k.confrelid::int8 AS target, k.conname::text AS raw, k.conparentid <> 0 AS inherited,
        k.convalidated AS valid,
        ARRAY (SELECT format('%I', a.attname) FROM unnest(k.conkey) WITH ORDINALITY u (num, at)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY at) AS columns,
        ARRAY (SELECT format('%I', a.attname) FROM unnest(k.confkey) WITH ORDINALITY u (num, at)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY at) AS target_columns,
        ARRAY (SELECT format('OPERATOR(%I.%s)', s.nspname, o.oprname) FROM unnest(k.conpfeqop) WITH ORDINALITY u (op, at)
               JOIN pg_operator o ON o.oid = u.op JOIN pg_namespace s ON s.oid = o.oprnamespace ORDER BY at) AS operators,
        ARRAY (SELECT format('%I', a.attname) FROM unnest(k.confdelsetcols) WITH ORDINALITY u (num, at)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY at) AS delete_columns,
        k.confupdtype::text AS on_update, k.confdeltype::text AS on_delete, k.confmatchtype = 'f' AS full,
        k.condeferrable AS deferrable, k.condeferred AS deferred
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype = 'f'
       -- not those that a partitioned target made for its partitions
       AND NOT EXISTS (SELECT FROM pg_constraint up WHERE up.oid = k.conparentid AND up.conrelid = k.conrelid) AND ",
    ours!(),
    "ORDER BY c.oid, k.conname"
);

pub(super) async fn read(connection: &mut PgConnection) -> sqlx::Result<Vec<Reference>> {
    sqlx::query_as(REFERENCES).fetch_all(connection).await
}
