//! A server that speaks TLS, and what is believed of it.

use std::{collections::BTreeMap, path::Path, process::Command, time::Duration};

use sqlx::{AssertSqlSafe, Executor, postgres::PgConnection};
use tempfile::TempDir;
use tenancy_core::{Kind, Location, Result, Role, SecretRef, TenantContext, Tier};
use tenancy_sql::{Databases, PoolOptions};
use tenancy_testkit::{Database, Postgres, context, tenant};

use crate::support::connect;

/// A name of this machine that is not loopback's, so that nothing but a certificate vouches for it.
const BEYOND: &str = "0.0.0.0";
/// What must be in no error: the password of every URL is in it.
const SECRET: &str = "hunter2";

/// A server whose certificate an authority of its own signed, for [`BEYOND`] and nothing else.
struct World {
    server: Postgres,
    database: Database,
    /// `ca.pem`, which signed; `other.pem`, which did not.
    folder: TempDir,
    alpha: TenantContext,
}

/// Runs `openssl` in a folder. It comes with PostgreSQL's packages.
fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    let done = command.args(arguments.split(' ')).current_dir(folder).output();
    let done = done.expect("no `openssl`: apt-get install openssl");
    assert!(done.status.success(), "{arguments}: {done:?}");
}

fn authority(folder: &Path, name: &str) {
    openssl(
        folder,
        &format!(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
        ),
    );
}

/// Has the server keep a file of its own, which only it reads.
async fn keep(superuser: &mut PgConnection, from: &Path, to: &Path) {
    let text = std::fs::read_to_string(from).unwrap();
    let copy = format!(
        "COPY (SELECT unnest(string_to_array('{}', E'\\n'))) TO PROGRAM 'umask 077; cat > {}'",
        text.trim_end(),
        to.display()
    );
    superuser.execute(AssertSqlSafe(copy)).await.unwrap();
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        authority(at, "ca");
        authority(at, "other");
        openssl(
            at,
            "req -newkey rsa:2048 -nodes -subj /CN=db -keyout server.key -out server.csr",
        );
        std::fs::write(at.join("names"), format!("subjectAltName=IP:{BEYOND}")).unwrap();
        openssl(
            at,
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
        );
        let server = Postgres::start().await.unwrap();
        let database = server
            .create_database("tls", "tls_owner", "tls_runtime")
            .await
            .unwrap();
        let mut superuser = connect(&database.superuser_url).await;
        let password = format!("ALTER ROLE tls_runtime PASSWORD '{SECRET}'");
        superuser.execute(AssertSqlSafe(password)).await.unwrap();
        Self {
            server,
            database,
            folder,
            alpha: context(&tenant("alpha", Tier::Free), Role::Owner).await,
        }
    }

    /// The server begins to speak TLS. A connection is a new backend, which has read its settings again.
    async fn speaks_tls(&self) {
        let mut superuser = connect(&self.database.superuser_url).await;
        for name in ["server.key", "server.pem"] {
            let kept = self.server.folder().join("data").join(name);
            keep(&mut superuser, &self.folder.path().join(name), &kept).await;
        }
        for set in [
            "ALTER SYSTEM SET ssl_cert_file = 'server.pem'",
            "ALTER SYSTEM SET ssl = on",
            "SELECT pg_reload_conf()",
        ] {
            superuser.execute(set).await.unwrap();
        }
        let on = async {
            loop {
                let mut superuser = connect(&self.database.superuser_url).await;
                let ssl: String = sqlx::query_scalar("SHOW ssl")
                    .fetch_one(&mut superuser)
                    .await
                    .unwrap();
                if ssl == "on" {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), on).await.unwrap();
    }

    /// What a tenant's read comes to, through a URL of this host and query: whether its session is encrypted.
    async fn read(&self, host: &str, query: &str) -> Result<bool> {
        let query = query.replace('~', &self.folder.path().display().to_string());
        let port = self.server.port();
        let url = format!("postgres://tls_runtime:{SECRET}@{host}:{port}/tls?{query}");
        let file = self.folder.path().join("url");
        std::fs::write(&file, url).unwrap();
        let at: Location = "cell-free-1.core".parse().unwrap();
        let databases = Databases::new(
            BTreeMap::from([(at, SecretRef::File(file))]),
            PoolOptions::default(),
        );
        let core = databases.handle("core".parse().unwrap());
        let mut conn = core.read(&self.alpha).await?;
        let ssl = sqlx::query_scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        Ok(ssl.fetch_one(&mut conn).await?)
    }

    /// `Ok` is whether the session is encrypted, `Err` what the error tells its reader to look at.
    async fn check(&self, host: &str, query: &str, expect: std::result::Result<bool, &str>) {
        match (self.read(host, query).await, expect) {
            (Ok(encrypted), Ok(expect)) => assert_eq!(encrypted, expect, "{host} {query}"),
            (Err(error), Err(says)) => {
                assert_eq!(error.kind(), Kind::Unavailable);
                assert!(error.log().unwrap().contains(says), "{host} {query}: {error:?}");
                let client = serde_json::to_string(error.problem()).unwrap();
                assert!(
                    !client.contains("TLS") && !client.contains("certificate"),
                    "{client}"
                );
                let mut source: Option<&dyn std::error::Error> = Some(&error);
                while let Some(one) = source {
                    let text = format!("{one} {one:?}");
                    assert!(!text.contains(SECRET), "{text}");
                    source = one.source();
                }
            }
            (answer, _) => panic!("{host} {query}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn tls_is_verified_beyond_loopback() {
    let world = World::new().await;
    // it speaks no TLS yet
    world.check("127.0.0.1", "", Ok(false)).await;
    world.check(BEYOND, "", Err("speaks no TLS")).await;
    world
        .check(BEYOND, "sslrootcert=~/ca.pem", Err("speaks no TLS"))
        .await;
    world.check(BEYOND, "sslmode=require", Err("speaks no TLS")).await;
    world.check(BEYOND, "sslmode=disable", Ok(false)).await;

    world.speaks_tls().await;
    // without a word of the URL's: whom nobody knows is refused
    world.check(BEYOND, "", Err("sslrootcert")).await;
    world
        .check(BEYOND, "application_name=sslmode=disable", Err("sslrootcert"))
        .await;
    world.check(BEYOND, "sslrootcert=~/ca.pem", Ok(true)).await;
    world
        .check(BEYOND, "sslmode=verify-full&sslrootcert=~/ca.pem", Ok(true))
        .await;
    // another authority's word does not count
    world
        .check(BEYOND, "sslrootcert=~/other.pem", Err("sslrootcert"))
        .await;
    world
        .check(
            BEYOND,
            "sslmode=verify-ca&sslrootcert=~/other.pem",
            Err("sslrootcert"),
        )
        .await;
    world
        .check(BEYOND, "sslrootcert=~/none.pem", Err("can't be read"))
        .await;
    // it vouches for one name
    for host in ["127.0.0.1", "localhost"] {
        let full = "sslmode=verify-full&sslrootcert=~/ca.pem";
        world.check(host, full, Err("another name")).await;
        let chain = "sslmode=verify-ca&sslrootcert=~/ca.pem";
        world.check(host, chain, Ok(true)).await;
        world.check(host, "", Ok(true)).await;
    }
    world.server.stop().await.unwrap();
}
