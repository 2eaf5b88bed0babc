//! Whatever a caller sends: what leaves names the placement's database alone, and the text is the service's.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tenancy_core::{Permit, Role, Tier};
use tenancy_graph::{BoltUrl, Cypher, GraphInstance, GraphOptions, GraphStores, Label};
use tenancy_testkit::{context, tenant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const CASES: usize = 100_000;
const DATABASE: &str = "acme-graph";
const TEXTS: [&str; 4] = [
    "RETURN 1",
    "MATCH (n:`{}`) WHERE n.title = $title RETURN n.id",
    "MATCH (n:Place) WHERE n.title = $title RETURN n.id",
    "CREATE (n:Place {title: $title})",
];

/// What was seen, and what was wrong with it.
#[derive(Default)]
struct Seen {
    statements: AtomicUsize,
    wrong: Mutex<Vec<String>>,
}

/// A server that says yes to everything, and looks at what it is asked.
async fn listen(listener: TcpListener, seen: Arc<Seen>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&seen)));
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Seen>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut offer = [0; 20];
    stream.read_exact(&mut offer).await?;
    stream.write_all(&[0, 0, 4, 4]).await?;
    loop {
        let mut message = Vec::new();
        loop {
            let length = usize::from(stream.read_u16().await?);
            if length == 0 && !message.is_empty() {
                break;
            }
            let start = message.len();
            message.resize(start + length, 0);
            stream.read_exact(&mut message[start..]).await?;
        }
        if let Err(wrong) = look(&message, &seen) {
            seen.wrong.lock().push(wrong);
        }
        // SUCCESS {}
        stream.write_all(&[0, 3, 0xB1, 0x70, 0xA0, 0, 0]).await?;
    }
}

/// RUN and BEGIN name the placement's database and nothing else that could lead elsewhere.
fn look(message: &[u8], seen: &Seen) -> Result<(), String> {
    let mut rest = message.get(2..).unwrap_or_default();
    let extra = match message.get(1) {
        Some(0x10) => {
            seen.statements.fetch_add(1, Ordering::Relaxed);
            let text = text(&mut rest);
            known(&text)?;
            skip(&mut rest);
            map(&mut rest)
        }
        Some(0x11) => map(&mut rest),
        _ => return Ok(()),
    };
    let keys = extra
        .keys()
        .all(|key| ["db", "mode", "tx_timeout"].contains(&key.as_str()));
    let database = extra.get("db").map(Option::as_deref) == Some(Some(DATABASE));
    if keys && database {
        Ok(())
    } else {
        Err(format!("{extra:?}"))
    }
}

fn known(text: &str) -> Result<(), String> {
    let fits = |form: &str| match form.split_once("{}") {
        None => text == form,
        Some((before, after)) => text
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')),
    };
    if TEXTS.iter().any(|form| fits(form)) {
        Ok(())
    } else {
        Err(text.to_owned())
    }
}

fn take<'m>(rest: &mut &'m [u8], count: usize) -> &'m [u8] {
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken
}

/// A length behind its marker, of one, two or four bytes.
fn long(rest: &mut &[u8], bytes: usize) -> usize {
    take(rest, bytes)
        .iter()
        .fold(0, |sum, &b| sum * 256 + usize::from(b))
}

fn text(rest: &mut &[u8]) -> String {
    let length = match take(rest, 1)[0] {
        tiny @ 0x80..=0x8F => usize::from(tiny & 0x0F),
        0xD0 => long(rest, 1),
        0xD1 => long(rest, 2),
        0xD2 => long(rest, 4),
        other => panic!("no text: {other:x}"),
    };
    String::from_utf8(take(rest, length).to_vec()).unwrap()
}

fn entries(rest: &mut &[u8]) -> usize {
    match take(rest, 1)[0] {
        tiny @ 0xA0..=0xAF => usize::from(tiny & 0x0F),
        0xD8 => long(rest, 1),
        other => panic!("no map: {other:x}"),
    }
}

/// A map whose values are texts or whole numbers, which are `None`.
fn map(rest: &mut &[u8]) -> BTreeMap<String, Option<String>> {
    (0..entries(rest)).map(|_| (text(rest), value(rest))).collect()
}

fn value(rest: &mut &[u8]) -> Option<String> {
    let bytes = match rest[0] {
        0x80..=0x8F | 0xD0..=0xD2 => return Some(text(rest)),
        0xC8 => 2,
        0xC9 => 3,
        0xCA => 5,
        0xCB => 9,
        0x00..=0x7F | 0xF0..=0xFF => 1,
        other => panic!("a value: {other:x}"),
    };
    take(rest, bytes);
    None
}

fn skip(rest: &mut &[u8]) {
    map(rest);
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = vec![
        "`",
        "\\u0060",
        "'",
        "\"",
        ")",
        "}",
        ";",
        " ",
        "\n",
        "//",
        "/*",
        "*/",
        "USE globex-graph ",
        "LOAD CSV FROM ",
        "$title",
        ":",
        "{",
        "\0",
        "\u{202e}",
        "．．／",
        "｀",
        "../",
        "%2e%2e",
        "_TenancyMigration",
        "globex-graph",
        "globex-neo4j",
        "system",
        "db",
        "RETURN 1; MATCH (n) DETACH DELETE n",
        "CALL dbms.components()",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces).prop_map(str::to_owned),
        "[A-Za-z0-9_]{1,12}",
        ".{0,4}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|parts| parts.concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_hostile_names_reach_the_placements_database_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: BoltUrl = format!("bolt://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let seen = Arc::new(Seen::default());
    let server = tokio::spawn(listen(listener, Arc::clone(&seen)));
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "x").unwrap();
    let instance = GraphInstance {
        url,
        user: "neo4j".to_owned(),
        password: tenancy_core::SecretRef::File(password),
        ca: None,
    };
    let mut acme = tenant("acme", Tier::Standard);
    for place in acme.placement.graph.values_mut() {
        place.database = Some(DATABASE.parse().unwrap());
    }
    let location = acme.placement.graph.values().next().unwrap().instance.clone();
    let stores = GraphStores::new([(location, instance)].into(), GraphOptions::default());
    let graph = stores.handle("places".parse().unwrap());
    let ctx = context(&acme, Role::Owner).await;
    let permit: Permit<tenancy_core::DataWrite> = Permit::check(&ctx).unwrap();

    let mut runner = TestRunner::deterministic();
    let mut read = graph.read(&ctx).await.unwrap();
    let mut labels = 0;
    for case in 0..CASES {
        let text = hostile().new_tree(&mut runner).unwrap().current();
        let query = match text.parse::<Label>() {
            Ok(label) => {
                labels += 1;
                Cypher::new("MATCH (n:")
                    .name(&label)
                    .then(") WHERE n.title = $title RETURN n.id")
            }
            Err(_) => Cypher::new("MATCH (n:Place) WHERE n.title = $title RETURN n.id"),
        };
        assert_eq!(
            read.optional::<i64>(query.param("title", &text)).await.unwrap(),
            None
        );
        if case % 100 == 0 {
            let make = Cypher::new("CREATE (n:Place {title: $title})").param("title", &text);
            let mut tx = graph.begin(&permit).await.unwrap();
            tx.run(make).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert!(
            text.parse::<tenancy_core::GraphDatabase>()
                .map_or(true, |name| name.as_str() == text)
        );
    }
    server.abort();
    let wrong = std::mem::take(&mut *seen.wrong.lock());
    assert!(wrong.is_empty(), "{:?}", wrong.first());
    assert!(seen.statements.load(Ordering::Relaxed) >= CASES && labels > CASES / 100);
}
