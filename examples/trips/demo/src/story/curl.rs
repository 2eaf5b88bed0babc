//! Lines to paste into a shell.

use tenancy_core::{Role, TenantId};

use super::Screen;
use crate::world::{Result, Service, Tenant, World};

/// Shows lines to go on with, with tokens that are valid for an hour.
///
/// # Errors
///
/// When a service does not run.
pub fn show(world: &World, screen: &mut Screen) -> Result<()> {
    screen.chapter("To go on yourself (tokens are valid for an hour)");
    for tenant in world.tenants() {
        let name = variable(tenant, Role::Owner);
        screen.line(&format!("\n{name}='{}'", world.token(tenant, Role::Owner)?));
        if tenant.member(Role::ReadOnly).is_some() {
            let reader = variable(tenant, Role::ReadOnly);
            screen.line(&format!("{reader}='{}'", world.token(tenant, Role::ReadOnly)?));
        }
        for line in lines(world, tenant, &name)? {
            screen.line(&line);
        }
    }
    Ok(())
}

fn lines(world: &World, tenant: &Tenant, name: &str) -> Result<Vec<String>> {
    let itineraries = world.url(tenant, Service::Itineraries)?;
    let bearer = |name: &str| format!("-H \"Authorization: Bearer ${name}\"");
    let own = bearer(name);
    let host = format!("-H 'Host: {}'", tenant.host());
    let json = "-H 'Content-Type: application/json'";
    let mut lines = vec![
        format!("curl -i {own} {host} {itineraries}/itineraries"),
        format!("curl -i {own} {json} -d '{{\"title\":\"Porto\"}}' {itineraries}/itineraries"),
        format!(
            "curl -i {own} -H 'X-Tenant-Id: {}' {itineraries}/itineraries  # not yours: 404",
            TenantId::new()
        ),
    ];
    if tenant.member(Role::ReadOnly).is_some() {
        let reader = bearer(&variable(tenant, Role::ReadOnly));
        lines.push(format!(
            "curl -i {reader} {json} -d '{{\"title\":\"Porto\"}}' {itineraries}/itineraries  # readonly: 403"
        ));
    }
    let comments = format!(
        "{}/itineraries/{}/comments",
        world.url(tenant, Service::Social)?,
        TenantId::new()
    );
    lines.push(format!(
        "curl -i {own} {json} -d '{{\"text\":\"Nice\"}}' {comments}"
    ));
    Ok(lines)
}

fn variable(tenant: &Tenant, role: Role) -> String {
    format!("{}_{}", tenant.slug(), role)
        .to_uppercase()
        .replace('-', "_")
}
