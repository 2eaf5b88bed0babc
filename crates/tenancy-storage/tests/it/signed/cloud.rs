//! The cloud's `signBlob`, by a server of our own on loopback.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_lc_rs::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tenancy_core::{KeyLayout, Kind, Role, SecretRef};
use tenancy_storage::{GetTerms, ObjectStores, SignBlob, UrlSigner};
use tenancy_testkit::context_until;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{Signing, store::pair};
use crate::kit::key;

const TOKEN: &str = "ya29.secret-token";

#[derive(Clone, Debug)]
enum Answer {
    Signature,
    Status(u16, &'static str),
    Body(String),
    Hang,
}

/// Answers every request alike, and keeps the heads.
struct Cloud {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Cloud {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), Arc::clone(&kept)));
            }
        });
        Self { address, heads }
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, heads: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let (head, body) = loop {
        if stream.read_buf(&mut request).await.unwrap_or_default() == 0 {
            return;
        }
        let text = String::from_utf8(request.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.to_ascii_lowercase();
        let length = length
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() == length.unwrap_or(0) {
            break (head.to_owned(), body.to_owned());
        }
    };
    heads.lock().unwrap().push(head);
    let (status, more, body) = match answer {
        Answer::Signature => (200, "", signed(&body)),
        Answer::Status(status, more) => (status, more, String::new()),
        Answer::Body(body) => (200, "", body),
        Answer::Hang => std::future::pending().await,
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n");
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

fn signed(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    let payload = STANDARD.decode(body["payload"].as_str().unwrap()).unwrap();
    let pair = pair();
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, &payload, &mut signature)
        .unwrap();
    json!({ "keyId": "1", "signedBlob": STANDARD.encode(signature) }).to_string()
}

/// A URL that the server signed, or why there is none; and what it was asked.
async fn ask(answer: Answer, patience: Duration) -> (tenancy_core::Result<String>, Vec<String>) {
    let vectors = super::vectors();
    let case = &vectors["cases"][0];
    let at = case["at"].as_str().unwrap().parse().unwrap();
    let signing = Signing::new(KeyLayout::TenantPrefix, at).await;
    let cloud = Cloud::start(answer).await;
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, TOKEN).unwrap();
    let account = vectors["key_file"]["client_email"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let sign_blob = SignBlob::new(account, SecretRef::File(token)).at(cloud.address.parse().unwrap());
    let signer = UrlSigner::sign_blob(sign_blob, Arc::clone(&signing.directory) as _).by_clock(move || at);
    let stores = ObjectStores::local(folder.path())
        .unwrap()
        .with_url_signer(signer);
    let store = stores.handle("uploads".parse().unwrap());
    let ctx = context_until(&signing.record, Role::Owner, Instant::now() + patience).await;
    let object = key(case["key"].as_str().unwrap());
    let url = store.sign_get(&ctx, &object, GetTerms::default()).await;
    let heads = cloud.heads.lock().unwrap().clone();
    (url.map(|url| url.expose().to_owned()), heads)
}

#[tokio::test]
async fn what_the_cloud_signs_is_what_a_key_file_signs() {
    let (url, heads) = ask(Answer::Signature, Duration::from_secs(30)).await;
    assert_eq!(
        url.unwrap(),
        super::vectors()["cases"][0]["url"].as_str().unwrap()
    );
    let [head] = heads.as_slice() else {
        panic!("{heads:?}")
    };
    let account = "signer@demo-tenancy.iam.gserviceaccount.com";
    assert!(
        head.starts_with(&format!(
            "POST /v1/projects/-/serviceAccounts/{account}:signBlob HTTP"
        )),
        "{head}"
    );
    assert!(head.contains(&format!("authorization: Bearer {TOKEN}")), "{head}");
}

#[tokio::test]
async fn a_cloud_that_does_not_sign_gives_no_url() {
    let short = json!({ "signedBlob": STANDARD.encode([1; 16]) }).to_string();
    for answer in [
        Answer::Status(401, ""),
        Answer::Status(403, ""),
        Answer::Status(429, ""),
        Answer::Status(500, ""),
        Answer::Status(302, "location: http://127.0.0.1:1/\r\n"),
        Answer::Body(String::new()),
        Answer::Body("<!doctype html>".into()),
        Answer::Body("{\"signedBlob\": \"!\"}".into()),
        Answer::Body(short),
        Answer::Body(" ".repeat(1 << 20)),
    ] {
        let what = format!("{answer:?}");
        let (url, heads) = ask(answer, Duration::from_secs(30)).await;
        let error = url.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{}", &what[..what.len().min(40)]);
        assert!(!format!("{error:?} {:?}", std::error::Error::source(&error)).contains(TOKEN));
        assert_eq!(heads.len(), 1, "it is asked once");
    }
}

#[tokio::test]
async fn a_silent_cloud_ends_with_the_deadline() {
    let (url, _) = ask(Answer::Hang, Duration::from_millis(300)).await;
    assert_eq!(url.unwrap_err().kind(), Kind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_silent_cloud_ends_without_a_deadline() {
    let (url, _) = ask(Answer::Hang, Duration::from_secs(3600)).await;
    assert_eq!(url.unwrap_err().kind(), Kind::Unavailable);
}
