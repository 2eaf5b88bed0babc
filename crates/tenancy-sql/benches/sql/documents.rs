//! 1,000,000 documents of 1,000 tenants, to search by a prefix, by a part of a jsonb, and by a word.

use tenancy_testkit::{Database, Postgres};

use crate::cell::{TENANT, bring_in, fill, table};

const FILL: [&str; 5] = [
    TENANT,
    "CREATE EXTENSION btree_gin",
    "INSERT INTO documents (tenant_id, id, email, tags, words) \
     SELECT bench_tenant(g % 1000), g / 1000, 'user-' || g / 1000 || '@example.com', \
     jsonb_build_object('kind', 'k' || g / 1000 % 100, 'n', g % 7), \
     to_tsvector('simple', 'word' || g / 1000 % 100 || ' text' || g % 50) FROM generate_series(0, 999999) g",
    // a trigger keeps it so: INSERT .. SELECT new.id, unnest(tsvector_to_array(new.words))
    "INSERT INTO document_words (tenant_id, word, document) \
     SELECT tenant_id, word, id FROM documents, unnest(tsvector_to_array(words)) word",
    "CREATE INDEX documents_email ON documents (tenant_id, email); \
     CREATE INDEX documents_kind ON documents (tenant_id, kind); \
     CREATE INDEX documents_tags ON documents USING gin (tenant_id, tags jsonb_path_ops); \
     CREATE INDEX documents_words ON documents USING gin (tenant_id, words)",
];
const REST: &str = "VACUUM (FREEZE, ANALYZE)";

pub(crate) async fn database(server: &Postgres) -> Database {
    let build = async |database: &Database| {
        let documents = [
            ("id", "bigint NOT NULL"),
            ("email", "text COLLATE \"C\" NOT NULL"),
            ("tags", "jsonb NOT NULL"),
            ("words", "tsvector NOT NULL"),
            ("kind", "text GENERATED ALWAYS AS (tags ->> 'kind') STORED"),
        ];
        let words = [
            ("word", "text COLLATE \"C\" NOT NULL"),
            ("document", "bigint NOT NULL"),
        ];
        let tables = [
            table("documents", &documents, &["id"]),
            table("document_words", &words, &["word", "document"]),
        ];
        bring_in(database, &tables).await;
        fill(database, &FILL).await;
        fill(database, &[REST]).await;
    };
    server.database_from("documents", build).await.unwrap()
}
