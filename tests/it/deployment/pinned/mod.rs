//! Pinned means pinned: with every credential that a deployment for one tenant holds, nothing of another can be read.
//!
//! One PostgreSQL server stands for all instances here, which makes it harder: the credential of one instance can try the
//! databases of all others. (The names of databases and roles are the server's, for everyone to see.)

mod databases;
mod files;
mod handles;
mod registry;

use std::collections::BTreeMap;

use demo::world::Tenant;
use secrecy::SecretString;

use crate::harness::{Stock, Trips};

const DENIED: &str = "42501";

/// Everything that would tell of a tenant: its ids and its users', its name, addresses, and data.
fn markers(tenant: &Tenant, stock: &Stock) -> Vec<String> {
    let slug = tenant.slug();
    let users = tenant.members.iter().map(|member| member.user.to_string());
    let told = [
        tenant.id().to_string(),
        tenant.record.name.clone(),
        format!("@{slug}.example"),
    ];
    users
        .chain(told)
        .chain([
            format!("A trip of {slug}"),
            stock.itinerary.clone(),
            stock.comment.clone(),
        ])
        .collect()
}

/// Every URL in the folder of a deployment, by the file's name.
fn credentials(trips: &Trips, tenant: &Tenant) -> BTreeMap<String, SecretString> {
    let mut held = held(trips, tenant);
    held.retain(|name, _| !name.ends_with(".key"));
    held
}

/// Every secret in the folder of a deployment, by the file's name: URLs, and the keys of its services.
fn held(trips: &Trips, tenant: &Tenant) -> BTreeMap<String, SecretString> {
    let folder = trips.world.folder(tenant.target()).join("secrets");
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let credential = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap().into())
    };
    files.map(credential).collect()
}

/// Each pinned tenant, with another whose data it must not see.
async fn each(trips: &'static Trips, check: impl AsyncFn(&'static Tenant, &'static Tenant, &[String])) {
    for (own, other) in [("acme", "globex"), ("globex", "acme")] {
        let (own, other) = (trips.tenant(own), trips.tenant(other));
        Stock::of(trips, own).await;
        let stock = Stock::of(trips, other).await;
        check(own, other, &markers(other, &stock)).await;
    }
}

fn code(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(|error| error.code())
        .unwrap_or_default()
        .into_owned()
}
