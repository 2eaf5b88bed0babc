//! A custom role: what an Enterprise tenant makes of permissions, its own and the application's.

use std::time::Instant;

use itineraries::PublishItinerary;
use reqwest::Method;
use serde_json::json;
use tenancy_control::NewUser;
use tenancy_core::{
    CustomRoleName, Permission, PermissionCatalogue, PermissionNames, Role, RoleChoice, TenantContext, UserId,
};

use super::until::until;
use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Failure, Result, Service, Tenant, failure::While},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A role of one's own: globex's publishers publish, and do nothing else");
    let catalogue = PermissionCatalogue::new([PublishItinerary::DEF]);
    let catalogue = catalogue.during(|| "list the permissions".to_owned())?;
    let publisher: CustomRoleName = "publisher".parse().during(|| "name a role".to_owned())?;
    not_for_standard(teller, &publisher, &catalogue).await?;
    let globex = teller.world.tenant("globex")?;
    let owner = owner(globex).await?;
    let names = PermissionNames::parse([PublishItinerary::DEF.name()]);
    let names = names.during(|| "list the role's permissions".to_owned())?;
    let registry = teller.world.registry();
    let defined = registry.define_role(&owner, &publisher, &names, &catalogue);
    defined.await.during(|| "define the role".to_owned())?;
    teller.screen.right(
        "globex's owner defines the role `publisher`",
        "trips:itinerary:publish",
        None,
    );
    let pat = pat(teller, &owner, &catalogue).await?;
    works(teller, globex, &owner, &pat, &publisher, &catalogue).await
}

/// A Standard tenant's plan has the four roles and no others.
async fn not_for_standard(
    teller: &mut Teller<'_>,
    publisher: &CustomRoleName,
    catalogue: &PermissionCatalogue,
) -> Result<()> {
    let acme = owner(teller.world.tenant("acme")?).await?;
    let nothing = PermissionNames::default();
    let defined = teller
        .world
        .registry()
        .define_role(&acme, publisher, &nothing, catalogue)
        .await;
    let what = "acme (standard) defines a role";
    match defined {
        Err(error) if error.kind() == tenancy_core::Kind::NotEntitled => {
            teller
                .screen
                .right(what, "not_entitled", Some("available from: enterprise"));
        }
        other => teller
            .screen
            .wrong(what, &format!("{other:?}"), "expected not_entitled"),
    }
    Ok(())
}

/// The owner of a tenant, as the control plane's console knows it.
async fn owner(tenant: &Tenant) -> Result<TenantContext> {
    let owner = tenant.member(Role::Owner);
    let owner = owner.ok_or_else(|| Failure::new("find the owner", "there is none"))?;
    Ok(tenancy_testkit::context_of(&tenant.record, owner.user, Role::Owner).await)
}

/// Somebody new at globex, a readonly member at first; and the token.
async fn pat(
    teller: &Teller<'_>,
    owner: &TenantContext,
    catalogue: &PermissionCatalogue,
) -> Result<(UserId, String)> {
    let (world, what) = (teller.world, || "invite pat".to_owned());
    let new = NewUser {
        id: UserId::new(),
        subject: "globex-pat".parse().during(what)?,
        email: "pat@globex.example".parse().during(what)?,
    };
    let role = RoleChoice::Fixed(Role::ReadOnly);
    let added = world
        .registry()
        .add_member_by(owner, &new, &role, catalogue)
        .await;
    let pool = &world.tenant("globex")?.record.identity_tenant;
    Ok((added.during(what)?, world.mint().token(pool, &new.subject)))
}

async fn works(
    teller: &mut Teller<'_>,
    globex: &Tenant,
    owner: &TenantContext,
    (pat, token): &(UserId, String),
    publisher: &CustomRoleName,
    catalogue: &PermissionCatalogue,
) -> Result<()> {
    let world = teller.world;
    let itinerary = teller.trip("globex")?.itinerary.clone();
    let call = |method, path: &str| {
        let call = Call::to(world, globex, Service::Itineraries, method, path)?;
        Ok(call.token(token.clone()))
    };
    let forbidden = || Expect::Refused(403, "forbidden");
    let publish = call(Method::POST, &format!("/itineraries/{itinerary}/publish"))?;
    teller
        .one(Step::new(
            "pat, a readonly member, publishes",
            publish.clone(),
            forbidden(),
        ))
        .await?;
    let role = RoleChoice::Custom(publisher.clone());
    let assigned = world.registry().assign_role(owner, *pat, &role, catalogue).await;
    assigned.during(|| "make pat a publisher".to_owned())?;
    let what = "pat is made a publisher, and publishes with the same token";
    until(teller, what, &publish, &Expect::Status(200), Instant::now()).await?;
    let write = call(Method::POST, "/itineraries")?.json(json!({ "title": "Rome" }));
    teller
        .one(Step::new("pat creates an itinerary", write, forbidden()))
        .await?;
    invites(teller, globex, *pat, catalogue).await
}

/// The registry looks at the role as it is there, whatever the caller's context says.
async fn invites(
    teller: &mut Teller<'_>,
    globex: &Tenant,
    pat: UserId,
    catalogue: &PermissionCatalogue,
) -> Result<()> {
    let as_owner = tenancy_testkit::context_of(&globex.record, pat, Role::Owner).await;
    let new = NewUser {
        id: UserId::new(),
        subject: "globex-friend".parse().during(|| "invite a friend".to_owned())?,
        email: "friend@globex.example"
            .parse()
            .during(|| "invite a friend".to_owned())?,
    };
    let role = RoleChoice::Fixed(Role::Member);
    let invited = teller
        .world
        .registry()
        .add_member_by(&as_owner, &new, &role, catalogue)
        .await;
    let what = "pat invites a friend";
    match invited {
        Err(error) if error.kind() == tenancy_core::Kind::Forbidden => {
            teller
                .screen
                .right(what, "forbidden", Some("permission: tenant:users:invite"));
        }
        other => teller
            .screen
            .wrong(what, &format!("{other:?}"), "expected forbidden"),
    }
    Ok(())
}
