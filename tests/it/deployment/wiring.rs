//! What a configuration switches on is on: session cookies, the audit stream, the counters of caches.

use std::time::Duration;

use demo::world::Service;
use metrics_exporter_prometheus::PrometheusBuilder;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{Connection, postgres::PgConnection};
use tenancy_core::Role;
use tenancy_testkit::{KeyServer, TokenMint};

use crate::harness::{Instance, Settings, on_trips};

#[test]
fn a_session_cookie_is_taken_where_one_is_configured_and_from_the_same_origin() {
    on_trips(async |trips| {
        let tenant = trips.tenant("acme");
        let cookies = TokenMint::with_new_key(trips.world.mint().project());
        let keys = KeyServer::start(&cookies).await.unwrap();
        let member = tenant.member(Role::Owner).unwrap();
        let (pool, subject) = (&tenant.record.identity_tenant, &member.subject);
        let (cookie, token) = (
            cookies.session_cookie(pool, subject),
            trips.token(tenant, Role::Owner),
        );
        let settings = || Settings::of(trips, tenant.target(), Service::Itineraries);
        let without = Instance::start(settings(), itineraries::router).await;
        let with = settings()
            .set(&["identity", "session_cookie", "name"], "__session")
            .set(&["identity", "session_cookie", "keys"], keys.url());
        let with = Instance::start(with, itineraries::router).await;
        let brings = |text: &str| format!("a=1; __session={text}");
        let ask = async |instance: &Instance, method: Method, lines: &[(&str, &str)]| {
            let call = instance.call(trips, method, "/itineraries");
            let call = lines
                .iter()
                .fold(call, |call, (name, value)| call.header(name, value));
            call.json(json!({ "title": "Lisbon" })).send().await.status
        };
        let (cookie, in_cookie) = (brings(&cookie), brings(&token));
        let (bearer, ours) = (format!("Bearer {token}"), ("sec-fetch-site", "same-origin"));
        let cookie = ("cookie", cookie.as_str());
        for (instance, method, lines, status) in [
            (&without, Method::GET, vec![cookie], 401),
            (&with, Method::GET, vec![cookie], 200),
            (&with, Method::GET, vec![("cookie", in_cookie.as_str())], 401),
            (&with, Method::POST, vec![cookie], 401),
            (&with, Method::POST, vec![cookie, ours], 201),
            (
                &with,
                Method::GET,
                vec![cookie, ("x-actor-token", token.as_str())],
                401,
            ),
            // a token is what counts where there is one
            (
                &with,
                Method::GET,
                vec![cookie, ("authorization", bearer.as_str())],
                200,
            ),
            (
                &with,
                Method::GET,
                vec![cookie, ("authorization", "Bearer x")],
                401,
            ),
        ] {
            assert_eq!(
                ask(instance, method.clone(), &lines).await,
                status,
                "{method} {lines:?}"
            );
        }
        // a session is not handed on, and a job takes a token
        let export = async |line: (&str, &str)| {
            let call = with.call(trips, Method::POST, "/exports").header(line.0, line.1);
            call.header(ours.0, ours.1).send().await.status
        };
        assert_eq!(export(cookie).await, 401);
        assert_eq!(export(("authorization", bearer.as_str())).await, 202);
    });
}

#[test]
fn the_audit_stream_tells_of_tenants_whose_plan_has_it() {
    on_trips(async |trips| {
        for (slug, told) in [("globex", true), ("acme", false)] {
            let tenant = trips.tenant(slug);
            let settings = Settings::of(trips, tenant.target(), Service::Itineraries);
            let file = settings.folder().join("audit.jsonl");
            let settings = settings.set(&["audit", "file"], file.display().to_string());
            let instance = Instance::start(settings, itineraries::router).await;
            let mut made = String::new();
            for (role, status) in [(Role::Owner, 201), (Role::ReadOnly, 403)] {
                let call = instance.call(trips, Method::POST, "/itineraries");
                let call = call.token(&trips.token(tenant, role));
                let call = call.json(json!({ "title": "Lisbon" }));
                let answer = call.send().await;
                assert_eq!(answer.status, status, "{slug} {role}");
                if status == 201 {
                    made = answer.id();
                }
            }
            // written beside the requests
            tokio::time::sleep(Duration::from_millis(200)).await;
            let text = std::fs::read_to_string(&file).unwrap();
            let lines: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            let of = |allowed: bool| {
                let own = |line: &&Value| {
                    line["tenant"] == tenant.id().to_string() && line["action"] == "tenant:data:write"
                };
                lines.iter().filter(own).any(|line| line["allowed"] == allowed)
            };
            assert_eq!((of(true), of(false)), (told, told), "{slug}: {text}");
            // what was done is in the tenant's own database too, by its name, and what was denied is not
            let store = format!("{slug}-postgres-1").parse().unwrap();
            let url = trips.world.superuser_url(&store).unwrap().expose_secret();
            let mut owner = PgConnection::connect(url).await.unwrap();
            let query = "SELECT count(*) FROM tenancy.audit_log WHERE allowed AND action = 'tenant:data:write' \
                         AND target = 'itinerary/' || $1 AND rule <> ''";
            let count = sqlx::query_scalar::<_, i64>(query).bind(&made);
            assert_eq!(
                count.fetch_one(&mut owner).await.unwrap(),
                i64::from(told),
                "{slug}"
            );
        }
    });
}

#[test]
fn what_caches_had_is_counted() {
    on_trips(async |trips| {
        let tenant = trips.tenant("acme");
        let token = trips.token(tenant, Role::Owner);
        let call = trips.call(tenant, Service::Itineraries, Method::GET, "/itineraries");
        let call = call.token(&token);
        for _ in 0..3 {
            assert_eq!(call.send().await.status, 200);
        }
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, tenancy::telemetry::publish);
        let said = recorder.handle().render();
        for cache in ["directory", "memberships", "tokens", "keys"] {
            for result in ["hit", "miss"] {
                let line = format!("tenancy_cache_lookups_total{{cache=\"{cache}\",result=\"{result}\"}}");
                assert!(said.contains(&line), "{line} is not in\n{said}");
            }
        }
    });
}
