//! Services with configurations of a test's own.

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use axum::Router;
use demo::world::{Service, Target};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tenancy::{BootError, Tenancy};
use tokio::{net::TcpListener, task::JoinHandle};
use toml::{Table, Value};

use super::{Call, Trips};

/// A configuration, to be changed: another instance's at first.
pub(crate) struct Settings {
    pub(crate) table: Table,
    folder: TempDir,
}

impl Settings {
    /// Those of an instance of the world.
    pub(crate) fn of(trips: &Trips, target: Target, service: Service) -> Self {
        let text = std::fs::read_to_string(trips.world.config(target, service).unwrap()).unwrap();
        Self {
            table: text.parse().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Sets `section.key`, or with dots in the key's own name `section.'key'`: the path is given as its parts.
    pub(crate) fn set(mut self, path: &[&str], value: impl Into<Value>) -> Self {
        let (last, sections) = path.split_last().unwrap();
        let mut at = &mut self.table;
        for section in sections {
            let entry = at.entry(*section).or_insert_with(|| Value::Table(Table::new()));
            at = entry.as_table_mut().unwrap();
        }
        at.insert((*last).to_owned(), value.into());
        self
    }

    pub(crate) fn without(mut self, section: &str) -> Self {
        self.table.remove(section);
        self
    }

    /// Puts a secret into a file, and its reference into the configuration.
    pub(crate) fn secret(self, path: &[&str], secret: &SecretString) -> Self {
        let file = self.folder.path().join(path.join("-"));
        std::fs::write(&file, secret.expose_secret()).unwrap();
        self.set(path, format!("file:{}", file.display()))
    }

    /// The secret behind a reference.
    pub(crate) fn reveal(&self, path: &[&str]) -> SecretString {
        let (last, sections) = path.split_last().unwrap();
        let section = sections
            .iter()
            .fold(&self.table, |at, section| at[*section].as_table().unwrap());
        let file = section[*last].as_str().unwrap().strip_prefix("file:").unwrap();
        std::fs::read_to_string(file).unwrap().into()
    }

    pub(crate) fn write(&self) -> PathBuf {
        let path = self.folder.path().join("tenancy.toml");
        std::fs::write(&path, toml::to_string(&self.table).unwrap()).unwrap();
        path
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn boot(&self) -> Result<Tenancy, BootError> {
        Tenancy::from_config(self.write()).await
    }

    /// What a refusal to start says.
    pub(crate) async fn refusal(&self) -> String {
        match self.boot().await {
            Ok(_) => panic!("it starts with {}", toml::to_string(&self.table).unwrap()),
            Err(error) => reasons(&error),
        }
    }
}

/// An error and what caused it, as services log it.
pub(crate) fn reasons(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A service that listens on loopback until it is dropped.
pub(crate) struct Instance {
    url: String,
    task: JoinHandle<()>,
    _settings: Settings,
}

impl Instance {
    pub(crate) async fn start(
        settings: Settings,
        router: impl FnOnce(&Tenancy) -> tenancy::Result<Router>,
    ) -> Self {
        let tenancy = settings
            .boot()
            .await
            .unwrap_or_else(|error| panic!("{}", reasons(&error)));
        let app = router(&tenancy).unwrap().layer(tenancy.forwarded());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            let _tenancy = tenancy;
            axum::serve(listener, app).await.unwrap();
        });
        Self {
            url,
            task,
            _settings: settings,
        }
    }

    pub(crate) fn call(&self, trips: &Trips, method: Method, path: &str) -> Call {
        Call::new(&trips.client, &self.url, method, path)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Asks until an answer has this status, for so long at most; gives how long it took.
pub(crate) async fn until(call: &Call, status: u16, within: Duration) -> Duration {
    let since = std::time::Instant::now();
    loop {
        let answer = call.try_send().await;
        let took = since.elapsed();
        match answer {
            Ok(answer) if answer.status == status => return took,
            last => assert!(took < within, "no {status} within {within:?}: {last:?}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
