//! Every database of the server, with every credential.

use demo::world::Tenant;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{DENIED, code, credentials, each};
use crate::harness::{connect, on_trips, scope};

async fn names(session: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(session).await.unwrap()
}

/// Whether a table has a row with one of these words, for a session.
async fn tells(session: &mut PgConnection, table: &str, words: &str) -> bool {
    // the words are an argument: they are not to be found in the list of what sessions ask
    let text = format!("SELECT EXISTS (SELECT FROM {table} t WHERE t::text ~ $1)");
    let told = sqlx::query_scalar(AssertSqlSafe(text))
        .bind(words)
        .fetch_one(session)
        .await;
    match told {
        Ok(told) => told,
        Err(sqlx::Error::Database(_)) => false,
        Err(error) => panic!("{table}: {error}"),
    }
}

/// Every table, view and catalogue that a session may read: which tell? The tables under every tenant setting. (The views
/// of the information schema show what the catalogues hold.)
async fn telling(
    session: &mut PgConnection,
    own: &Tenant,
    other: &Tenant,
    markers: &[String],
) -> Vec<String> {
    const READABLE: &str = "
        SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'
          AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')";
    let words = markers.join("|").replace('.', "\\.");
    let tables = names(session, READABLE).await;
    assert!(tables.len() > 100, "{tables:?}");
    let mut telling = Vec::new();
    for tenant in [None, Some(own.id()), Some(other.id())] {
        if let Some(tenant) = tenant {
            scope(session, tenant).await;
        }
        for table in tables
            .iter()
            .filter(|table| tenant.is_none() || !table.starts_with("pg_catalog."))
        {
            if tells(session, table, &words).await {
                telling.push(format!("{table} with the setting {tenant:?}"));
            }
        }
    }
    telling
}

/// Where a credential gets in beyond its own database, there is nothing of a tenant's.
const NOBODYS: [&str; 2] = ["postgres", "template1"];

fn at(url: &SecretString, database: &str) -> SecretString {
    let (address, query) = url.expose_secret().split_once('?').unwrap();
    let (server, _) = address.rsplit_once('/').unwrap();
    format!("{server}/{database}?{query}").into()
}

#[test]
fn no_database_tells_it_of_another_tenant() {
    on_trips(async |trips| {
        let mut superuser = connect(&trips.world.registry_database().superuser_url).await;
        let databases = names(
            &mut superuser,
            "SELECT datname::text FROM pg_database WHERE datallowconn",
        )
        .await;
        each(trips, async |own, other, markers| {
            for (name, url) in credentials(trips, own) {
                let mut entered = Vec::new();
                for database in &databases {
                    let options = tenancy_core::registry::connect_options(&at(&url, database)).unwrap();
                    match PgConnection::connect_with(&options).await {
                        Ok(mut session) => {
                            entered.push(database.clone());
                            let told = telling(&mut session, own, other, markers).await;
                            assert_eq!(told, Vec::<String>::new(), "{name} in {database}");
                        }
                        Err(error) => assert_eq!(code(&error), DENIED, "{name} in {database}: {error}"),
                    }
                }
                entered.retain(|database| !NOBODYS.contains(&database.as_str()));
                let (address, _) = url.expose_secret().split_once('?').unwrap();
                assert_eq!(entered, [address.rsplit('/').next().unwrap()], "{name}");
            }
        })
        .await;
    });
}

/// The same look finds what is there: the superuser's eyes prove that it looks.
#[test]
fn the_look_that_finds_nothing_finds_what_is_there() {
    on_trips(async |trips| {
        each(trips, async |own, other, markers| {
            let mut superuser = connect(&trips.world.registry_database().superuser_url).await;
            let told = telling(&mut superuser, own, other, markers).await;
            for table in ["registry.tenants", "registry.users", "registry.user_tenants"] {
                assert!(
                    told.iter().any(|found| found.starts_with(table)),
                    "{table}: {told:?}"
                );
            }
            let place = other.record.placement.sql.values().next().unwrap();
            let mut superuser = connect(trips.world.superuser_url(place).unwrap()).await;
            let told = telling(&mut superuser, own, other, markers).await;
            assert!(
                told.iter().any(|found| found.starts_with("public.itineraries")),
                "{told:?}"
            );
        })
        .await;
    });
}

#[test]
fn it_climbs_nowhere() {
    const ATTEMPTS: [&str; 12] = [
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_import('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/climbed'",
        "CREATE TABLE public.mine ()",
        "CREATE TEMP TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    ];
    on_trips(async |trips| {
        each(trips, async |own, _, _| {
            for (name, url) in credentials(trips, own) {
                // a session of the superuser's for the last attempt to end
                let mut superuser = connect(&trips.world.registry_database().superuser_url).await;
                let mut session = connect(&url).await;
                for attempt in ATTEMPTS {
                    let error = session.execute(attempt).await.expect_err(attempt);
                    assert_eq!(code(&error), DENIED, "{name}: {attempt}: {error}");
                }
                superuser.ping().await.unwrap();
            }
        })
        .await;
    });
}
