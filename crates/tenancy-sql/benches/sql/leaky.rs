//! Operators that are not leakproof: behind a fence no index answers them, and the forms that one does.
//!
//! PostgreSQL runs no function that could tell of a row before the policy has let the row through. `LIKE`, `@>` and `@@`
//! could, so they only filter what the index on the tenant found. Equality and order of text can not.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor, postgres::PgConnection};
use tenancy_testkit::{
    Postgres,
    bench::{Case, Row},
};
use tokio::sync::Mutex;

use crate::{cell::connect, documents, draw::id, options::Options, plans};

const TENANT: usize = 507;
/// Of whom no fence asks, for comparison: the superuser, with the tenant in the text.
const EXPLICIT: &str = "AND tenant_id = '01900000-0000-7000-8000-0000000001fb'";

/// A search, and its values.
struct Search {
    name: &'static str,
    base: &'static str,
    text: &'static str,
    types: &'static str,
    values: &'static [&'static str],
    rows: usize,
}

const SEARCHES: [Search; 9] = [
    Search {
        name: "where_like",
        base: "where_like",
        text: "SELECT id FROM documents WHERE email LIKE $1",
        types: "text",
        values: &["user-77%"],
        rows: 11,
    },
    Search {
        name: "rls_like_leaky",
        base: "where_like",
        text: "SELECT id FROM documents WHERE email LIKE $1",
        types: "text",
        values: &["user-77%"],
        rows: 11,
    },
    Search {
        name: "rls_like",
        base: "where_like",
        text: "SELECT id FROM documents WHERE email >= $1 AND email < $2",
        types: "text, text",
        values: &["user-77", "user-78"],
        rows: 11,
    },
    Search {
        name: "where_jsonb",
        base: "where_jsonb",
        text: "SELECT id FROM documents WHERE tags @> $1::jsonb",
        types: "text",
        values: &["{\"kind\": \"k7\"}"],
        rows: 10,
    },
    Search {
        name: "rls_jsonb_leaky",
        base: "where_jsonb",
        text: "SELECT id FROM documents WHERE tags @> $1::jsonb",
        types: "text",
        values: &["{\"kind\": \"k7\"}"],
        rows: 10,
    },
    Search {
        name: "rls_jsonb",
        base: "where_jsonb",
        text: "SELECT id FROM documents WHERE kind = $1",
        types: "text",
        values: &["k7"],
        rows: 10,
    },
    Search {
        name: "where_text",
        base: "where_text",
        text: "SELECT id FROM documents WHERE words @@ to_tsquery('simple', $1)",
        types: "text",
        values: &["word7"],
        rows: 10,
    },
    Search {
        name: "rls_text_leaky",
        base: "where_text",
        text: "SELECT id FROM documents WHERE words @@ to_tsquery('simple', $1)",
        types: "text",
        values: &["word7"],
        rows: 10,
    },
    Search {
        name: "rls_text",
        base: "where_text",
        text: "SELECT document FROM document_words WHERE word = $1",
        types: "text",
        values: &["word7"],
        rows: 10,
    },
];

impl Search {
    fn fenced(&self) -> bool {
        self.name.starts_with("rls_")
    }

    fn text(&self) -> String {
        match self.fenced() {
            true => self.text.to_owned(),
            false => format!("{} {EXPLICIT}", self.text),
        }
    }

    async fn explain(&self, connection: &mut PgConnection) {
        let prepare = format!("({}) AS {}", self.types, self.text());
        let values: Vec<String> = self.values.iter().map(|value| format!("'{value}'")).collect();
        let plan = plans::planned(connection, "auto", &prepare, &values.join(", ")).await;
        eprintln!("  {:<16} {}", self.name, plans::conditions(&plan).join("; "));
    }

    fn case(&'static self, connection: &Arc<Mutex<PgConnection>>) -> Case {
        let (connection, text) = (Arc::clone(connection), self.text());
        let text = Arc::<str>::from(text);
        Case::new(self.name, self.base, move |_| {
            let (connection, text) = (Arc::clone(&connection), Arc::clone(&text));
            async move {
                let query = sqlx::query(AssertSqlSafe(text));
                let query = self.values.iter().fold(query, |query, value| query.bind(*value));
                let rows = query.fetch_all(&mut *connection.lock().await).await.unwrap();
                assert_eq!(rows.len(), self.rows, "{}", self.name);
            }
        })
    }
}

pub(crate) async fn run(server: &Postgres, options: &Options) -> Vec<Row> {
    let database = documents::database(server).await;
    let mut superuser = connect(&database.superuser_url).await;
    let mut runtime = connect(&database.runtime_url).await;
    let scope = format!("SET app.current_tenant = '{}'", id(TENANT));
    (&mut runtime).execute(AssertSqlSafe(scope)).await.unwrap();
    for search in &SEARCHES {
        let connection = if search.fenced() {
            &mut runtime
        } else {
            &mut superuser
        };
        search.explain(connection).await;
    }
    let (superuser, runtime) = (Arc::new(Mutex::new(superuser)), Arc::new(Mutex::new(runtime)));
    let cases: Vec<Case> = SEARCHES
        .iter()
        .map(|search| search.case(if search.fenced() { &runtime } else { &superuser }))
        .collect();
    options.plan(&[1], 7, 200).run(&cases).await
}
