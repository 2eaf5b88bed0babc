//! Reading from replicas, no older than the caller says.
//!
//! # Flow
//!
//! 1. A caller says how old a state may be that it reads: [`Staleness`].
//! 2. The primary is asked where it is in what it writes, and this process's clock is read *before* it is asked. A replica that
//!    has replayed up to there shows no older state than that moment's. The clocks of the servers are not compared, and
//!    neither an idle primary nor a receiver that was cut off is taken for a replica that is up to date.
//! 3. The very connection that is to be read from says how far its server is, in the message that scopes it. What it has
//!    replayed stays replayed, so it is asked again only when more is wanted, or a second has passed.
//! 4. Without a proof the primary is read.
//!
//! # Guarantees
//!
//! - What is read holds all that was committed before the bound, when the connection is handed out, and all that was committed
//!   before the [`Position`]. Each statement after that sees the state as it is then, never an older one.
//! - The fence is the primary's: the same roles, policies and scoping message; each replica is audited as the role that reads
//!   from it before it is first used. A server that takes writes, belongs to another cluster, or leads to another
//!   database, is refused at boot, and at each connection.
//! - No reader waits for a replica that is away: it is dialled beside them, ever less often. One that does not answer at once
//!   costs its first reader half a second.
//!
//! # Assumptions
//!
//! - Replicas are physical standbys. Several servers behind one URL are one replica: each connection says for itself.
//! - The primary is one: reads from a primary that was left behind by a failover are as old as it is, with replicas or without.
//!   A standby's timeline is what its files say, which follows a promotion at its next restart point; until then the primary
//!   is read.
//! - The serving role may execute `pg_control_system()` and `pg_control_recovery()`, as everybody may unless that was revoked.
//!
//! # Caveats
//!
//! - A statement may be ended for what is to be replayed (SQLSTATE 40001): `Unavailable`, to be tried again with
//!   [`read`](crate::SqlHandle::read).
//! - A tenant has its plan's connections at the primary and at each replica.
//!
//! # Cost
//!
//! | what | round trips |
//! |---|---|
//! | another tenant's connection | 1, as at the primary: the question goes with the scope |
//! | the same tenant's, up to what it said within a second | 0 |
//! | the same tenant's, else | 1 |
//! | the primary's position, when none is known that is young enough | 1, for all who wait for it |
//! | the same, at a quarter of the bound | 1 that nobody waits for |
//! | a replica that is behind | the primary's, and 1 for one reader every 50 ms |

mod metric;
mod position;
mod proof;
mod read;
mod samples;
mod staleness;
mod standby;
mod state;

use parking_lot::Mutex;

use self::{samples::Samples, state::State};
use crate::server::Server;

pub(crate) use self::{
    position::{ASK as ASK_POSITION, Point},
    standby::{ASK as ASK_STANDBY, Refusal, Standby, Want},
};
pub use self::{
    position::{ParsePositionError, Position},
    staleness::Staleness,
};

/// A database's replicas.
#[derive(Default)]
pub(crate) struct Replicas {
    pub(crate) all: Vec<Replica>,
    samples: Samples,
}

/// One replica.
pub(crate) struct Replica {
    pub(crate) server: Server,
    state: Mutex<State>,
}

impl Replicas {
    pub(crate) fn new(servers: impl IntoIterator<Item = Server>) -> Self {
        let replica = |server| Replica {
            server,
            state: Mutex::new(State::new()),
        };
        Self {
            all: servers.into_iter().map(replica).collect(),
            samples: Samples::default(),
        }
    }
}
