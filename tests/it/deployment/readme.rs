//! The service on the README's first screen: it is the program `readme` of this package, and it works.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use demo::world::{Service, Target};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Call, Guest, Settings, Trips, on_trips, until};

#[test]
fn the_readme_shows_the_program_that_is_tested() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(here.join("../README.md")).unwrap();
    let shown = readme
        .split("<!-- service -->\n```rust\n")
        .nth(1)
        .and_then(|rest| rest.split("```\n<!-- /service -->").next());
    let program = std::fs::read_to_string(here.join("readme/main.rs")).unwrap();
    assert_eq!(
        shown,
        Some(program.as_str()),
        "copy tests/readme/main.rs between the README's marks"
    );
}

/// The program, as a process of its own. It ends with this value.
struct Program {
    child: Child,
    url: String,
    _settings: Settings,
}

impl Program {
    fn start(settings: Settings) -> Self {
        let mut child = spawn(&settings, Stdio::null());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("it says {line:?}"))
            .to_owned();
        Self {
            child,
            url,
            _settings: settings,
        }
    }

    fn call(&self, trips: &Trips, method: Method, token: &str) -> Call {
        Call::new(&trips.client, &self.url, method, "/travellers").token(token)
    }
}

fn spawn(settings: &Settings, stderr: Stdio) -> Child {
    let folder = settings.write().parent().unwrap().to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_readme"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .unwrap()
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn settings(trips: &Trips) -> Settings {
    Settings::of(trips, Target::Shared, Service::Itineraries).set(&["deployment", "listen"], "127.0.0.1:0")
}

#[test]
fn the_readmes_service_keeps_each_tenants_travellers_apart() {
    on_trips(async |trips| {
        let program = Program::start(settings(trips));
        let (one, two) = (
            Guest::new(trips, "first-guest").await,
            Guest::new(trips, "second-guest").await,
        );
        let list = |guest: &Guest| program.call(trips, Method::GET, &guest.token);
        until(&list(&one), 200, Duration::from_secs(2)).await;
        for (guest, name) in [(&one, "Ada"), (&two, "Bob")] {
            assert_eq!(list(guest).send().await.json(), json!([]));
            let join = program.call(trips, Method::POST, &guest.token).json(json!(name));
            assert_eq!(join.send().await.status, 201);
            assert_eq!(join.send().await.status, 409, "the same user once more");
            assert_eq!(list(guest).send().await.json(), json!([name]));
        }
        assert_eq!(list(&one).send().await.json(), json!(["Ada"]));
        assert_eq!(
            program.call(trips, Method::GET, "nonsense").send().await.status,
            401
        );
    });
}

#[test]
fn the_readmes_service_refuses_to_start_and_says_why() {
    on_trips(async |trips| {
        let settings = settings(trips).set(&["sql", "pasword"], "hunter2");
        let mut child = spawn(&settings, Stdio::piped());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!child.wait().unwrap().success());
        assert!(
            said.contains("sql.pasword") && !said.contains("hunter2"),
            "{said}"
        );
    });
}
