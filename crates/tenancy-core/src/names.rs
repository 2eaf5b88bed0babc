//! Every resource name of the platform, made in one place.
//!
//! Each function's result is legal for its kind (the limits stand beside it), no tenant's name equals a platform's,
//! and no two tenants' names are equal: the properties are tested over generated slugs and ids.

use crate::{
    BucketName, DatabaseName, DocumentLayout, DocumentsPlacement, GraphPlacement, KeyLayout, Location,
    ObjectsPlacement, ProjectId, TenantId, TenantSlug,
};

/// The bucket that all Free tenants share.
pub const SHARED_BUCKET: &str = "app-shared-uploads";
/// The document database that all Free tenants of a project share.
pub const SHARED_DOCUMENTS: &str = "(default)";
/// The Kubernetes service account of the shared deployments.
pub const SHARED_SERVICE_ACCOUNT: &str = "free-tier-sa";
/// How many PostgreSQL instances a tenant has from Standard on.
pub const SQL_INSTANCES: u8 = 3;

/// The tenant's namespace. Kubernetes: a DNS label, 63 characters at most (RFC 1123).
#[must_use]
pub fn namespace(slug: &TenantSlug) -> String {
    format!("tenant-{slug}")
}

/// The tenant's custom resource. Kubernetes: a DNS label.
#[must_use]
pub fn custom_resource(slug: &TenantSlug) -> String {
    format!("tenant-{slug}")
}

/// The tenant's service account, of Kubernetes and of the cloud. Cloud: 6 to 30 characters, `[a-z][a-z0-9-]*[a-z0-9]`.
#[must_use]
pub fn service_account(slug: &TenantSlug) -> String {
    format!("tenant-{slug}-sa")
}

/// The tenant's PostgreSQL instance `n`, from 1 to [`SQL_INSTANCES`]. Cloud: 97 characters at most with the project,
/// a letter first. `None` for another `n`.
#[must_use]
pub fn sql_instance(slug: &TenantSlug, n: u8) -> Option<String> {
    (1..=SQL_INSTANCES)
        .contains(&n)
        .then(|| format!("{slug}-postgres-{n}"))
}

/// The same instance as a placement's location.
#[must_use]
pub fn sql_location(slug: &TenantSlug, n: u8) -> Option<Location> {
    sql_instance(slug, n)?.parse().ok()
}

/// Where a shared cell keeps a logical database.
#[must_use]
pub fn cell_location(cell: &str, database: &DatabaseName) -> Option<Location> {
    format!("cell-{cell}.{}", database.as_str().replace('_', "-"))
        .parse()
        .ok()
}

/// The tenant's graph instance. Kubernetes: a DNS label.
#[must_use]
pub fn graph_instance(slug: &TenantSlug) -> String {
    format!("{slug}-neo4j")
}

/// The tenant's graph in an instance that holds several. Neo4j: 3 to 63 characters, a letter first.
#[must_use]
pub fn graph_database(slug: &TenantSlug) -> String {
    format!("{slug}-graph")
}

/// The tenant's document database. Firestore: 4 to 63 characters, a letter first, no UUID.
#[must_use]
pub fn documents_database(slug: &TenantSlug) -> String {
    format!("{slug}-firestore")
}

/// Where a tenant's documents are by default: under its root in a shared project's default database, or in a database of
/// its own.
#[must_use]
pub fn documents(
    slug: &TenantSlug,
    project: &ProjectId,
    layout: DocumentLayout,
) -> Option<DocumentsPlacement> {
    let database = match layout {
        DocumentLayout::TenantRoot | DocumentLayout::CollectionRoot => SHARED_DOCUMENTS.parse().ok()?,
        DocumentLayout::Dedicated => documents_database(slug).parse().ok()?,
    };
    Some(DocumentsPlacement {
        project: project.clone(),
        database,
        layout,
    })
}

/// Where a tenant's graph is by default: an instance of its own.
#[must_use]
pub fn graph(slug: &TenantSlug) -> Option<GraphPlacement> {
    Some(GraphPlacement {
        instance: graph_instance(slug).parse().ok()?,
        database: None,
    })
}

/// The tenant's bucket. Bucket names are global and guessable, so it carries the id: 3 to 63 characters.
#[must_use]
pub fn bucket(id: TenantId) -> String {
    format!("{id}-uploads")
}

/// The prefix of a tenant's objects in a shared bucket, with its closing slash.
#[must_use]
pub fn object_prefix(id: TenantId) -> String {
    format!("{id}/")
}

/// The tenant's host below the platform's domain. DNS: labels of 63, 253 characters in all.
#[must_use]
pub fn host(slug: &TenantSlug, domain: &str) -> String {
    format!("{slug}.{domain}")
}

/// Where a tenant's objects are by default: the shared bucket, or its own.
#[must_use]
pub fn objects(id: TenantId, layout: KeyLayout) -> Option<ObjectsPlacement> {
    let bucket: BucketName = match layout {
        KeyLayout::TenantPrefix => SHARED_BUCKET.parse().ok()?,
        KeyLayout::Dedicated => bucket(id).parse().ok()?,
    };
    Some(ObjectsPlacement { bucket, layout })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn slug() -> impl Strategy<Value = TenantSlug> {
        "[a-z][a-z0-9-]{1,18}[a-z0-9]".prop_filter_map("a slug", |text| text.parse().ok())
    }

    fn label(name: &str, max: usize) -> bool {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        name.len() <= max
            && name.starts_with(inner)
            && name.ends_with(inner)
            && name.chars().all(|c| inner(c) || c == '-')
    }

    fn all(slug: &TenantSlug, id: TenantId) -> Vec<(&'static str, String)> {
        let mut names = vec![
            ("namespace", namespace(slug)),
            ("service account", service_account(slug)),
            ("documents", documents_database(slug)),
            ("graph", graph_instance(slug)),
            ("graph database", graph_database(slug)),
            ("bucket", bucket(id)),
            ("host", host(slug, "app.example.com")),
        ];
        names.extend((1..=SQL_INSTANCES).filter_map(|n| Some(("sql", sql_instance(slug, n)?))));
        names
    }

    proptest! {
        #[test]
        fn every_name_is_legal_for_its_kind(slug in slug()) {
            let id = TenantId::new();
            prop_assert!(label(&namespace(&slug), 63));
            prop_assert!(label(&service_account(&slug), 30) && service_account(&slug).len() >= 6);
            prop_assert!(label(&graph_instance(&slug), 63));
            let documents = documents_database(&slug);
            prop_assert!(label(&documents, 63) && documents.len() >= 4 && documents.starts_with(|c: char| c.is_ascii_lowercase()));
            let project = "demo-tenancy".parse().unwrap();
            for layout in [DocumentLayout::TenantRoot, DocumentLayout::Dedicated] {
                prop_assert!(super::documents(&slug, &project, layout).is_some());
            }
            prop_assert!(graph(&slug).is_some());
            prop_assert!(graph_database(&slug).parse::<crate::GraphDatabase>().is_ok());
            prop_assert!(label(&bucket(id), 63) && !bucket(id).contains("goog"));
            prop_assert!(bucket(id).parse::<BucketName>().is_ok());
            for n in 1..=SQL_INSTANCES {
                prop_assert!(label(&sql_instance(&slug, n).unwrap(), 60));
                prop_assert!(sql_location(&slug, n).is_some());
            }
            prop_assert!(host(&slug, "app.example.com").split('.').all(|part| label(part, 63)));
        }

        #[test]
        fn no_name_is_the_platforms(slug in slug()) {
            let platform = [SHARED_BUCKET, SHARED_DOCUMENTS, SHARED_SERVICE_ACCOUNT, "app.example.com", "kube-system", "default"];
            for (_, name) in all(&slug, TenantId::new()) {
                prop_assert!(!platform.contains(&name.as_str()));
            }
            let core = "core".parse().unwrap();
            for n in 1..=SQL_INSTANCES {
                prop_assert_ne!(sql_location(&slug, n), cell_location("free-1", &core));
            }
        }

        #[test]
        fn two_tenants_share_no_name(a in slug(), b in slug()) {
            prop_assume!(a != b);
            let (id_a, id_b) = (TenantId::new(), TenantId::new());
            let a: BTreeSet<_> = all(&a, id_a).into_iter().collect();
            let b: BTreeSet<_> = all(&b, id_b).into_iter().collect();
            prop_assert!(a.is_disjoint(&b));
        }
    }

    #[test]
    fn an_instance_outside_of_the_set_has_no_name() {
        let slug = "acme".parse().unwrap();
        assert_eq!((sql_instance(&slug, 0), sql_instance(&slug, 4)), (None, None));
    }
}
