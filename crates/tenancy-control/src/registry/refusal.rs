//! What the registry's own rules say to a caller, by the name of the constraint that refused.

use tenancy_core::{Error, FieldError};

/// Names the rule that refused, where it is one of ours; any other error by its SQLSTATE.
pub(super) fn refused(error: sqlx::Error) -> Error {
    let known = error.as_database_error().and_then(|database| {
        let by_constraint = database.constraint().and_then(rule);
        by_constraint.or_else(|| by_code(database.code().as_deref()?))
    });
    match known {
        Some(refusal) => refusal.with_source(error),
        None => error.into(),
    }
}

fn rule(constraint: &str) -> Option<Error> {
    Some(match constraint {
        "claims_pkey" => Error::conflict("the tenant's id is taken"),
        "slug_taken" => {
            Error::conflict("the slug is taken; a slug is never given twice, even when its tenant is gone")
        }
        "identity_tenant_taken" => Error::conflict("the user pool belongs to another tenant, or did"),
        "custom_host_taken" => Error::conflict("the host belongs to another tenant"),
        "epoch_rises" => Error::conflict("a new placement needs a greater epoch; read the present one again"),
        "last_owner" => {
            Error::conflict("a tenant keeps at least one owner; make another member an owner first")
        }
        "user_tenants_member" => Error::conflict("the user is a member already; change the role instead"),
        "roles_pkey" => Error::conflict("the tenant has a role of this name already; change it instead"),
        "user_tenants_custom_role" => {
            Error::conflict("members have the role; give them another before it is deleted")
        }
        "role_permissions_shape" | "role_owner_only" => Error::invalid(vec![FieldError::new(
            "permissions",
            "names of permissions that are not the owner's alone, without wildcards",
        )]),
        "users_pkey" => Error::conflict("the user's id is taken"),
        "role_pinned" => Error::conflict("the role is pinned to another tenant or use; revoke it first"),
        "role_confined" => Error::conflict(
            "the role could do more than its deployment may: it must have no attributes, be in no role and hold no \
             grants; give the deployment a role of its own",
        ),
        "no_room" => Error::unavailable("no cell has room for a new tenant; add a cell, or open one"),
        "cell_full" => Error::conflict("the cell has no room for so many tenants; choose another"),
        "cell_name_shape" => Error::invalid(vec![FieldError::new(
            "name",
            "1 to 20 characters of a-z, 0-9 and -, with a letter or digit first and last",
        )]),
        "cell_capacity_range" => Error::invalid(vec![FieldError::new("capacity", "0 or more")]),
        "cell_weight_range" => Error::invalid(vec![FieldError::new("weight", "1 to 1000")]),
        "deployments_tenant_id_fkey" => Error::not_found("the registry has no such tenant"),
        "tenant_id_v7" => Error::invalid(vec![FieldError::new("id", "a UUID of version 7")]),
        _ => return None,
    })
}

fn by_code(code: &str) -> Option<Error> {
    let undefined_object = "42704";
    (code == undefined_object).then(|| Error::conflict("the database has no such role; create it first"))
}
