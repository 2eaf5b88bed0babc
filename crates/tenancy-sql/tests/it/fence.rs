//! Each fence alone: the scope of the handle, and row-level security.

use sqlx::Executor;
use tenancy_core::{Kind, Role, Tier};
use tenancy_sql::rls::TenantTable;
use tenancy_testkit::{context, tenant};

use crate::support::{Cell, as_superuser, connect, permit};

#[tokio::test]
async fn each_tenant_sees_its_own_rows_and_no_others() {
    let cell = Cell::new().await;
    cell.write(&cell.alpha, "a").await;
    cell.write(&cell.beta, "b").await;
    assert_eq!(cell.bodies(&cell.alpha).await, ["a"]);
    assert_eq!(cell.bodies(&cell.beta).await, ["b"]);
}

#[tokio::test]
async fn no_verb_reaches_another_tenants_row() {
    let cell = Cell::new().await;
    let id = cell.write(&cell.beta, "b").await;
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    for text in [
        "UPDATE notes SET body = 'x' WHERE id = $1",
        "DELETE FROM notes WHERE id = $1",
    ] {
        let done = sqlx::query(text).bind(id).execute(&mut tx).await.unwrap();
        assert_eq!(done.rows_affected(), 0, "{text}");
    }
    // the same key is free in every tenant: no oracle for what others have
    let upsert = "INSERT INTO notes (id, body) VALUES ($1, 'a') ON CONFLICT (tenant_id, id) DO UPDATE SET body = 'stolen'";
    sqlx::query(upsert).bind(id).execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(cell.bodies(&cell.beta).await, ["b"]);
    assert_eq!(cell.bodies(&cell.alpha).await, ["a"]);
}

#[tokio::test]
async fn a_row_can_not_be_written_for_or_moved_to_another_tenant() {
    let cell = Cell::new().await;
    let id = cell.write(&cell.alpha, "a").await;
    let beta = cell.beta.tenant_id();
    for text in [
        "INSERT INTO notes (tenant_id, id, body) VALUES ($1, gen_random_uuid(), 'x')",
        "UPDATE notes SET tenant_id = $1 WHERE body = 'a'",
        "MERGE INTO notes n USING (SELECT $1::uuid AS t) s ON false WHEN NOT MATCHED THEN INSERT (tenant_id, id, body) VALUES (s.t, gen_random_uuid(), 'x')",
    ] {
        let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
        let error = sqlx::query(text).bind(beta).execute(&mut tx).await.unwrap_err();
        let code = error
            .as_database_error()
            .and_then(|e| e.code().map(|c| c.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{text}: {error}");
    }
    let _ = id;
    assert!(cell.bodies(&cell.beta).await.is_empty());
}

#[tokio::test]
async fn the_first_fence_alone_holds_without_policies() {
    let cell = Cell::new().await;
    cell.write(&cell.alpha, "a").await;
    // policies gone and row-level security on: the database shows nothing to anybody
    as_superuser(&cell.database, "DROP POLICY tenant_rows ON notes").await;
    assert!(cell.bodies(&cell.alpha).await.is_empty());
    // the boot check refuses to serve it
    assert!(cell.databases.verify().await.is_err());
}

#[tokio::test]
async fn the_second_fence_alone_holds_without_a_scope() {
    let cell = Cell::new().await;
    cell.write(&cell.alpha, "a").await;
    // the role of the service, without the SDK: never set, set to nothing, set to somebody else
    let mut raw = connect(&cell.database.runtime_url).await;
    assert!(raw.fetch_all("SELECT * FROM notes").await.is_err());
    raw.execute("SET app.current_tenant = ''").await.unwrap();
    assert!(raw.fetch_all("SELECT * FROM notes").await.is_err());
    let stranger = tenancy_core::TenantId::new();
    raw.execute(sqlx::AssertSqlSafe(format!(
        "SET app.current_tenant = '{stranger}'"
    )))
    .await
    .unwrap();
    assert!(raw.fetch_all("SELECT * FROM notes").await.unwrap().is_empty());
    for denied in [
        "TRUNCATE notes",
        "COPY notes TO STDOUT",
        "ALTER TABLE notes NO FORCE ROW LEVEL SECURITY",
        "CREATE TABLE x ()",
        "CREATE TEMP TABLE notes (id uuid)",
        "SET ROLE postgres",
    ] {
        let done = raw.execute(denied).await;
        assert!(done.is_err() || denied.starts_with("COPY"), "{denied}");
    }
}

#[tokio::test]
async fn the_owner_is_fenced_too() {
    let cell = Cell::new().await;
    cell.write(&cell.beta, "b").await;
    let mut owner = connect(&cell.database.owner_url).await;
    assert!(owner.fetch_all("SELECT * FROM notes").await.is_err());
    let scope = format!("SET app.current_tenant = '{}'", cell.alpha.tenant_id());
    owner.execute(sqlx::AssertSqlSafe(scope)).await.unwrap();
    assert!(owner.fetch_all("SELECT * FROM notes").await.unwrap().is_empty());
    let gone = owner.execute("DELETE FROM notes").await.unwrap();
    assert_eq!(gone.rows_affected(), 0);
    assert_eq!(cell.bodies(&cell.beta).await, ["b"]);
}

#[tokio::test]
async fn a_careless_policy_widens_nothing() {
    let cell = Cell::new().await;
    cell.write(&cell.alpha, "a").await;
    cell.write(&cell.beta, "b").await;
    as_superuser(
        &cell.database,
        "CREATE POLICY careless ON notes USING (true) WITH CHECK (true)",
    )
    .await;
    assert_eq!(cell.bodies(&cell.alpha).await, ["a"]);
    let planted = "INSERT INTO notes (tenant_id, id, body) VALUES ($1, gen_random_uuid(), 'x')";
    let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
    let planted = sqlx::query(planted).bind(cell.beta.tenant_id());
    assert!(planted.execute(&mut tx).await.is_err());
    drop(tx);
    assert_eq!(cell.bodies(&cell.beta).await, ["b"]);
}

#[tokio::test]
async fn no_row_is_nobodys() {
    let cell = Cell::new().await;
    // a tenant that somebody forgot to fill in is a tenant that somebody else can forget, too
    let mut raw = connect(&cell.database.runtime_url).await;
    let nil = "SET app.current_tenant = '00000000-0000-0000-0000-000000000000'";
    raw.execute(nil).await.unwrap();
    let insert = "INSERT INTO notes (id, body) VALUES (gen_random_uuid(), 'x')";
    let error = raw.execute(insert).await.unwrap_err();
    assert_eq!(
        error.as_database_error().unwrap().code().as_deref(),
        Some("23514")
    );
}

#[tokio::test]
async fn a_reference_stays_within_its_tenant() {
    let cell = Cell::new().await;
    let (own, other) = (
        cell.write(&cell.alpha, "a").await,
        cell.write(&cell.beta, "b").await,
    );
    let photos = TenantTable::new("public", "photos").unwrap();
    let photos = photos
        .column("id", "uuid NOT NULL")
        .unwrap()
        .column("note", "uuid")
        .unwrap();
    let photos = photos.key(&["id"]).unwrap().belongs_to("note", "notes").unwrap();
    let role = &cell.database.runtime_role;
    let text = format!("{}; GRANT INSERT ON photos TO {role}", photos.render());
    let mut owner = connect(&cell.database.owner_url).await;
    owner.execute(sqlx::AssertSqlSafe(text)).await.unwrap();
    for (note, points) in [(own, true), (other, false)] {
        let mut tx = cell.core.begin(&permit(&cell.alpha)).await.unwrap();
        let insert = sqlx::query("INSERT INTO photos (id, note) VALUES (gen_random_uuid(), $1)");
        let done = insert.bind(note).execute(&mut tx).await;
        assert_eq!(done.is_ok(), points, "{done:?}");
    }
}

#[tokio::test]
async fn a_tenant_without_the_database_is_not_entitled() {
    let cell = Cell::new().await;
    let social = cell.databases.handle("social".parse().unwrap());
    assert_eq!(
        social.read(&cell.alpha).await.unwrap_err().kind(),
        Kind::NotEntitled
    );
}

#[tokio::test]
async fn a_tenant_that_lives_elsewhere_does_not_exist_here() {
    let cell = Cell::new().await;
    let elsewhere = context(&tenant("gamma", Tier::Standard), Role::Owner).await;
    assert_eq!(
        cell.core.read(&elsewhere).await.unwrap_err().kind(),
        Kind::NotFound
    );
    assert_eq!(
        cell.core.begin(&permit(&elsewhere)).await.unwrap_err().kind(),
        Kind::NotFound
    );
}

#[tokio::test]
async fn a_large_object_has_no_fence_so_no_statement_reaches_one() {
    let cell = Cell::new().await;
    // as the server would have it: no policy can be put on it, and it belongs to the role of all tenants
    let mut raw = connect(&cell.database.runtime_url).await;
    let written = raw.execute("SELECT lo_from_bytea(4711, 'of alpha')").await;
    assert!(written.is_ok());
    let mut conn = cell.core.read(&cell.beta).await.unwrap();
    for text in [
        "SELECT lo_get(4711)",
        "SELECT pg_catalog.lo_from_bytea(0, 'of beta')",
        "SELECT \"lo_unlink\"(4711)",
        "SELECT loread(lo_open(4711, 262144), 10)",
        "SELECT oid FROM pg_largeobject_metadata",
    ] {
        assert!(sqlx::query(text).fetch_all(&mut conn).await.is_err(), "{text}");
    }
    let plain = "SELECT body AS solo_trip FROM notes WHERE body = 'hello_world'";
    assert!(sqlx::query(plain).fetch_all(&mut conn).await.is_ok());
}

#[tokio::test]
async fn no_statement_looks_at_or_ends_other_sessions() {
    let cell = Cell::new().await;
    let _beta = cell.core.read(&cell.beta).await.unwrap();
    let mut conn = cell.core.read(&cell.alpha).await.unwrap();
    // all tenants' sessions are one role's, so the server shows each the texts of all, ids of tenants among them
    let mut raw = connect(&cell.database.runtime_url).await;
    let shown = format!(
        "SELECT FROM pg_stat_activity WHERE query LIKE '%SET app.current_tenant = ''{}''%'",
        cell.beta.tenant_id()
    );
    assert!(
        !raw.fetch_all(sqlx::AssertSqlSafe(shown))
            .await
            .unwrap()
            .is_empty()
    );
    for text in [
        "SELECT query FROM pg_stat_activity",
        "SELECT query FROM pg_catalog.pg_stat_get_activity(NULL)",
        "SELECT pg_terminate_backend($1)",
        "SELECT pg_catalog.\"pg_cancel_backend\"($1)",
    ] {
        let refused = sqlx::query(text).bind(0).fetch_all(&mut conn).await;
        assert!(
            matches!(refused, Err(sqlx::Error::Configuration(_))),
            "{text}: {refused:?}"
        );
    }
}
