//! What an Enterprise tenant adds: it reads ours, touches nothing of it, and survives migrations.

use secrecy::ExposeSecret;
use sqlx::{
    AssertSqlSafe, Connection, Executor,
    postgres::{PgConnectOptions, PgConnection},
};
use tenancy_core::{Kind, TenantId};
use tenancy_sql::{
    Additions, PoolOptions,
    fleet::{Class, Ended, Outcome},
};

use crate::{
    fleet::{Run, fleet_of},
    support::{Cell, as_superuser, connect},
};

struct Added {
    cell: Cell,
    additions: Additions,
}

impl Added {
    /// A cell whose tenant alpha has additions.
    async fn new(role: &str) -> Self {
        let cell = Cell::of("additions", PoolOptions::default()).await;
        cell.write(&cell.alpha, "alpha's").await;
        cell.write(&cell.beta, "beta's").await;
        make_role(&cell, role).await;
        let additions = additions(role, cell.alpha.tenant_id());
        let mut owner = connect(&cell.database.owner_url).await;
        for _ in 0..2 {
            additions.ensure(&mut owner).await.unwrap();
        }
        Self { cell, additions }
    }

    /// The tenant's own connection, which says that it is `tenant`.
    async fn connect(&self, tenant: TenantId) -> PgConnection {
        let url = self.cell.database.runtime_url.expose_secret();
        let options: PgConnectOptions = url.parse().unwrap();
        let role = self.additions.role.as_str();
        let options = options
            .username(role)
            .password(role)
            .options([("app.current_tenant", tenant.to_string())]);
        PgConnection::connect_with(&options).await.unwrap()
    }
}

async fn make_role(cell: &Cell, role: &str) {
    let make = format!("CREATE ROLE {role} LOGIN PASSWORD '{role}'");
    as_superuser(&cell.database, &make).await;
}

fn additions(role: &str, tenant: TenantId) -> Additions {
    Additions {
        schema: "extra".parse().unwrap(),
        role: role.parse().unwrap(),
        tenant,
    }
}

async fn bodies(connection: &mut PgConnection, from: &str) -> Vec<String> {
    let text = AssertSqlSafe(format!("SELECT body FROM {from} ORDER BY body"));
    sqlx::query_scalar(text).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn the_tenants_role_fills_its_schema_reads_ours_and_changes_nothing_there() {
    let added = Added::new("additions_one").await;
    let mut own = added.connect(added.cell.alpha.tenant_id()).await;
    own.execute("CREATE TABLE extra.tags (note uuid, tag text); INSERT INTO extra.tags VALUES (NULL, 'x')")
        .await
        .unwrap();
    own.execute("CREATE VIEW extra.mine AS SELECT id, body FROM public.notes")
        .await
        .unwrap();
    assert_eq!(bodies(&mut own, "public.notes").await, ["alpha's"]);
    assert_eq!(bodies(&mut own, "extra.mine").await, ["alpha's"]);
    // it may say what it likes: the wall names its tenant
    let mut liar = added.connect(added.cell.beta.tenant_id()).await;
    assert!(bodies(&mut liar, "public.notes").await.is_empty());
    assert!(bodies(&mut liar, "extra.mine").await.is_empty());

    own.execute("CREATE FUNCTION extra.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        .await
        .unwrap();
    for refused in [
        "CREATE TRIGGER t BEFORE DELETE ON public.notes FOR EACH ROW EXECUTE FUNCTION extra.f()",
        "CREATE RULE r AS ON DELETE TO public.notes DO INSTEAD NOTHING",
        "CREATE POLICY p ON public.notes USING (true)",
        "ALTER TABLE public.notes DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE extra.refers (tenant_id uuid, id uuid, FOREIGN KEY (tenant_id, id) REFERENCES public.notes)",
        "INSERT INTO public.notes (id, body) VALUES (gen_random_uuid(), 'x')",
        "UPDATE public.notes SET body = 'x'",
        "DELETE FROM public.notes",
        "TRUNCATE public.notes",
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE tenancy.mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "DROP SCHEMA extra CASCADE",
        "SELECT * FROM tenancy.audit_log",
        "SELECT * FROM tenancy.quota_usage",
        "LOCK TABLE public.notes IN ROW EXCLUSIVE MODE",
        "CREATE INDEX ON public.notes (body)",
        "CREATE STATISTICS extra.s ON id, body FROM public.notes",
        "COMMENT ON TABLE public.notes IS 'x'",
    ] {
        assert!(own.execute(refused).await.is_err(), "{refused}");
    }
    // the service is as it was, and can't come near the schema
    added.cell.databases.verify().await.unwrap();
    own.execute("GRANT ALL ON ALL TABLES IN SCHEMA extra TO PUBLIC")
        .await
        .unwrap();
    let mut runtime = connect(&added.cell.database.runtime_url).await;
    assert!(runtime.execute("SELECT * FROM extra.tags").await.is_err());
    assert_eq!(added.cell.bodies(&added.cell.alpha).await, ["alpha's"]);
}

#[tokio::test]
async fn a_role_that_can_do_more_gets_nothing() {
    let cell = Cell::of("additions", PoolOptions::default()).await;
    let mut owner = connect(&cell.database.owner_url).await;
    for (n, (fault, says)) in [
        ("SELECT 1", ""),
        ("DROP ROLE {role}", "no such role"),
        ("ALTER ROLE {role} BYPASSRLS", "beyond LOGIN"),
        ("GRANT pg_read_all_data TO {role}", "another role"),
        ("GRANT TRIGGER ON notes TO {role}", "more than read"),
        ("GRANT INSERT (body) ON notes TO {role}", "more than read"),
        ("GRANT CREATE ON SCHEMA public TO {role}", "create in the schema"),
        (
            "CREATE TABLE theirs (id int); ALTER TABLE theirs OWNER TO {role}",
            "owns",
        ),
        ("CREATE SCHEMA extra", "not of the role that migrates"),
    ]
    .into_iter()
    .enumerate()
    {
        let role = format!("additions_bad_{n}");
        make_role(&cell, &role).await;
        as_superuser(&cell.database, &fault.replace("{role}", &role)).await;
        let schema = if says.is_empty() { "fine" } else { "extra" };
        let asked = Additions {
            schema: schema.parse().unwrap(),
            ..additions(&role, cell.alpha.tenant_id())
        };
        match asked.ensure(&mut owner).await {
            Ok(()) => assert_eq!(says, "", "{fault}"),
            Err(error) => {
                assert_eq!(error.kind(), Kind::Conflict, "{fault}: {error:?}");
                assert!(
                    error
                        .log()
                        .is_some_and(|log| !says.is_empty() && log.contains(says)),
                    "{fault}: {error:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_migration_runs_with_additions_there_and_names_what_stands_in_its_way() {
    let added = Added::new("additions_two").await;
    let mut own = added.connect(added.cell.alpha.tenant_id()).await;
    own.execute(
        "CREATE TABLE extra.tags (tag text); CREATE VIEW extra.mine AS SELECT body FROM public.notes",
    )
    .await
    .unwrap();
    let notes = crate::support::notes();
    let notes = notes.iter().next().unwrap().sql.as_str();
    let add = "ALTER TABLE notes ADD COLUMN text text";
    let drop = "-- tenancy: contract since 2: release 2 reads `text`\nALTER TABLE notes DROP COLUMN body";

    let run = Run::new(&[notes, add], &[&added.cell.database]);
    assert_eq!(
        fleet_of(&run, |_, _| {}).await.run_now().await.ended,
        Ended::Whole
    );
    let run = Run::new(&[notes, add, drop], &[&added.cell.database]);
    let survey = fleet_of(&run, |_, _| {}).await.fleet.survey().await;
    assert_eq!(survey.databases[0].blocked[&3], ["view extra.mine"]);
    let report = fleet_of(&run, |_, _| {}).await.run_now().await;
    let Outcome::Failed(failure) = &report.databases.values().next().unwrap() else {
        panic!("{report:?}");
    };
    assert_eq!(failure.class, Class::Blocked(3));
    assert!(failure.detail.contains("view extra.mine"), "{failure}");

    own.execute("DROP VIEW extra.mine").await.unwrap();
    assert_eq!(
        fleet_of(&run, |_, _| {}).await.run_now().await.ended,
        Ended::Whole
    );
    own.execute("INSERT INTO extra.tags VALUES ('still there')")
        .await
        .unwrap();
    // what is new is readable when it is asked for again
    let mut owner = connect(&added.cell.database.owner_url).await;
    added.additions.ensure(&mut owner).await.unwrap();
}
