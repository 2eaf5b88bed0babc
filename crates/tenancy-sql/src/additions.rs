//! What an Enterprise tenant adds to its own database.

use sqlx::{AssertSqlSafe, Connection, Executor, postgres::PgConnection};
use tenancy_core::{Error, Result, TenantId};

use crate::{RoleName, rls::Identifier};

/// A tenant's own schema in its database, and the role that fills it.
#[derive(Clone, Debug)]
pub struct Additions {
    /// The schema, which is the service's owner's: the role makes tables in it and can't drop it.
    pub schema: Identifier,
    /// The tenant's role, with `LOGIN` and nothing else. Whoever provisions it makes it.
    pub role: RoleName,
    /// The tenant.
    pub tenant: TenantId,
}

impl Additions {
    /// Makes the schema and gives the role its rights: it makes what it likes in the schema, reads the service's fenced tables,
    /// and does nothing else to them. Repeatable; to be repeated after a migration that makes a table, which the role can't
    /// read before.
    ///
    /// # Guarantees
    ///
    /// - The role owns nothing of the service's, so that it makes no trigger, rule or policy there; it has no right to refer
    ///   to a table of the service's, so that no row of its own keeps one of the service's from being deleted.
    /// - It reads its tenant's rows, whatever it sets `app.current_tenant` to: a wall of its own on each table names the
    ///   tenant. So it is safe where other tenants' rows are, though nobody should need it there.
    /// - The role that serves can't use the schema, so that nothing in it is called by the service.
    ///
    /// # Caveats
    ///
    /// A view of the role's on a column keeps a migration from dropping it: [`fleet`](crate::fleet) finds and names such views
    /// before it drops. `app.current_tenant` must be set for the role, best by `ALTER ROLE … IN DATABASE … SET`.
    ///
    /// # Errors
    ///
    /// `Conflict` when there is no such role, it can do more than the above, or the schema is somebody else's.
    pub async fn ensure(&self, owner: &mut PgConnection) -> Result<()> {
        let mut transaction = owner.begin().await?;
        transaction.execute("SET LOCAL lock_timeout = '3s'").await?;
        if let Some(excess) = self.excess(&mut transaction).await? {
            return Err(Error::conflict("the role can't have additions").with_log(excess));
        }
        let (schema, role) = (&self.schema, &self.role);
        let own = format!(
            "CREATE SCHEMA IF NOT EXISTS {schema}; REVOKE ALL ON SCHEMA {schema} FROM PUBLIC; \
             GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}; GRANT USAGE ON SCHEMA tenancy TO {role}; \
             GRANT EXECUTE ON FUNCTION tenancy.current_tenant() TO {role}"
        );
        transaction.execute(AssertSqlSafe(own)).await?;
        for statement in self.rights(&mut transaction).await? {
            transaction.execute(AssertSqlSafe(statement)).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// What the role could do that it must not.
    async fn excess(&self, owner: &mut PgConnection) -> Result<Option<String>> {
        let query = sqlx::query_scalar(EXCESS)
            .bind(self.role.as_str())
            .bind(self.schema.as_str());
        Ok(query.fetch_optional(owner).await?)
    }

    /// The statements that are still to be run.
    async fn rights(&self, owner: &mut PgConnection) -> Result<Vec<String>> {
        let query = sqlx::query_scalar(RIGHTS)
            .bind(self.role.as_str())
            .bind(self.schema.as_str())
            .bind(self.tenant.as_uuid().to_string());
        Ok(query.fetch_all(owner).await?)
    }
}

const EXCESS: &str = "
    WITH role AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = $1)
    SELECT 'there is no such role' WHERE NOT EXISTS (SELECT FROM role)
    UNION ALL SELECT 'it has a power beyond LOGIN' FROM role
        WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
    UNION ALL SELECT 'it is a member of another role' FROM role
        WHERE EXISTS (SELECT FROM pg_catalog.pg_auth_members m WHERE m.member = role.oid)
    UNION ALL SELECT pg_catalog.format('the schema `%s` is not of the role that migrates', n.nspname)
        FROM pg_catalog.pg_namespace n
        WHERE n.nspname = $2 AND pg_catalog.pg_get_userbyid(n.nspowner) <> current_user
    UNION ALL SELECT 'it owns something outside of its schema' FROM role
        WHERE EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relowner = role.oid AND n.nspname <> $2 AND n.nspname !~ '^pg_(toast|temp)')
            OR EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspowner = role.oid)
            OR EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                WHERE p.proowner = role.oid AND n.nspname <> $2)
    UNION ALL SELECT pg_catalog.format('it may do more than read `%I.%I`', n.nspname, c.relname)
        FROM role CROSS JOIN pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT role.rolsuper AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
            AND n.nspname NOT IN ('information_schema', $2)
            AND (pg_catalog.has_table_privilege($1, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                OR pg_catalog.has_any_column_privilege($1, c.oid, 'INSERT, UPDATE, REFERENCES'))
    UNION ALL SELECT 'it may make schemas or temporary tables' FROM role
        WHERE pg_catalog.has_database_privilege($1, pg_catalog.current_database(), 'CREATE, TEMPORARY')
    UNION ALL SELECT pg_catalog.format('it may create in the schema `%s`', n.nspname)
        FROM role CROSS JOIN pg_catalog.pg_namespace n
        WHERE n.nspname <> $2 AND n.nspname !~ '^pg_' AND pg_catalog.has_schema_privilege($1, n.oid, 'CREATE')
    LIMIT 1";

/// A wall that names the tenant, and then the right to read, for each of the service's fenced tables that has not both.
const RIGHTS: &str = "
    WITH fenced AS (
        SELECT c.oid, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
            pg_catalog.format('additions_%s', r.oid) AS policy
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_roles r ON r.rolname = $1
        WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
            AND n.nspname NOT IN ('tenancy', $2) AND pg_catalog.pg_get_userbyid(c.relowner) = current_user
    ), wall AS (
        SELECT p.polrelid, p.polname,
            pg_catalog.strpos(pg_catalog.pg_get_expr(p.polqual, p.polrelid), $3) > 0 AND NOT p.polpermissive AS stands
        FROM pg_catalog.pg_policy p
    ), statement (step, name, text) AS (
        SELECT 1, f.name, pg_catalog.format('DROP POLICY %I ON %s', f.policy, f.name)
        FROM fenced f JOIN wall w ON w.polrelid = f.oid AND w.polname = f.policy WHERE NOT w.stands
        UNION ALL
        SELECT 2, f.name, pg_catalog.format('CREATE POLICY %I ON %s AS RESTRICTIVE FOR ALL TO %I
            USING (tenant_id = %L::uuid) WITH CHECK (tenant_id = %L::uuid)', f.policy, f.name, $1, $3, $3)
        FROM fenced f WHERE NOT EXISTS (SELECT FROM wall w WHERE w.polrelid = f.oid AND w.polname = f.policy AND w.stands)
        UNION ALL
        SELECT 3, f.name, pg_catalog.format('GRANT SELECT ON %s TO %I', f.name, $1)
        FROM fenced f WHERE NOT pg_catalog.has_table_privilege($1, f.oid, 'SELECT')
        UNION ALL
        SELECT DISTINCT 3, f.nspname, pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', f.nspname, $1)
        FROM fenced f WHERE NOT pg_catalog.has_schema_privilege($1, f.nspname, 'USAGE')
        UNION ALL
        SELECT 3, '', pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', pg_catalog.current_database(), $1)
        WHERE NOT pg_catalog.has_database_privilege($1, pg_catalog.current_database(), 'CONNECT')
    )
    SELECT text FROM statement ORDER BY step, name";
