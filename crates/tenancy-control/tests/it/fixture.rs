//! A registry of its own for each test, and roles to ask it.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tenancy_control::{DeploymentRole, NewTenant, NewUser, Registry};
use tenancy_core::{
    Epoch, Error, KeyLayout, Kind, MembershipKey, Placement, TenantId, TenantSlug, TenantStatus, Tier,
    UserId, names,
    registry::{Access, RegistryClient, connect_options},
};
use tenancy_testkit::{Database, Postgres};

pub(crate) struct Fixture {
    pub(crate) registry: Registry,
    pub(crate) database: Database,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let postgres = Postgres::shared().await.unwrap();
        let database = postgres.database_from("registry", async |database| {
            let mut owner = connect(&database.owner_url).await;
            Registry::migrate(&mut owner).await.unwrap();
            owner.close().await.unwrap();
        });
        let database = database.await.unwrap();
        let registry = Registry::connect(options(&database.owner_url)).await.unwrap();
        Self { registry, database }
    }

    pub(crate) async fn owner(&self) -> PgConnection {
        connect(&self.database.owner_url).await
    }

    pub(crate) async fn superuser(&self) -> PgConnection {
        connect(&self.database.superuser_url).await
    }

    /// A role that can log in, and nothing else. Roles are the whole server's, so each has a name of its own.
    pub(crate) async fn role(&self) -> Role {
        let name = format!("d_{}", UserId::new().as_uuid().simple());
        let text = format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'");
        sqlx::query(AssertSqlSafe(text))
            .execute(&mut self.superuser().await)
            .await
            .unwrap();
        Role {
            options: options(&self.database.owner_url).username(&name).password(&name),
            name: name.parse().unwrap(),
        }
    }

    /// A role of a shared deployment.
    pub(crate) async fn shared(&self) -> Role {
        let role = self.role().await;
        self.registry.grant_shared(&role.name).await.unwrap();
        role
    }

    /// A role of a deployment that is pinned to `tenant`.
    pub(crate) async fn pinned(&self, tenant: TenantId) -> Role {
        let role = self.role().await;
        self.registry.pin(&role.name, tenant).await.unwrap();
        role
    }

    pub(crate) async fn tenant(&self, slug: &str, tier: Tier) -> NewTenant {
        let new = new_tenant(slug, tier);
        self.registry.create(&new).await.unwrap();
        new
    }
}

/// A deployment's role.
pub(crate) struct Role {
    pub(crate) name: DeploymentRole,
    options: PgConnectOptions,
}

impl Role {
    pub(crate) async fn connect(&self) -> sqlx::Result<PgConnection> {
        PgConnection::connect_with(&self.options).await
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    pub(crate) fn client(&self, access: Access) -> RegistryClient {
        RegistryClient::new(self.options.clone(), access)
    }
}

pub(crate) fn new_tenant(slug: &str, tier: Tier) -> NewTenant {
    let (id, slug) = (TenantId::new(), slug.parse::<TenantSlug>().unwrap());
    NewTenant {
        id,
        name: format!("{slug} & Söhne \"1\"").parse().unwrap(),
        tier,
        status: TenantStatus::Active,
        identity_tenant: format!("{slug}-x1y2z").parse().unwrap(),
        plan: None,
        placement: placement(id, &slug, tier),
        owner: user(&format!("{slug}-owner")),
        slug,
    }
}

pub(crate) fn user(subject: &str) -> NewUser {
    NewUser {
        id: UserId::new(),
        subject: subject.parse().unwrap(),
        email: format!("{subject}@trips.example").parse().unwrap(),
    }
}

fn placement(id: TenantId, slug: &TenantSlug, tier: Tier) -> Placement {
    let core = "core".parse().unwrap();
    let sql = match tier {
        Tier::Free => names::cell_location("free-1", &core),
        _ => names::sql_location(slug, 1),
    };
    let layout = if tier == Tier::Free {
        KeyLayout::TenantPrefix
    } else {
        KeyLayout::Dedicated
    };
    Placement {
        epoch: Epoch(0),
        sql: BTreeMap::from([(core, sql.unwrap())]),
        objects: BTreeMap::from([("uploads".parse().unwrap(), names::objects(id, layout).unwrap())]),
        documents: Default::default(),
        graph: Default::default(),
    }
}

/// What the owner of `tenant` is looked up by.
pub(crate) fn owner_key(tenant: &NewTenant) -> MembershipKey {
    MembershipKey {
        tenant: tenant.id,
        pool: tenant.identity_tenant.clone(),
        subject: tenant.owner.subject.clone(),
    }
}

pub(crate) fn options(url: &SecretString) -> PgConnectOptions {
    connect_options(url).unwrap_or_else(|e| panic!("{e}: {} bytes", url.expose_secret().len()))
}

pub(crate) async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect_with(&options(url)).await.unwrap()
}

/// The SQLSTATE of a refusal.
pub(crate) fn sqlstate(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|database| database.code());
    code.unwrap_or_else(|| panic!("no refusal of the database: {error}"))
        .into_owned()
}

/// An outcome is an error of this kind, and says this.
pub(crate) fn is(outcome: Result<impl std::fmt::Debug, Error>, kind: Kind, says: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
}

/// The constraint that refuses a statement of the owner's.
pub(crate) async fn constraint(owner: &mut PgConnection, statement: String) -> String {
    let error = match sqlx::raw_sql(AssertSqlSafe(statement.clone()))
        .execute(owner)
        .await
    {
        Ok(done) => panic!("`{statement}` changed {} rows", done.rows_affected()),
        Err(error) => error,
    };
    let constraint = error
        .as_database_error()
        .and_then(|database| database.constraint().map(str::to_owned));
    constraint.unwrap_or_else(|| panic!("`{statement}`: {error}"))
}
