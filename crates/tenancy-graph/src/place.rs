//! Where a tenant's graph is. Pure: decides, touches nothing.

use tenancy_core::{
    Error, GraphDatabase, GraphPlacement, Result, StoreName, TenantContext, TenantSlug, names,
};

/// How the name of a tenant's own database ends.
const GRAPH: &str = "-graph";

/// Where the context's tenant has `store`.
pub(crate) fn place<'c>(context: &'c TenantContext, store: &StoreName) -> Result<&'c GraphPlacement> {
    context.still_stands()?;
    let place = context.placement().graph.get(store);
    let place = place.ok_or_else(|| Error::not_entitled(&format!("graph.{store}"), None))?;
    check(context.slug(), place)?;
    Ok(place)
}

/// Refuses a placement that could be another tenant's: nothing fences within a database, so either the instance is named for
/// the tenant (`{slug}-neo4j`, or that and a number), or the database is.
fn check(tenant: &TenantSlug, place: &GraphPlacement) -> Result<()> {
    let database = place.database.as_ref().map(GraphDatabase::as_str);
    let own_database = database == Some(names::graph_database(tenant).as_str());
    let anothers = database.is_some_and(|name| name.ends_with(GRAPH));
    if own_database || (is_own(tenant, place.instance.as_str()) && !anothers) {
        return Ok(());
    }
    Err(Error::internal(
        "the placement names neither an instance nor a database of the tenant's own; correct it in the registry",
    ))
}

/// `{slug}-neo4j`, or `{slug}-neo4j-{n}`. A longer slug that begins alike is another tenant's.
fn is_own(tenant: &TenantSlug, instance: &str) -> bool {
    let Some(rest) = instance.strip_prefix(&names::graph_instance(tenant)) else {
        return false;
    };
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    rest.is_empty() || rest.strip_prefix('-').is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_for_the_tenant_is_refused() {
        let tenant: TenantSlug = "acme".parse().unwrap();
        for (instance, database, legal) in [
            ("acme-neo4j", None, true),
            ("globex-neo4j", None, false),
            ("globex-neo4j", Some("acme-graph"), true),
            ("globex-neo4j", Some("neo4j"), false),
            ("globex-neo4j-2", None, false),
            ("graphs-eu-1", None, false),
            ("graphs-eu-1", Some("acme-graph"), true),
            ("graphs-eu-1", Some("globex-graph"), false),
            ("graphs-eu-1", Some("neo4j"), false),
            ("acme-neo4j-2", None, true),
            ("acme-neo4j", Some("neo4j"), true),
            ("acme-neo4j", Some("globex-graph"), false),
            ("acme-neo4j-neo4j", None, false),
            ("acme-eu-neo4j", None, false),
        ] {
            let place = GraphPlacement {
                instance: instance.parse().unwrap(),
                database: database.map(|name| name.parse().unwrap()),
            };
            assert_eq!(check(&tenant, &place).is_ok(), legal, "{instance} {database:?}");
        }
    }
}
