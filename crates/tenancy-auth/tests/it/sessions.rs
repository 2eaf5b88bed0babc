//! Sessions over HTTP: which cookies are taken, from which pages, and beside which tokens.

use std::sync::Arc;

use tenancy_auth::{Authenticator, SessionCookie, Sessions};

use crate::{
    hostile::http::Service,
    world::{World, bearer, cookie},
};

#[tokio::test]
async fn a_cookie_is_taken_where_sessions_are_and_by_their_verifier() {
    let world = World::start().await;
    let (token, session) = (world.token(), world.cookie_draft().sign());
    let sessions = Sessions::new(SessionCookie::default(), world.cookie_verifier.clone());
    let authenticator = Authenticator::new(world.verifier.clone());
    let without = Service::start(Arc::new(authenticator.clone())).await;
    let with = Service::start(Arc::new(authenticator.with_sessions(sessions))).await;
    let (ours, theirs) = (
        "sec-fetch-site: same-origin\r\n",
        "sec-fetch-site: cross-site\r\n",
    );
    for (method, headers, status) in [
        // both are known from here on: what is remembered for the one place is not for the other
        ("GET", bearer(&token), 200),
        ("GET", cookie(&session), 200),
        ("GET", cookie(&session) + theirs, 200),
        ("POST", cookie(&session) + ours, 200),
        ("POST", cookie(&session) + theirs, 401),
        ("POST", cookie(&session), 401),
        ("GET", cookie(&token), 401),
        ("GET", bearer(&session), 401),
        ("GET", cookie(&session) + &cookie(&session), 401),
        ("GET", cookie(&session) + "x-actor-token: " + &token + "\r\n", 401),
        // the header says who asks, whatever cookie a browser sends along
        ("POST", cookie(&session) + &bearer(&token), 200),
        ("POST", cookie(&session) + &bearer("hunter2"), 401),
        ("GET", String::new(), 401),
    ] {
        let answer = with.send(method, &headers).await.unwrap();
        assert_eq!(answer.status, status, "{method} {headers}");
    }
    assert_eq!(without.send("GET", &cookie(&session)).await.unwrap().status, 401);
    assert_eq!(without.send("GET", &bearer(&token)).await.unwrap().status, 200);
}
