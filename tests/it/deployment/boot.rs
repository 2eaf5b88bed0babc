//! With a fence down, a service does not start: it names the table or the role, and the statement that mends it.

use demo::world::{Service, Target};
use sqlx::AssertSqlSafe;
use tenancy_testkit::Database;

use crate::harness::{Schema, Settings, Trips, as_superuser, connect, on_trips, scope};

const CELL: &str = "cell-free-1.core";

/// A database of its own with the schema of `core`, and roles of its own.
async fn database(trips: &Trips, name: &str) -> Database {
    let (owner, runtime) = (format!("{name}_owner"), format!("{name}_runtime"));
    let database = trips
        .world
        .postgres()
        .create_database(name, &owner, &runtime)
        .await
        .unwrap();
    Schema::CORE.migrate(&database).await;
    database
}

/// The shared deployment's settings, with this database for its cell.
fn settings(trips: &Trips, database: &Database) -> Settings {
    let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
    settings.secret(&["sql", "locations", CELL], &database.runtime_url)
}

/// What is broken, as the superuser; what the refusal says; what mends it.
const FAULTS: &[(&str, &[&str])] = &[
    (
        "DROP POLICY tenant_wall ON photos",
        &[
            "`public.photos`",
            "restrictive",
            "CREATE POLICY tenant_wall ON public.photos AS RESTRICTIVE",
        ],
    ),
    (
        "DROP POLICY tenant_rows ON itineraries",
        &[
            "`public.itineraries`",
            "permissive",
            "CREATE POLICY tenant_rows ON public.itineraries AS PERMISSIVE",
        ],
    ),
    (
        "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
        &[
            "`public.users`",
            "ALTER TABLE public.users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        ],
    ),
    (
        "ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
        &[
            "`public.users`",
            "ALTER TABLE public.users FORCE ROW LEVEL SECURITY",
        ],
    ),
    (
        "ALTER ROLE {role} BYPASSRLS",
        &["`{role}`", "has BYPASSRLS", "ALTER ROLE {role} NOBYPASSRLS"],
    ),
    (
        "CREATE TABLE plain (id int); GRANT SELECT ON plain TO {role}",
        &["`public.plain`", "has no column `tenant_id`"],
    ),
];

#[test]
fn a_deployment_whose_database_is_unfenced_does_not_start() {
    on_trips(async |trips| {
        for (number, (fault, says)) in FAULTS.iter().enumerate() {
            let database = database(trips, &format!("unfenced_{number}")).await;
            let settings = settings(trips, &database);
            settings
                .boot()
                .await
                .unwrap_or_else(|error| panic!("before `{fault}`: {error:?}"));
            let named = |text: &str| text.replace("{role}", &database.runtime_role);
            as_superuser(&database, &named(fault)).await;
            let refusal = settings.refusal().await;
            assert!(refusal.contains(CELL), "{fault}: {refusal}");
            for text in *says {
                assert!(
                    refusal.contains(&named(text)),
                    "{fault}: `{}` is not in: {refusal}",
                    named(text)
                );
            }
        }
    });
}

/// What the refusal says mends it.
#[test]
fn the_statement_that_the_refusal_names_mends_it() {
    on_trips(async |trips| {
        let database = database(trips, "mended").await;
        let settings = settings(trips, &database);
        as_superuser(
            &database,
            "DROP POLICY tenant_wall ON photos; ALTER ROLE mended_runtime BYPASSRLS",
        )
        .await;
        let refusal = settings.refusal().await;
        let remedies = refusal
            .split("mend it with `")
            .skip(1)
            .map(|rest| rest.split("`").next().unwrap());
        for remedy in remedies {
            as_superuser(&database, remedy).await;
        }
        settings.boot().await.unwrap_or_else(|error| panic!("{error:?}"));
    });
}

/// The first fence alone: with row-level security off, the boot check is what is left, and it refuses. Had it not, this is
/// what a statement of the service would show.
#[test]
fn what_the_refusal_prevents_is_a_leak() {
    on_trips(async |trips| {
        let database = database(trips, "leaking").await;
        let ids = ["ada", "bob"].map(|slug| trips.tenant(slug).id());
        let mut runtime = connect(&database.runtime_url).await;
        for id in ids {
            scope(&mut runtime, id).await;
            let insert = "INSERT INTO users (id, display_name) VALUES (gen_random_uuid(), 'x')";
            sqlx::query(AssertSqlSafe(insert))
                .execute(&mut runtime)
                .await
                .unwrap();
        }
        let mut seen = async || -> i64 {
            sqlx::query_scalar("SELECT count(*) FROM users")
                .fetch_one(&mut runtime)
                .await
                .unwrap()
        };
        assert_eq!(seen().await, 1);
        as_superuser(&database, "ALTER TABLE users DISABLE ROW LEVEL SECURITY").await;
        assert_eq!(seen().await, 2);
        assert!(
            settings(trips, &database)
                .refusal()
                .await
                .contains("`public.users`")
        );
    });
}

#[test]
fn a_role_that_can_do_more_at_the_registry_than_ask_is_not_served_with() {
    on_trips(async |trips| {
        let registry = trips.world.registry_database();
        for (url, says) in [
            (&registry.superuser_url, "its role is a superuser"),
            (&registry.owner_url, "has rights on the registry's tables"),
        ] {
            let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
            let refusal = settings.secret(&["registry", "url"], url).refusal().await;
            assert!(
                refusal.contains(says) && refusal.contains("`registry.url`"),
                "{refusal}"
            );
        }
    });
}
