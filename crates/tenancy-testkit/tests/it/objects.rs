//! An object server of the kit's own: it answers, keeps its port over a restart, and a cut upload is taken up again.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use tenancy_testkit::ObjectServer;

/// Half a mebibyte: two quanta.
const HALF: usize = 512 * 1024;

/// One request and its whole answer; with fewer bytes sent than `claims`, the line is cut before the answer.
fn send(port: u16, head: &str, body: &[u8], claims: usize) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(
        stream,
        "{head}\r\nHost: 127.0.0.1\r\nContent-Length: {claims}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    if claims == body.len() {
        stream.read_to_string(&mut answer).unwrap();
    }
    answer
}

fn ask(port: u16, head: &str) -> String {
    send(port, head, b"", 0)
}

#[tokio::test]
async fn a_killed_object_server_comes_back_empty_on_its_port() {
    let objects = ObjectServer::start().await.unwrap();
    let bucket = "GET /storage/v1/b/photos HTTP/1.1";
    assert!(ask(objects.port(), bucket).starts_with("HTTP/1.1 404"));
    objects.create_bucket("photos").await.unwrap();
    objects.create_bucket("photos").await.unwrap();
    assert!(ask(objects.port(), bucket).starts_with("HTTP/1.1 200"));
    objects.kill().await.unwrap();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, objects.port())).is_err());
    objects.restart().await.unwrap();
    assert!(ask(objects.port(), bucket).starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_cut_upload_keeps_whole_quanta_and_shows_nothing() {
    let objects = ObjectServer::shared().await.unwrap();
    objects.create_bucket("cut-uploads").await.unwrap();
    let port = objects.port();
    let begun = ask(
        port,
        "POST /upload/storage/v1/b/cut-uploads/o?uploadType=resumable&name=a HTTP/1.1",
    );
    let location = begun
        .lines()
        .find_map(|line| line.strip_prefix("Location: "))
        .unwrap();
    let put = format!("PUT {} HTTP/1.1", location.strip_prefix(&objects.url()).unwrap());
    send(
        port,
        &format!("{put}\r\nContent-Range: bytes 0-{}/{}", 2 * HALF - 1, 2 * HALF),
        &vec![1; HALF + 10],
        2 * HALF,
    );
    let asked = format!("{put}\r\nContent-Range: bytes */{}", 2 * HALF);
    let answer = loop {
        let answer = ask(port, &asked);
        if answer.contains("Range: ") {
            break answer;
        }
    };
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    assert!(
        answer.contains(&format!("Range: bytes=0-{}\r\n", HALF - 1)),
        "{answer}"
    );
    let object = "GET /storage/v1/b/cut-uploads/o/a?alt=media HTTP/1.1";
    assert!(ask(port, object).starts_with("HTTP/1.1 404"));
    let rest = format!(
        "{put}\r\nContent-Range: bytes {HALF}-{}/{}",
        2 * HALF - 1,
        2 * HALF
    );
    let done = send(port, &rest, &vec![2; HALF], HALF);
    assert!(
        done.starts_with("HTTP/1.1 200") && done.contains(r#""size":"1048576""#),
        "{done}"
    );
    assert!(ask(port, object).starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn preconditions_on_generations_hold() {
    let objects = ObjectServer::shared().await.unwrap();
    objects.create_bucket("conditions").await.unwrap();
    let check = |head: &str, status: &str| {
        let answer = ask(objects.port(), &format!("{head} HTTP/1.1"));
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{head}: {answer}"
        );
    };
    let put = "POST /upload/storage/v1/b/conditions/o?uploadType=media&name=a%2Fb&ifGenerationMatch=0";
    let at = "/storage/v1/b/conditions/o/a%2Fb";
    check(put, "200");
    check(put, "412");
    check(&format!("GET {at}?ifGenerationMatch=1"), "412");
    check(&format!("PATCH {at}?ifGenerationMatch=1"), "412");
    check(
        &format!("POST {at}/rewriteTo/b/conditions/o/c?ifSourceGenerationMatch=1"),
        "412",
    );
    check("DELETE /storage/v1/b/conditions", "409");
    check(&format!("DELETE {at}?ifGenerationMatch=1"), "412");
    check(&format!("DELETE {at}"), "2");
    check("DELETE /storage/v1/b/conditions", "200");
    check(put, "404");
}
