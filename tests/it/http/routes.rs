//! Every route of the services. `complete` fails when one is missing here.

use demo::world::{Service, Tenant};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Call, PHOTO, Stock, Trips};

/// A route, and what its own tenant's owner gets.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) service: Service,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) own: u16,
}

const ITINERARIES: &[(Method, &str, u16)] = &[
    (Method::GET, "/users/me", 200),
    (Method::PUT, "/users/me", 200),
    (Method::GET, "/users/{id}", 200),
    (Method::GET, "/itineraries", 200),
    (Method::POST, "/itineraries", 201),
    (Method::GET, "/itineraries/{id}", 200),
    (Method::PATCH, "/itineraries/{id}", 200),
    (Method::POST, "/itineraries/{id}/publish", 200),
    (Method::POST, "/exports", 202),
    (Method::GET, "/exports/{id}", 200),
    (Method::GET, "/itineraries/{id}/photos", 200),
    (Method::GET, "/itineraries/{id}/photos/{name}", 200),
    (Method::PUT, "/itineraries/{id}/photos/{name}", 200),
    (Method::DELETE, "/itineraries/{id}/photos/{name}", 204),
];

const SOCIAL: &[(Method, &str, u16)] = &[
    (Method::GET, "/itineraries/{id}/comments", 200),
    (Method::POST, "/itineraries/{id}/comments", 201),
    (Method::GET, "/comments/{id}", 200),
    (Method::DELETE, "/comments/{id}", 204),
    (Method::GET, "/itineraries/{id}/likes", 200),
    (Method::PUT, "/itineraries/{id}/likes", 204),
    (Method::DELETE, "/itineraries/{id}/likes", 204),
];

/// What `social` asks about is there until all else was asked.
const LAST: &[(Method, &str, u16)] = &[(Method::DELETE, "/itineraries/{id}", 204)];

/// The one route of each service that needs no tenant.
pub(super) const OPEN: &str = "/healthz";
/// The one that a host's hint is enough for, of `itineraries`.
pub(super) const HINTED: &str = "/welcome";

/// Every route that needs a tenant. Those that delete come after those that need what they delete.
pub(super) fn all() -> Vec<Route> {
    let of = |service, routes: &'static [(Method, &'static str, u16)]| {
        routes.iter().map(move |(method, path, own)| Route {
            service,
            method: method.clone(),
            path,
            own: *own,
        })
    };
    of(Service::Itineraries, ITINERARIES)
        .chain(of(Service::Social, SOCIAL))
        .chain(of(Service::Itineraries, LAST))
        .collect()
}

impl Route {
    /// Whether the path names something of a tenant's.
    pub(super) fn names(&self) -> bool {
        self.path.contains('{')
    }

    /// A good request for something, without a token, to the deployment that serves `at`.
    pub(super) fn call(&self, trips: &'static Trips, at: &Tenant, stock: &Stock) -> Call {
        let id = match self.path {
            path if path.starts_with("/users") => &stock.user,
            path if path.starts_with("/comments") => &stock.comment,
            path if path.starts_with("/exports") => &stock.export,
            _ => &stock.itinerary,
        };
        let path = self.path.replace("{id}", id).replace("{name}", PHOTO);
        let call = trips.call(at, self.service, self.method.clone(), &path);
        match (self.method.as_str(), self.path) {
            ("PUT", "/users/me") => call.json(json!({ "display_name": "Ada" })),
            ("POST", "/itineraries") => call.json(json!({ "title": "Rome" })),
            ("PATCH", _) => call
                .json(json!({ "title": "Rome" }))
                .header("if-match", &stock.tag),
            ("DELETE", "/itineraries/{id}") => call.header("if-match", &stock.tag),
            ("PUT", "/itineraries/{id}/photos/{name}") => call.raw("image/jpeg", "another"),
            ("POST", "/itineraries/{id}/comments") => call.json(json!({ "text": "Lovely." })),
            _ => call,
        }
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.service, self.method, self.path)
    }
}
