use proptest::prelude::*;

use super::*;
use crate::{Cypher, Label};

/// What is sent as it is.
const FINE: [&str; 21] = [
    "MATCH (n) RETURN n",
    "match (n:`LOAD CSV`) where n.use = 1 return n.load",
    "MERGE (n:Place {id: $id}) ON CREATE SET n.at = datetime() ON MATCH SET n.n = n.n + 1",
    "CREATE (a)-[:NEAR]->(b)",
    "CREATE p = (a)-[:NEAR]->(b) RETURN p",
    "UNWIND $rows AS row MERGE (n {id: row.id})",
    "CALL { MATCH (n) RETURN n } RETURN n",
    "CALL (n) { MATCH (n)--(m) RETURN m } RETURN m",
    "CALL db.index.fulltext.queryNodes('places', $q) YIELD node RETURN node",
    "CALL db.labels",
    "MATCH (n) WHERE n.name = 'LOAD CSV; USE x' RETURN n",
    "MATCH (n) // LOAD CSV; USE x\nRETURN n",
    "MATCH (n) /* ; */ RETURN n",
    "MATCH (n) WHERE n.a.b IN ($list) AND date.truncate('day', n.at) = date($d) RETURN count(n)",
    "MATCH (n) WITH collect(n) AS transactions RETURN size(transactions)",
    "MATCH (n:USE|Place) RETURN $use",
    "FOREACH (x IN [1, 2] | CREATE (:N {x: x}))",
    "MATCH (a)-[:WENT_TO*1..3]->(b) RETURN b",
    "OPTIONAL MATCH (n) RETURN point.distance(n.at, $here)",
    "RETURN 'it\\'s', \"\\\"\", 'é', `é`",
    "MATCH (n) WHERE EXISTS { (n)--(:X) } RETURN n.load, n.transactions",
];

/// What is refused, by what the refusal names.
const REFUSED: [(&str, &str); 63] = [
    ("LOAD CSV FROM 'file:///x' AS r RETURN r", "LOAD"),
    ("MATCH (n) LOAD CSV FROM $u AS r RETURN r", "LOAD CSV"),
    ("MATCH (n) lOaD\t\ncSv FROM $u AS r RETURN r", "LOAD CSV"),
    ("MATCH (n) LOAD/**/CSV FROM $u AS r RETURN r", "LOAD CSV"),
    (
        "MATCH (n) LOAD//\nCSV WITH HEADERS FROM $u AS r RETURN r",
        "LOAD CSV",
    ),
    ("MATCH (n) LOAD//\rCSV FROM $u AS r RETURN r", "LOAD CSV"),
    (
        "UNWIND [1] AS x CALL { LOAD CSV FROM $u AS r RETURN r } RETURN r",
        "LOAD CSV",
    ),
    ("RETURN 1LOAD CSV FROM $u AS r RETURN r", "LOAD CSV"),
    ("RETURN 1 UNION LOAD CSV FROM $u AS r RETURN r", "LOAD CSV"),
    ("MATCH (n) \\u004cOAD CSV FROM $u AS r RETURN r", "\\u"),
    ("MATCH (n) \\U004COAD CSV FROM $u AS r RETURN r", "\\u"),
    (
        "MATCH (n) WHERE n.a = '\\u0027 LOAD CSV FROM $u AS r RETURN r //'",
        "\\u",
    ),
    ("MATCH (n:`\\u0060) LOAD CSV FROM $u AS r RETURN r //`", "\\u"),
    (
        "MATCH (n) LOAD\u{a0}CSV FROM $u AS r RETURN r",
        "outside of a string",
    ),
    (
        "MATCH (n) LOAD\u{2003}CSV FROM $u AS r RETURN r",
        "outside of a string",
    ),
    (
        "MATCH (n) LO\u{200b}AD CSV FROM $u AS r RETURN r",
        "outside of a string",
    ),
    (
        "MATCH (n) ＬＯＡＤ CSV FROM $u AS r RETURN r",
        "outside of a string",
    ),
    (
        "MATCH (n) LOAD C\u{17f}V FROM $u AS r RETURN r",
        "outside of a string",
    ),
    (
        "MATCH (n) // \u{2028} LOAD CSV FROM $u AS r\n RETURN n",
        "outside of a string",
    ),
    ("MATCH (n) /* \u{85}*/ RETURN n", "outside of a string"),
    ("MATCH (n) RETURN n\u{0}", "outside of a string"),
    ("MATCH (n) WHERE n.a = 'x\\' RETURN n", "does not end"),
    ("MATCH (n:`x) RETURN n", "does not end"),
    ("MATCH (n) /* RETURN n", "does not end"),
    ("MATCH (n) RETURN n; MATCH (m) DETACH DELETE m", ";"),
    ("MATCH (n) RETURN n;", ";"),
    ("USE other MATCH (n) RETURN n", "USE"),
    ("CALL { USE other MATCH (n) RETURN n } RETURN n", "USE"),
    ("RETURN 1 UNION use `other` MATCH (n) RETURN n", "USE"),
    ("RETURN 1. USE other MATCH (n) RETURN n", "USE"),
    (
        "MATCH (n) RETURN n UNION USE graph.byName('x') MATCH (n) RETURN n",
        "USE",
    ),
    (
        "MATCH (n) WHERE COUNT { USE other MATCH (m) } > 1 RETURN n",
        "USE",
    ),
    ("MATCH (n {use: 1}) RETURN n", "USE"),
    ("SHOW DATABASES", "SHOW"),
    ("/* */ sHoW USERS", "sHoW"),
    ("CREATE DATABASE x", "indexes and constraints"),
    ("CREATE OR REPLACE DATABASE x", "indexes and constraints"),
    ("CREATE USER x SET PASSWORD 'x'", "indexes and constraints"),
    ("CREATE INDEX x FOR (n:N) ON (n.a)", "indexes and constraints"),
    (
        "CREATE/**/CONSTRAINT x FOR (n:N) REQUIRE n.a IS UNIQUE",
        "indexes and constraints",
    ),
    ("CREATE `DATABASE` x", "indexes and constraints"),
    ("DROP DATABASE neo4j", "DROP"),
    ("ALTER USER neo4j SET PASSWORD 'x'", "ALTER"),
    ("GRANT ROLE admin TO x", "GRANT"),
    ("TERMINATE TRANSACTIONS 'x'", "TERMINATE"),
    ("STOP DATABASE neo4j", "STOP"),
    ("EXPLAIN MATCH (n) RETURN n", "EXPLAIN"),
    ("CYPHER 25 MATCH (n) RETURN n", "CYPHER"),
    ("USING PERIODIC COMMIT 5 LOAD CSV FROM $u AS r RETURN r", "USING"),
    (
        "MATCH (n) CALL { WITH n DELETE n } IN TRANSACTIONS OF 10 ROWS",
        "TRANSACTIONS",
    ),
    (
        "MATCH (n) CALL (n) { DELETE n } in/**/4 concurrent transactions",
        "TRANSACTIONS",
    ),
    (
        "MATCH (n) CALL { WITH n DELETE n } IN CONCURRENT TRANSACTIONS",
        "TRANSACTIONS",
    ),
    ("CALL apoc.load.json($u)", "apoc.load.json"),
    ("CALL `apoc`.`load`.`json`($u)", "apoc.load.json"),
    ("CALL `apoc.load.json`($u)", "apoc.load.json"),
    (
        "CALL APOC . LOAD // x\n . jsonParams ($u)",
        "apoc.load.jsonparams",
    ),
    ("CALL dbms.listConfig()", "dbms.listconfig"),
    ("CALL dbms.listConfig", "dbms.listconfig"),
    ("CALL tx.setMetaData({})", "tx.setmetadata"),
    (
        "RETURN apoc.cypher.runFirstColumnSingle('x', {})",
        "apoc.cypher.runfirstcolumnsingle",
    ),
    (
        "RETURN `apoc.cypher.runFirstColumnSingle`('x', {})",
        "apoc.cypher.runfirstcolumnsingle",
    ),
    ("CALL gds.graph.export($g, {dbName: 'other'})", "gds.graph.export"),
    ("", " "),
];

#[test]
fn what_a_service_does_is_sent() {
    for text in FINE {
        assert_eq!(check(text), Ok(()), "{text}");
    }
}

#[test]
fn attacks_are_refused_and_the_refusal_says_what_to_do() {
    for (text, names) in REFUSED {
        let refusal = check(text).expect_err(text).to_string();
        assert!(refusal.contains(names), "{text}: {refusal}");
        assert!(
            refusal.contains(": ") || refusal.contains("may be"),
            "{text}: {refusal}"
        );
    }
}

#[test]
fn migrations_are_schema_alone_and_repeatable() {
    for (text, legal) in [
        (
            "CREATE CONSTRAINT place_id IF NOT EXISTS FOR (p:Place) REQUIRE p.id IS UNIQUE",
            true,
        ),
        (
            "CREATE FULLTEXT INDEX x IF NOT EXISTS FOR (p:Place) ON EACH [p.title]",
            true,
        ),
        ("create index x if not exists for (p:Place) on (p.a)", true),
        ("DROP INDEX x IF EXISTS", true),
        ("CREATE INDEX x FOR (p:Place) ON (p.a)", false),
        ("CREATE DATABASE x IF NOT EXISTS", false),
        ("CREATE USER x IF NOT EXISTS SET PASSWORD 'x'", false),
        ("DROP DATABASE x IF EXISTS", false),
        (
            "CREATE INDEX x IF NOT EXISTS FOR (p:P) ON (p.a); DROP DATABASE neo4j",
            false,
        ),
        ("MATCH (n) DETACH DELETE n", false),
        ("", false),
    ] {
        assert_eq!(check_schema(text).is_ok(), legal, "{text}");
    }
}

/// Odd ways to write a keyword that the server may still read as one.
fn disguised(word: &'static str) -> impl Strategy<Value = String> {
    let letters = word.chars().map(|letter| {
        prop_oneof![
            Just(letter.to_string()),
            Just(letter.to_ascii_lowercase().to_string()),
            Just(format!("\\u{:04x}", u32::from(letter))),
            Just(
                char::from_u32(u32::from(letter) + 0xFEE0)
                    .unwrap_or(letter)
                    .to_string()
            ),
        ]
    });
    letters.collect::<Vec<_>>().prop_map(|parts| parts.concat())
}

fn gap() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            " ", "\t", "\n", "\r", "/* */", "/*;*/", "//x\n", "//x\r", "\u{a0}", "\u{2028}", "\u{3000}",
        ]),
        1..4,
    )
    .prop_map(|parts| parts.concat())
}

fn before() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "MATCH (n) ",
        "MATCH (n) WHERE n.a = 'x' ",
        "MATCH (n) WHERE n.a = \"it's\" ",
        "MATCH (n:`a``b`) ",
        "CALL { ",
        "RETURN 1 UNION ",
        "MATCH (n) /* ' */ ",
        "MATCH (n) // \" ` /*\n",
        "UNWIND [1,2] AS x ",
        "WITH 1",
        "MATCH (n) WHERE n.a = '\\\\' ",
        "MATCH (n) WHERE n.a = '\\'' ",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn no_disguise_hides_reading_from_outside(before in before(), load in disguised("LOAD"), gap in gap(), csv in disguised("CSV")) {
        let text = format!("{before}{load}{gap}{csv} FROM $u AS r RETURN r");
        prop_assert!(check(&text).is_err(), "{text:?}");
    }

    #[test]
    fn no_disguise_hides_another_database(before in before(), word in disguised("USE"), gap in gap()) {
        let text = format!("{before} {word}{gap}other MATCH (n) RETURN n");
        prop_assert!(check(&text).is_err(), "{text:?}");
    }

    #[test]
    fn no_disguise_hides_a_procedure(
        before in before(), call in disguised("CALL"), space in gap(), name in disguised("DBMS"), dot in gap(), quoted in any::<bool>(),
    ) {
        let name = if quoted { format!("`{name}`") } else { name };
        let text = format!("{before} {call}{space}{name}{dot}.{dot}components() YIELD name RETURN name");
        prop_assert!(check(&text).is_err(), "{text:?}");
    }

    #[test]
    fn any_text_is_looked_at_without_a_panic(text in ".{0,80}") {
        let _ = check(&text);
        let _ = check_schema(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// Whatever a caller sends as a name: it is refused, or is one quoted name in the text and nothing else.
    #[test]
    fn a_hostile_name_is_refused_or_is_one_name(text in hostile()) {
        if let Ok(label) = text.parse::<Label>() {
            let cypher = Cypher::new("MATCH (n:").name(&label).then(") RETURN n");
            prop_assert_eq!(cypher.check(), Ok(()));
            let sent = cypher.query().unwrap().query().to_owned();
            let mut parts = sent.split('`');
            prop_assert_eq!(parts.nth(1), Some(text.as_str()));
            prop_assert_eq!(sent.matches('`').count(), 2);
        } else {
            prop_assert!(!text.bytes().all(|b| b.is_ascii_alphanumeric()) || text.is_empty()
                || text.len() > 64 || text.as_bytes()[0].is_ascii_digit());
        }
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[A-Za-z0-9_]{1,12}",
        prop::sample::select(vec![
            "`",
            "``",
            "\\",
            "\\u0060",
            "'",
            "\"",
            ")",
            "]",
            ";",
            " ",
            "\n",
            "//",
            "/*",
            "*/",
            "USE ",
            "LOAD CSV ",
            "$",
            ":",
            "|",
            "{",
            "}",
            "\0",
            "\u{202e}",
            "．",
            "｀",
            "../",
            "%60",
            "_Tenancy",
            "neo4j",
            "system",
        ])
        .prop_map(str::to_owned),
        ".{0,3}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|parts| parts.concat())
}
