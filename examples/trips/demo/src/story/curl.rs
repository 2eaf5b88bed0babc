//! Lines to paste into a shell.

use tenancy_core::Role;

use super::{Screen, Trips};
use crate::world::{Result, Service, Tenant, World};

/// Shows lines to go on with, with tokens that are valid for an hour.
///
/// # Errors
///
/// When a service does not run.
pub fn show(world: &World, trips: &Trips, screen: &mut Screen) -> Result<()> {
    screen.chapter("To go on yourself (tokens are valid for an hour)");
    let others = world.tenants().iter().cycle().skip(1);
    for (tenant, other) in world.tenants().iter().zip(others) {
        screen.line("");
        for role in [Role::Owner, Role::ReadOnly]
            .into_iter()
            .filter(|role| tenant.member(*role).is_some())
        {
            screen.line(&format!(
                "{}='{}'",
                variable(tenant, role),
                world.token(tenant, role)?
            ));
        }
        let itinerary = trips
            .get(tenant.slug())
            .map(|trip| trip.itinerary.as_str())
            .unwrap_or_default();
        for line in lines(world, tenant, other, itinerary)? {
            screen.line(&line);
        }
    }
    Ok(())
}

fn lines(world: &World, tenant: &Tenant, other: &Tenant, itinerary: &str) -> Result<Vec<String>> {
    let list = world.url(tenant, Service::Itineraries)? + "/itineraries";
    let comments = format!(
        "{}/itineraries/{itinerary}/comments",
        world.url(tenant, Service::Social)?
    );
    let bearer = |role| format!("curl -i -H \"Authorization: Bearer ${}\"", variable(tenant, role));
    let own = bearer(Role::Owner);
    let json = |body: &str| format!("-H 'Content-Type: application/json' -d '{body}'");
    let (trip, comment) = (json(r#"{"title":"Porto"}"#), json(r#"{"text":"Nice"}"#));
    let mut lines = vec![
        format!("{own} -H 'Host: {}' {list}", tenant.host()),
        format!("{own} {trip} {list}"),
        format!(
            "{own} -H 'X-Tenant-Id: {}' {list}  # {}'s: 404",
            other.id(),
            other.slug()
        ),
        format!("{own} {comment} {comments}"),
    ];
    if tenant.member(Role::ReadOnly).is_some() {
        lines.push(format!(
            "{} {trip} {list}  # readonly: 403",
            bearer(Role::ReadOnly)
        ));
    }
    Ok(lines)
}

fn variable(tenant: &Tenant, role: Role) -> String {
    format!("{}_{role}", tenant.slug())
        .to_uppercase()
        .replace('-', "_")
}
