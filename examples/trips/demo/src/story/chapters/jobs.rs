//! A job crosses a queue, and with it who asked for it.

use reqwest::Method;
use serde_json::json;
use tenancy_core::Role;

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
        .chapter("A job crosses a queue, and with it who asked for it");
    teller
        .screen
        .note("an export is queued in its tenant's own database; the worker makes it in the name of who asked, as of then");
    made(teller).await?;
    suspended(teller).await?;
    forged(teller).await
}

/// The worker does it with the asker's context: the readonly colleague's exports would be other ones.
async fn made(teller: &mut Teller<'_>) -> Result<()> {
    let globex = teller.world.tenant("globex")?;
    let export = ask(teller, globex, Role::Member).await?;
    state(
        teller,
        globex,
        Role::Member,
        &export,
        "queued",
        "before the worker comes",
    )
    .await?;
    comes_round(teller, globex).await?;
    state(
        teller,
        globex,
        Role::Member,
        &export,
        "made",
        "when the worker was there",
    )
    .await?;
    let what = "globex's admin, who is another member, reads it";
    let read = read(teller, globex, Role::Admin, &export)?;
    teller
        .one(Step::new(what, read, Expect::Says("state", json!("made"))))
        .await?;
    let what = "globex's readonly member does not see it";
    let (reader, acme) = (
        read_by(teller, globex, globex, Role::ReadOnly, &export)?,
        teller.world.tenant("acme")?,
    );
    teller.one(Step::new(what, reader, Expect::Absent)).await?;
    let other = read_by(teller, acme, acme, Role::Owner, &export)?;
    teller
        .one(Step::new("nor does acme's owner", other, Expect::Absent))
        .await?;
    Ok(())
}

/// A suspended tenant's job waits.
async fn suspended(teller: &mut Teller<'_>) -> Result<()> {
    let (world, bob) = (teller.world, teller.world.tenant("bob")?);
    let export = ask(teller, bob, Role::Owner).await?;
    let registry = world.registry();
    let change = || "suspend and resume `bob`".to_owned();
    registry.suspend(bob.id()).await.during(change)?;
    comes_round(teller, bob).await?;
    registry.resume(bob.id()).await.during(change)?;
    let read = read(teller, bob, Role::Owner, &export)?;
    let queued = Expect::Says("state", json!("queued"));
    let what = "bob was suspended when the worker came, and is not any more: his export waits";
    super::until::until(teller, what, &read, &queued, std::time::Instant::now()).await?;
    comes_round(teller, bob).await?;
    state(
        teller,
        bob,
        Role::Owner,
        &export,
        "made",
        "when the worker came again",
    )
    .await
}

/// Whoever can write into the queue can't make the worker read for him.
async fn forged(teller: &mut Teller<'_>) -> Result<()> {
    let (world, ada, bob) = (
        teller.world,
        teller.world.tenant("ada")?,
        teller.world.tenant("bob")?,
    );
    let (hers, his) = (
        ask(teller, ada, Role::Owner).await?,
        ask(teller, bob, Role::Owner).await?,
    );
    world.swap_envelope(ada, &hers, &his).await?;
    comes_round(teller, bob).await?;
    let with_hers = "with the envelope of ada's job, put there by the database's superuser,";
    state(teller, bob, Role::Owner, &his, "refused", with_hers).await?;
    state(teller, ada, Role::Owner, &hers, "made", "with its own envelope").await
}

async fn ask(teller: &mut Teller<'_>, tenant: &Tenant, role: Role) -> Result<String> {
    let call = Call::to(
        teller.world,
        tenant,
        Service::Itineraries,
        Method::POST,
        "/exports",
    )?;
    let call = call.by(teller.world, tenant, role)?;
    let what = format!("{}'s {role} asks for an export", tenant.slug());
    let answer = teller.one(Step::new(what, call, Expect::Status(202))).await?;
    answer
        .id()
        .ok_or_else(|| Failure::new("ask for an export", "it has no id"))
}

async fn comes_round(teller: &Teller<'_>, tenant: &Tenant) -> Result<()> {
    let report = teller.world.work(tenant.target()).await?;
    match report.is_clean() {
        true => Ok(()),
        false => Err(Failure::new("let the worker come round", format!("{report:?}"))),
    }
}

fn read(teller: &Teller<'_>, tenant: &Tenant, role: Role, export: &str) -> Result<Call> {
    read_by(teller, tenant, tenant, role, export)
}

fn read_by(teller: &Teller<'_>, at: &Tenant, by: &Tenant, role: Role, export: &str) -> Result<Call> {
    let path = format!("/exports/{export}");
    Call::to(teller.world, at, Service::Itineraries, Method::GET, &path)?.by(teller.world, by, role)
}

async fn state(
    teller: &mut Teller<'_>,
    tenant: &Tenant,
    role: Role,
    export: &str,
    state: &'static str,
    when: &str,
) -> Result<()> {
    let what = format!("{}'s export {when} is {state}", tenant.slug());
    let call = read(teller, tenant, role, export)?;
    let expect = Expect::Says("state", json!(state));
    teller.one(Step::new(what, call, expect)).await.map(drop)
}
