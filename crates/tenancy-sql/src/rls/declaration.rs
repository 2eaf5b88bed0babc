//! What the catalog can't say: whose rows they are, and what is nobody's.

use serde::{Deserialize, Deserializer, de::Error};

use crate::RoleName;

/// What is declared of a schema before it is fenced. Tables are named as in SQL: `orders`, `shop."Order"`.
///
/// Everything else is read from the catalog. Each table must be reached from a root along foreign keys or be named here, so
/// that none is forgotten.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The role that will serve. It must exist; it gets rows of fenced tables, reads global ones, and nothing else.
    #[serde(deserialize_with = "role")]
    pub role: RoleName,
    /// The tables whose rows are tenants.
    #[serde(default, rename = "root")]
    pub roots: Vec<Root>,
    /// Tables that all tenants read and none writes.
    #[serde(default, rename = "global")]
    pub globals: Vec<Reasoned>,
    /// Tables that the role does not reach at all, and that stay as they are.
    #[serde(default, rename = "skip")]
    pub skipped: Vec<Reasoned>,
    /// Where a table's tenant comes from, when the foreign keys do not say it or say more than one thing.
    #[serde(default, rename = "path")]
    pub paths: Vec<TenantPath>,
    /// Keys and references that stay without the tenant: a tenant can tell from them what others have.
    #[serde(default, rename = "keep")]
    pub kept: Vec<Kept>,
    /// Roles, other than the owner of the tables, under which the application runs until it sets the tenant. They see all
    /// rows until `enforce`.
    #[serde(default)]
    pub old_roles: Vec<String>,
}

/// A table whose rows are tenants.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// The table.
    pub table: String,
    /// The column of type `uuid` that is the tenant; else the primary key.
    pub tenant: Option<String>,
    /// Makes a tenant for each row, for a table that has no such column. Its `tenant_id` is then where the control plane
    /// learns it.
    #[serde(default)]
    pub generate: bool,
}

/// A table, and why it is no tenant's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    /// The table.
    pub table: String,
    /// Why; it must say something.
    pub reason: String,
}

/// Where a table's tenant comes from: along a foreign key, or along columns that no key names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantPath {
    /// The table.
    pub table: String,
    /// The foreign key's name.
    pub via: Option<String>,
    /// Without `via`: the columns that hold a key of `parent`.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Without `via`: the table they refer to.
    pub parent: Option<String>,
    /// Without `via`: the columns of a unique key of `parent`.
    #[serde(default)]
    pub key: Vec<String>,
}

/// A key or a reference that stays as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The table.
    pub table: String,
    /// The constraint or index.
    pub name: String,
    /// Why; it must say something.
    pub reason: String,
}

impl Declaration {
    /// A declaration of the role that will serve, and of nothing else yet.
    #[must_use]
    pub fn new(role: RoleName) -> Self {
        let (roots, globals, skipped) = (Vec::new(), Vec::new(), Vec::new());
        let (paths, kept, old_roles) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            role,
            roots,
            globals,
            skipped,
            paths,
            kept,
            old_roles,
        }
    }

    /// Every table that is named, in any order.
    pub(super) fn tables(&self) -> Vec<String> {
        let reasoned = self.globals.iter().chain(&self.skipped).map(|it| &it.table);
        let roots = self.roots.iter().map(|it| &it.table);
        let paths = self
            .paths
            .iter()
            .flat_map(|it| [Some(&it.table), it.parent.as_ref()]);
        let kept = self.kept.iter().map(|it| &it.table);
        let all = reasoned.chain(roots).chain(kept).chain(paths.flatten());
        all.cloned().collect()
    }
}

fn role<'de, D: Deserializer<'de>>(from: D) -> Result<RoleName, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}
