//! Doors for the fuzz target, which is built with `--cfg fuzzing`; no other build has them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    keys,
    revocation::read_account,
    token::{Audience, KID_BYTES, Token, TokenKind},
};

const NOW: i64 = 1_800_000_000;

/// A token as it was sent.
pub fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(token) = Token::parse(text) else { return };
    assert!((1..=KID_BYTES).contains(&token.kid().len()));
    for kind in [TokenKind::IdToken, TokenKind::SessionCookie] {
        let audience = Audience::new(kind, &project());
        let Ok(claims) = token.claims() else { return };
        let Ok(checked) = claims.check(&audience, NOW) else {
            continue;
        };
        let end = checked.expires_at.as_second();
        assert!(end > NOW - 60 && end <= NOW + 60 + 14 * 24 * 3600);
        assert!(checked.auth_time <= NOW + 60);
    }
}

/// The JSON of a header.
pub fn header(json: &[u8]) {
    token(format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(json)).as_bytes());
}

/// The JSON of claims.
pub fn claims(json: &[u8]) {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k"}"#);
    token(format!("{header}.{}.AA", URL_SAFE_NO_PAD.encode(json)).as_bytes());
}

/// A server's set of keys, and a signature that nobody made.
pub fn key_set(document: &[u8]) {
    crate::install_crypto();
    keys::fuzz(document);
}

/// A server's word about an account.
pub fn account(answer: &[u8]) {
    #[expect(clippy::disallowed_methods, reason = "nothing is opened with it")]
    let user = tenancy_core::trust::token_verified(
        must("alice".parse()),
        must("T-free".parse()),
        jiff::Timestamp::UNIX_EPOCH,
    );
    read_account(answer, &user);
}

fn project() -> crate::Project {
    must("demo-trips".parse())
}

#[expect(clippy::panic, reason = "constants")]
fn must<T, E>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|_| panic!("a constant is legal"))
}
