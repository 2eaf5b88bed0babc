//! A Neo4j of the kit's own: it speaks Bolt, keeps its port over a restart, keeps its password to itself, and is gone when it is
//! dropped.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use tenancy_testkit::Neo4j;

/// What the server says to a handshake that offers Bolt 4.4, and then to a login; `None` when nobody listens.
fn log_in(port: u16, password: &str) -> Option<u8> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let offer = [
        0x60, 0x60, 0xB0, 0x17, 0, 0, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    stream.write_all(&offer).unwrap();
    let mut version = [0; 4];
    stream.read_exact(&mut version).ok()?;
    assert_eq!(version, [0, 0, 4, 4]);
    let mut hello = vec![0xB1, 0x01, 0xA4];
    for (key, value) in [
        ("user_agent", "kit/1"),
        ("scheme", "basic"),
        ("principal", "neo4j"),
        ("credentials", password),
    ] {
        for text in [key, value] {
            hello.extend([0xD0, u8::try_from(text.len()).unwrap()]);
            hello.extend(text.as_bytes());
        }
    }
    stream
        .write_all(&u16::try_from(hello.len()).unwrap().to_be_bytes())
        .unwrap();
    stream.write_all(&hello).unwrap();
    stream.write_all(&[0, 0]).unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).ok()?;
    Some(answer[3])
}

const SUCCESS: u8 = 0x70;
const FAILURE: u8 = 0x7F;

#[tokio::test]
async fn a_neo4j_takes_its_password_keeps_its_port_and_is_gone_when_it_is_dropped() {
    let neo4j = Neo4j::start().await.unwrap();
    let (port, password) = (neo4j.port(), neo4j.password().expose_secret().to_owned());
    assert_eq!(log_in(port, &password), Some(SUCCESS));
    assert_eq!(log_in(port, "another-password"), Some(FAILURE));
    assert!(!format!("{neo4j:?}").contains(&password));
    neo4j.kill().await.unwrap();
    assert_eq!(log_in(port, &password), None);
    neo4j.restart().await.unwrap();
    assert_eq!(log_in(port, &password), Some(SUCCESS));
    drop(neo4j);
    let deadline = Instant::now() + Duration::from_secs(20);
    while log_in(port, &password).is_some() {
        assert!(Instant::now() < deadline, "the server still accepts");
        thread::sleep(Duration::from_millis(20));
    }
}
