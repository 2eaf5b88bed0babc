//! A suspended tenant is shut out within a second, and let in again.

use std::time::{Duration, Instant};

use reqwest::Method;
use tenancy_core::{Role, TenantId};

use crate::{
    story::{call::Call, teller::Teller},
    world::{Result, Service, Tenant, failure::While},
};

/// What is promised.
const BOUND: Duration = Duration::from_secs(1);
/// How long the demo waits for it at most.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(2);

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("A suspended tenant is shut out within a second");
    let world = teller.world;
    for slug in ["bob", "globex"] {
        let tenant = world.tenant(slug)?;
        suspend(teller, tenant.id()).await?;
        measure(teller, tenant, "shut out", 403, Some("suspended")).await?;
        resume(teller, tenant.id()).await?;
        measure(teller, tenant, "let in again", 200, None).await?;
    }
    Ok(())
}

async fn suspend(teller: &Teller<'_>, tenant: TenantId) -> Result<()> {
    teller
        .world
        .registry()
        .suspend(tenant)
        .await
        .during(|| "suspend a tenant".to_owned())
}

async fn resume(teller: &Teller<'_>, tenant: TenantId) -> Result<()> {
    teller
        .world
        .registry()
        .resume(tenant)
        .await
        .during(|| "resume a tenant".to_owned())
}

/// How long after the change its services answer as they should.
async fn measure(
    teller: &mut Teller<'_>,
    tenant: &Tenant,
    what: &str,
    status: u16,
    code: Option<&str>,
) -> Result<()> {
    let (world, since) = (teller.world, Instant::now());
    let call = Call::to(world, tenant, Service::Itineraries, Method::GET, "/itineraries")?;
    let call = call.by(world, tenant, Role::Owner)?;
    let what = format!("{} is {what}", tenant.slug());
    loop {
        let answer = teller.ask(&call).await?;
        let took = since.elapsed();
        let outcome = [Some(answer.status.to_string()), answer.code()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        if answer.status == status && answer.code().as_deref() == code {
            let after = format!("{outcome} after {} ms", took.as_millis());
            if took <= BOUND {
                teller.screen.right(&what, &after, None);
            } else {
                teller.screen.wrong(&what, &after, "later than a second");
            }
            return Ok(());
        }
        if took > PATIENCE {
            teller.screen.wrong(&what, &outcome, "not in five seconds");
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
