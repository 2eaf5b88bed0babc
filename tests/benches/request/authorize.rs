//! What a decision costs: for one of the four roles, and for one that a tenant made of forty permissions.

use std::{hint::black_box, sync::Arc};

use tenancy_core::{
    Actor, CustomRole, DataWrite, MemberRole, Permission, PermissionNames, Role, UserId, decide,
};
use tenancy_testkit::bench::Micro;

tenancy_core::permissions! {
    /// In the middle of the forty.
    Publish = "trips:itinerary20:publish", Admin, write;
}

const FIXED: &str = "authorize_fixed";

pub(crate) fn cases() -> Vec<Micro> {
    let member = user(Role::Member.into());
    let editor = user(MemberRole::Custom(Arc::new(editor())));
    vec![
        Micro::new(FIXED, FIXED, move |times| repeat::<DataWrite>(&member, times)),
        Micro::new("authorize_custom", FIXED, move |times| {
            repeat::<Publish>(&editor, times)
        }),
    ]
}

fn repeat<P: Permission>(actor: &Actor, times: u64) {
    for _ in 0..times {
        assert!(black_box(decide(black_box(actor), black_box(&P::DEF))).allowed);
    }
}

fn user(role: MemberRole) -> Actor {
    Actor::User {
        id: UserId::new(),
        subject: "ada".parse().expect("a subject"),
        role,
        via: None,
    }
}

fn editor() -> CustomRole {
    let names: Vec<String> = (0..40).map(|n| format!("trips:itinerary{n}:publish")).collect();
    CustomRole {
        name: "editor".parse().expect("a role's name"),
        permissions: PermissionNames::parse(names.iter().map(String::as_str)).expect("names"),
        version: 1,
    }
}
