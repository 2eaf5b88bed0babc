//! Who acts.

use std::{fmt, sync::Arc};

use jiff::Timestamp;

use crate::{
    MemberRole, OperatorAccess, OperatorName, PermissionNames, Plan, Reason, ServiceName, Subject, UserId,
};

/// Who acts within a tenant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Actor {
    /// A member of the tenant.
    User {
        /// The user.
        id: UserId,
        /// The user's id at the identity provider.
        subject: Subject,
        /// What the user is in this tenant.
        role: MemberRole,
        /// The service that calls in the user's name, when it is not the user itself.
        via: Option<ServiceName>,
    },
    /// A service in its own name.
    Service {
        /// The service.
        name: ServiceName,
        /// What its key may do.
        permissions: Arc<PermissionNames>,
    },
    /// An operator of the platform, for a stated reason and time.
    Operator {
        /// The operator.
        name: OperatorName,
        /// Why.
        reason: Reason,
        /// How far the grant goes.
        access: OperatorAccess,
        /// When the grant ends.
        expires_at: Timestamp,
    },
}

impl Actor {
    /// The user who acts, when it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::Service { .. } | Self::Operator { .. } => None,
        }
    }

    /// Whether its leave to act is over at `now`: an operator's grant has an end.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        matches!(self, Self::Operator { expires_at, .. } if *expires_at <= now)
    }

    /// The actor under a plan: see [`MemberRole::under`].
    pub(crate) fn under(mut self, plan: &Plan) -> Self {
        if let Self::User { role, .. } = &mut self
            && matches!(role, MemberRole::Custom(_))
        {
            *role = role.clone().under(plan);
        }
        self
    }

    /// What the user is in the tenant, when it is a user who acts.
    #[must_use]
    pub fn role(&self) -> Option<&MemberRole> {
        match self {
            Self::User { role, .. } => Some(role),
            Self::Service { .. } | Self::Operator { .. } => None,
        }
    }
}

impl fmt::Display for Actor {
    /// For records and logs: `user:{id}`, `service:{name}`, `operator:{name}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id, .. } => write!(f, "user:{id}"),
            Self::Service { name, .. } => write!(f, "service:{name}"),
            Self::Operator { name, .. } => write!(f, "operator:{name}"),
        }
    }
}
