//! One budget of connections for all databases of a process.
//!
//! # Guarantees
//!
//! - Each connection of ours has a unit of the budget from before its socket is opened until the server has let go of it:
//!   a connection is closed by asking the server to end the session and reading to the end of the stream, which comes
//!   after the backend has left the server's books. What can't be proven to be over is counted for
//!   [ten seconds](UNPROVEN) longer.
//! - A caller of a database that has no unit gets the least recently used idle connection of another closed. What is in
//!   use is never taken away; when it comes back, and another database has waited for [50 ms](YIELDS_AFTER), it goes.
//! - Databases take turns, wait within their callers' time, and are bounded in number; one that does not answer holds as
//!   many units as its pool has connections, at most.
//! - A sixteenth of the budget is kept for the connections that cancel what nobody waits for: they need no other's leave.
//!
//! # Caveats
//!
//! Behind a pooler the budget counts connections to the pooler, which keeps books of its own with the server.

mod counter;
mod exhausted;
mod shared;
mod units;

pub use self::{exhausted::BudgetExhausted, shared::Connections};
pub(crate) use self::{
    shared::{Budget, Closing},
    units::{Asked, Turn, Unit, Units},
};

use std::time::Duration;

/// How much longer a connection counts of which nobody knows whether the server let go.
pub(crate) const UNPROVEN: Duration = Duration::from_secs(10);
/// How much longer one counts that the server refused, or that said farewell in order.
pub(crate) const ENDING: Duration = Duration::from_secs(1);
/// How long a database waits before connections that come back to another are closed for it.
pub(crate) const YIELDS_AFTER: Duration = Duration::from_millis(50);
