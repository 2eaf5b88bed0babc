//! The pure authorization decision: actor × permission × whose data.

use crate::{
    Actor, DataAll, DataRead, DataWrite, MemberRole, OperatorAccess, Permission, PermissionDef, Role, UserId,
};

/// What was decided, and by which rule: for the log and the audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the action may go on.
    pub allowed: bool,
    /// The rule that decided.
    pub rule: Rule,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// One of the four roles: at least this one is asked for.
    AtLeast(Role),
    /// What the custom role lists.
    CustomRole,
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

/// Decides whether `actor` has `permission`. Without I/O and allocation; what no rule allows is denied.
#[must_use]
pub fn decide(actor: &Actor, permission: &PermissionDef) -> Decision {
    let least = permission.least_role();
    let (allowed, rule) = match actor {
        Actor::User {
            role: MemberRole::Fixed(role),
            ..
        } => (*role >= least, Rule::AtLeast(least)),
        Actor::User {
            role: MemberRole::Custom(role),
            ..
        } => (
            // owner-only, whatever the list says; and whoever is a member reads
            least < Role::Owner && (*permission == DataRead::DEF || role.permissions.has(permission)),
            Rule::CustomRole,
        ),
        Actor::Service { permissions, .. } => (
            least < Role::Owner && permissions.has(permission),
            Rule::ServiceKey,
        ),
        Actor::Operator { access, .. } => (operator(*access, permission), Rule::OperatorGrant(*access)),
    };
    Decision { allowed, rule }
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
    let (allowed, rule) = if actor.user_id() == Some(owner) {
        (true, Rule::OwnData)
    } else if decide(actor, &DataAll::DEF).allowed {
        (true, Rule::AllData)
    } else {
        (false, Rule::OthersData)
    };
    Decision { allowed, rule }
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
