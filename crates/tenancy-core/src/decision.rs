//! The pure authorization decision: actor × permission × whose data.

use std::fmt;

use crate::{
    Actor, DataAll, DataRead, DataWrite, MemberRole, OperatorAccess, Permission, PermissionDef, Role, UserId,
};

/// The version of what [`decide`] and [`decide_on`] say: raised by each change of them.
pub const POLICY_VERSION: u64 = 1;

/// What was decided, and by which rule: for the log and the audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the action may go on.
    pub allowed: bool,
    /// The rule that decided.
    pub rule: Rule,
    /// The version of the rule: the custom role's where that decided, [`POLICY_VERSION`] else.
    pub version: u64,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// One of the four roles: at least this one is asked for.
    AtLeast(Role),
    /// What the custom role lists.
    CustomRole,
    /// A custom role whose plan ended: it reads, whatever it lists.
    LapsedRole,
    /// What the service's key lists.
    ServiceKey,
    /// What an operator's grant reaches.
    OperatorGrant(OperatorAccess),
    /// The data is the actor's own.
    OwnData,
    /// The actor reaches everybody's data.
    AllData,
    /// The data is another user's, and the actor reaches own data only.
    OthersData,
}

impl Rule {
    /// The name in logs and audit records. Stable.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtLeast(Role::ReadOnly) => "at_least_readonly",
            Self::AtLeast(Role::Member) => "at_least_member",
            Self::AtLeast(Role::Admin) => "at_least_admin",
            Self::AtLeast(Role::Owner) => "at_least_owner",
            Self::CustomRole => "custom_role",
            Self::LapsedRole => "lapsed_role",
            Self::ServiceKey => "service_key",
            Self::OperatorGrant(OperatorAccess::Read) => "operator_read",
            Self::OperatorGrant(OperatorAccess::Write) => "operator_write",
            Self::OwnData => "own_data",
            Self::AllData => "all_data",
            Self::OthersData => "others_data",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Decides whether `actor` has `permission`. Without I/O and allocation; what no rule allows is denied.
#[must_use]
#[inline]
pub fn decide(actor: &Actor, permission: &PermissionDef) -> Decision {
    match actor {
        Actor::User { role, .. } => decide_role(role, permission),
        Actor::Service { permissions, .. } => {
            let allowed = !permission.is_owner_only() && permissions.has(permission);
            Decision::of(allowed, Rule::ServiceKey)
        }
        Actor::Operator { access, .. } => {
            Decision::of(operator(*access, permission), Rule::OperatorGrant(*access))
        }
    }
}

/// Decides whether a member with `role` has `permission`, as [`decide`].
#[must_use]
#[inline]
pub fn decide_role(role: &MemberRole, permission: &PermissionDef) -> Decision {
    match role {
        MemberRole::Fixed(role) => {
            let least = permission.least_role();
            Decision::of(*role >= least, Rule::AtLeast(least))
        }
        MemberRole::Custom(role) => Decision {
            // owner-only, whatever the list says; and whoever is a member reads
            allowed: !permission.is_owner_only()
                && (*permission == DataRead::DEF || role.permissions.has(permission)),
            rule: Rule::CustomRole,
            version: role.version,
        },
        MemberRole::Lapsed(_) => Decision::of(*permission == DataRead::DEF, Rule::LapsedRole),
    }
}

impl Decision {
    fn of(allowed: bool, rule: Rule) -> Self {
        Self {
            allowed,
            rule,
            version: POLICY_VERSION,
        }
    }
}

fn operator(access: OperatorAccess, permission: &PermissionDef) -> bool {
    match access {
        OperatorAccess::Read => *permission == DataRead::DEF || *permission == DataAll::DEF,
        OperatorAccess::Write => [DataRead::DEF, DataAll::DEF, DataWrite::DEF].contains(permission),
    }
}

/// Decides whether `actor`, who has a permission, may use it on data of `owner`.
#[must_use]
pub fn decide_on(actor: &Actor, owner: UserId) -> Decision {
    if actor.user_id() == Some(owner) {
        Decision::of(true, Rule::OwnData)
    } else if decide(actor, &DataAll::DEF).allowed {
        Decision::of(true, Rule::AllData)
    } else {
        Decision::of(false, Rule::OthersData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::PLATFORM;

    fn user(role: Role) -> Actor {
        Actor::User {
            id: UserId::new(),
            subject: "ada".parse().unwrap(),
            role: role.into(),
            via: None,
        }
    }

    /// The spec's table, as text: a change of the decision is a change of this matrix.
    const GOLDEN: &str = "\
tenant:delete           readonly:no  member:no  admin:no  owner:yes
tenant:billing:manage   readonly:no  member:no  admin:no  owner:yes
tenant:admins:manage    readonly:no  member:no  admin:no  owner:yes
tenant:users:invite     readonly:no  member:no  admin:yes owner:yes
tenant:users:remove     readonly:no  member:no  admin:yes owner:yes
tenant:settings:update  readonly:no  member:no  admin:yes owner:yes
tenant:data:all         readonly:no  member:no  admin:yes owner:yes
tenant:data:write       readonly:no  member:yes admin:yes owner:yes
tenant:data:read        readonly:yes member:yes admin:yes owner:yes
";

    #[test]
    fn the_golden_role_matrix() {
        let mut seen = String::new();
        for permission in PLATFORM {
            let cells: Vec<String> = Role::ALL
                .into_iter()
                .map(|role| {
                    let allowed = decide(&user(role), permission).allowed;
                    let word = if allowed { "yes" } else { "no" };
                    format!(
                        "{:<width$}",
                        format!("{role}:{word}"),
                        width = role.as_str().len() + 4
                    )
                })
                .collect();
            seen += &format!("{:<23} {}\n", permission.name(), cells.join(" ").trim_end());
        }
        assert_eq!(seen, GOLDEN);
    }

    /// The permissions of the platform that `actor` has, and the rule that says so.
    fn has(actor: &Actor, expect: &[PermissionDef], rule: &str) {
        for permission in PLATFORM {
            let decision = decide(actor, permission);
            assert_eq!(
                decision.allowed,
                expect.contains(permission),
                "{actor}: {permission}"
            );
            assert_eq!(decision.rule.as_str(), rule);
        }
    }

    #[test]
    fn services_and_operators_have_what_their_proofs_say_and_nothing_of_the_owners() {
        let service = |names: &[&str]| Actor::Service {
            name: "trips".parse().unwrap(),
            permissions: crate::PermissionNames::parse(names.iter().copied())
                .unwrap()
                .into(),
        };
        has(&service(&[]), &[], "service_key");
        has(&service(&["tenant:data:read"]), &[DataRead::DEF], "service_key");
        has(
            &service(&["tenant:data:write", "tenant:delete", "tenant:admins:manage"]),
            &[DataWrite::DEF],
            "service_key",
        );
        let operator = |access| Actor::Operator {
            name: "eve@platform".parse().unwrap(),
            reason: "ticket 4711: a trip is lost".parse().unwrap(),
            access,
            expires_at: jiff::Timestamp::MAX,
        };
        let (read, all, write) = (DataRead::DEF, DataAll::DEF, DataWrite::DEF);
        has(&operator(OperatorAccess::Read), &[read, all], "operator_read");
        has(
            &operator(OperatorAccess::Write),
            &[read, all, write],
            "operator_write",
        );
    }

    #[test]
    fn a_custom_role_has_what_it_lists_and_reads() {
        let custom = |names: &[&str]| Actor::User {
            id: UserId::new(),
            subject: "ada".parse().unwrap(),
            role: MemberRole::Custom(std::sync::Arc::new(crate::CustomRole {
                name: "editor".parse().unwrap(),
                permissions: crate::PermissionNames::parse(names.iter().copied()).unwrap(),
                version: 7,
            })),
            via: None,
        };
        let (read, write) = (DataRead::DEF, DataWrite::DEF);
        has(&custom(&[]), &[read], "custom_role");
        has(&custom(&["tenant:data:write"]), &[read, write], "custom_role");
        has(&custom(&["tenant:delete"]), &[read], "custom_role");
        assert_eq!(decide(&custom(&[]), &read).version, 7);
    }

    #[test]
    fn rules_have_names() {
        let names = [
            (Rule::AtLeast(Role::ReadOnly), "at_least_readonly"),
            (Rule::AtLeast(Role::Member), "at_least_member"),
            (Rule::AtLeast(Role::Admin), "at_least_admin"),
            (Rule::AtLeast(Role::Owner), "at_least_owner"),
            (Rule::CustomRole, "custom_role"),
            (Rule::LapsedRole, "lapsed_role"),
            (Rule::OwnData, "own_data"),
            (Rule::AllData, "all_data"),
            (Rule::OthersData, "others_data"),
        ];
        for (rule, name) in names {
            assert_eq!(rule.to_string(), name);
        }
    }

    #[test]
    fn a_higher_role_never_loses_a_permission() {
        for permission in PLATFORM {
            for pair in Role::ALL.windows(2) {
                let allowed = |role| decide(&user(role), permission).allowed;
                assert!(allowed(pair[0]) <= allowed(pair[1]));
            }
        }
    }
}
