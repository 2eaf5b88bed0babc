//! Who has the service at all.

use axum::http::Method;

use crate::support::Service;

#[tokio::test]
async fn a_plan_without_the_feature_has_no_route_of_the_service() {
    let service = Service::start().await;
    let owner = service.initech().await;
    let id = "018f2b5e-0000-7000-8000-000000000001";
    for (method, path) in [
        (Method::GET, format!("/itineraries/{id}/comments")),
        (Method::POST, format!("/itineraries/{id}/comments")),
        (Method::GET, format!("/comments/{id}")),
        (Method::DELETE, format!("/comments/{id}")),
        (Method::GET, format!("/itineraries/{id}/likes")),
        (Method::PUT, format!("/itineraries/{id}/likes")),
        (Method::DELETE, format!("/itineraries/{id}/likes")),
    ] {
        let answer = owner.ask(method.clone(), &path).await;
        let problem = answer.json();
        assert_eq!(
            (answer.problem().0, &problem["type"]),
            (403, &"urn:tenancy:problem:not_entitled".into()),
            "{method} {path}"
        );
        assert_eq!(
            (&problem["feature"], &problem["available_from"]),
            (&"social".into(), &"standard".into())
        );
    }
}
