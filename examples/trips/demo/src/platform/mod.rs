//! A platform to try things on: PostgreSQL, a registry, an identity provider's keys, and the tenants' places.

mod database;
mod deployment;
mod error;
mod objects;
mod process;
mod tenant;
mod world;

pub use self::database::{Database, RowCount};
pub use self::deployment::{Service, Target};
pub use self::error::{Failure, Result};
pub use self::objects::ObjectCount;
pub use self::process::Instance;
pub use self::tenant::{Member, Tenant};
pub use self::world::{DOMAIN, PROJECT, Platform};
