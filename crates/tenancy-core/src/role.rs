//! What a user is within a tenant.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Feature, PermissionNames, Plan, parsed_text::parsed_text};

/// What a user is within a tenant. Ordered: each role may do what the roles before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks, changes nothing.
    ReadOnly,
    /// Creates and edits own data, sees what is shared.
    Member,
    /// Manages users and settings, reaches all data.
    Admin,
    /// Everything, billing and deletion included.
    Owner,
}

/// The text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is `owner`, `admin`, `member` or `readonly`")]
pub struct ParseRoleError;

impl Role {
    /// Every role, the least powerful first.
    pub const ALL: [Self; 4] = [Self::ReadOnly, Self::Member, Self::Admin, Self::Owner];

    /// The name in tables and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "readonly",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl FromStr for Role {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, ParseRoleError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(ParseRoleError)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text names no custom role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {rule}")]
pub struct ParseCustomRoleError {
    what: &'static str,
    rule: &'static str,
}

parsed_text! {
    /// The name of a custom role: 2 to 50 characters of a-z, 0-9 and `-`, beginning with a letter, and none of the four nor
    /// `custom`.
    CustomRoleName, ParseCustomRoleError,
    |text| (2..=50).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.parse::<Role>().is_err()
        && text != "custom",
    "a custom role's name",
    "2 to 50 characters of a-z, 0-9 and hyphens, begins with a letter, and is none of the four roles nor `custom`"
}

/// A role that a tenant made of permissions (Enterprise).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    /// Its name, unique within the tenant.
    pub name: CustomRoleName,
    /// What it may do. `tenant:data:read` it always may: who is a member sees what is shared.
    pub permissions: PermissionNames,
    /// Rises with each change of it, and goes on rising when it is deleted and made again: an audit record says by which version
    /// it was decided.
    pub version: u64,
}

impl CustomRole {
    /// How many permissions a role has at most.
    pub const MOST: usize = 256;
}

/// What a member is: one of the four roles, or one that its tenant made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberRole {
    /// One of the four.
    Fixed(Role),
    /// One that the tenant made.
    Custom(Arc<CustomRole>),
    /// One that the tenant made under a plan that it no longer has: it looks, and changes nothing.
    Lapsed(Arc<CustomRole>),
}

impl MemberRole {
    /// The name in tables and logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Fixed(role) => role.as_str(),
            Self::Custom(role) | Self::Lapsed(role) => role.name.as_str(),
        }
    }

    /// The role under a plan: a tenant's own role counts only while the plan has them.
    #[must_use]
    pub fn under(self, plan: &Plan) -> Self {
        match self {
            Self::Custom(role) if !plan.has(Feature::CustomRoles) => Self::Lapsed(role),
            role => role,
        }
    }
}

/// Which role a member is to have: one of the four, or by name one that its tenant made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleChoice {
    /// One of the four.
    Fixed(Role),
    /// One that the tenant made.
    Custom(CustomRoleName),
}

impl From<Role> for RoleChoice {
    fn from(role: Role) -> Self {
        Self::Fixed(role)
    }
}

impl From<CustomRoleName> for RoleChoice {
    fn from(name: CustomRoleName) -> Self {
        Self::Custom(name)
    }
}

impl From<Role> for MemberRole {
    fn from(role: Role) -> Self {
        Self::Fixed(role)
    }
}

impl PartialEq<Role> for MemberRole {
    fn eq(&self, other: &Role) -> bool {
        matches!(self, Self::Fixed(role) if role == other)
    }
}

impl fmt::Display for MemberRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
