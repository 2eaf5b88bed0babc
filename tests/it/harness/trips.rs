//! The demo's world, once for all tests of this process.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use demo::world::{Extent, Service, Target, Tenant, World};
use reqwest::{Client, Method, redirect};
use tenancy_core::Role;
use tokio::{runtime::Runtime, sync::OnceCell, time::Duration};

use super::{Call, logs::Logs};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The services' tasks outlive the test that started them: they run on a runtime of their own.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static TRIPS: OnceCell<Trips> = OnceCell::const_new();

/// The demo's world: two Free tenants (`ada`, `bob`) in a shared cell, a Standard one (`acme`) and an Enterprise one
/// (`globex`) with pinned deployments; and who asks its services.
pub(crate) struct Trips {
    pub(crate) world: World,
    pub(crate) client: Client,
    pub(crate) logs: Logs,
    _janitor: Child,
}

/// Runs a test on the one world of this process. Tests share it, so none changes what another counts on: who changes a
/// tenant makes one of its own.
pub(crate) fn on_trips(test: impl AsyncFnOnce(&'static Trips)) {
    RUNTIME.block_on(async { test(TRIPS.get_or_init(Trips::start).await).await });
}

impl Trips {
    async fn start() -> Self {
        let logs = Logs::capture();
        let world = World::start(Extent::Plain, |_| {})
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let folder = world.folder(Target::Shared);
        let janitor = janitor(folder.parent().unwrap());
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .no_proxy();
        Self {
            world,
            client: client.build().unwrap(),
            logs,
            _janitor: janitor,
        }
    }

    pub(crate) fn tenant(&self, slug: &str) -> &Tenant {
        self.world.tenant(slug).unwrap()
    }

    pub(crate) fn token(&self, tenant: &Tenant, role: Role) -> String {
        self.world.token(tenant, role).unwrap()
    }

    /// A request to the deployment that serves `tenant`, at the tenant's host, without a token.
    pub(crate) fn call(&'static self, tenant: &Tenant, service: Service, method: Method, path: &str) -> Call {
        let url = self.world.url(tenant, service).unwrap();
        Call::new(&self.client, &url, method, path).host(&tenant.host())
    }
}

/// Removes the world's folder when this process ends, however it ends: nobody drops what is static.
fn janitor(folder: &Path) -> Child {
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' HUP INT TERM; cat >/dev/null; rm -rf \"$0\""])
        .arg(folder);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.process_group(0).spawn().unwrap()
}
