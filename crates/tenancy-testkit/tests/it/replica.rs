//! A server that follows another, and can be cut off.

use std::{fs, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, Executor, PgConnection, Row};
use tenancy_testkit::{CountingProxy, Postgres, Replica};

async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

async fn count(url: &SecretString) -> i64 {
    let rows = connect(url).await.fetch_one("SELECT count(*) FROM seen").await;
    rows.map_or(-1, |row| row.get(0))
}

async fn soon(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let until = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), until)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

/// The command lines of a folder's server, as anybody on the machine sees them.
fn commands_of(folder: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let line = |process: fs::DirEntry| fs::read_to_string(process.path().join("cmdline")).ok();
    processes
        .filter_map(line)
        .filter(|line| line.contains(folder))
        .collect()
}

#[tokio::test]
async fn a_replica_follows_until_it_is_cut_off_and_leaves_nothing_behind() {
    let primary = Postgres::start_replicated().await.unwrap();
    let database = primary.create_database("core", "owner", "app").await.unwrap();
    let proxy = CountingProxy::start(primary.port()).await.unwrap();
    let replica = Replica::through(&primary, proxy.port()).await.unwrap();
    let mut owner = connect(&database.superuser_url).await;
    let make = "CREATE TABLE seen (n int); INSERT INTO seen VALUES (1); GRANT SELECT ON seen TO app";
    owner.execute(make).await.unwrap();
    let there = replica.url(&database.runtime_url);
    soon("it follows", async || {
        let Ok(mut app) = PgConnection::connect(there.expose_secret()).await else {
            return false;
        };
        app.fetch_one("SELECT n FROM public.seen").await.is_ok()
    })
    .await;

    proxy.cut();
    owner.execute("INSERT INTO seen VALUES (2)").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let url = replica.superuser_url("core");
    assert_eq!(count(&url).await, 1, "nothing comes through");
    proxy.restore();
    soon("it catches up", async || count(&url).await == 2).await;

    let folder = replica.folder().unwrap();
    let login = fs::read_to_string(folder.join("login")).unwrap();
    let password = login.trim().rsplit(':').next().unwrap();
    let commands = commands_of(&folder.display().to_string());
    assert!(!commands.is_empty() && password.len() > 20);
    assert!(commands.iter().all(|line| !line.contains(password)));
    replica.stop().await.unwrap();
    assert!(!folder.exists());
    primary.stop().await.unwrap();
}
