//! One instance, with what is open to it.

use std::sync::Arc;

use neo4rs::Graph;
use parking_lot::Mutex;
use tenancy_core::{Error, GraphDatabase, Result};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{Lease, Target};
use crate::{
    GraphOptions,
    deadline::{after, answered, within},
    failure,
};

/// Callers that may wait for a connection of one instance; one more is refused at once.
const WAITING: usize = 1000;

/// One instance, with what is open to it.
pub(crate) struct Instance {
    target: Arc<Target>,
    pub(super) options: Arc<GraphOptions>,
    connections: Arc<Semaphore>,
    waiting: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

/// A connection that nobody uses.
struct Idle {
    database: Option<GraphDatabase>,
    graph: Graph,
    since: Instant,
}

impl Instance {
    pub(crate) fn new(target: Arc<Target>, options: Arc<GraphOptions>) -> Self {
        Self {
            target,
            connections: Arc::new(Semaphore::new(
                options.max_connections.clamp(1, Semaphore::MAX_PERMITS),
            )),
            options,
            waiting: Semaphore::new(WAITING),
            idle: Mutex::default(),
        }
    }

    /// The right to one connection to one database, waited for until then.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        database: Option<GraphDatabase>,
        deadline: Instant,
    ) -> Result<Lease> {
        let permit = self.permit(deadline).await?;
        let graph = self.take(database.as_ref());
        Ok(Lease::new(Arc::clone(self), database, graph, permit))
    }

    async fn permit(&self, deadline: Instant) -> Result<OwnedSemaphorePermit> {
        let connections = Arc::clone(&self.connections);
        if let Ok(permit) = Arc::clone(&connections).try_acquire_owned() {
            return Ok(permit);
        }
        let busy = |why| Error::unavailable(why);
        let waits = self.waiting.try_acquire();
        let _waits = waits.map_err(|_| busy("too many wait for a connection to the graph"))?;
        match within(deadline, connections.acquire_owned()).await {
            Some(Ok(permit)) => Ok(permit),
            _ => Err(busy("no connection to the graph came free in time")),
        }
    }

    /// One that leads to this database. When there is none, one that leads to another makes way for a new one.
    fn take(&self, database: Option<&GraphDatabase>) -> Option<Graph> {
        let mut idle = self.idle.lock();
        let found = idle.iter().rposition(|idle| idle.database.as_ref() == database);
        match found {
            Some(at) => Some(idle.swap_remove(at).graph),
            None if idle.len() >= self.connections.available_permits().max(1) => {
                idle.pop();
                None
            }
            None => None,
        }
    }

    pub(super) fn put(&self, database: Option<GraphDatabase>, graph: Graph) {
        let since = Instant::now();
        self.idle.lock().push(Idle {
            database,
            graph,
            since,
        });
    }

    /// Closes what has idled since before then.
    pub(crate) fn sweep(&self, since: Instant) {
        self.idle.lock().retain(|idle| idle.since >= since);
    }

    /// A new connection that has answered once. A login that is refused makes the secret be read again.
    pub(super) async fn open(&self, database: Option<&GraphDatabase>, deadline: Instant) -> Result<Graph> {
        let deadline = deadline.min(after(self.options.connect_timeout));
        let refused = match within(deadline, self.dial(database)).await {
            Some(Err(neo4rs::Error::AuthenticationError(said))) => neo4rs::Error::AuthenticationError(said),
            Some(answer) => return answer.map_err(failure::classify),
            None => {
                return Err(Error::unavailable(
                    "the graph did not accept a connection in time",
                ));
            }
        };
        if !self.target.refresh() {
            return Err(failure::classify(refused));
        }
        tracing::info!("a graph's password was changed");
        answered(deadline, self.dial(database)).await
    }

    async fn dial(&self, database: Option<&GraphDatabase>) -> neo4rs::Result<Graph> {
        let config = self.target.config(database, &self.options).map_err(|error| {
            tracing::warn!("a graph can't be reached: {}", error.log().unwrap_or_default());
            neo4rs::Error::InvalidConfig
        })?;
        let graph = Graph::connect(config)?;
        let mut answer = graph.execute_read(neo4rs::query("RETURN 1")).await?;
        while answer.next().await?.is_some() {}
        Ok(graph)
    }
}
