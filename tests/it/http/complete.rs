//! The table of routes is complete: what a service gains must be in it, or this fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use demo::world::Service;
use reqwest::Method;
use tenancy_core::Role;

use super::routes::{HINTED, OPEN, all};
use crate::harness::{Stock, on_trips};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .collect()
}

fn source(service: Service) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/trips")
        .join(service.name())
        .join("src");
    // what a service's own tests route is no route of the service
    let served = |text: &str| text.split("#[cfg(test)]").next().unwrap().to_owned();
    let files = sources(&folder)
        .into_iter()
        .map(|path| served(&std::fs::read_to_string(path).unwrap()));
    files.collect::<Vec<_>>().join("\n")
}

/// The first text after each `.route(`.
fn paths(source: &str) -> BTreeSet<String> {
    let after = source.split(".route(").skip(1);
    after
        .map(|rest| {
            rest.trim_start()
                .strip_prefix('"')
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn every_path_in_a_service_is_in_the_table() {
    for service in Service::ALL {
        let source = source(service);
        for other in [
            ".nest(",
            ".nest_service(",
            ".route_service(",
            ".fallback_service(",
        ] {
            assert!(
                !source.contains(other),
                "{service} uses `{other}`, which this test does not read"
            );
        }
        // a route for any method could not be asked which it has
        let mut imports = source.lines().filter(|line| line.contains("routing::"));
        assert!(
            !imports.any(|line| line.contains("any")),
            "{service} has a route for any method"
        );
        let table = all()
            .into_iter()
            .filter(|route| route.service == service)
            .map(|route| route.path.to_owned());
        let mut table: BTreeSet<String> = table.chain([OPEN.to_owned()]).collect();
        table.extend((service == Service::Itineraries).then(|| HINTED.to_owned()));
        assert_eq!(paths(&source), table, "{service}");
    }
}

/// A method that no route has: the answer lists those that the path has.
#[test]
fn every_method_of_a_path_is_in_the_table() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let token = trips.token(acme, Role::Owner);
        let mut table: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for route in all() {
            let methods = table.entry((route.service, route.path)).or_default();
            methods.insert(route.method.to_string());
            if route.method == Method::GET {
                methods.insert("HEAD".to_owned());
            }
        }
        for route in all() {
            let mut call = route.call(trips, acme, &Stock::nobody());
            call.method = Method::from_bytes(b"BREW").unwrap();
            let answer = call.token(&token).send().await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (405, "method_not_allowed"),
                "{route}"
            );
            let allowed = answer
                .header("allow")
                .unwrap()
                .split(',')
                .map(|method| method.trim().to_owned());
            assert_eq!(
                allowed.collect::<BTreeSet<_>>(),
                table[&(route.service, route.path)],
                "{route}"
            );
        }
    });
}
