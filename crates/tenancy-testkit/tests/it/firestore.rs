//! An emulator of the kit's own: projects and databases share nothing, a wipe is of one database, and a killed one comes back
//! empty on its port.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use tenancy_testkit::Firestore;

/// What the emulator says to a request for a document's path; `None` when nobody listens.
fn say(port: u16, method: &str, path: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer owner\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    // it does not close when it is asked to
    let mut said = [0; 12];
    stream.read_exact(&mut said).ok()?;
    String::from_utf8_lossy(&said)
        .split_whitespace()
        .nth(1)
        .map(str::to_owned)
}

fn document(project: &str, database: &str) -> String {
    format!("projects/{project}/databases/{database}/documents/trips/one")
}

#[tokio::test]
async fn databases_share_nothing_and_a_kill_leaves_nothing() {
    let firestore = Firestore::start().await.unwrap();
    let port = firestore.port();
    let get = |path: &str| say(port, "GET", path, "");
    let (own, other) = (
        document("demo-kit", "acme-firestore"),
        document("demo-kit", "globex-firestore"),
    );
    for path in [&own, &other] {
        let made = say(port, "PATCH", path, r#"{"fields":{"a":{"integerValue":"1"}}}"#);
        assert_eq!(made.as_deref(), Some("200"));
    }
    assert_eq!(
        get(&document("demo-other", "acme-firestore")).as_deref(),
        Some("404")
    );
    firestore.wipe("demo-kit", "acme-firestore").await.unwrap();
    assert_eq!(get(&own).as_deref(), Some("404"));
    assert_eq!(get(&other).as_deref(), Some("200"));
    firestore.kill().await.unwrap();
    assert_eq!(get(&other), None);
    firestore.restart().await.unwrap();
    assert_eq!(get(&other).as_deref(), Some("404"));
}
