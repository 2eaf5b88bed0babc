//! Something of a tenant's to ask for.

use demo::world::{Service, Tenant};
use reqwest::Method;
use serde_json::json;
use tenancy_core::Role;
use uuid::Uuid;

use super::Trips;

/// What a tenant has: an itinerary that all its users see, with a photo and, where it has the service, a comment and a like.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    pub(crate) itinerary: String,
    /// The itinerary's entity tag.
    pub(crate) tag: String,
    pub(crate) comment: String,
    pub(crate) export: String,
    pub(crate) user: String,
}

pub(crate) const PHOTO: &str = "beach.jpg";

impl Stock {
    /// Ids that nobody has.
    pub(crate) fn nobody() -> Self {
        let id = || Uuid::now_v7().to_string();
        Self {
            itinerary: id(),
            tag: "\"1\"".to_owned(),
            comment: id(),
            export: id(),
            user: id(),
        }
    }

    /// Made by the tenant's owner, over HTTP.
    pub(crate) async fn of(trips: &'static Trips, tenant: &Tenant) -> Self {
        let token = trips.token(tenant, Role::Owner);
        let call = |service, method, path: &str| trips.call(tenant, service, method, path).token(&token);
        // the same name as the routes' own request gives: what tests at the same time see does not change
        let named =
            call(Service::Itineraries, Method::PUT, "/users/me").json(json!({ "display_name": "Ada" }));
        assert_eq!(named.send().await.status, 200);
        let draft = json!({ "title": format!("A trip of {}", tenant.slug()), "visibility": "shared" });
        let made = call(Service::Itineraries, Method::POST, "/itineraries")
            .json(draft)
            .send()
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
        let itinerary = made.id();
        let photo = format!("/itineraries/{itinerary}/photos/{PHOTO}");
        let put = call(Service::Itineraries, Method::PUT, &photo)
            .raw("image/jpeg", tenant.slug())
            .send()
            .await;
        assert_eq!(put.status, 201, "{}", put.text());
        let path = format!("/itineraries/{itinerary}");
        let comment =
            call(Service::Social, Method::POST, &format!("{path}/comments")).json(json!({ "text": "Nice." }));
        let comment = comment.send().await;
        call(Service::Social, Method::PUT, &format!("{path}/likes"))
            .send()
            .await;
        let export = call(Service::Itineraries, Method::POST, "/exports").send().await;
        assert_eq!(export.status, 202, "{}", export.text());
        Self {
            export: export.id(),
            tag: made.header("etag").unwrap().to_owned(),
            itinerary,
            // the plan may have no comments
            comment: if comment.status == 201 {
                comment.id()
            } else {
                Uuid::now_v7().to_string()
            },
            user: tenant.member(Role::Owner).unwrap().user.to_string(),
        }
    }

    /// All of it, as its owner sees it: two of these are equal when nobody changed anything. Without the export: a user's newest
    /// ten are kept, and other tests ask for some.
    pub(crate) async fn look(&self, trips: &'static Trips, tenant: &Tenant) -> Vec<(u16, String)> {
        let token = trips.token(tenant, Role::Owner);
        let itinerary = format!("/itineraries/{}", self.itinerary);
        let paths = [
            (Service::Itineraries, itinerary.clone()),
            (Service::Itineraries, format!("{itinerary}/photos")),
            (Service::Itineraries, format!("{itinerary}/photos/{PHOTO}")),
            (Service::Itineraries, format!("/users/{}", self.user)),
            (Service::Social, format!("/comments/{}", self.comment)),
            (Service::Social, format!("{itinerary}/comments")),
            (Service::Social, format!("{itinerary}/likes")),
        ];
        let mut seen = Vec::new();
        for (service, path) in paths {
            let answer = trips
                .call(tenant, service, Method::GET, &path)
                .token(&token)
                .send()
                .await;
            seen.push((answer.status, answer.text()));
        }
        seen
    }
}
