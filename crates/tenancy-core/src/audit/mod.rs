//! Records of what users did and were denied.
//!
//! Two places, two questions. A sink is told of every decision, also of those that deny: what was asked for. The trail of a
//! permit goes into the tenant's own database with the transaction that the permit opened: what was done.

mod event;
mod record;
mod sink;
mod stream;
mod target;
mod trail;

pub use self::event::AuditEvent;
pub use self::record::{AUDIT_SCHEMA, AuditRecord};
pub use self::sink::{AuditSink, TracingAudit};
pub use self::stream::AuditStream;
pub use self::target::Target;
pub use self::trail::{Recording, Trail};
