//! What a request says about its tenant beside its proof: host, header and path. They may agree with it, and nothing else.

mod check;
mod given;
mod hinted;
mod host;
mod rules;

pub(crate) use self::check::check;
pub use self::given::{HintSource, Hints};
pub use self::hinted::HintedTenant;
pub use self::host::HostPolicy;
pub use self::rules::{HintRule, HintRules, HintRulesError};
