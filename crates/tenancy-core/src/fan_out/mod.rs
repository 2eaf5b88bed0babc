//! Work over all tenants that no request starts.

mod checkpoint;
mod list;
mod report;
mod run;
#[cfg(test)]
mod tests;
mod window;

pub use self::checkpoint::Checkpoint;
pub use self::list::{ListedTenant, TenantList};
pub use self::report::FanOutReport;
pub use self::run::FanOut;
