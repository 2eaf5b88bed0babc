//! Values that are a tenant's, planted wherever a request has room for one, and looked for in all that the service says.

use demo::{story::Receiver, world::Tenant};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tenancy_core::Role;

use super::program::Program;
use crate::harness::{Answer, Call, Trips, on_trips};

const CANARY: &str = "c4n4ry";

/// Requests with a canary in the body, in the path, in the query, in every header that is read, and in one that is not.
fn planted(trips: &Trips, program: &Program, tenant: &Tenant) -> Vec<Call> {
    let token = trips.token(tenant, Role::Owner);
    let call = |method, path: &str| {
        program
            .call(trips, method, path)
            .host(&tenant.host())
            .token(&token)
    };
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let trip = json!({ "title": CANARY, "notes": format!("{CANARY}@example.com") });
    vec![
        call(post.clone(), "/itineraries").json(trip.clone()),
        call(post.clone(), "/itineraries").json(json!({ "title": { CANARY: CANARY } })),
        call(post.clone(), "/itineraries").json(json!({ "title": "a", "visibility": CANARY })),
        call(post.clone(), "/itineraries").raw("application/json", format!("{{\"title\": {CANARY}")),
        call(post.clone(), "/itineraries").raw("text/c4n4ry", CANARY),
        call(put.clone(), "/users/me").json(json!({ "display_name": CANARY, "email": "c4n4ry@example.com" })),
        call(put.clone(), "/users/me").json(json!({ "display_name": format!("{CANARY}\u{0}") })),
        call(get.clone(), &format!("/itineraries/{CANARY}")),
        call(get.clone(), &format!("/{CANARY}/{CANARY}")),
        call(get.clone(), &format!("/itineraries?cursor={CANARY}&{CANARY}=1")),
        call(get.clone(), "/itineraries").header("x-tenant-id", CANARY),
        call(get.clone(), "/itineraries").header("x-request-id", CANARY),
        call(get.clone(), "/itineraries")
            .header("x-forwarded-for", CANARY)
            .header("x-other", CANARY),
        call(get.clone(), "/itineraries")
            .header("traceparent", CANARY)
            .header("tracestate", "c4n4ry=1"),
        call(get.clone(), "/itineraries")
            .header("user-agent", CANARY)
            .header("cookie", "c4n4ry=c4n4ry"),
        program
            .call(trips, get.clone(), "/itineraries")
            .host("c4n4ry.app.example.com")
            .token(&token),
        program
            .call(trips, get.clone(), "/itineraries")
            .host("c4n4ry.example")
            .token(&token),
        program.call(trips, get.clone(), "/itineraries").token(CANARY),
        program
            .call(trips, get.clone(), "/itineraries")
            .header("authorization", CANARY),
        program
            .call(trips, get, "/itineraries")
            .token(&token)
            .header("x-actor-token", CANARY),
        program
            .call(trips, Method::from_bytes(b"C4N4RY").unwrap(), "/itineraries")
            .token(&token),
        call(post, &format!("/itineraries?{CANARY}"))
            .json(trip)
            .header("expect", "c4n4ry"),
    ]
}

/// An object whose key, type and content are the tenant's.
async fn photo(trips: &Trips, program: &Program, tenant: &Tenant, made: &Answer) -> Vec<u16> {
    let token = trips.token(tenant, Role::Owner);
    let path = format!("/itineraries/{}/photos/{CANARY}.jpg", made.id());
    let call = |method, path: &str| {
        program
            .call(trips, method, path)
            .host(&tenant.host())
            .token(&token)
    };
    let mut statuses = Vec::new();
    for call in [
        call(Method::PUT, &path).raw("image/jpeg", CANARY),
        call(Method::GET, &path),
        call(Method::GET, &path.replace(".jpg", "-none.jpg")),
        call(Method::PUT, &path.replace(".jpg", "%2f..%2f.jpg")).raw("image/jpeg", CANARY),
        call(Method::DELETE, &path),
    ] {
        statuses.push(call.send().await.status);
    }
    statuses
}

/// The passwords and tokens that the service was given or was sent.
fn secrets(program: &Program, token: &str) -> Vec<String> {
    let locations: Vec<String> = program.settings.table["sql"]["locations"]
        .as_table()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut paths: Vec<Vec<&str>> = locations
        .iter()
        .map(|name| vec!["sql", "locations", name])
        .collect();
    paths.push(vec!["registry", "url"]);
    let urls = paths.iter().map(|path| program.settings.reveal(path));
    let passwords = urls.map(|url| {
        let credentials = url.expose_secret().split('@').next().unwrap().to_owned();
        credentials.rsplit(':').next().unwrap().to_owned()
    });
    let parts = token.split('.').map(str::to_owned);
    passwords
        .chain(parts)
        .inspect(|secret| assert!(secret.len() > 8))
        .collect()
}

#[test]
fn nothing_of_a_tenants_is_in_logs_metrics_or_traces() {
    on_trips(async |trips| {
        let receiver = Receiver::start().await.unwrap();
        let program = Program::start(trips, "trace", Some(&receiver)).await;
        let tenant = trips.tenant("ada");
        let made = planted(trips, &program, tenant)[0].send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        for call in planted(trips, &program, tenant) {
            // a method that is none, a body that is cut off: any answer will do
            let _ = call.try_send().await;
        }
        let photo = photo(trips, &program, tenant, &made).await;
        assert!(photo.starts_with(&[201, 200, 404]), "{photo:?}");
        let secrets = secrets(&program, &trips.token(tenant, Role::Owner));
        let metrics = program.call(trips, Method::GET, "/metrics").send().await;
        let log = program.stop().await;
        let id = tenant.id().to_string();
        for (what, text) in [
            ("log", log.as_str()),
            ("metrics", &metrics.text()),
            ("traces", &receiver.text()),
        ] {
            // who says nothing hides nothing
            assert!(text.contains(&id) && text.contains("free"), "{what}: {text}");
            for secret in secrets
                .iter()
                .map(String::as_str)
                .chain([CANARY, "C4N4RY", "postgres://", "eyJ"])
            {
                let line = text.lines().find(|line| line.contains(secret));
                assert_eq!(line, None, "`{secret}` is in the {what}");
            }
        }
        assert!(
            log.contains("\"level\":\"TRACE\"") && log.contains("sqlx"),
            "it was not at `trace`"
        );
        for line in log.lines() {
            serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        }
    });
}
