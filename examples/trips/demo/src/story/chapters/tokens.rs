//! Only a token that the identity provider signed, for this project and this tenant's pool, proves anything.

use reqwest::Method;
use tenancy_core::Role;
use tenancy_testkit::{Signing, TokenMint};

use crate::{
    story::{
        call::Call,
        step::{Expect, Step},
        teller::Teller,
    },
    world::{Failure, PROJECT, Result, Service, Tenant, World},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller.screen.chapter("Only a good token proves anything");
    teller
        .screen
        .note("the client is told what it would be told without a token; in brackets, what the log says");
    let bob = teller.world.tenant("bob")?;
    let mut steps = vec![Step::new("no token", asking(teller.world, bob)?, Expect::NoProof)];
    for (what, token) in forgeries(teller.world, bob)? {
        let call = asking(teller.world, bob)?.token(token);
        steps.push(Step::new(what, call, Expect::NoProof));
    }
    steps.push(stranger(teller.world)?);
    teller.all(steps).await
}

fn asking(world: &World, tenant: &Tenant) -> Result<Call> {
    Call::to(world, tenant, Service::Itineraries, Method::GET, "/itineraries")
}

/// Tokens of the victim's owner that the identity provider never made.
fn forgeries(world: &World, victim: &Tenant) -> Result<Vec<(&'static str, String)>> {
    let pool = &victim.record.identity_tenant;
    let owner = victim
        .member(Role::Owner)
        .ok_or_else(|| Failure::new("forge a token", "no owner"))?;
    let draft = || world.mint().draft(pool, &owner.subject);
    let foreign = TokenMint::with_new_key(PROJECT);
    let public_key = world.mint().public_key_pem().into_bytes();
    let tampered = swap_claims(&world.token(world.tenant("ada")?, Role::Owner)?, &draft().sign());
    let long_ago = 1_600_000_000;
    Ok(vec![
        ("no token at all: `Bearer nonsense`", "nonsense".to_owned()),
        (
            "an unsigned token (`alg: none`)",
            draft().signing(Signing::Nothing).sign(),
        ),
        (
            "a token signed with a foreign key",
            draft().signed_by(&foreign).sign(),
        ),
        (
            "a token signed with a foreign key of another id",
            foreign.token(pool, &owner.subject),
        ),
        (
            "a token signed with the public key (`alg: HS256`)",
            draft().signing(Signing::Hs256(public_key)).sign(),
        ),
        ("ada's token with bob's claims put into it", tampered),
        (
            "a token of another project",
            TokenMint::new("another-project").token(pool, &owner.subject),
        ),
        ("a token that expired", draft().claim("exp", long_ago).sign()),
        (
            "a token without a tenant",
            draft().without_claim("firebase.tenant").sign(),
        ),
        ("a token without a key id", draft().without_header("kid").sign()),
        (
            "a token of 20 KiB",
            draft().claim("padding", "x".repeat(20 << 10)).sign(),
        ),
    ])
}

/// The signature and header of one token around the claims of another.
fn swap_claims(signed: &str, other: &str) -> String {
    let part = |token: &str, n| token.split('.').nth(n).unwrap_or_default().to_owned();
    format!("{}.{}.{}", part(signed, 0), part(other, 1), part(signed, 2))
}

/// A good token of bob's pool whose subject is no member: it proves who asks, and that is nobody here.
fn stranger(world: &World) -> Result<Step> {
    let (ada, bob) = (world.tenant("ada")?, world.tenant("bob")?);
    let owner = ada
        .member(Role::Owner)
        .ok_or_else(|| Failure::new("find a stranger", "no owner"))?;
    let pool = &bob.record.identity_tenant;
    world.sessions()?.signed_up(pool, &owner.subject);
    let token = world.mint().token(pool, &owner.subject);
    Ok(Step::new(
        "a good token of bob's pool, for somebody who is no member",
        asking(world, bob)?.token(token),
        Expect::Absent,
    ))
}
