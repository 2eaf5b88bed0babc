//! The owner's side: brings the seal into a database, changes its key, takes it out.

use sqlx::{AssertSqlSafe, Connection, Executor, Row, postgres::PgConnection};

use super::{SealError, SealKey};
use crate::RoleName;

/// Without its own right to it the serving role could not call what it must.
const KEYS: &str = "CREATE TABLE IF NOT EXISTS tenancy.seal_key \
     (id text PRIMARY KEY, inner_pad bytea NOT NULL, outer_pad bytea NOT NULL); \
     REVOKE ALL ON tenancy.seal_key FROM PUBLIC";
const READERS: &str = "SELECT coalesce(r.rolname, 'PUBLIC')::text FROM pg_catalog.pg_class c \
     CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee \
     WHERE c.oid = 'tenancy.seal_key'::regclass AND a.grantee <> c.relowner";
const OWNER: &str = "SELECT pg_catalog.current_database()::text, current_user::text, \
     pg_catalog.has_database_privilege(current_database(), 'TEMPORARY'), pg_catalog.to_regclass('tenancy.seal_key') IS NOT NULL, \
     (SELECT p.prosecdef FROM pg_catalog.pg_proc p WHERE p.oid = 'tenancy.current_tenant()'::regprocedure)";
const UNSEALED: &str = "CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid \
     LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER \
     AS $$ SELECT pg_catalog.current_setting('app.current_tenant')::pg_catalog.uuid $$";
const DROP: &str = "DROP FUNCTION IF EXISTS tenancy.seal_open(uuid, text, bytea), tenancy.seal_hello(); \
     DROP TABLE IF EXISTS tenancy.seal_key";

struct Owner {
    database: String,
    role: String,
    temporary: bool,
    installed: bool,
    enforced: bool,
}

impl Owner {
    async fn of(owner: &mut PgConnection) -> Result<Self, SealError> {
        let row = sqlx::query(OWNER).fetch_one(owner).await?;
        Ok(Self {
            database: row.try_get(0)?,
            role: row.try_get(1)?,
            temporary: row.try_get(2)?,
            installed: row.try_get(3)?,
            enforced: row.try_get(4)?,
        })
    }
}

/// Brings the seal and `key` into a database whose schema is [`migrate`](crate::migrate)d, for the role that serves. Nothing
/// is enforced by it: unsealed services go on. Repeatable; a second key is one more that is good. The key is sent as data of
/// a COPY, which no log holds.
///
/// # Errors
///
/// [`SealError::OwnerWithoutTemporary`] or [`SealError::KeyIsReadable`] when it would not hold; `Database` for the rest.
pub async fn install(owner: &mut PgConnection, key: &SealKey, runtime: &RoleName) -> Result<(), SealError> {
    let who = Owner::of(owner).await?;
    if !who.temporary {
        return Err(SealError::OwnerWithoutTemporary(who.database, who.role));
    }
    let mut transaction = owner.begin().await?;
    let functions = format!("{KEYS}; {}; {}", functions(), grants(runtime));
    transaction.execute(AssertSqlSafe(functions)).await?;
    let readers: Option<String> = sqlx::query_scalar(READERS)
        .fetch_optional(&mut *transaction)
        .await?;
    if let Some(reader) = readers {
        return Err(SealError::KeyIsReadable(reader));
    }
    // nobody adds the same key meanwhile: the server would write its line into the log
    transaction
        .execute("LOCK TABLE tenancy.seal_key IN SHARE ROW EXCLUSIVE MODE")
        .await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM tenancy.seal_key WHERE id = $1)")
        .bind(key.id())
        .fetch_one(&mut *transaction)
        .await?;
    if !known {
        store(&mut transaction, key).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn store(connection: &mut PgConnection, key: &SealKey) -> sqlx::Result<()> {
    let (inner, outer) = (key.pad(0x36), key.pad(0x5c));
    let text = "COPY tenancy.seal_key (id, inner_pad, outer_pad) FROM STDIN";
    let mut copy = connection.copy_in_raw(text).await?;
    for part in [key.id(), "\t\\\\x", &inner, "\t\\\\x", &outer, "\n"] {
        copy.send(part.as_bytes()).await?;
    }
    copy.finish().await?;
    Ok(())
}

/// From here on a session without a seal reads and writes nothing. Repeatable.
///
/// # Errors
///
/// [`SealError::NotInstalled`] without a key; `Database` for the rest.
pub async fn enforce(owner: &mut PgConnection) -> Result<(), SealError> {
    if !Owner::of(owner).await?.installed {
        return Err(SealError::NotInstalled);
    }
    owner.execute(AssertSqlSafe(sealed())).await?;
    Ok(())
}

/// The setting alone says the tenant again. Repeatable; sealed services go on.
///
/// # Errors
///
/// `Database` when the server refuses.
pub async fn relax(owner: &mut PgConnection) -> Result<(), SealError> {
    owner.execute(UNSEALED).await?;
    Ok(())
}

/// Takes a key out: connections that were opened with it are refused when they next change their tenant, and the pool
/// opens others with the key that its reference then names.
///
/// # Errors
///
/// [`SealError::LastKey`] for the only one; `Database` for the rest.
pub async fn retire(owner: &mut PgConnection, key: &SealKey) -> Result<(), SealError> {
    let mut transaction = owner.begin().await?;
    transaction
        .execute("LOCK TABLE tenancy.seal_key IN SHARE ROW EXCLUSIVE MODE")
        .await?;
    let retire = sqlx::query("DELETE FROM tenancy.seal_key WHERE id = $1").bind(key.id());
    retire.execute(&mut *transaction).await?;
    let left: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM tenancy.seal_key)")
        .fetch_one(&mut *transaction)
        .await?;
    if !left {
        return Err(SealError::LastKey);
    }
    transaction.commit().await?;
    Ok(())
}

/// Takes the seal and all of its keys out. Repeatable.
///
/// # Errors
///
/// [`SealError::Enforced`] before [`relax`]; `Database` for the rest.
pub async fn uninstall(owner: &mut PgConnection) -> Result<(), SealError> {
    if Owner::of(owner).await?.enforced {
        return Err(SealError::Enforced);
    }
    owner.execute(DROP).await?;
    Ok(())
}

/// Bodies are between `$seal$`.
fn functions() -> String {
    format!(
        "CREATE OR REPLACE FUNCTION tenancy.seal_hello(OUT backend int4, OUT challenge int8, OUT next int8) \
         LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $seal${}$seal$; \
         CREATE OR REPLACE FUNCTION tenancy.seal_open(tenant uuid, key text, proof bytea) RETURNS void \
         LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $seal${}$seal$",
        include_str!("sql/hello.sql"),
        include_str!("sql/open.sql"),
    )
}

/// Every name is written out, as a SET clause would cost more than the rest of it.
fn sealed() -> String {
    format!(
        "CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid \
         LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER AS $seal${}$seal$",
        include_str!("sql/current_tenant.sql"),
    )
}

fn grants(runtime: &RoleName) -> String {
    let all = "tenancy.seal_hello(), tenancy.seal_open(uuid, text, bytea)";
    format!("REVOKE ALL ON FUNCTION {all} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {all} TO {runtime}")
}
