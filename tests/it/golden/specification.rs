//! The spec's table of roles, as a program: written from its text, and not from the code that decides.

/// What the caller comes to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Allowed,
    Forbidden,
    NotFound,
    Unauthenticated,
    Suspended,
}

/// "Owner: full control. Can delete tenant, manage billing, add/remove admins. Admin: manage users, configure settings, access
/// all data. Member: can create/edit own data, view shared data. ReadOnly: view-only access." Whoever is not of the tenant
/// sees nothing of it, not even that it is there.
pub(super) fn outcome(who: &str, permission: &str, data: &str) -> Outcome {
    let may = match permission {
        "tenant:delete" | "tenant:billing:manage" | "tenant:admins:manage" => who == "owner",
        "tenant:data:write" => ["owner", "admin", "member"].contains(&who),
        "tenant:data:read" => ["owner", "admin", "member", "readonly"].contains(&who),
        _ => ["owner", "admin"].contains(&who), // users, settings, all data; and the application's, which is an admin's
    };
    let (all, viewing) = (
        ["owner", "admin"].contains(&who),
        permission == "tenant:data:read",
    );
    match (who, data) {
        ("anonymous", _) => Outcome::Unauthenticated,
        ("foreign" | "guest", _) => Outcome::NotFound,
        ("suspended", _) => Outcome::Suspended,
        _ if !may => Outcome::Forbidden,
        (_, "own") => Outcome::Allowed,
        (_, "shared") if all || viewing => Outcome::Allowed,
        (_, "shared") => Outcome::Forbidden,
        (_, _) if all => Outcome::Allowed,
        _ => Outcome::NotFound,
    }
}
