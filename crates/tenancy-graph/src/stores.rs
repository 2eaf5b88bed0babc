//! The instances that a process can reach.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tenancy_core::{Error, GraphPlacement, Location, Result, StoreName};
use tokio::time::Instant;

use crate::{
    GraphHandle, GraphInstance, GraphOptions,
    pool::{Instance, Lease, Target},
};

/// The instances that a process can reach, by location. Cheap to clone. An instance is connected to when its first tenant
/// comes, and its secret is read then.
#[derive(Clone)]
pub struct GraphStores {
    inner: Arc<Inner>,
}

struct Inner {
    targets: BTreeMap<Location, Arc<Target>>,
    options: Arc<GraphOptions>,
    live: Mutex<Live>,
}

/// The instances that there are connections to.
#[derive(Default)]
struct Live {
    instances: HashMap<Location, Used>,
    uses: u64,
}

struct Used {
    instance: Arc<Instance>,
    last: u64,
}

impl GraphStores {
    /// Instances by their locations. Reads no secret and connects to nothing yet.
    #[must_use]
    pub fn new(instances: BTreeMap<Location, GraphInstance>, options: GraphOptions) -> Self {
        let target = |(location, instance)| (location, Arc::new(Target::new(instance)));
        Self {
            inner: Arc::new(Inner {
                targets: instances.into_iter().map(target).collect(),
                options: Arc::new(options),
                live: Mutex::default(),
            }),
        }
    }

    /// A handle to a logical graph. Opens nothing: the tenant's placement says where it is when it is used.
    #[must_use]
    pub fn handle(&self, name: StoreName) -> GraphHandle {
        GraphHandle::new(self.clone(), name)
    }

    pub(crate) fn options(&self) -> &GraphOptions {
        &self.inner.options
    }

    /// Whether this deployment knows the instance.
    pub(crate) fn knows(&self, place: &GraphPlacement) -> Result<()> {
        self.target(&place.instance).map(drop)
    }

    pub(crate) async fn lease(&self, place: &GraphPlacement, deadline: Instant) -> Result<Lease> {
        let instance = self.instance(&place.instance)?;
        instance.lease(place.database.clone(), deadline).await
    }

    /// The same instance apart from what serves, with more time for each statement.
    pub(crate) fn apart(&self, place: &GraphPlacement, time: Duration) -> Result<Arc<Instance>> {
        let target = Arc::clone(self.target(&place.instance)?);
        let options = GraphOptions {
            max_connections: 2,
            statement_timeout: time,
            ..self.options().clone()
        };
        Ok(Arc::new(Instance::new(target, Arc::new(options))))
    }

    fn target(&self, location: &Location) -> Result<&Arc<Target>> {
        self.inner.targets.get(location).ok_or_else(|| {
            // to the client a tenant that lives elsewhere does not exist here; to the operator it may be a missing line
            tracing::warn!(%location, "a tenant's graph is at a location that the configuration does not name");
            Error::not_found("the tenant is served by another deployment")
        })
    }

    fn instance(&self, location: &Location) -> Result<Arc<Instance>> {
        let target = self.target(location)?;
        let options = &self.inner.options;
        let mut live = self.inner.live.lock();
        live.sweep(options);
        live.uses += 1;
        let now = live.uses;
        if let Some(used) = live.instances.get_mut(location) {
            used.last = now;
            return Ok(Arc::clone(&used.instance));
        }
        live.make_room(options.max_instances.max(1))?;
        let instance = Arc::new(Instance::new(Arc::clone(target), Arc::clone(options)));
        let used = Used {
            instance: Arc::clone(&instance),
            last: now,
        };
        live.instances.insert(location.clone(), used);
        Ok(instance)
    }

    #[cfg(test)]
    fn live(&self) -> Vec<Location> {
        let mut live: Vec<_> = self.inner.live.lock().instances.keys().cloned().collect();
        live.sort();
        live
    }
}

impl Live {
    fn sweep(&self, options: &GraphOptions) {
        if let Some(since) = Instant::now().checked_sub(options.idle_timeout) {
            self.instances
                .values()
                .for_each(|used| used.instance.sweep(since));
        }
    }

    /// The one that was used least recently goes, of those that nobody uses.
    fn make_room(&mut self, most: usize) -> Result<()> {
        if self.instances.len() < most {
            return Ok(());
        }
        let unused = self
            .instances
            .iter()
            .filter(|(_, used)| Arc::strong_count(&used.instance) == 1);
        let oldest = unused
            .min_by_key(|(_, used)| used.last)
            .map(|(location, _)| location.clone());
        let oldest =
            oldest.ok_or_else(|| Error::unavailable("as many graph instances as may be are in use"))?;
        self.instances.remove(&oldest);
        Ok(())
    }
}

impl fmt::Debug for GraphStores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphStores")
            .field("locations", &self.inner.targets.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tenancy_core::Kind;

    use super::*;

    fn location(name: &str) -> Location {
        name.parse().unwrap()
    }

    #[test]
    fn instances_are_bounded_and_the_least_recently_used_makes_way() {
        let instance = GraphInstance {
            url: "bolt://127.0.0.1".parse().unwrap(),
            user: "neo4j".to_owned(),
            password: "env:NONE".parse().unwrap(),
            ca: None,
        };
        let named = ["a", "b", "c"].map(|name| (location(name), instance.clone()));
        let options = GraphOptions {
            max_instances: 2,
            ..GraphOptions::default()
        };
        let stores = GraphStores::new(named.into(), options);
        let a = stores.instance(&location("a")).unwrap();
        drop(stores.instance(&location("b")).unwrap());
        // in use, though it is the older one
        let c = stores.instance(&location("c")).unwrap();
        assert_eq!(stores.live(), [location("a"), location("c")]);
        let refusal = stores.instance(&location("b")).err().map(|error| error.kind());
        assert_eq!(refusal, Some(Kind::Unavailable));
        drop((a, c));
        drop(stores.instance(&location("a")).unwrap());
        drop(stores.instance(&location("b")).unwrap());
        assert_eq!(stores.live(), [location("a"), location("b")]);
        let unknown = stores.instance(&location("d")).err().map(|error| error.kind());
        assert_eq!(unknown, Some(Kind::NotFound));
    }
}
