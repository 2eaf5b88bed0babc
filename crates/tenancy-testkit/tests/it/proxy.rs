//! The counting proxy, in front of a real server and a real driver.

use std::time::Duration;

use secrecy::SecretString;
use sqlx::{Connection, PgConnection};
use tenancy_testkit::{CountingProxy, Postgres};

use crate::sql::connect;

async fn through(name: &str) -> (CountingProxy, SecretString) {
    let postgres = Postgres::shared().await.unwrap();
    let database = postgres
        .create_database(name, "proxy_o", "proxy_r")
        .await
        .unwrap();
    let proxy = CountingProxy::start(postgres.port()).await.unwrap();
    let url = proxy.url(&database.runtime_url);
    (proxy, url)
}

async fn one(connection: &mut PgConnection) -> sqlx::Result<i32> {
    sqlx::query_scalar("SELECT 1").fetch_one(connection).await
}

#[tokio::test]
async fn round_trips_are_those_of_the_wire() {
    let (proxy, url) = through("wire").await;
    let mut connection = connect(&url).await.unwrap();
    assert!(proxy.round_trips() >= 1, "a login ends in one");
    one(&mut connection).await.unwrap();
    proxy.reset();
    one(&mut connection).await.unwrap();
    assert_eq!(
        (proxy.round_trips(), proxy.flushes()),
        (1, 1),
        "a prepared statement"
    );
    proxy.reset();
    let mut transaction = connection.begin().await.unwrap();
    one(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(proxy.round_trips(), 3, "BEGIN, the statement, COMMIT");
}

#[tokio::test]
async fn a_cut_line_ends_connections_and_refuses_new_ones_until_it_is_restored() {
    let (proxy, url) = through("cut").await;
    let mut connection = connect(&url).await.unwrap();
    proxy.cut();
    assert!(one(&mut connection).await.is_err());
    assert!(connect(&url).await.is_err());
    proxy.restore();
    let mut connection = connect(&url).await.unwrap();
    assert_eq!(one(&mut connection).await.unwrap(), 1);
}

#[tokio::test]
async fn a_silent_line_keeps_connections_and_passes_nothing() {
    let (proxy, url) = through("silent").await;
    let mut connection = connect(&url).await.unwrap();
    proxy.silence();
    let answer = tokio::spawn(async move { one(&mut connection).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!answer.is_finished());
    proxy.restore();
    assert_eq!(answer.await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn a_dropped_proxy_ends_its_connections() {
    let (proxy, url) = through("dropped").await;
    let mut connection = connect(&url).await.unwrap();
    drop(proxy);
    let answer = tokio::time::timeout(Duration::from_secs(5), one(&mut connection)).await;
    assert!(answer.unwrap().is_err());
}
