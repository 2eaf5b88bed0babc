//! How many listen, and over which connection.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::Arc,
};

use parking_lot::Mutex;
use tenancy_core::{DocumentDatabase, Error, ProjectId, Result, TenantId};

use super::DocumentOptions;

/// Listeners over one connection. The cloud takes a hundred streams over one, and what comes then waits, whosever it is.
const A_CONNECTION: usize = 90;

type Database = (ProjectId, DocumentDatabase);

/// The seats that are taken, by database. What nobody listens to is not in it.
#[derive(Default)]
pub(super) struct Seats {
    taken: Mutex<HashMap<Database, Taken>>,
}

#[derive(Default)]
struct Taken {
    /// By connection.
    connections: Vec<usize>,
    tenants: HashMap<TenantId, usize>,
}

/// A listener's part of a connection that carries nothing but listeners. Given back when it is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    database: Database,
    tenant: TenantId,
    connection: usize,
}

impl Seats {
    /// # Errors
    ///
    /// `Unavailable` when the tenant, or all together, listen as often as they may.
    pub(super) fn take(
        self: &Arc<Self>,
        database: Database,
        tenant: TenantId,
        options: &DocumentOptions,
    ) -> Result<Seat> {
        let mut all = self.taken.lock();
        if let Some(taken) = all.get(&database) {
            if taken.tenants.get(&tenant).copied().unwrap_or(0) >= options.tenant_listeners {
                return Err(Error::unavailable("too many of the tenant's listen to documents"));
            }
            if taken.connections.iter().sum::<usize>() >= options.max_listeners {
                return Err(Error::unavailable(
                    "too many listen to the documents of a database",
                ));
            }
        }
        let taken = all.entry(database.clone()).or_default();
        *taken.tenants.entry(tenant).or_default() += 1;
        let connection = taken.sit();
        Ok(Seat {
            seats: Arc::clone(self),
            database,
            tenant,
            connection,
        })
    }
}

impl Taken {
    /// On the first connection that has room.
    fn sit(&mut self) -> usize {
        let room = self.connections.iter().position(|seats| *seats < A_CONNECTION);
        let at = room.unwrap_or_else(|| {
            self.connections.push(0);
            self.connections.len() - 1
        });
        if let Some(seats) = self.connections.get_mut(at) {
            *seats += 1;
        }
        at
    }
}

impl Seat {
    pub(crate) fn connection(&self) -> usize {
        self.connection
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut all = self.seats.taken.lock();
        let Entry::Occupied(mut entry) = all.entry(self.database.clone()) else {
            return;
        };
        let taken = entry.get_mut();
        if let Some(seats) = taken.connections.get_mut(self.connection) {
            *seats -= 1;
        }
        if let Entry::Occupied(mut own) = taken.tenants.entry(self.tenant) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
        if taken.tenants.is_empty() {
            entry.remove();
        }
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(all: usize, tenant: usize) -> DocumentOptions {
        DocumentOptions {
            max_listeners: all,
            tenant_listeners: tenant,
            ..DocumentOptions::default()
        }
    }

    fn database(name: &str) -> Database {
        ("demo-x".parse().unwrap(), name.parse().unwrap())
    }

    #[test]
    fn a_tenant_has_its_part_of_the_listeners_and_gives_it_back() {
        let (seats, options) = (Arc::new(Seats::default()), options(3, 2));
        let (acme, globex) = (TenantId::new(), TenantId::new());
        let take = |name, tenant| seats.take(database(name), tenant, &options);
        let held = [take("(default)", acme).unwrap(), take("(default)", acme).unwrap()];
        assert!(take("(default)", acme).is_err(), "its third");
        let other = take("(default)", globex).unwrap();
        assert!(take("(default)", globex).is_err(), "the fourth of all");
        let elsewhere = take("globex-firestore", globex).unwrap();
        drop(held);
        let again = take("(default)", acme).unwrap();
        drop((other, elsewhere, again));
        assert!(seats.taken.lock().is_empty());
    }

    #[test]
    fn no_connection_carries_more_than_the_cloud_takes() {
        let (seats, options) = (Arc::new(Seats::default()), options(1_000, 1_000));
        let tenant = TenantId::new();
        let take = || seats.take(database("(default)"), tenant, &options).unwrap();
        let mut held: Vec<Seat> = (0..A_CONNECTION * 2 + 1).map(|_| take()).collect();
        let on = |held: &[Seat], n| held.iter().filter(|seat| seat.connection == n).count();
        assert_eq!([0, 1, 2].map(|n| on(&held, n)), [A_CONNECTION, A_CONNECTION, 1]);
        held.remove(0);
        held.push(take());
        assert_eq!(
            on(&held, 0),
            A_CONNECTION,
            "the room that came back is used first"
        );
    }
}
