//! The key: nowhere to be read, changed while it serves, and taken away again.

use super::*;

#[tokio::test]
async fn the_key_is_nowhere_that_the_serving_role_can_read() {
    let database = database_of("sealed_and_logged").await;
    // a server that writes down whatever it is sent
    as_superuser(
        &database,
        &format!(
            "ALTER DATABASE \"{0}\" SET log_statement = 'all'; ALTER DATABASE \"{0}\" SET log_min_duration_statement = 0; \
             ALTER DATABASE \"{0}\" SET log_parameter_max_length = -1; \
             ALTER DATABASE \"{0}\" SET log_parameter_max_length_on_error = -1",
            database.name
        ),
    )
    .await;
    seal_it(&database).await;
    let url = database.runtime_url.clone();
    let sealed = Sealed::behind(database, &url).await;
    let cell = &sealed.cell;
    cell.write(&cell.alpha, "a value that is bound").await;
    let mut owner = connect(&cell.database.owner_url).await;
    let pads = "SELECT encode(inner_pad, 'hex'), encode(outer_pad, 'hex') FROM tenancy.seal_key";
    let pads = owner.fetch_one(pads).await.unwrap();
    let mut runtime = connect(&cell.database.runtime_url).await;
    for table in [
        "SELECT * FROM tenancy.seal_key",
        "SELECT query_to_xml('SELECT * FROM tenancy.seal_key', true, true, '')",
    ] {
        assert_eq!(code(&runtime.execute(table).await.unwrap_err()), "42501");
    }
    let everywhere = "SELECT coalesce(string_agg(t, ' '), '') FROM (SELECT prosrc FROM pg_proc UNION ALL SELECT setting FROM pg_settings \
        UNION ALL SELECT query FROM pg_stat_activity UNION ALL SELECT most_common_vals::text FROM pg_stats WHERE schemaname = 'tenancy' \
        UNION ALL SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting UNION ALL SELECT description FROM pg_description) x (t)";
    let everywhere: String = runtime.fetch_one(everywhere).await.unwrap().get(0);
    let log = std::fs::read_dir(Postgres::shared().await.unwrap().folder()).unwrap();
    let logs = log.filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok());
    let readable = std::iter::once(everywhere).chain(logs).collect::<String>();
    for seen in ["seal_open", "a value that is bound", "COPY tenancy.seal_key"] {
        assert!(
            readable.contains(seen),
            "it saw no `{seen}`, so this proves nothing"
        );
    }
    for secret in [FIRST, pads.get(0), pads.get(1)] {
        assert!(!readable.contains(secret), "{secret} can be read");
    }
}

#[tokio::test]
async fn a_key_that_others_read_is_none() {
    let database = database_of("sealed").await;
    let mut owner = connect(&database.owner_url).await;
    let role = &database.runtime_role;
    let open = format!("ALTER DEFAULT PRIVILEGES IN SCHEMA tenancy GRANT SELECT ON TABLES TO {role}");
    owner.execute(AssertSqlSafe(open)).await.unwrap();
    let error = seal::install(&mut owner, &key(FIRST), &role.parse().unwrap()).await;
    let error = error.unwrap_err();
    assert!(matches!(error, SealError::KeyIsReadable(_)), "{error}");
    // and nothing of it stays
    let left = owner
        .fetch_one("SELECT to_regclass('tenancy.seal_key') IS NULL")
        .await;
    assert!(left.unwrap().get::<bool, _>(0));
}

async fn rows(owner: &mut PgConnection) -> i64 {
    let count = owner.fetch_one("SELECT count(*) FROM tenancy.seal_key").await;
    count.unwrap().get(0)
}

#[tokio::test]
async fn a_key_is_changed_while_it_serves() {
    let Sealed { cell, secrets } = Sealed::new().await;
    let mut owner = connect(&cell.database.owner_url).await;
    let runtime = cell.database.runtime_role.parse().unwrap();
    cell.write(&cell.alpha, "mine").await;
    let error = seal::retire(&mut owner, &key(FIRST)).await.unwrap_err();
    assert!(matches!(error, SealError::LastKey), "{error}");
    for _ in 0..2 {
        seal::install(&mut owner, &key(SECOND), &runtime).await.unwrap();
    }
    assert_eq!(rows(&mut owner).await, 2);
    assert_eq!(cell.bodies(&cell.alpha).await, ["mine"]);
    std::fs::write(secrets.path().join("seal"), SECOND).unwrap();
    seal::retire(&mut owner, &key(FIRST)).await.unwrap();
    assert_eq!(cell.bodies(&cell.beta).await, Vec::<String>::new());
    assert_eq!(cell.bodies(&cell.alpha).await, ["mine"]);
    // a pool that has the old key only gets no connection
    std::fs::write(secrets.path().join("seal"), FIRST).unwrap();
    let stale = Cell::behind(
        cell.database.clone(),
        &cell.database.runtime_url.clone(),
        options(&secrets),
    )
    .await;
    let error = stale.core.read(&stale.alpha).await.unwrap_err();
    assert_eq!(error.kind(), tenancy_core::Kind::Unavailable);
}

#[tokio::test]
async fn it_comes_and_goes_while_services_run() {
    let database = database_of("sealed").await;
    let mut owner = connect(&database.owner_url).await;
    let runtime = database.runtime_role.parse().unwrap();
    let error = seal::enforce(&mut owner).await.unwrap_err();
    assert!(matches!(error, SealError::NotInstalled), "{error}");
    let (secrets, url) = (secrets(), database.runtime_url.clone());
    let unsealed = Cell::behind(database.clone(), &url, PoolOptions::default()).await;
    unsealed.write(&unsealed.alpha, "mine").await;
    let sealed = Cell::behind(database.clone(), &url, options(&secrets)).await;
    assert!(
        sealed.core.read(&sealed.alpha).await.is_err(),
        "it is not installed"
    );

    seal::install(&mut owner, &key(FIRST), &runtime).await.unwrap();
    assert_eq!(sealed.bodies(&sealed.alpha).await, Vec::<String>::new());
    unsealed.databases.verify().await.unwrap();
    let refused = sealed.databases.verify().await.unwrap_err();
    assert!(refused.to_string().contains("seal::enforce"), "{refused}");

    seal::enforce(&mut owner).await.unwrap();
    sealed.databases.verify().await.unwrap();
    sealed.write(&sealed.alpha, "sealed").await;
    let mut conn = unsealed.core.read(&unsealed.alpha).await.unwrap();
    assert!(sqlx::query(BODIES).fetch_one(&mut conn).await.is_err());
    drop(conn);
    assert!(matches!(
        seal::uninstall(&mut owner).await.unwrap_err(),
        SealError::Enforced
    ));

    seal::relax(&mut owner).await.unwrap();
    assert_eq!(unsealed.bodies(&unsealed.alpha).await, ["mine"]);
    assert_eq!(sealed.bodies(&sealed.alpha).await, ["sealed"]);
    seal::uninstall(&mut owner).await.unwrap();
    unsealed.databases.verify().await.unwrap();
}
