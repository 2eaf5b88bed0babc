//! A service that runs within this process.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use tenancy::Tenancy;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{Result, Service, Target, failure::While};

/// How long open requests may go on when the service stops.
const GRACE: Duration = Duration::from_secs(5);

/// A running service, configured by a file as it would be in a process of its own.
pub(super) struct Instance {
    pub(super) target: Target,
    pub(super) service: Service,
    pub(super) config: PathBuf,
    pub(super) tenancy: Tenancy,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: Task,
}

/// Ends with its handle: a world that is dropped leaves no service behind.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Instance {
    pub(super) async fn start(target: Target, service: Service, config: &Path) -> Result<Self> {
        let what = || format!("start {service} from `{}`", config.display());
        let tenancy = Tenancy::from_config(config).await.during(what)?;
        let router = match service {
            Service::Itineraries => itineraries::router(&tenancy),
            Service::Social => social::router(&tenancy),
        };
        let router = router.during(what)?.layer(tenancy.forwarded());
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.during(what)?;
        let address = listener.local_addr().during(what)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router).with_graceful_shutdown(async {
            // a sender that is gone stops it too
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move {
            // a listener on loopback has no error that ends it
            let _ = server.await;
        });
        Ok(Self {
            target,
            service,
            config: config.to_owned(),
            tenancy,
            address,
            stop,
            task: Task(task),
        })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it, with five seconds for what is open.
    pub(super) async fn stop(mut self) {
        // a server that ended already does not listen any more
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(GRACE, &mut self.task.0).await;
    }
}
