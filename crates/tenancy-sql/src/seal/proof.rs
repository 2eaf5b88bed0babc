//! What a proof is good for, tried with the key in hand: nothing but the tenant, the turn and the session that it is for.

use secrecy::SecretString;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::{SecretRef, TenantId, registry::connect_options};
use tenancy_testkit::{Database, Postgres};

use super::{Seal, SealKey, install};
use crate::migrate;

const KEY: &str = "Mm8hN2zQ4pXw7Rk1Vt6Yb3Jc9Ls5Fd0G";

async fn open(url: &SecretString) -> PgConnection {
    let connect: PgConnectOptions = connect_options(url).unwrap();
    connect.connect().await.unwrap()
}

async fn build(database: &Database) {
    let mut owner = open(&database.owner_url).await;
    let runtime = database.runtime_role.parse().unwrap();
    let nothing = Migrator::with_migrations(Vec::new());
    migrate(&mut owner, &nothing, &runtime).await.unwrap();
    let key = SealKey::new(&KEY.into()).unwrap();
    install(&mut owner, &key, &runtime).await.unwrap();
}

/// A session of the runtime role, and its seal.
async fn session(database: &Database, key: &SecretRef) -> (PgConnection, Seal) {
    let mut session = open(&database.runtime_url).await;
    let seal = Seal::begin(&mut session, key).await.unwrap();
    (session, seal)
}

/// Whether the database takes it; when it does not, because the proof is none.
async fn takes(session: &mut PgConnection, text: String) -> bool {
    match session.execute(AssertSqlSafe(text)).await {
        Ok(_) => true,
        Err(error) => {
            let code = error.as_database_error().and_then(|error| error.code());
            assert_eq!(code.as_deref(), Some("TS001"), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn a_proof_is_one_of_the_keys_for_one_tenant_turn_and_session() {
    let server = Postgres::shared().await.unwrap();
    let database = server.database_from("proof", build).await.unwrap();
    let secrets = tempfile::tempdir().unwrap();
    std::fs::write(secrets.path().join("seal"), KEY).unwrap();
    let key = SecretRef::File(secrets.path().join("seal"));
    let (mut one, mut seal) = session(&database, &key).await;
    let (mut other, _) = session(&database, &key).await;
    let (alpha, beta) = (TenantId::new(), TenantId::new());
    let proven = seal.open(alpha);
    let (id, proof) = proven.split_once("', '\\x").unwrap();
    let (_, id) = id.rsplit_once('\'').unwrap();
    let (proof, _) = proof.split_once('\'').unwrap();
    let flipped = proof.replace(|c: char| c != '0', "0");
    for wrong in [
        proven.replace(proof, ""),
        proven.replace(proof, &flipped),
        proven.replace(&format!("'\\x{proof}'"), "NULL"),
        proven.replace(id, "0000000000000000"),
        proven.replace(&alpha.to_string(), &beta.to_string()),
    ] {
        assert!(!takes(&mut one, wrong.clone()).await, "{wrong}");
    }
    assert!(!takes(&mut other, proven.clone()).await, "another session's");
    assert!(takes(&mut one, proven.clone()).await);
    assert!(!takes(&mut one, proven.clone()).await, "a second time");
    seal.opened();
    assert!(takes(&mut one, seal.open(beta)).await);
    assert!(!takes(&mut one, proven).await, "after another tenant's");
}
