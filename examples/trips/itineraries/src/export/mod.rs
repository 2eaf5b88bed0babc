//! Exports: what a traveller sees, as one document. Made by a job, since it may take longer than a request.
//!
//! The table `exports` is the queue and the result in one: it lies in the tenant's own database, behind the same fence as
//! everything else, so asking for an export and queueing its job is one transaction. The worker comes round all tenants, takes
//! one job after the other, and makes each in the name of who asked, as that one's role is by then.

mod job;
mod model;
mod queries;
mod queue;
mod routes;
mod worker;

pub use self::queue::Queue;
pub(crate) use self::routes::routes;
pub use self::worker::Worker;
