//! The registry: functions that answer for its tenant alone, and notifications that say nothing.

use demo::world::Tenant;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, postgres::PgListener};
use tenancy_core::{Role, registry::CHANNEL};
use uuid::Uuid;

use super::{DENIED, code, credentials, each};
use crate::harness::{connect, new_user, on_trips};

/// Calls of a registry's function about a tenant: one for each way to name it.
fn calls(name: &str, arguments: &[String], about: &Tenant) -> Vec<String> {
    let (pool, owner) = (about.record.identity_tenant.as_str(), &about.members[0].subject);
    let host = about.host();
    let texts = [
        [pool, owner.as_str()],
        [about.slug(), owner.as_str()],
        [&host, owner.as_str()],
    ];
    let call = |texts: [&str; 2]| {
        let mut texts = texts.into_iter();
        let values = arguments.iter().map(|kind| match kind.as_str() {
            "uuid" => format!("'{}'", about.id()),
            "text" => format!("'{}'", texts.next().unwrap()),
            other => format!("NULL::{other}"),
        });
        format!("SELECT ({name}({}))::text", values.collect::<Vec<_>>().join(", "))
    };
    texts.into_iter().map(call).collect()
}

#[test]
fn the_registry_tells_it_of_no_other_tenant() {
    const FUNCTIONS: &str = "
        SELECT p.oid::regproc::text, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t)
        FROM pg_proc p WHERE p.pronamespace = 'registry'::regnamespace AND p.prorettype <> 'trigger'::regtype";
    on_trips(async |trips| {
        let mut superuser = connect(&trips.world.registry_database().superuser_url).await;
        let functions: Vec<(String, Vec<String>)> =
            sqlx::query_as(FUNCTIONS).fetch_all(&mut superuser).await.unwrap();
        assert!(functions.len() > 10, "{functions:?}");
        each(trips, async |own, other, markers| {
            let mut session = connect(&credentials(trips, own)["registry"]).await;
            let mut answered = Vec::new();
            for (name, arguments) in &functions {
                for call in calls(name, arguments, other) {
                    let answer = sqlx::query_scalar(AssertSqlSafe(call.clone()))
                        .fetch_all(&mut session)
                        .await;
                    let answer: Vec<Option<String>> = match answer {
                        Ok(answer) => answer,
                        Err(error) if code(&error) == DENIED => continue,
                        Err(error) => panic!("{call}: {error}"),
                    };
                    answered.push(name.as_str());
                    let text = format!("{answer:?}");
                    assert_eq!(
                        markers.iter().find(|marker| text.contains(marker.as_str())),
                        None,
                        "{call}: {text}"
                    );
                }
            }
            answered.sort_unstable();
            answered.dedup();
            let own_only = ["pinned_changes_since", "pinned_membership", "pinned_tenant"];
            assert_eq!(answered, own_only.map(|name| format!("registry.{name}")));
        })
        .await;
    });
}

#[test]
fn notifications_tell_it_nothing() {
    on_trips(async |trips| {
        each(trips, async |own, other, markers| {
            for (name, url) in credentials(trips, own) {
                let mut listener = PgListener::connect(url.expose_secret()).await.unwrap();
                listener.listen(CHANNEL).await.unwrap();
                let new = new_user("noticed");
                let id = trips
                    .world
                    .registry()
                    .add_member(other.id(), &new, Role::Member)
                    .await
                    .unwrap();
                trips
                    .world
                    .registry()
                    .remove_member(other.id(), id)
                    .await
                    .unwrap();
                let mut heard = Vec::new();
                let wait = tokio::time::Duration::from_millis(300);
                while let Ok(notification) = tokio::time::timeout(wait, listener.recv()).await {
                    heard.push(notification.unwrap().payload().to_owned());
                }
                assert_eq!(heard.is_empty(), name != "registry", "{name}: {heard:?}");
                for payload in heard {
                    assert_eq!(
                        payload.parse::<Uuid>().unwrap().get_version_num(),
                        4,
                        "{payload} is no random version"
                    );
                    assert!(
                        !markers.contains(&payload) && payload != id.to_string(),
                        "{payload}"
                    );
                }
            }
        })
        .await;
    });
}
