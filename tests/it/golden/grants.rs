//! No role that anybody gives, and no chain of them, is more than its giver has. Exhaustive: each set of permissions.

use std::sync::Arc;

use tenancy_core::{
    AdminsManage, CustomRole, MemberRole, Permission, PermissionCatalogue, PermissionDef, PermissionNames,
    Role, check_custom_role, check_grant, decide_role,
};

use super::subject::Publish;

/// An application's, for each of the four.
const APPLICATION: [PermissionDef; 4] = [
    Publish::DEF,
    PermissionDef::new("trips:itinerary:star", Role::Member),
    PermissionDef::new("trips:itinerary:view", Role::ReadOnly),
    PermissionDef::new("trips:shop:close", Role::Owner),
];

fn catalogue() -> PermissionCatalogue {
    PermissionCatalogue::new(APPLICATION).unwrap()
}

/// A custom role for each set of the catalogue's permissions.
fn custom_roles(catalogue: &PermissionCatalogue) -> Vec<MemberRole> {
    let names: Vec<_> = catalogue.iter().map(PermissionDef::name).collect();
    let chosen = |bits: u32| {
        (0..)
            .zip(&names)
            .filter(move |(at, _)| bits >> at & 1 == 1)
            .map(|(_, name)| *name)
    };
    let role = |bits| CustomRole {
        name: "some".parse().unwrap(),
        permissions: PermissionNames::parse(chosen(bits)).unwrap(),
        version: 1,
    };
    (0..1 << names.len())
        .map(|bits| MemberRole::Custom(Arc::new(role(bits))))
        .collect()
}

/// What a role gives: one bit for each permission of the catalogue.
fn powers(role: &MemberRole, catalogue: &PermissionCatalogue) -> u32 {
    let bit = |(at, def)| u32::from(decide_role(role, def).allowed) << at;
    (0..).zip(catalogue.iter()).map(bit).sum()
}

#[test]
fn the_four_roles_only_grow() {
    let catalogue = catalogue();
    for pair in Role::ALL.windows(2) {
        let [less, more] = [pair[0], pair[1]].map(|role| powers(&role.into(), &catalogue));
        assert_eq!(less & !more, 0, "{pair:?}");
        assert_ne!(less, more, "{pair:?}");
    }
}

#[test]
fn no_custom_role_has_what_is_the_owners() {
    let catalogue = catalogue();
    let admin = powers(&Role::Admin.into(), &catalogue);
    for role in custom_roles(&catalogue) {
        assert_eq!(powers(&role, &catalogue) & !admin, 0, "{role:?}");
        let MemberRole::Custom(custom) = role else {
            unreachable!()
        };
        let owners = catalogue
            .iter()
            .any(|def| def.is_owner_only() && custom.permissions.has(def));
        assert_eq!(
            check_custom_role(&custom.permissions, &catalogue).is_err(),
            owners,
            "{custom:?}"
        );
    }
}

/// One link: who may grant is never exceeded. Since what is granted becomes the next granter, no chain of grants exceeds its
/// first link either.
#[test]
fn a_grant_is_allowed_exactly_when_it_exceeds_nothing() {
    let catalogue = catalogue();
    let fixed = Role::ALL.map(MemberRole::Fixed);
    let custom = custom_roles(&catalogue);
    // those that can be defined, which has the sets of nine permissions left to go through by pairs
    let admin = powers(&Role::Admin.into(), &catalogue);
    let roles: Vec<_> = fixed
        .iter()
        .chain(custom.iter().filter(|role| definable(role, &catalogue)))
        .collect();
    let powers: Vec<_> = roles.iter().map(|role| powers(role, &catalogue)).collect();
    for (granter, theirs) in roles.iter().zip(&powers) {
        for (role, given) in roles.iter().zip(&powers) {
            let allowed = check_grant(granter, role, &catalogue).is_ok();
            let powerful = matches!(role, MemberRole::Fixed(Role::Admin | Role::Owner));
            let unmakes = decide_role(granter, &AdminsManage::DEF).allowed;
            let expect = given & !theirs == 0 && (!powerful || unmakes);
            assert_eq!(allowed, expect, "{granter:?} gives {role:?}");
            assert!(
                !allowed || unmakes || given & !admin == 0,
                "{granter:?} gives {role:?}"
            );
        }
    }
    assert!(roles.len() > 500, "{}", roles.len());
}

fn definable(role: &MemberRole, catalogue: &PermissionCatalogue) -> bool {
    let MemberRole::Custom(role) = role else {
        return false;
    };
    check_custom_role(&role.permissions, catalogue).is_ok()
}

#[test]
fn what_no_application_defines_any_more_still_counts() {
    let catalogue = catalogue();
    let role = |list: &[&str]| {
        MemberRole::Custom(Arc::new(CustomRole {
            name: "some".parse().unwrap(),
            permissions: PermissionNames::parse(list.iter().copied()).unwrap(),
            version: 1,
        }))
    };
    let old = role(&["trips:bookings:refund"]);
    for (granter, may) in [
        (Role::Owner.into(), true),
        (Role::Admin.into(), true),
        (Role::Member.into(), false),
        (role(&["tenant:data:read"]), false),
        (role(&["trips:bookings:refund"]), true),
    ] {
        assert_eq!(
            check_grant(&granter, &old, &catalogue).is_ok(),
            may,
            "{granter:?}"
        );
    }
}
