//! PostgreSQL scoped to one tenant.
#![allow(missing_docs, unused, clippy::todo)]
use std::{collections::BTreeMap, str::FromStr, time::Duration};
use futures::{future::BoxFuture, stream::BoxStream};
use sqlx::{Either, Execute, Executor, Postgres, SqlStr, migrate::Migrator, postgres::*};
use tenancy_core::{DatabaseName, Location, Permit, Result, SecretRef, TenantContext, WritePermission};

#[derive(Clone, Debug)]
pub struct PoolOptions { pub max_connections: u32, pub statement_timeout: Duration, pub acquire_timeout: Duration }
impl Default for PoolOptions { fn default() -> Self { todo!() } }
#[derive(Debug, thiserror::Error)]
#[error("unsafe")]
pub struct Unsafe;
#[derive(Clone)]
pub struct Databases;
impl Databases {
    pub fn new(locations: BTreeMap<Location, SecretRef>, options: PoolOptions) -> Self { todo!() }
    pub async fn verify(&self) -> Result<(), Unsafe> { todo!() }
    pub fn handle(&self, name: DatabaseName) -> SqlHandle { todo!() }
}
#[derive(Clone)]
pub struct SqlHandle;
impl SqlHandle {
    pub async fn read(&self, ctx: &TenantContext) -> Result<ReadConnection> { todo!() }
    pub async fn begin<P: WritePermission>(&self, permit: &Permit<P>) -> Result<Transaction> { todo!() }
}
#[derive(Debug)]
pub struct ReadConnection;
#[derive(Debug)]
pub struct Transaction;
impl Transaction {
    pub async fn commit(self) -> Result<()> { todo!() }
    pub async fn rollback(self) -> Result<()> { todo!() }
}
macro_rules! exec { ($t:ty) => {
impl<'c> Executor<'c> for &'c mut $t {
    type Database = Postgres;
    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<PgQueryResult, PgRow>>> where 'c: 'e, E: Execute<'q, Postgres> + 'q { todo!() }
    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>> where 'c: 'e, E: Execute<'q, Postgres> + 'q { todo!() }
    fn prepare_with<'e>(self, sql: SqlStr, p: &'e [PgTypeInfo]) -> BoxFuture<'e, sqlx::Result<PgStatement>> where 'c: 'e { todo!() }
    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<sqlx::Describe<Postgres>>> where 'c: 'e { todo!() }
} } }
exec!(ReadConnection); exec!(Transaction);

/// A PostgreSQL role: `[a-z_][a-z0-9_]{0,62}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleName(Box<str>);
impl RoleName { pub fn as_str(&self) -> &str { &self.0 } }
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role name")]
pub struct ParseRoleNameError;
impl FromStr for RoleName { type Err = ParseRoleNameError; fn from_str(t: &str) -> Result<Self, ParseRoleNameError> { todo!() } }
/// Brings a database to a service's schema, as its owner: our own migrations (schema `tenancy`), the service's, and the
/// runtime role's grants on every fenced table. Repeatable.
pub async fn migrate(owner: &mut PgConnection, service: &Migrator, runtime: &RoleName) -> Result<()> { todo!() }
