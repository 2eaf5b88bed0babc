//! `/users`.

use axum::http::Method;
use serde_json::json;
use tenancy_core::Role;

use crate::support::Service;

#[tokio::test]
async fn a_member_names_itself_and_others_of_the_tenant_see_it() {
    let service = Service::start().await;
    let (ada, bob, eve) = (
        service.acme(Role::Member).await,
        service.acme(Role::ReadOnly).await,
        service.globex(Role::Owner).await,
    );
    let (id, name) = (ada.ctx.user_id().unwrap(), json!({"display_name": "Ada"}));
    let path = format!("/users/{id}");
    assert_eq!(
        ada.get("/users/me").await.json(),
        json!({"id": id, "display_name": null})
    );
    assert_eq!(bob.get(&path).await.status, 404);
    for _ in 0..2 {
        let named = ada.json(Method::PUT, "/users/me", &[], &name).await;
        assert_eq!(
            (named.status.as_u16(), named.json()),
            (200, json!({"id": id, "display_name": "Ada"}))
        );
    }
    assert_eq!(bob.get(&path).await.json(), ada.get("/users/me").await.json());
    assert_eq!(eve.get(&path).await.status, 404);
    assert_eq!(
        bob.json(Method::PUT, "/users/me", &[], &name).await.problem().0,
        403
    );
    assert_eq!(service.number("SELECT count(*) FROM users").await, 1);
}

#[tokio::test]
async fn a_name_that_is_none_is_refused() {
    let service = Service::start().await;
    let ada = service.acme(Role::Member).await;
    for name in [
        json!(""),
        json!(" "),
        json!("a\u{0}b"),
        json!("a".repeat(101)),
        json!(null),
        json!(7),
    ] {
        let answer = ada
            .json(Method::PUT, "/users/me", &[], &json!({ "display_name": name }))
            .await;
        assert_eq!(answer.problem(), (422, vec!["display_name".to_owned()]), "{name}");
    }
    assert_eq!(
        ada.get("/users/not-an-id").await.problem(),
        (400, vec!["id".to_owned()])
    );
}
