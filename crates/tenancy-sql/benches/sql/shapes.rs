//! Queries of five shapes, over 1,000,000 rows of 1,000 tenants.

use tenancy_testkit::{Database, Postgres};

use crate::cell::{TENANT, bring_in, fill, table};

pub(crate) const TENANTS: usize = 1_000;
/// The rows of a tenant; their ids begin with 0.
pub(crate) const ROWS: u64 = 1_000;

/// A query in two forms: `$1` is an id, and `$2` of the explicit form is the tenant.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// Of fenced tables: no tenant in the text.
    pub(crate) fenced: &'static str,
    /// Of the same tables without a fence.
    pub(crate) explicit: &'static str,
}

pub(crate) const SHAPES: [Shape; 5] = [
    Shape {
        name: "point",
        fenced: "SELECT body FROM notes WHERE id = $1",
        explicit: "SELECT body FROM notes_raw WHERE id = $1 AND tenant_id = $2",
    },
    Shape {
        name: "page",
        fenced: "SELECT id, body FROM notes WHERE id >= $1 ORDER BY id LIMIT 10",
        explicit: "SELECT id, body FROM notes_raw WHERE id >= $1 AND tenant_id = $2 ORDER BY id LIMIT 10",
    },
    Shape {
        name: "join",
        fenced: "SELECT n.id, a.name, t.title FROM notes n JOIN authors a ON a.id = n.author \
                 JOIN topics t ON t.id = n.topic WHERE n.id >= $1 ORDER BY n.id LIMIT 10",
        explicit: "SELECT n.id, a.name, t.title FROM notes_raw n JOIN authors_raw a ON a.id = n.author AND a.tenant_id = $2 \
                   JOIN topics_raw t ON t.id = n.topic AND t.tenant_id = $2 \
                   WHERE n.id >= $1 AND n.tenant_id = $2 ORDER BY n.id LIMIT 10",
    },
    Shape {
        name: "aggregate",
        fenced: "SELECT author, count(*), max(at) FROM notes WHERE topic = $1 % 20 GROUP BY author ORDER BY 2 DESC, 1 LIMIT 10",
        explicit: "SELECT author, count(*), max(at) FROM notes_raw WHERE topic = $1 % 20 AND tenant_id = $2 \
                   GROUP BY author ORDER BY 2 DESC, 1 LIMIT 10",
    },
    Shape {
        name: "upsert",
        fenced: "INSERT INTO notes (id, author, topic, at, body) VALUES ($1, 1, 1, '2026-01-01', '') \
                 ON CONFLICT (tenant_id, id) DO UPDATE SET body = notes.body",
        explicit: "INSERT INTO notes_raw (tenant_id, id, author, topic, at, body) VALUES ($2, $1, 1, 1, '2026-01-01', '') \
                   ON CONFLICT (tenant_id, id) DO UPDATE SET body = notes_raw.body",
    },
];

/// A tenant's rows lie apart from each other, as they do when all tenants write.
const FILL: [&str; 6] = [
    TENANT,
    "ALTER TABLE notes SET (fillfactor = 80)",
    "INSERT INTO notes (tenant_id, id, author, topic, at, body) \
     SELECT bench_tenant(g % 1000), g / 1000, g / 1000 % 100, g / 1000 % 20, \
     '2026-01-01'::timestamptz + g * interval '1 second', repeat('x', 60) FROM generate_series(0, 999999) g",
    "INSERT INTO authors (tenant_id, id, name) \
     SELECT bench_tenant(g % 1000), g / 1000, 'author ' || g FROM generate_series(0, 99999) g",
    "INSERT INTO topics (tenant_id, id, title) \
     SELECT bench_tenant(g % 1000), g / 1000, 'topic ' || g FROM generate_series(0, 19999) g",
    "CREATE TABLE notes_raw (LIKE notes INCLUDING ALL) WITH (fillfactor = 80); INSERT INTO notes_raw SELECT * FROM notes; \
     CREATE TABLE authors_raw (LIKE authors INCLUDING ALL); INSERT INTO authors_raw SELECT * FROM authors; \
     CREATE TABLE topics_raw (LIKE topics INCLUDING ALL); INSERT INTO topics_raw SELECT * FROM topics; \
     GRANT SELECT, INSERT, UPDATE ON notes_raw, authors_raw, topics_raw TO {runtime}",
];
const REST: &str = "VACUUM (FREEZE, ANALYZE)";

pub(crate) async fn database(server: &Postgres) -> Database {
    let build = async |database: &Database| {
        let notes = [
            ("id", "bigint NOT NULL"),
            ("author", "bigint NOT NULL"),
            ("topic", "bigint NOT NULL"),
            ("at", "timestamptz NOT NULL"),
            ("body", "text NOT NULL"),
        ];
        let authors = [("id", "bigint NOT NULL"), ("name", "text NOT NULL")];
        let topics = [("id", "bigint NOT NULL"), ("title", "text NOT NULL")];
        let tables = [
            table("notes", &notes, &["id"]),
            table("authors", &authors, &["id"]),
            table("topics", &topics, &["id"]),
        ];
        bring_in(database, &tables).await;
        fill(database, &FILL).await;
        fill(database, &[REST]).await;
    };
    server.database_from("shapes", build).await.unwrap()
}
