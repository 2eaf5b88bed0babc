//! Which tables and views the role reaches, by the catalogue.

use sqlx::PgConnection;

use super::{IsolationError, relation::Relation, session::within};

const REACHABLE: &str = "
    SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind IN ('r', 'p') AS stores,
           EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
                   AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped) AS tenant,
           ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                 ORDER BY a.attnum) AS columns,
           ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a
                 JOIN (SELECT i.indkey FROM pg_index i
                       WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid
                         AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnatts = i.indnkeyatts
                       ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1) k ON a.attnum = ANY (k.indkey)
                 WHERE a.attrelid = c.oid) AS key,
           ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
                 WHERE has_table_privilege(c.oid, p)) AS rights
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
      AND has_schema_privilege(n.oid, 'USAGE')
      AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
           OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
    ORDER BY 1";

/// Asked as the role itself.
pub(super) async fn relations(runtime: &mut PgConnection) -> Result<Vec<Relation>, IsolationError> {
    let query = sqlx::query_as(REACHABLE).fetch_all(runtime);
    let relations: Vec<Relation> = within("read the catalogue", query).await?;
    if relations.is_empty() {
        return Err(IsolationError::Nothing);
    }
    relations.iter().try_for_each(|relation| {
        let refuse = |problem| {
            Err(IsolationError::Table {
                table: relation.name.clone(),
                problem,
            })
        };
        match (relation.tenant, relation.in_parts()) {
            (false, _) => refuse(
                "is reachable and has no `tenant_id` of type uuid: fence it, or revoke every right on it",
            ),
            (_, true) => refuse("is granted in parts, or for no use: the suite asks about whole tables"),
            _ => Ok(()),
        }
    })?;
    Ok(relations)
}
