//! `tenancy migrate` over a fleet: a failure and a kill on the way, and every database has every migration once.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Instant,
};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tenancy_control::{NewTenant, NewUser, Registry};
use tenancy_core::{Tier, UserId, registry::connect_options};
use tenancy_sql::rls::TenantTable;
use tenancy_testkit::{Database, Postgres, tenant};

/// What each migration writes down, so that a second time would be seen.
const MARKS: &str = "-- tenancy: allow table_unfenced: counts how often each migration ran\n\
    CREATE TABLE marks (version int NOT NULL);\nINSERT INTO marks VALUES (2);";
const COLUMN: &str = "ALTER TABLE trips ADD COLUMN note text;\nINSERT INTO marks VALUES (3);";
const INDEX: &str =
    "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS trips_note ON trips (tenant_id, note);";
const LAST: u32 = 4;

struct Fleet {
    folder: TempDir,
    databases: Vec<Database>,
}

async fn connect(url: &SecretString) -> PgConnection {
    let options =
        connect_options(url).unwrap_or_else(|error| panic!("{error}: {}", url.expose_secret().len()));
    PgConnection::connect_with(&options).await.unwrap()
}

impl Fleet {
    async fn new(count: usize) -> Self {
        let server = Postgres::shared().await.unwrap();
        let mut databases = Vec::with_capacity(count);
        for _ in 0..count {
            databases.push(server.database_from("tenants", async |_| {}).await.unwrap());
        }
        let folder = tempfile::tempdir().unwrap();
        let fleet = Self { folder, databases };
        fleet.write();
        fleet
    }

    fn write(&self) {
        let trips = TenantTable::new("public", "trips").unwrap();
        let trips = trips.column("id", "uuid").unwrap().key(&["id"]).unwrap().render();
        std::fs::create_dir(self.path("migrations")).unwrap();
        for (version, text) in (1..).zip([trips.as_str(), MARKS, COLUMN, INDEX]) {
            std::fs::write(self.path(&format!("migrations/{version}_m.sql")), text).unwrap();
        }
        let mut list = format!(
            "[sql]\nruntime_role = \"{}\"\n[sql.locations]\n",
            self.databases[0].runtime_role
        );
        for (n, database) in self.databases.iter().enumerate() {
            let file = self.path(&format!("url-{n}"));
            std::fs::write(&file, database.owner_url.expose_secret()).unwrap();
            writeln!(list, "\"db-{n:03}\" = \"file:{}\"", file.display()).unwrap();
        }
        std::fs::write(self.path("fleet.toml"), list).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenancy"));
        command
            .current_dir(self.folder.path())
            .arg("migrate")
            .args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs, and kills it as `kill -9` does when that many databases are ended.
    fn run_until_killed(&self, ended: usize) {
        let mut child = self
            .command(&[])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let wanted = format!("{ended}/");
        let reached = lines.map(Result::unwrap).any(|line| line.starts_with(&wanted));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(reached, "it ended before it could be killed");
    }

    /// How many databases have which version, as the databases themselves say.
    async fn truth(&self) -> BTreeMap<String, usize> {
        let mut versions = BTreeMap::new();
        for database in &self.databases {
            let mut superuser = connect(&database.superuser_url).await;
            let there = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
            let version = if sqlx::query_scalar(there).fetch_one(&mut superuser).await.unwrap() {
                let text = "SELECT coalesce(max(version)::text, 'none') FROM _sqlx_migrations";
                sqlx::query_scalar(text).fetch_one(&mut superuser).await.unwrap()
            } else {
                "none".to_owned()
            };
            superuser.close().await.unwrap();
            *versions.entry(version).or_default() += 1;
        }
        versions
    }

    /// The report says what the databases say.
    async fn report_is_right(&self) -> BTreeMap<String, usize> {
        let output = self.run(&["--report", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let reported: BTreeMap<String, usize> = serde_json::from_value(report["versions"].clone()).unwrap();
        assert_eq!(reported, self.truth().await);
        reported
    }

    async fn everything_once(&self) {
        for database in &self.databases {
            let mut superuser = connect(&database.superuser_url).await;
            let text = "SELECT array(SELECT version FROM marks ORDER BY 1) = '{2,3}' \
                AND array(SELECT version FROM _sqlx_migrations WHERE success ORDER BY 1) = '{1,2,3,4}' \
                AND (SELECT count(*) FROM pg_index WHERE indrelid = 'trips'::regclass AND indisvalid) = 2 \
                AND has_table_privilege($1, 'trips', 'INSERT')";
            let query = sqlx::query_scalar(text).bind(&database.runtime_role);
            let once: bool = query.fetch_one(&mut superuser).await.unwrap();
            assert!(once, "{}", database.name);
            superuser.close().await.unwrap();
        }
    }
}

async fn run_as(database: &Database, text: &str) {
    let mut superuser = connect(&database.superuser_url).await;
    superuser.execute(AssertSqlSafe(text.to_owned())).await.unwrap();
    superuser.close().await.unwrap();
}

/// Demand: a failure at one database and a kill later, and the run goes on where it ended.
async fn interrupted(count: usize, fails: usize, killed: usize) {
    let fleet = Fleet::new(count).await;
    let bad = &fleet.databases[fails - 1];
    // something by hand stands where the migration wants to make something
    run_as(bad, "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN IF EXISTS (SELECT FROM pg_attribute \
        WHERE attname = ''note'' AND NOT attisdropped) THEN RAISE EXCEPTION USING ERRCODE = ''42701'', MESSAGE = ''injected''; END IF; END'; \
        CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION refuse()").await;
    assert_eq!(fleet.report_is_right().await, [("none".to_owned(), count)].into());

    let output = fleet.run(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("migration 3 refused with 42701"), "{said}");
    let versions = fleet.report_is_right().await;
    let begun = count - versions["none"];
    assert!(
        (fails..fails + 4).contains(&begun),
        "{begun} were begun, and the {fails}. failed"
    );
    assert_eq!(versions["2"], 1);

    run_as(bad, "DROP EVENT TRIGGER refuse; DROP FUNCTION refuse()").await;
    fleet.run_until_killed(killed - 1);
    let versions = fleet.report_is_right().await;
    assert!(versions["none"] > 0, "nothing was left: {versions:?}");

    let begun = Instant::now();
    let output = fleet.run(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("goes on with the run"), "{said}");
    let all = [(LAST.to_string(), count)].into();
    assert_eq!(fleet.report_is_right().await, all);
    fleet.everything_once().await;
    times(&fleet.path("tenancy-migrate.jsonl"), begun);

    let again = Instant::now();
    assert_eq!(fleet.run(&[]).status.code(), Some(0));
    println!(
        "{} ms a database with nothing to do",
        again.elapsed().as_millis() / count as u128
    );
}

/// Says how long a database took, as the record has it.
fn times(record: &Path, begun: Instant) {
    let text = std::fs::read_to_string(record).unwrap();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut millis: Vec<u64> = lines
        .filter(|line| {
            line["database"]["outcome"]["done"]["applied"]
                .as_array()
                .is_some_and(|applied| applied.len() == 4)
        })
        .filter_map(|line| line["database"]["outcome"]["done"]["millis"].as_u64())
        .collect();
    millis.sort_unstable();
    println!(
        "{} databases migrated; median {} ms, slowest {} ms each; the last run {} ms",
        millis.len(),
        millis[millis.len() / 2],
        millis[millis.len() - 1],
        begun.elapsed().as_millis()
    );
}

#[tokio::test]
async fn a_fleet_that_fails_and_is_killed_on_the_way_has_everything_once() {
    interrupted(30, 8, 18).await;
}

#[tokio::test]
#[ignore = "300 databases take minutes; by hand, after a change of the runner"]
async fn three_hundred_databases_that_fail_and_are_killed_on_the_way_have_everything_once() {
    interrupted(300, 40, 120).await;
}

#[test]
fn the_lint_needs_no_database_and_a_hazard_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("1_m.sql"), text).unwrap();
    let lint = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenancy"));
        let command = command.args(["migrate", "--lint", "--source"]).arg(folder.path());
        let output = command.args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    write("\nCREATE INDEX i ON t (a);");
    let (code, said) = lint(&[]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("migration 1, line 2: [index_blocks]"), "{said}");
    let (_, json) = lint(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["rule"], "index_blocks");
    assert_eq!(lint(&["--lint-after", "1"]).0, Some(0));
    write("-- tenancy: allow index_blocks: it is empty\nCREATE INDEX i ON t (a);");
    assert_eq!(lint(&[]).0, Some(0));
}

#[tokio::test]
async fn a_list_that_lacks_a_place_of_the_registrys_is_not_migrated() {
    let server = Postgres::shared().await.unwrap();
    let registry = server.database_from("registry", async |_| {}).await.unwrap();
    Registry::migrate(&mut connect(&registry.owner_url).await)
        .await
        .unwrap();
    let owner = Registry::connect(connect_options(&registry.owner_url).unwrap())
        .await
        .unwrap();
    let record = tenant("acme", Tier::Free);
    let new = NewTenant {
        id: record.id,
        name: "Acme".parse().unwrap(),
        tier: record.tier,
        status: record.status,
        identity_tenant: record.identity_tenant.clone(),
        plan: None,
        placement: record.placement.clone(),
        owner: NewUser {
            id: UserId::new(),
            subject: "u-1".parse().unwrap(),
            email: "a@b.example".parse().unwrap(),
        },
        slug: record.slug.clone(),
    };
    owner.create(&new).await.unwrap();
    let fleet = Fleet::new(1).await;
    std::fs::write(fleet.path("registry"), registry.owner_url.expose_secret()).unwrap();
    let reference = format!("file:{}", fleet.path("registry").display());
    let output = fleet.run(&["--registry", &reference]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("cell-free-1.core"), "{said}");
    assert_eq!(fleet.truth().await, [("none".to_owned(), 1)].into());
}

#[test]
fn a_list_that_can_not_be_used_is_said_without_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.toml");
    for (text, says) in [
        (
            "[sql]\nruntime_role = 'app'\n[sql.locations]\ncore = 'postgres://u:hunter2@db/core'",
            "reference",
        ),
        (
            "[sql]\nruntime_role = 'app'\nlocations = {}\n[[pins]]\nlocation = 'a'\nversion = 1\nreason = 'x'\nuntil = '2027-01-01'",
            "`a`",
        ),
        ("[sql]\nruntime_role = 'public'\nlocations = {}", "role"),
    ] {
        std::fs::write(&path, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenancy"));
        let command = command
            .args(["migrate", "--report", "--source"])
            .arg(folder.path());
        let output = command.arg("--fleet").arg(&path).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(says) && !said.contains("hunter2"), "{said}");
    }
}
