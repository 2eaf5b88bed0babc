//! A registry that was in use before roles were: what it held still holds.

use sqlx::{AssertSqlSafe, Connection, Executor, migrate::Migrator};
use tenancy_control::Registry;
use tenancy_core::{
    Allowance, Feature, MembershipKey, PlanBook, Role, TenantKey, Tier,
    registry::{Access, RegistryClient},
};
use tenancy_testkit::Postgres;

use crate::fixture::{connect, options};

/// The registry's migrations before this one.
const ROLES: i64 = 7;

fn before() -> Migrator {
    let mut migrator = sqlx::migrate!();
    migrator.create_schema("registry");
    migrator.dangerous_set_table_name("registry._sqlx_migrations");
    migrator
        .migrations
        .to_mut()
        .retain(|migration| migration.version < ROLES);
    migrator
}

const TENANT: &str = "
    BEGIN;
    INSERT INTO registry.tenants (id, slug, name, tier, status, identity_tenant, plan, epoch, sql, objects)
    VALUES ('018f0000-0000-7000-8000-000000000001', 'acme', 'Acme', 'standard', 'active', 'acme-x1y2z',
            '{\"features\": [\"members\", \"audit_log\"], \"requests_per_minute\": 7, \"user_requests_per_minute\": 3,
              \"concurrent_requests\": 2, \"storage_bytes\": 1, \"seats\": \"unlimited\", \"backup_days\": 1,
              \"uptime\": \"best_effort\", \"support\": \"ticket\", \"export\": \"manual\"}', 0, '{}', '{}');
    INSERT INTO registry.users VALUES ('018f0000-0000-7000-8000-000000000002', 'acme-x1y2z', 'ada', 'ada@acme.example');
    INSERT INTO registry.user_tenants VALUES ('018f0000-0000-7000-8000-000000000003', '018f0000-0000-7000-8000-000000000002',
            '018f0000-0000-7000-8000-000000000001', 'acme-x1y2z', 'owner');
    COMMIT;";

#[tokio::test]
async fn roles_rights_and_plans_outlive_the_migration() {
    let build = async |_: &tenancy_testkit::Database| {};
    let database = Postgres::shared()
        .await
        .unwrap()
        .database_from("upgrade", build)
        .await
        .unwrap();
    let mut owner = connect(&database.owner_url).await;
    before().run_direct(None, &mut owner, false).await.unwrap();
    owner.execute(TENANT).await.unwrap();
    let id = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    let mut clients = Vec::new();
    for access in [Access::Shared, Access::Pinned] {
        let name = format!("d_{}", tenancy_core::UserId::new().as_uuid().simple());
        let create = format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'");
        let mut superuser = connect(&database.superuser_url).await;
        superuser.execute(AssertSqlSafe(create)).await.unwrap();
        let grant = match access {
            Access::Shared => format!("SELECT registry.grant_shared('{name}')"),
            Access::Pinned => format!("SELECT registry.pin('{name}', '{id}')"),
        };
        owner.execute(AssertSqlSafe(grant)).await.unwrap();
        let role = options(&database.owner_url).username(&name).password(&name);
        clients.push(RegistryClient::new(role, access));
    }
    Registry::migrate(&mut owner).await.unwrap();
    // above what roles had that were deleted before
    let versions = sqlx::query_scalar("SELECT version FROM registry.role_versions");
    let versions: Vec<i64> = versions.fetch_all(&mut owner).await.unwrap();
    assert_eq!(versions, [1000]);
    owner.close().await.unwrap();
    let key = MembershipKey {
        tenant: id,
        pool: "acme-x1y2z".parse().unwrap(),
        subject: "ada".parse().unwrap(),
    };
    for client in clients {
        let member = client.membership(&key).await.unwrap().unwrap();
        assert_eq!(member.role, Role::Owner);
        let record = client.tenant(&TenantKey::Id(id)).await.unwrap().unwrap();
        let plan = PlanBook::default().plan_of(&record);
        assert_eq!(record.tier, Tier::Standard);
        assert_eq!(
            plan.features.iter().collect::<Vec<_>>(),
            [Feature::Members, Feature::AuditLog]
        );
        assert_eq!(
            (plan.requests_per_minute, plan.seats),
            (Allowance::Limited(7), Allowance::Unlimited)
        );
    }
}
