//! Pinned means pinned: with every credential that a deployment for one tenant holds, nothing of another can be read.
//!
//! One PostgreSQL server stands for all instances here, which makes it harder: the credential of one instance can try the
//! databases of all others. (The names of databases and roles are the server's, for everyone to see.)

use std::{collections::BTreeMap, path::Path};

use demo::world::{Service, Target, Tenant};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgListener};
use tenancy_core::{Kind, Role, registry::CHANNEL};
use tenancy_storage::Listing;
use tenancy_testkit::context;
use uuid::Uuid;

use crate::harness::{Stock, Trips, connect, new_user, on_trips, scope};

const DENIED: &str = "42501";

/// Everything that would tell of a tenant: its ids and its users', its name, addresses, and data.
fn markers(tenant: &Tenant, stock: &Stock) -> Vec<String> {
    let slug = tenant.slug();
    let users = tenant.members.iter().map(|member| member.user.to_string());
    let told = [
        tenant.id().to_string(),
        tenant.record.name.clone(),
        format!("@{slug}.example"),
    ];
    users
        .chain(told)
        .chain([
            format!("A trip of {slug}"),
            stock.itinerary.clone(),
            stock.comment.clone(),
        ])
        .collect()
}

/// Every URL in the folder of a deployment, by the file's name.
fn credentials(trips: &Trips, tenant: &Tenant) -> BTreeMap<String, SecretString> {
    let folder = trips.world.folder(tenant.target()).join("secrets");
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let credential = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap().into())
    };
    files.map(credential).collect()
}

/// Each pinned tenant, with another whose data it must not see.
async fn each(trips: &'static Trips, check: impl AsyncFn(&'static Tenant, &'static Tenant, &[String])) {
    for (own, other) in [("acme", "globex"), ("globex", "acme")] {
        let (own, other) = (trips.tenant(own), trips.tenant(other));
        Stock::of(trips, own).await;
        let stock = Stock::of(trips, other).await;
        check(own, other, &markers(other, &stock)).await;
    }
}

async fn names(session: &mut PgConnection, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(session).await.unwrap()
}

fn code(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(|error| error.code())
        .unwrap_or_default()
        .into_owned()
}

#[test]
fn it_holds_its_own_secrets_and_no_other() {
    on_trips(async |trips| {
        each(trips, async |own, _, _| {
            let held: Vec<String> = credentials(trips, own).into_keys().collect();
            let slug = own.slug();
            assert_eq!(
                held,
                [
                    format!("{slug}-postgres-1"),
                    format!("{slug}-postgres-2"),
                    "registry".to_owned()
                ]
            );
        })
        .await;
    });
}

#[test]
fn its_folder_and_its_objects_hold_nothing_of_another() {
    on_trips(async |trips| {
        each(trips, async |own, other, markers| {
            let root = trips.world.objects_root(own.target());
            let buckets: Vec<_> = root
                .read_dir()
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(buckets, [format!("{}-uploads", own.id()).as_str()]);
            let files = files(&trips.world.folder(own.target()));
            assert!(files.len() > 5, "{files:?}");
            for (path, content) in files {
                let told = markers.iter().map(String::as_str).chain([other.slug()]);
                let told = told.filter(|marker| content.contains(marker) || path.contains(marker));
                assert_eq!(told.collect::<Vec<_>>(), Vec::<&str>::new(), "{path}");
            }
        })
        .await;
    });
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let file = |path: std::path::PathBuf| {
        let content = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        (path.display().to_string(), content)
    };
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![file(path)]
            }
        })
        .collect()
}

/// Calls of a registry's function about a tenant: one for each way to name it.
fn calls(name: &str, arguments: &[String], about: &Tenant) -> Vec<String> {
    let (pool, owner) = (about.record.identity_tenant.as_str(), &about.members[0].subject);
    let host = about.host();
    let texts = [
        [pool, owner.as_str()],
        [about.slug(), owner.as_str()],
        [&host, owner.as_str()],
    ];
    let call = |texts: [&str; 2]| {
        let mut texts = texts.into_iter();
        let values = arguments.iter().map(|kind| match kind.as_str() {
            "uuid" => format!("'{}'", about.id()),
            "text" => format!("'{}'", texts.next().unwrap()),
            other => format!("NULL::{other}"),
        });
        format!("SELECT ({name}({}))::text", values.collect::<Vec<_>>().join(", "))
    };
    texts.into_iter().map(call).collect()
}

#[test]
fn the_registry_tells_it_of_no_other_tenant() {
    const FUNCTIONS: &str = "
        SELECT p.oid::regproc::text, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t)
        FROM pg_proc p WHERE p.pronamespace = 'registry'::regnamespace AND p.prorettype <> 'trigger'::regtype";
    on_trips(async |trips| {
        let mut superuser = connect(&trips.world.registry_database().superuser_url).await;
        let functions: Vec<(String, Vec<String>)> =
            sqlx::query_as(FUNCTIONS).fetch_all(&mut superuser).await.unwrap();
        assert!(functions.len() > 10, "{functions:?}");
        each(trips, async |own, other, markers| {
            let mut session = connect(&credentials(trips, own)["registry"]).await;
            let mut answered = Vec::new();
            for (name, arguments) in &functions {
                for call in calls(name, arguments, other) {
                    let answer = sqlx::query_scalar(AssertSqlSafe(call.clone()))
                        .fetch_all(&mut session)
                        .await;
                    let answer: Vec<Option<String>> = match answer {
                        Ok(answer) => answer,
                        Err(error) if code(&error) == DENIED => continue,
                        Err(error) => panic!("{call}: {error}"),
                    };
                    answered.push(name.as_str());
                    let text = format!("{answer:?}");
                    assert_eq!(
                        markers.iter().find(|marker| text.contains(marker.as_str())),
                        None,
                        "{call}: {text}"
                    );
                }
            }
            answered.sort_unstable();
            answered.dedup();
            assert_eq!(answered, ["registry.pinned_membership", "registry.pinned_tenant"]);
        })
        .await;
    });
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
fn notifications_tell_it_nothing() {
    on_trips(async |trips| {
        each(trips, async |own, other, markers| {
            for (name, url) in credentials(trips, own) {
                let mut listener = PgListener::connect(url.expose_secret()).await.unwrap();
                listener.listen(CHANNEL).await.unwrap();
                let new = new_user("noticed");
                let id = trips
                    .world
                    .registry()
                    .add_member(other.id(), &new, Role::Member)
                    .await
                    .unwrap();
                trips
                    .world
                    .registry()
                    .remove_member(other.id(), id)
                    .await
                    .unwrap();
                let mut heard = Vec::new();
                let wait = tokio::time::Duration::from_millis(300);
                while let Ok(notification) = tokio::time::timeout(wait, listener.recv()).await {
                    heard.push(notification.unwrap().payload().to_owned());
                }
                assert_eq!(heard.is_empty(), name != "registry", "{name}: {heard:?}");
                for payload in heard {
                    assert_eq!(
                        payload.parse::<Uuid>().unwrap().get_version_num(),
                        4,
                        "{payload} is no random version"
                    );
                    assert!(
                        !markers.contains(&payload) && payload != id.to_string(),
                        "{payload}"
                    );
                }
            }
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

/// Even a context of another tenant, were there a way to one, opens nothing in this deployment.
#[test]
fn its_handles_lead_to_no_other_tenants_stores() {
    on_trips(async |trips| {
        each(trips, async |own, other, _| {
            let tenancy = trips.world.tenancy(own.target(), Service::Itineraries).unwrap();
            let ctx = context(&other.record, Role::Owner).await;
            let refusal = tenancy
                .sql("core")
                .unwrap()
                .read(&ctx)
                .await
                .map(drop)
                .unwrap_err();
            assert_eq!(refusal.kind(), Kind::NotFound);
            assert!(
                refusal.log().unwrap().contains("another deployment"),
                "{refusal:?}"
            );
            let uploads = tenancy.objects("uploads").unwrap();
            let listed = uploads.list(&ctx, &Listing::default()).await;
            assert!(listed.is_err() || listed.unwrap().objects.is_empty());
            let target = other.target();
            assert_ne!(target, Target::Shared);
            for object in trips
                .world
                .objects()
                .unwrap()
                .iter()
                .filter(|object| object.target == target)
            {
                let key = format!("photos/{}", object.prefix).parse().unwrap();
                assert!(uploads.get(&ctx, &key).await.is_err());
            }
        })
        .await;
    });
}
