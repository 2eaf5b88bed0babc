//! What PostgreSQL plans, as a shape that can be compared.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, Row, postgres::PgConnection};

use crate::{draw::id, shapes::Shape};

/// The plan of both forms of a query, which is asserted to be the same: with the values known, and without.
pub(crate) async fn same(connection: &mut PgConnection, shape: &Shape, tenant: usize) -> String {
    let mut seen = Vec::new();
    for mode in ["force_custom_plan", "force_generic_plan"] {
        let fenced = planned(connection, mode, &format!("(bigint) AS {}", shape.fenced), "7").await;
        let values = format!("7, '{}'", id(tenant));
        let explicit = format!("(bigint, uuid) AS {}", shape.explicit);
        let explicit = planned(connection, mode, &explicit, &values).await;
        let (fenced, explicit) = (text(&fenced), text(&explicit));
        assert_eq!(fenced, explicit, "{} plans differ ({mode})", shape.name);
        seen.push(fenced);
    }
    seen.dedup();
    seen.join("\n             without the values: ")
}

/// How PostgreSQL would run a prepared statement.
pub(crate) async fn planned(connection: &mut PgConnection, mode: &str, prepare: &str, values: &str) -> Value {
    let text = format!(
        "SET plan_cache_mode = {mode}; PREPARE explained {prepare}; EXPLAIN (FORMAT JSON) EXECUTE explained ({values}); \
         DEALLOCATE explained; RESET plan_cache_mode"
    );
    let rows = (&mut *connection)
        .fetch_all(sqlx::raw_sql(AssertSqlSafe(text)))
        .await
        .unwrap();
    let plan: Value = rows[0].try_get(0).unwrap();
    plan[0]["Plan"].clone()
}

/// The nodes from the top down, with what they read. What computes the tenant once (an init plan) is none of the shape.
pub(crate) fn text(node: &Value) -> String {
    let word = |key: &str| node[key].as_str().unwrap_or_default().replace("_raw", "");
    let names = [
        word("Node Type"),
        word("Relation Name"),
        word("Index Name"),
        word("Conflict Resolution"),
    ];
    let mut text = names
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let below = node["Plans"].as_array().into_iter().flatten();
    let below: Vec<String> = below
        .filter(|node| node["Parent Relationship"] != "InitPlan")
        .map(self::text)
        .collect();
    if !below.is_empty() {
        text += &format!(" ({})", below.join(", "));
    }
    text
}

/// The conditions that an index answers.
pub(crate) fn conditions(node: &Value) -> Vec<String> {
    let own = node["Index Cond"].as_str().map(str::to_owned);
    let below = node["Plans"].as_array().into_iter().flatten();
    own.into_iter().chain(below.flat_map(conditions)).collect()
}
