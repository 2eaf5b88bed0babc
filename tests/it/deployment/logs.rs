//! What is logged: each line of a request says whose it is, and none says what it is about.

use demo::world::Service;
use reqwest::Method;
use serde_json::{Value, json};
use tenancy_core::{RequestId, Role, TenantId};

use crate::harness::{Answer, Stock, Trips, on_trips};

/// In whatever a request holds: a title, a comment, a photo's content, a value that is none.
const CANARY: &str = "c4n4ry";

/// Requests of one member: they succeed, and they fail in every way in which a handler can.
async fn requests(trips: &'static Trips, slug: &str, role: Role) -> Vec<Answer> {
    let tenant = trips.tenant(slug);
    let (stock, token) = (Stock::of(trips, tenant).await, trips.token(tenant, role));
    let call = |service, method, path: &str| trips.call(tenant, service, method, path).token(&token);
    let (trip, nobody) = (format!("/itineraries/{}", stock.itinerary), Stock::nobody());
    let calls = [
        call(Service::Itineraries, Method::POST, "/itineraries")
            .json(json!({ "title": CANARY, "notes": CANARY })),
        call(Service::Itineraries, Method::POST, "/itineraries")
            .json(json!({ "title": "a", "visibility": CANARY })),
        call(Service::Itineraries, Method::POST, "/itineraries").raw("application/json", CANARY),
        call(Service::Itineraries, Method::POST, "/itineraries").raw("text/plain", CANARY),
        call(Service::Itineraries, Method::PUT, "/users/me")
            .json(json!({ "display_name": format!("{CANARY}\u{0}") })),
        call(Service::Itineraries, Method::GET, &trip),
        call(
            Service::Itineraries,
            Method::GET,
            &format!("/itineraries/{}", nobody.itinerary),
        ),
        call(Service::Itineraries, Method::PATCH, &trip)
            .json(json!({ "title": CANARY }))
            .header("if-match", "\"9\""),
        call(Service::Itineraries, Method::PATCH, &trip)
            .json(json!({ "title": CANARY }))
            .header("if-match", &stock.tag),
        call(Service::Itineraries, Method::PUT, &format!("{trip}/photos/a.png")).raw("image/png", CANARY),
        call(Service::Itineraries, Method::GET, &format!("{trip}/photos/a.png")),
        call(Service::Social, Method::POST, &format!("{trip}/comments")).json(json!({ "text": CANARY })),
        call(Service::Social, Method::GET, &format!("{trip}/comments")),
        call(Service::Itineraries, Method::GET, "/itineraries").header("x-tenant-id", "somebody-else"),
    ];
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.send().await);
    }
    answers
}

/// The lines of a request, by its id.
fn lines(lines: &[Value], request: RequestId) -> Vec<&Value> {
    let id = request.to_string();
    lines
        .iter()
        .filter(|line| line["spans"][0]["request.id"] == id.as_str())
        .collect()
}

fn names(line: &Value, tenant: TenantId, tier: &str) -> bool {
    line["spans"][0]["tenant.id"] == tenant.to_string().as_str() && line["spans"][0]["tenant.tier"] == tier
}

#[test]
fn every_line_of_a_request_names_its_tenant_and_none_its_content() {
    on_trips(async |trips| {
        for (slug, role, tier) in [
            ("ada", Role::Owner, "free"),
            ("acme", Role::ReadOnly, "standard"),
            ("globex", Role::Admin, "enterprise"),
        ] {
            let (tenant, answers) = (trips.tenant(slug).id(), requests(trips, slug, role).await);
            let logged = trips.logs.lines();
            for answer in &answers {
                let lines = lines(&logged, answer.request);
                let answered = lines.iter().filter(|line| line["message"] == "answered");
                let statuses: Vec<_> = answered
                    .map(|line| line["http.status"].as_u64().unwrap())
                    .collect();
                // a service that asks another passes the request's id on: the other one's line comes first
                assert_eq!(
                    statuses.last(),
                    Some(&u64::from(answer.status)),
                    "{}",
                    answer.text()
                );
                assert!(statuses.len() <= 2, "{statuses:?}");
                // a hint that disagrees is refused before it is known whose request it is
                let resolved = !(answer.status == 404
                    && lines
                        .iter()
                        .any(|line| line["log"].to_string().contains("Tenant names")));
                for line in lines.into_iter().filter(|_| resolved) {
                    assert!(names(line, tenant, tier), "{slug}: {line}");
                }
            }
        }
        let token = trips.token(trips.tenant("ada"), Role::Owner);
        let signature = token.rsplit('.').next().unwrap();
        let text = trips.logs.text();
        // every token begins with the same bytes: a JSON object in Base64
        for secret in [
            CANARY,
            "eyJ",
            signature,
            "@example.com",
            "owner@acme.example",
            "postgres://",
            "A trip of",
        ] {
            let found = text.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "`{secret}` is logged");
        }
    });
}

#[test]
fn a_request_without_a_tenant_has_its_id_and_the_reason_in_the_log_alone() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let expired = trips
            .world
            .mint()
            .draft(&acme.record.identity_tenant, &acme.members[0].subject);
        let call = trips.call(acme, Service::Itineraries, Method::GET, "/itineraries");
        let answer = call
            .token(&expired.claim("exp", 1_600_000_000).sign())
            .send()
            .await;
        let logged = trips.logs.lines();
        let lines = lines(&logged, answer.request);
        let reasons: Vec<String> = lines
            .iter()
            .filter_map(|line| line["log"].as_str().map(str::to_owned))
            .collect();
        assert!(reasons.iter().any(|reason| reason.contains("exp")), "{lines:?}");
        assert!(!answer.text().contains("exp"), "{}", answer.text());
    });
}
