//! Where a tenant's graph is. Pure: decides, touches nothing.

use tenancy_core::{Error, GraphPlacement, Result, StoreName, TenantContext, TenantSlug, names};

/// How the name of a tenant's own instance ends.
const OWN: &str = "-neo4j";

/// Where the context's tenant has `store`.
pub(crate) fn place<'c>(context: &'c TenantContext, store: &StoreName) -> Result<&'c GraphPlacement> {
    context.still_stands()?;
    let place = context.placement().graph.get(store);
    let place = place.ok_or_else(|| Error::not_entitled(&format!("graph.{store}"), None))?;
    check(context.slug(), place)?;
    Ok(place)
}

/// Refuses a placement that gives a tenant the whole of an instance that is named for another.
fn check(tenant: &TenantSlug, place: &GraphPlacement) -> Result<()> {
    let instance = place.instance.as_str();
    let other = instance
        .strip_suffix(OWN)
        .and_then(|slug| slug.parse::<TenantSlug>().ok());
    if place.database.is_none() && other.is_some() && instance != names::graph_instance(tenant) {
        return Err(Error::internal(
            "the placement names another tenant's graph instance; correct it in the registry",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_named_for_another_tenant_is_refused() {
        let tenant: TenantSlug = "acme".parse().unwrap();
        for (instance, database, legal) in [
            ("acme-neo4j", None, true),
            ("globex-neo4j", None, false),
            ("globex-neo4j", Some("acme-graph"), true),
            ("graphs-eu-1", None, true),
            ("acme-neo4j-2", None, true),
        ] {
            let place = GraphPlacement {
                instance: instance.parse().unwrap(),
                database: database.map(|name| name.parse().unwrap()),
            };
            assert_eq!(check(&tenant, &place).is_ok(), legal, "{instance}");
        }
    }
}
