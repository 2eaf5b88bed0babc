//! What each role gets from each route.

use tenancy_core::Role;

use super::routes::all;
use crate::harness::{Stock, on_trips};

/// About an itinerary that the owner made and shared, with the owner's photo and comment. A change of what a role may do is
/// a change of this table.
const GOLDEN: &str = "\
route                                               readonly member   admin    owner
itineraries GET /users/me                           200      200      200      200
itineraries PUT /users/me                           403      200      200      200
itineraries GET /users/{id}                         200      200      200      200
itineraries GET /itineraries                        200      200      200      200
itineraries POST /itineraries                       403      201      201      201
itineraries GET /itineraries/{id}                   200      200      200      200
itineraries PATCH /itineraries/{id}                 403      403      200      200
itineraries POST /itineraries/{id}/publish          403      403      200      200
itineraries POST /exports                           403      202      202      202
itineraries GET /exports/{id}                       404      404      200      200
itineraries GET /itineraries/{id}/photos            200      200      200      200
itineraries GET /itineraries/{id}/photos/{name}     200      200      200      200
itineraries PUT /itineraries/{id}/photos/{name}     403      403      200      200
itineraries DELETE /itineraries/{id}/photos/{name}  403      403      204      204
social GET /itineraries/{id}/comments               200      200      200      200
social POST /itineraries/{id}/comments              403      201      201      201
social GET /comments/{id}                           200      200      200      200
social DELETE /comments/{id}                        403      403      204      204
social GET /itineraries/{id}/likes                  200      200      200      200
social PUT /itineraries/{id}/likes                  403      204      204      204
social DELETE /itineraries/{id}/likes               403      204      204      204
itineraries DELETE /itineraries/{id}                403      403      204      204
";

#[test]
fn the_golden_matrix_of_roles_and_routes() {
    on_trips(async |trips| {
        let acme = trips.tenant("acme");
        let mut seen = format!(
            "{:<51} {}\n",
            "route",
            Role::ALL
                .map(|role| format!("{:<8}", role.as_str()))
                .join(" ")
                .trim_end()
        );
        for route in all() {
            let mut cells = Vec::new();
            for role in Role::ALL {
                let stock = Stock::of(trips, acme).await;
                let answer = route
                    .call(trips, acme, &stock)
                    .token(&trips.token(acme, role))
                    .send()
                    .await;
                if answer.status == 403 {
                    assert_eq!(answer.code(), "forbidden", "{route}");
                    let asked = match route.path {
                        "/itineraries/{id}/publish" => "trips:itinerary:publish",
                        _ => "tenant:data:write",
                    };
                    assert_eq!(answer.json()["permission"], asked, "{route}");
                }
                cells.push(format!("{:<8}", answer.status));
            }
            seen += &format!("{:<51} {}\n", route.to_string(), cells.join(" ").trim_end());
        }
        assert_eq!(seen, GOLDEN, "\n{seen}");
    });
}
