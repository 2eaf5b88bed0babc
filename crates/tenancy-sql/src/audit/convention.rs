//! How a schema says whose row it is.

/// How a schema says whose row it is: the column of the tenant, and the setting that its policies compare it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convention {
    /// The column of the tenant, unquoted: `tenant_id`.
    pub column: String,
    /// The setting of a session's tenant: `app.current_tenant`. Also one of JSON, of which the policies take a member.
    pub setting: String,
    /// The one function that policies may take the setting from, as `schema.name()`. Without it they may read the setting
    /// themselves, or through any function without arguments that reads it.
    pub function: Option<String>,
}

/// The function of the SDK's own migrations.
pub(super) const OUR_FUNCTION: &str = "tenancy.current_tenant()";

impl Convention {
    /// `tenant_id` and `app.current_tenant`, by whatever function.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            column: "tenant_id".to_owned(),
            setting: "app.current_tenant".to_owned(),
            function: None,
        }
    }

    /// That of the SDK: as [`usual`](Self::usual), and by `tenancy.current_tenant()` alone.
    #[must_use]
    pub fn ours() -> Self {
        Self {
            function: Some(OUR_FUNCTION.to_owned()),
            ..Self::usual()
        }
    }

    pub(super) fn is_ours(&self) -> bool {
        self.function.as_deref() == Some(OUR_FUNCTION)
    }
}

/// Whose view is taken, of what.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) role: String,
    pub(super) convention: Convention,
    /// None means all but the server's own.
    pub(super) schemas: Vec<String>,
}
