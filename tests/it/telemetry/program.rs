//! The `itineraries` service as a process of its own, all of whose words are kept.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use demo::{
    story::Receiver,
    world::{Service, Target},
};
use reqwest::Method;

use crate::harness::{Call, Settings, Trips, until};

/// A running service; it ends with this value.
pub(super) struct Program {
    child: Child,
    url: String,
    log: Option<JoinHandle<String>>,
    pub(super) settings: Settings,
}

impl Program {
    /// Starts it at the shared deployment, logging at `level`, and waits until it answers.
    pub(super) async fn start(trips: &'static Trips, level: &str, receiver: Option<&Receiver>) -> Self {
        let settings = Settings::of(trips, Target::Shared, Service::Itineraries);
        let settings = settings.set(&["deployment", "listen"], "127.0.0.1:0");
        let mut command = Command::new(env!("CARGO_BIN_EXE_traced"));
        command
            .arg(settings.write())
            .env("TENANCY_LOG", level)
            .stdin(Stdio::null());
        if let Some(receiver) = receiver {
            command.env("TRACES", receiver.url());
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("it says {line:?}"))
            .to_owned();
        let program = Self {
            child,
            url,
            log: Some(log),
            settings,
        };
        until(
            &program.call(trips, Method::GET, "/healthz"),
            200,
            Duration::from_secs(5),
        )
        .await;
        program
    }

    pub(super) fn call(&self, trips: &Trips, method: Method, path: &str) -> Call {
        Call::new(&trips.client, &self.url, method, path)
    }

    /// Tells it to stop, and gives all that it logged.
    pub(super) async fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        let log = self.log.take().unwrap();
        tokio::task::spawn_blocking(move || log.join().unwrap())
            .await
            .unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
