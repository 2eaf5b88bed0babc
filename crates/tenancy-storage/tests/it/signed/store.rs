//! What the vendor's store checks of a signed request, written from its documentation ("Canonical requests", "Signed URLs",
//! the XML API's headers): the signature is computed again from what was sent.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use url::Url;

/// A request as it arrives.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) url: String,
    /// Beside `Host`.
    pub(super) headers: Vec<(String, String)>,
    pub(super) bytes: u64,
    pub(super) at: Timestamp,
    /// Whether the object is there already.
    pub(super) exists: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    /// 400 `ExpiredToken`
    Expired,
    /// 403 `SignatureDoesNotMatch`
    Signature,
    /// 400 `EntityTooLarge`, `EntityTooSmall`
    Size,
    /// 412 `PreconditionFailed`
    Exists,
}

impl Sent {
    fn header(&self, name: &str) -> Option<&str> {
        let mut found = self
            .headers
            .iter()
            .filter(|(given, _)| given.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }
}

pub(super) fn accepts(sent: &Sent) -> Result<(), Refusal> {
    let url = Url::parse(&sent.url).map_err(|_| Refusal::Malformed)?;
    let query = url.query().ok_or(Refusal::Malformed)?;
    let value = |name: &str| {
        let found = url.query_pairs().find(|(given, _)| given == name);
        found
            .map(|(_, value)| value.into_owned())
            .ok_or(Refusal::Malformed)
    };
    let date = value("X-Goog-Date")?;
    let begin = DateTime::strptime("%Y%m%dT%H%M%SZ", &date).map_err(|_| Refusal::Malformed)?;
    let begin = begin
        .to_zoned(TimeZone::UTC)
        .map_err(|_| Refusal::Malformed)?
        .timestamp();
    let seconds: i64 = value("X-Goog-Expires")?.parse().map_err(|_| Refusal::Malformed)?;
    let names = value("X-Goog-SignedHeaders")?;
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("X-Goog-Signature="))
        .collect();
    pairs.sort_unstable();
    let mut lines = String::new();
    for name in names.split(';') {
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let value = if name == "host" {
            Some(host)
        } else {
            sent.header(name)
        };
        lines += &format!("{name}:{}\n", value.ok_or(Refusal::Signature)?);
    }
    let stranger = |name: &str| name.starts_with("x-goog-") && !names.split(';').any(|signed| signed == name);
    if sent
        .headers
        .iter()
        .any(|(name, _)| stranger(&name.to_ascii_lowercase()))
    {
        return Err(Refusal::Signature);
    }
    let request = [
        &sent.method,
        url.path(),
        &pairs.join("&"),
        &lines,
        &names,
        "UNSIGNED-PAYLOAD",
    ]
    .join("\n");
    let scope = value("X-Goog-Credential")?;
    let (_, scope) = scope.split_once('/').ok_or(Refusal::Malformed)?;
    let hash = hex(digest(&SHA256, request.as_bytes()).as_ref());
    let message = format!("GOOG4-RSA-SHA256\n{date}\n{scope}\n{hash}");
    verify(&message, &value("X-Goog-Signature")?)?;
    if sent.at < begin || sent.at >= begin + SignedDuration::from_secs(seconds) {
        return Err(Refusal::Expired);
    }
    within(sent)
}

fn within(sent: &Sent) -> Result<(), Refusal> {
    if let Some(range) = sent.header("x-goog-content-length-range") {
        let (least, most) = range.split_once(',').unwrap();
        if !(least.parse().unwrap()..=most.parse().unwrap()).contains(&sent.bytes) {
            return Err(Refusal::Size);
        }
    }
    if sent.header("x-goog-if-generation-match") == Some("0") && sent.exists {
        return Err(Refusal::Exists);
    }
    Ok(())
}

fn verify(message: &str, signature: &str) -> Result<(), Refusal> {
    let digit = |at: usize| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok();
    let signature: Option<Vec<u8>> = (0..signature.len()).step_by(2).map(digit).collect();
    let pair = pair();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    key.verify(message.as_bytes(), &signature.ok_or(Refusal::Malformed)?)
        .map_err(|_| Refusal::Signature)
}

/// The vectors' key.
pub(super) fn pair() -> KeyPair {
    let vectors = super::vectors();
    let pem = vectors["key_file"]["private_key"].as_str().unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    KeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
