//! The pure authorization decision: role × permission.

use crate::{PermissionKind, Role};

/// What was decided, and by which rule: for the log and the audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the action may go on.
    pub allowed: bool,
    /// The rule that decided.
    pub rule: Rule,
}

/// A rule of the spec's role table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The role is at least the one the permission asks for.
    AtLeast(Role),
    /// The data is the actor's own.
    OwnData,
    /// The role reaches everybody's data.
    AllData,
    /// The data is another user's, and the role reaches own data only.
    OthersData,
}

/// Decides whether `role` has `permission`. Without I/O; deny is the default of the order of roles.
#[must_use]
pub fn decide(role: Role, permission: PermissionKind) -> Decision {
    let least = match permission {
        PermissionKind::TenantDelete | PermissionKind::BillingManage => Role::Owner,
        PermissionKind::UsersInvite | PermissionKind::UsersRemove | PermissionKind::SettingsUpdate => {
            Role::Admin
        }
        PermissionKind::DataWrite => Role::Member,
        PermissionKind::DataRead => Role::ReadOnly,
    };
    Decision {
        allowed: role >= least,
        rule: Rule::AtLeast(least),
    }
}

/// Whether `role` reaches data of every user of its tenant, and not only the actor's own.
pub(crate) fn reaches_all_data(role: Role) -> bool {
    role >= Role::Admin
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The spec's table, as text: a change of the decision is a change of this matrix.
    const GOLDEN: &str = "\
tenant:delete           readonly:no  member:no  admin:no  owner:yes
tenant:billing:manage   readonly:no  member:no  admin:no  owner:yes
tenant:users:invite     readonly:no  member:no  admin:yes owner:yes
tenant:users:remove     readonly:no  member:no  admin:yes owner:yes
tenant:settings:update  readonly:no  member:no  admin:yes owner:yes
tenant:data:write       readonly:no  member:yes admin:yes owner:yes
tenant:data:read        readonly:yes member:yes admin:yes owner:yes
";

    #[test]
    fn the_golden_role_matrix() {
        let mut seen = String::new();
        for permission in PermissionKind::ALL {
            let cells: Vec<String> = Role::ALL
                .into_iter()
                .map(|role| {
                    let word = if decide(role, permission).allowed {
                        "yes"
                    } else {
                        "no"
                    };
                    format!(
                        "{:<width$}",
                        format!("{role}:{word}"),
                        width = role.as_str().len() + 4
                    )
                })
                .collect();
            seen += &format!("{:<23} {}\n", permission.as_str(), cells.join(" ").trim_end());
        }
        assert_eq!(seen, GOLDEN);
    }

    #[test]
    fn a_higher_role_never_loses_a_permission() {
        for permission in PermissionKind::ALL {
            for pair in Role::ALL.windows(2) {
                assert!(decide(pair[0], permission).allowed <= decide(pair[1], permission).allowed);
            }
        }
    }
}
