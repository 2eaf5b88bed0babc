//! A membership as the registry's functions answer it.

use std::sync::Arc;

use crate::{CustomRole, Error, MemberRole, Membership, PermissionNames, Result, Role, UserId};

/// The columns `user_id`, `role`, `custom_role`, `permissions`, `version`: a user; one of the four roles or `custom`; and for
/// `custom` its name, permissions and version.
pub type MemberRow = (UserId, String, Option<String>, Option<Vec<String>>, Option<i64>);

/// Reads a row.
///
/// # Errors
///
/// [`Kind::Internal`](crate::Kind::Internal) when it holds an unknown role: whoever has it gets in nowhere.
pub fn membership((user, role, name, permissions, version): MemberRow) -> Result<Membership> {
    let role = match (role.as_str(), name, permissions, version) {
        ("custom", Some(name), Some(permissions), Some(version)) => custom(&name, &permissions, version)?,
        (role, None, ..) => MemberRole::Fixed(role.parse::<Role>().map_err(unknown)?),
        _ => return Err(Error::internal("the registry holds a half of a custom role")),
    };
    Ok(Membership { user, role })
}

fn custom(name: &str, permissions: &[String], version: i64) -> Result<MemberRole> {
    let names = permissions.iter().map(String::as_str);
    Ok(MemberRole::Custom(Arc::new(CustomRole {
        name: name.parse().map_err(unknown)?,
        permissions: PermissionNames::parse(names).map_err(unknown)?,
        version: version.unsigned_abs(),
    })))
}

fn unknown(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("the registry holds an unknown role").with_source(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn read(role: &str, name: Option<&str>, permissions: Option<&[&str]>) -> Result<String, Kind> {
        let permissions = permissions.map(|all| all.iter().map(|&text| text.to_owned()).collect());
        let row = (
            UserId::new(),
            role.to_owned(),
            name.map(str::to_owned),
            permissions,
            Some(3),
        );
        membership(row)
            .map(|member| member.role.to_string())
            .map_err(|error| error.kind())
    }

    #[test]
    fn what_is_not_understood_gets_in_nowhere() {
        assert_eq!(read("admin", None, None), Ok("admin".to_owned()));
        let editor = read("custom", Some("editor"), Some(&["tenant:data:write"]));
        assert_eq!(editor, Ok("editor".to_owned()));
        for (role, name, permissions) in [
            ("god", None, None),
            ("custom", None, None),
            ("custom", Some("editor"), None),
            ("custom", Some("owner"), Some(&["tenant:data:write"] as &[_])),
            ("custom", Some("editor"), Some(&["tenant:*"])),
            ("owner", Some("editor"), Some(&["tenant:data:write"])),
        ] {
            assert_eq!(
                read(role, name, permissions),
                Err(Kind::Internal),
                "{role} {name:?}"
            );
        }
    }
}
