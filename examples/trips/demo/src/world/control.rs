//! The registry, with its tenants in it.

use tenancy_control::{DeploymentRole, NewTenant, Registry};
use tenancy_core::{Role, registry::connect_options};
use tenancy_testkit::{Database, Postgres};

use super::{
    Member, Result, Tenant,
    cast::{CAST, Part},
    failure::While,
    role::{self, RegistryRole, connect},
};

const DATABASE: &str = "registry";

/// The registry's database, its owner's library, and the shared deployment's role.
pub(super) struct Control {
    pub(super) registry: Registry,
    pub(super) database: Database,
    shared: DeploymentRole,
}

impl Control {
    pub(super) async fn start(postgres: &Postgres) -> Result<Self> {
        let what = || "set up the registry".to_owned();
        let shared = role::name();
        let database = postgres
            .create_database(DATABASE, "registry_owner", &shared)
            .await
            .during(what)?;
        let mut owner = connect(&database.owner_url).await?;
        Registry::migrate(&mut owner).await.during(what)?;
        let registry = Registry::connect(connect_options(&database.owner_url).during(what)?)
            .await
            .during(what)?;
        let shared: DeploymentRole = shared.parse().during(what)?;
        registry.grant_shared(&shared).await.during(what)?;
        Ok(Self {
            registry,
            database,
            shared,
        })
    }

    pub(super) async fn create_tenants(&self) -> Result<Vec<Tenant>> {
        let mut tenants = Vec::new();
        for part in CAST {
            tenants.push(self.create(&part).await?);
        }
        Ok(tenants)
    }

    async fn create(&self, part: &Part) -> Result<Tenant> {
        let what = || format!("create the tenant `{}`", part.slug);
        let new = part.tenant()?;
        self.registry.create(&new).await.during(what)?;
        if let Some(host) = part.host {
            let host = host.parse().during(what)?;
            self.registry
                .set_custom_host(new.id, Some(&host))
                .await
                .during(what)?;
        }
        let members = self.members(part, &new).await?;
        Ok(Tenant {
            record: self.registry.tenant(new.id).await.during(what)?,
            members,
        })
    }

    async fn members(&self, part: &Part, tenant: &NewTenant) -> Result<Vec<Member>> {
        let owner = &tenant.owner;
        let mut members = vec![Member {
            user: owner.id,
            subject: owner.subject.clone(),
            role: Role::Owner,
        }];
        for &role in part.roles().iter().filter(|role| **role != Role::Owner) {
            let new = part.user(role)?;
            let user = self.registry.add_member(tenant.id, &new, role).await;
            let user = user.during(|| format!("add the {role} of `{}`", part.slug))?;
            members.push(Member {
                user,
                subject: new.subject,
                role,
            });
        }
        Ok(members)
    }

    /// The role of the shared deployment.
    pub(super) fn shared(&self) -> RegistryRole {
        RegistryRole {
            name: self.shared.clone(),
            url: self.database.runtime_url.clone(),
        }
    }

    /// A role of a deployment for one tenant.
    pub(super) async fn pinned(&self, postgres: &Postgres, tenant: &Tenant) -> Result<RegistryRole> {
        let role = role::create(postgres, DATABASE).await?;
        let pinned = self.registry.pin(&role.name, tenant.id()).await;
        pinned.during(|| format!("pin a role to `{}`", tenant.slug()))?;
        Ok(role)
    }
}
