//! A database of its own with a service's schema, and two tenants with a row in each table.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;
use sqlx::{Executor, PgConnection, migrate::Migrator};
use tempfile::TempDir;
use tenancy_core::{DataWrite, Permit, Role, SecretRef, TenantContext, TenantId, Tier};
use tenancy_sql::{Databases, PoolOptions, SqlHandle, migrate};
use tenancy_testkit::{Database, Postgres, context, tenant};

use super::connect;

/// A service's schema.
#[derive(Clone, Copy)]
pub(crate) struct Schema {
    /// The logical database, and the name of the template.
    pub(crate) name: &'static str,
    migrator: &'static Migrator,
    /// A row in each table, for the tenant of the session.
    seed: &'static str,
}

/// A row in each of the tables that every database has.
const BASE_SEED: &str = "
    INSERT INTO tenancy.quota_usage (used) VALUES (3);
    INSERT INTO tenancy.quota_stores (store, used, settled) VALUES ('uploads', 3, 3);
    INSERT INTO tenancy.quota_reservations (id, store, bytes, ends_at, state)
        VALUES (gen_random_uuid(), 'uploads', 3, now(), 'settled');
    INSERT INTO tenancy.audit_log (at, request, actor, action, allowed, rule, policy)
        VALUES (now(), gen_random_uuid(), 'user:1', 'tenant:data:write', true, 'at_least_member', 1)";

impl Schema {
    pub(crate) const CORE: Self = Self {
        name: "core",
        migrator: &itineraries::MIGRATOR,
        seed: "
            INSERT INTO users (id, display_name) VALUES (gen_random_uuid(), 'Ada');
            INSERT INTO itineraries (id, owner, title, notes, visibility)
                SELECT gen_random_uuid(), id, 'Alps', 'by ''train'' \\ on foot', 'private' FROM users;
            INSERT INTO photos (itinerary, name, object, content_type, size, sha256)
                SELECT id, 'summit.jpg', gen_random_uuid(), 'image/jpeg', 3, sha256('abc') FROM itineraries;
            INSERT INTO loose_objects (object, doomed, expires_at) VALUES (gen_random_uuid(), false, now());
            INSERT INTO exports (id, owner, envelope) SELECT gen_random_uuid(), id, 'sealed' FROM users;",
    };
    pub(crate) const SOCIAL: Self = Self {
        name: "social",
        migrator: &social::MIGRATOR,
        seed: "
            INSERT INTO comments (id, itinerary, author, text)
                VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'Lovely.');
            INSERT INTO likes (itinerary, liked_by) VALUES (gen_random_uuid(), gen_random_uuid());",
    };
    pub(crate) const ALL: [Self; 2] = [Self::CORE, Self::SOCIAL];

    /// Brings a database to the schema.
    pub(crate) async fn migrate(self, database: &Database) {
        let mut owner = connect(&database.owner_url).await;
        let runtime = database.runtime_role.parse().unwrap();
        migrate(&mut owner, self.migrator, &runtime).await.unwrap();
    }
}

/// A database of its own with a service's schema, and two tenants with a row in each table.
pub(crate) struct Cell {
    pub(crate) database: Database,
    pub(crate) handle: SqlHandle,
    pub(crate) own: TenantContext,
    pub(crate) other: TenantContext,
    _secrets: TempDir,
}

impl Cell {
    pub(crate) async fn new(schema: Schema) -> Self {
        Self::apart(schema, schema.name).await
    }

    /// With roles of its own: roles are the server's, so a test that changes one names a template that no other test has.
    pub(crate) async fn apart(schema: Schema, template: &'static str) -> Self {
        let server = Postgres::shared().await.unwrap();
        let database = server.database_from(template, async |database| schema.migrate(database).await);
        let database = database.await.unwrap();
        let (databases, secrets) = databases(schema, &database);
        let cell = Self {
            handle: databases.handle(schema.name.parse().unwrap()),
            own: context(&tenant("own", Tier::Standard), Role::Owner).await,
            other: context(&tenant("other", Tier::Standard), Role::Owner).await,
            database,
            _secrets: secrets,
        };
        cell.seed(schema).await;
        cell
    }

    async fn seed(&self, schema: Schema) {
        let mut runtime = connect(&self.database.runtime_url).await;
        for tenant in self.tenants() {
            scope(&mut runtime, tenant).await;
            runtime.execute(schema.seed).await.unwrap();
            runtime.execute(BASE_SEED).await.unwrap();
        }
    }

    pub(crate) fn tenants(&self) -> [TenantId; 2] {
        [self.own.tenant_id(), self.other.tenant_id()]
    }
}

/// The one database, at the location where the fixtures' tenants have it, behind a reference to a secret.
fn databases(schema: Schema, database: &Database) -> (Databases, TempDir) {
    let secrets = tempfile::tempdir().unwrap();
    let file = secrets.path().join("url");
    std::fs::write(&file, database.runtime_url.expose_secret()).unwrap();
    let places = ["own", "other"].map(|slug| {
        let place = &tenant(slug, Tier::Standard).placement.sql[&schema.name.parse().unwrap()];
        (place.clone(), SecretRef::File(file.clone()))
    });
    (
        Databases::new(BTreeMap::from(places), PoolOptions::default()),
        secrets,
    )
}

/// Sets a session's tenant by hand.
pub(crate) async fn scope(session: &mut PgConnection, tenant: TenantId) {
    let set = sqlx::query("SELECT set_config('app.current_tenant', $1, false)").bind(tenant.to_string());
    set.execute(session).await.unwrap();
}

pub(crate) fn permit(ctx: &TenantContext) -> Permit<DataWrite> {
    Permit::check(ctx).unwrap()
}
