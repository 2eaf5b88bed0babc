//! Connections to instances. Each is a driver of its own with one connection: who drops it closes the connection, and with it
//! the server ends what ran over it. The driver's own pool would keep an open transaction with its locks until the next user.

mod instance;
mod lease;
mod target;

pub(crate) use self::{instance::Instance, lease::Lease, target::Target};
