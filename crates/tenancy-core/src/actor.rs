//! Who acts.

use crate::{Role, Subject, UserId};

/// Who acts within a tenant. A user, today; services and platform operators come with their tokens.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Actor {
    /// A member of the tenant.
    User {
        /// The user.
        id: UserId,
        /// The user's id at the identity provider.
        subject: Subject,
        /// The user's role in this tenant.
        role: Role,
    },
}

impl Actor {
    /// The user who acts.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        match self {
            Self::User { id, .. } => *id,
        }
    }

    /// The role the actor has in the tenant.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Self::User { role, .. } => *role,
        }
    }
}
