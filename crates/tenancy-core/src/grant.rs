//! Who may give which role, and make which: nobody gives what is not their own.

use crate::{
    AdminsManage, CustomRole, Error, FieldError, MemberRole, Permission, PermissionCatalogue,
    PermissionNames, Permit, Result, Role, UsersInvite, decision::decide_role, plan::Feature,
};

/// Refuses to let a member with `granter` give, change or take away `role`.
///
/// Admins and owners are made and unmade by who has `tenant:admins:manage`, an owner. Every other role must not exceed the
/// granter's own. Pure.
///
/// # Errors
///
/// [`Kind::Forbidden`](crate::Kind::Forbidden), naming the first permission of the role that the granter lacks.
pub fn check_grant(granter: &MemberRole, role: &MemberRole, catalogue: &PermissionCatalogue) -> Result<()> {
    let powerful = matches!(role, MemberRole::Fixed(Role::Admin | Role::Owner));
    if powerful && !decide_role(granter, &AdminsManage::DEF).allowed {
        return Err(exceeds(AdminsManage::DEF.name()));
    }
    let allowed = |role, def| decide_role(role, def).allowed;
    match catalogue
        .iter()
        .find(|def| allowed(role, def) && !allowed(granter, def))
    {
        Some(lacking) => Err(exceeds(lacking.name())),
        None => check_unknown(granter, role, catalogue),
    }
}

/// A role can list what no application defines any more. It may be defined again, so it counts.
fn check_unknown(granter: &MemberRole, role: &MemberRole, catalogue: &PermissionCatalogue) -> Result<()> {
    let (MemberRole::Custom(role) | MemberRole::Lapsed(role)) = role else {
        return Ok(());
    };
    let covered = |name: &str| match granter {
        // no custom role gives what an admin lacks
        MemberRole::Fixed(granter) => *granter >= Role::Admin,
        MemberRole::Custom(granter) => granter.permissions.lists(name),
        MemberRole::Lapsed(_) => false,
    };
    let unknown = |name: &&str| catalogue.get(name).is_none();
    if role.permissions.iter().filter(unknown).all(covered) {
        return Ok(());
    }
    Err(Error::forbidden(AdminsManage::DEF.name())
        .with_log("the role lists what no application defines; an admin may change it"))
}

fn exceeds(permission: &'static str) -> Error {
    Error::forbidden(permission).with_log("nobody gives or takes a role that exceeds their own")
}

/// Refuses a custom role that lists what no role may: a name that nothing defines, or what is the owner's alone.
///
/// # Errors
///
/// [`Kind::Invalid`](crate::Kind::Invalid), with a field for each such name.
pub fn check_custom_role(permissions: &PermissionNames, catalogue: &PermissionCatalogue) -> Result<()> {
    let problem = |name: &str| match catalogue.get(name) {
        None => Some(format!("no application defines `{name}`")),
        Some(def) if def.is_owner_only() => Some(format!("`{name}` is the owner's alone")),
        Some(_) => None,
    };
    let problems = permissions.iter().filter_map(problem);
    let mut fields: Vec<FieldError> = problems
        .map(|text| FieldError::new("permissions", text))
        .collect();
    if permissions.len() > CustomRole::MOST {
        let text = format!("a role has at most {} permissions", CustomRole::MOST);
        fields.push(FieldError::new("permissions", text));
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(fields))
    }
}

/// Refuses an invitation that its inviter may not make: the plan has no members other than the owner (Free), or the role
/// exceeds the inviter's own. Whether there is a seat, the registry says when the invited one joins. Pure.
///
/// # Errors
///
/// [`Kind::NotEntitled`](crate::Kind::NotEntitled), naming `members` and the plan that has it;
/// [`Kind::Forbidden`](crate::Kind::Forbidden) as [`check_grant`], and when it is no user who invites.
pub fn check_invitation(
    permit: &Permit<UsersInvite>,
    role: &MemberRole,
    catalogue: &PermissionCatalogue,
) -> Result<()> {
    let context = permit.context();
    context.require(Feature::Members)?;
    if matches!(role, MemberRole::Custom(_)) {
        context.require(Feature::CustomRoles)?;
    }
    let inviter = context
        .role()
        .ok_or_else(|| Error::forbidden(UsersInvite::DEF.name()).with_log("only a member gives roles"))?;
    check_grant(inviter, role, catalogue)
}
