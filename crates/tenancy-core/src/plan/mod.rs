//! What a tenant bought: features, limits and quotas.

mod allowance;
mod book;
mod changes;
mod effective;
mod feature;
mod limit;

pub use self::allowance::Allowance;
pub use self::book::PlanBook;
pub use self::changes::{CustomPlan, PlanChanges};
pub use self::effective::{DataExport, Plan, Support, UptimeSla};
pub use self::feature::{Feature, FeatureSet};
pub use self::limit::Limit;

pub(crate) use self::book::Entitlement;
