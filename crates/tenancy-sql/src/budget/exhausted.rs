//! The budget is used up.

/// Why there is no connection: all that this process may have, to all databases together, are in use. It is the
/// [`source`](std::error::Error::source) of an `Unavailable`, so that it is told apart from a database that is down or a
/// pool that is full.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("all {budget} connections of this process to its databases are in use")]
#[non_exhaustive]
pub struct BudgetExhausted {
    /// How many connections the process may have.
    pub budget: usize,
}

impl From<BudgetExhausted> for tenancy_core::Error {
    fn from(exhausted: BudgetExhausted) -> Self {
        Self::unavailable("the budget of connections is exhausted (`sql.connection_budget`)")
            .with_source(exhausted)
    }
}
