//! How it is told.

/// How the outcome is told.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For scripts.
    Json,
    /// For what shows findings beside code: SARIF 2.1.0.
    Sarif,
}
