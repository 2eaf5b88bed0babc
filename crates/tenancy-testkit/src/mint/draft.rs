//! A token that is not signed yet.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tenancy_core::{IdentityTenant, Subject};

use super::{Signing, TokenMint, key::SigningKey};

type Rewrite = Box<dyn FnOnce(String) -> Vec<u8> + Send>;

/// A good token until it is spoiled: any member of header and claims can be set or removed, the JSON text can be rewritten,
/// and any key and algorithm can sign it.
#[must_use = "a draft becomes a token with `sign`"]
pub struct TokenDraft {
    header: Value,
    claims: Value,
    rewrite_header: Option<Rewrite>,
    rewrite_claims: Option<Rewrite>,
    signing: Signing,
    key: Arc<SigningKey>,
}

impl TokenDraft {
    pub(super) fn new(mint: &TokenMint, tenant: &IdentityTenant, subject: &Subject) -> Self {
        let now = Timestamp::now().as_second();
        let (project, subject) = (mint.project(), subject.as_str());
        Self {
            header: json!({ "alg": "RS256", "kid": mint.kid(), "typ": "JWT" }),
            claims: json!({
                "iss": format!("https://securetoken.google.com/{project}"),
                "aud": project,
                "auth_time": now,
                "user_id": subject,
                "sub": subject,
                "iat": now,
                "exp": now + 3600,
                "email": format!("{subject}@example.com"),
                "email_verified": true,
                "firebase": {
                    "identities": { "email": [format!("{subject}@example.com")] },
                    "sign_in_provider": "password",
                    "tenant": tenant.as_str(),
                },
            }),
            rewrite_header: None,
            rewrite_claims: None,
            signing: Signing::Rs256,
            key: Arc::clone(mint.key()),
        }
    }

    /// A session cookie of five days, as `createSessionCookie` makes it of an ID token: another issuer, and no `typ`.
    pub(super) fn session_cookie(mint: &TokenMint, tenant: &IdentityTenant, subject: &Subject) -> Self {
        let issuer = format!("https://session.firebase.google.com/{}", mint.project());
        let exp = Timestamp::now().as_second() + 5 * 24 * 3600;
        let draft = Self::new(mint, tenant, subject).without_header("typ");
        draft.claim("iss", issuer).claim("exp", exp)
    }

    /// Sets a member of the header.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, Some(value.into()));
        self
    }

    /// Removes a member of the header.
    pub fn without_header(mut self, name: &str) -> Self {
        set(&mut self.header, name, None);
        self
    }

    /// Sets a claim. Dots lead into objects: `firebase.tenant`.
    pub fn claim(mut self, path: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, path, Some(value.into()));
        self
    }

    /// Removes a claim. Dots lead into objects: `firebase.tenant`.
    pub fn without_claim(mut self, path: &str) -> Self {
        set(&mut self.claims, path, None);
        self
    }

    /// Rewrites the header's JSON text, after all members are set: for duplicates, trailing bytes, and what is no JSON.
    pub fn rewrite_header<B: Into<Vec<u8>>>(
        mut self,
        rewrite: impl FnOnce(String) -> B + Send + 'static,
    ) -> Self {
        self.rewrite_header = Some(Box::new(|text| rewrite(text).into()));
        self
    }

    /// Rewrites the claims' JSON text, after all claims are set.
    pub fn rewrite_claims<B: Into<Vec<u8>>>(
        mut self,
        rewrite: impl FnOnce(String) -> B + Send + 'static,
    ) -> Self {
        self.rewrite_claims = Some(Box::new(|text| rewrite(text).into()));
        self
    }

    /// Signs another way, and says so in `alg`. To lie about it, set the header's `alg` afterwards.
    pub fn signing(mut self, signing: Signing) -> Self {
        set(&mut self.header, "alg", Some(signing.name().into()));
        self.signing = signing;
        self
    }

    /// Signs with another mint's key, and keeps the `kid`.
    pub fn signed_by(mut self, mint: &TokenMint) -> Self {
        self.key = Arc::clone(mint.key());
        self
    }

    /// The token.
    #[must_use]
    pub fn sign(self) -> String {
        let header = encode(&self.header, self.rewrite_header);
        let claims = encode(&self.claims, self.rewrite_claims);
        let message = format!("{header}.{claims}");
        let signature = self.signing.sign(&self.key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn encode(value: &Value, rewrite: Option<Rewrite>) -> String {
    let text = value.to_string();
    URL_SAFE_NO_PAD.encode(match rewrite {
        Some(rewrite) => rewrite(text),
        None => text.into_bytes(),
    })
}

/// Sets or removes a member; what is no object on the way becomes one.
fn set(within: &mut Value, path: &str, value: Option<Value>) {
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(name, rest)| (name, Some(rest)));
    if !within.is_object() {
        *within = Value::Object(Map::new());
    }
    let Value::Object(members) = within else { return };
    match (rest, value) {
        (Some(rest), value) => set(members.entry(name).or_insert(Value::Null), rest, value),
        (None, Some(value)) => {
            members.insert(name.to_owned(), value);
        }
        (None, None) => {
            members.remove(name);
        }
    }
}

impl fmt::Debug for TokenDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenDraft")
            .field("header", &self.header)
            .field("claims", &self.claims)
            .field("signing", &self.signing)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(token: &str) -> Vec<Value> {
        let segments = token.split('.').take(2);
        segments
            .map(|s| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(s).unwrap()).unwrap())
            .collect()
    }

    fn draft() -> TokenDraft {
        TokenMint::new("demo-trips").draft(&"T-free".parse().unwrap(), &"alice".parse().unwrap())
    }

    #[test]
    fn a_token_says_what_identity_platform_s_say() {
        let [header, claims] = &segments(&draft().sign())[..] else {
            panic!("two segments")
        };
        assert_eq!(header["alg"], "RS256");
        assert_eq!(claims["iss"], "https://securetoken.google.com/demo-trips");
        assert_eq!(claims["firebase"]["tenant"], "T-free");
        let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert_eq!(lifetime, 3600);
    }

    #[test]
    fn a_session_cookie_says_who_made_it_and_lives_for_days() {
        let mint = TokenMint::new("demo-trips");
        let cookie = mint.session_cookie(&"T-free".parse().unwrap(), &"alice".parse().unwrap());
        let [header, claims] = &segments(&cookie)[..] else {
            panic!("two segments")
        };
        assert!(header.get("typ").is_none());
        assert_eq!(claims["iss"], "https://session.firebase.google.com/demo-trips");
        let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert!((432_000..=432_001).contains(&lifetime), "{lifetime}");
    }

    #[test]
    fn a_draft_can_be_spoiled_anywhere() {
        let token = draft()
            .header("kid", 7)
            .without_header("typ")
            .claim("firebase.tenant", Value::Null)
            .without_claim("firebase.identities")
            .without_claim("sub")
            .signing(Signing::Nothing)
            .sign();
        assert!(token.ends_with('.'));
        let [header, claims] = &segments(&token)[..] else {
            panic!("two segments")
        };
        assert_eq!(header, &json!({ "alg": "none", "kid": 7 }));
        assert_eq!(
            claims["firebase"],
            json!({ "sign_in_provider": "password", "tenant": null })
        );
        assert!(claims.get("sub").is_none());
    }

    #[test]
    fn a_draft_s_text_can_be_rewritten() {
        let token = draft().rewrite_claims(|text| format!("{text}!")).sign();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        assert!(claims.ends_with(b"}!"));
    }
}
