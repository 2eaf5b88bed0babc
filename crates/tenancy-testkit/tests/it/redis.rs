//! A Redis of the kit's own: it answers, keeps its port over a restart, and is gone when it is dropped.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use tenancy_testkit::Redis;

/// What the server says to these lines; `None` when nobody listens.
fn say(port: u16, lines: &str, bytes: usize) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(lines.as_bytes()).unwrap();
    let mut said = vec![0; bytes];
    stream.read_exact(&mut said).ok()?;
    Some(String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn a_killed_redis_comes_back_empty_on_its_port() {
    let redis = Redis::start().await.unwrap();
    let port = redis.port();
    assert_eq!(say(port, "SET a 1\r\n", 5).as_deref(), Some("+OK\r\n"));
    redis.kill().await.unwrap();
    assert_eq!(say(port, "PING\r\n", 7), None);
    redis.restart().await.unwrap();
    assert_eq!(say(port, "GET a\r\n", 5).as_deref(), Some("$-1\r\n"));
}

#[tokio::test]
async fn a_password_is_asked_for_and_stays_out_of_debug() {
    let redis = Redis::start_with_password().await.unwrap();
    let url = redis.url();
    let (_, rest) = url.expose_secret().split_once("default:").unwrap();
    let (password, _) = rest.split_once('@').unwrap();
    assert_eq!(say(redis.port(), "GET a\r\n", 7).as_deref(), Some("-NOAUTH"));
    let login = format!("AUTH {password}\r\n");
    assert_eq!(say(redis.port(), &login, 5).as_deref(), Some("+OK\r\n"));
    assert!(!format!("{redis:?}").contains(password));
}

#[tokio::test]
async fn a_dropped_redis_is_gone() {
    let redis = Redis::start().await.unwrap();
    let port = redis.port();
    drop(redis);
    let deadline = Instant::now() + Duration::from_secs(20);
    while say(port, "PING\r\n", 7).is_some() {
        assert!(Instant::now() < deadline, "the server still accepts");
        thread::sleep(Duration::from_millis(20));
    }
}
