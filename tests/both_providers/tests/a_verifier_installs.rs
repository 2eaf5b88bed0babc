//! That a verifier chooses, whatever a dependency has switched on.

use tenancy_auth::{IdTokenVerifier, KeySource, SessionCookieVerifier};
use tenancy_testkit::{KeyServer, TokenMint};

#[tokio::test]
async fn tokens_and_cookies_are_verified() {
    let (tenant, alice) = ("T-free".parse().unwrap(), "alice".parse().unwrap());
    let mint = TokenMint::new("demo-trips");
    let server = KeyServer::start(&mint).await.unwrap();
    let keys = || KeySource::at(server.url().parse().unwrap());
    let project = || "demo-trips".parse().unwrap();
    let tokens = IdTokenVerifier::new(project(), keys());
    assert!(tokens.verify(&mint.token(&tenant, &alice)).await.is_ok());
    let forged = mint.draft(&tenant, &alice).signed_by(&TokenMint::with_new_key("demo-trips"));
    assert!(tokens.verify(&forged.sign()).await.is_err());
    let cookies = SessionCookieVerifier::new(project(), keys());
    assert!(cookies.verify(&mint.session_cookie(&tenant, &alice)).await.is_ok());
}
