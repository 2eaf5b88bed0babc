//! What is accepted as a session cookie, and by whom.

use tenancy_core::{
    Kind, Principal,
    http::{Authenticate, Credentials, Means},
};

use crate::world::{World, subject, tenant};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn cookies_of_five_minutes_to_fourteen_days_are_accepted() {
    let world = World::start().await;
    let now = jiff::Timestamp::now().as_second();
    for lifetime in [300, 3600, 5 * DAY, 14 * DAY] {
        let draft = world
            .cookie_draft()
            .claim("iat", now)
            .claim("exp", now + lifetime);
        let identity = world.cookie_verifier.verify(&draft.sign()).await;
        let identity = identity.unwrap_or_else(|error| panic!("{lifetime}: {:?}", error.log()));
        assert_eq!((identity.tenant(), identity.subject()), (&tenant(), &subject()));
        assert_eq!(identity.expires_at().as_second(), now + lifetime);
    }
    let old = world
        .cookie_draft()
        .claim("iat", now - 13 * DAY)
        .claim("exp", now + DAY);
    assert!(world.cookie_verifier.verify(&old.sign()).await.is_ok());
    assert_eq!(world.cookie_server.fetches(), 1);
}

#[tokio::test]
async fn neither_verifier_takes_the_other_s_tokens() {
    let world = World::start().await;
    let (token, cookie) = (world.token(), world.cookie_draft().sign());
    assert!(world.verifier.verify(&token).await.is_ok());
    assert!(world.cookie_verifier.verify(&cookie).await.is_ok());
    let outcomes = [
        world.verifier.verify(&cookie).await,
        world.cookie_verifier.verify(&token).await,
    ];
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(
            (error.kind(), error.log()),
            (Kind::Unauthenticated, Some("claims: `iss` is another"))
        );
    }
    assert!(world.verifier.known(&cookie).is_none() && world.cookie_verifier.known(&token).is_none());
    // nor is the other's key server asked
    assert_eq!((world.server.fetches(), world.cookie_server.fetches()), (1, 1));
}

#[tokio::test]
async fn each_verifier_is_what_the_layer_asks() {
    let world = World::start().await;
    let (token, cookie) = (world.token(), world.cookie_draft().sign());
    let verifiers: [(&dyn Authenticate, &str); 2] =
        [(&world.verifier, &token), (&world.cookie_verifier, &cookie)];
    for (verifier, token) in verifiers {
        let credentials = Credentials {
            means: Means::Header,
            bearer: token,
            actor: None,
            method: &http::Method::GET,
            path: "/",
        };
        assert!(verifier.known(credentials).is_none());
        let principal = verifier.authenticate(credentials).await.unwrap();
        assert!(matches!(principal, Principal::User(user) if user.subject() == &subject()));
        assert!(matches!(verifier.known(credentials), Some(Principal::User(_))));
        let beside = Credentials {
            actor: Some(token),
            ..credentials
        };
        assert!(verifier.known(beside).is_none());
        let error = verifier.authenticate(beside).await.unwrap_err();
        assert_eq!(error.log(), Some("a user's token with an actor token beside it"));
    }
}
