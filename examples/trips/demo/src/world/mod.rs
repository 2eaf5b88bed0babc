//! A platform to try things on.
//!
//! One PostgreSQL server stands for all instances: each instance of a real platform is a database here, with the name that
//! the instance would have. Everything else is as it would be: a role of its own for each deployment at each database, at
//! the registry, and a folder of its own for its objects.

mod cast;
mod config;
mod control;
mod extent;
pub(crate) mod failure;
mod instance;
mod objects;
mod operators;
mod placement;
mod progress;
mod role;
mod rows;
mod secrets;
mod service;
mod sessions;
mod stores;
mod tenant;
mod up;

pub use self::cast::{DOMAIN, PROJECT};
pub use self::extent::Extent;
pub use self::failure::{Failure, Result};
pub use self::objects::ObjectCount;
pub use self::operators::Operators;
pub use self::progress::Progress;
pub use self::rows::RowCount;
pub use self::service::{Service, Target};
pub use self::sessions::Sessions;
pub use self::stores::Store;
pub use self::tenant::{Member, Tenant};
pub use self::up::World;
