//! Where a tenant's documents physically are. Pure: decides, touches nothing.

use tenancy_core::{
    DocumentDatabase, DocumentLayout, DocumentsPlacement, Error, Placement, ProjectId, Result, StoreName,
    TenantContext, TenantId, TenantSlug, names,
};

use crate::{CollectionPath, DocumentPath};

/// What Firestore allows a name.
const MAX_NAME: usize = 6 * 1024;
/// What every tenant's database is called; see [`names::documents_database`].
const OWN: &str = "-firestore";

/// One tenant's part of one database. The placement alone says which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) project: ProjectId,
    pub(crate) database: DocumentDatabase,
    layout: DocumentLayout,
    tenant: TenantId,
}

/// The parent and the id by which the database knows a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PhysicalCollection {
    pub(crate) parent: String,
    pub(crate) id: String,
}

/// Where a query of all collections of a name asks, and the names between which its answers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) parent: String,
    /// The first name that is the tenant's, and the first that is not. `None` where every one is.
    pub(crate) bounds: Option<(String, String)>,
}

impl Place {
    /// Where the context's tenant has `store`.
    pub(crate) fn of(ctx: &TenantContext, store: &StoreName) -> Result<Self> {
        Self::decide(ctx.tenant_id(), ctx.slug(), ctx.placement(), store)
    }

    fn decide(tenant: TenantId, slug: &TenantSlug, placement: &Placement, store: &StoreName) -> Result<Self> {
        let place = placement
            .documents
            .get(store)
            .ok_or_else(|| Error::not_entitled(&format!("documents.{store}"), None))?;
        check_database(slug, place)?;
        Ok(Self {
            project: place.project.clone(),
            database: place.database.clone(),
            layout: place.layout,
            tenant,
        })
    }

    /// `projects/{project}/databases/{database}`.
    pub(crate) fn database(&self) -> String {
        format!("projects/{}/databases/{}", self.project, self.database)
    }

    /// The document's name in the database, checked once more as it is sent.
    pub(crate) fn name(&self, path: &DocumentPath) -> Result<String> {
        self.checked(self.render(path.as_str()))
    }

    /// The collection as the database knows it.
    pub(crate) fn collection(&self, path: &CollectionPath) -> Result<PhysicalCollection> {
        let name = self.checked(self.render(path.as_str()))?;
        let split = name.rsplit_once('/');
        let (parent, id) =
            split.ok_or_else(|| Error::internal("a collection has no parent; report it as a bug"))?;
        Ok(PhysicalCollection {
            parent: parent.to_owned(),
            id: id.to_owned(),
        })
    }

    /// What a query of all collections called so has to ask for, where the database is shared.
    ///
    /// The database answers such queries below the root of all only, so the bounds are conditions: names from the tenant's root
    /// on, and before the next name that there could be beside it.
    pub(crate) fn group(&self) -> Result<Group> {
        let parent = self.documents();
        let root = format!("{parent}/tenants/{}", self.tenant);
        let bounds = match self.layout {
            DocumentLayout::TenantRoot => Some((root.clone(), format!("{root}\0"))),
            DocumentLayout::Dedicated => None,
            DocumentLayout::CollectionRoot => {
                return Err(Error::internal(
                    "the layout `collection_root` gives a tenant no one root, so that a query of a collection group would span \
                     tenants: query each collection, or place the tenant by `tenant_root`",
                ));
            }
        };
        Ok(Group { parent, bounds })
    }

    /// `projects/{project}/databases/{database}/documents`.
    fn documents(&self) -> String {
        format!("{}/documents", self.database())
    }

    /// The path of a document that the database names, when it is the tenant's.
    pub(crate) fn logical(&self, name: &str) -> Result<DocumentPath> {
        let foreign = || {
            Error::internal(
                "the database answered with a document that is not the tenant's; report it as a bug",
            )
        };
        let segments = self.below(name).ok_or_else(foreign)?;
        let text = match (self.layout, segments.as_slice()) {
            (DocumentLayout::CollectionRoot, [first, _tenant, "documents", rest @ ..]) => {
                std::iter::once(first)
                    .chain(rest)
                    .copied()
                    .collect::<Vec<_>>()
                    .join("/")
            }
            (DocumentLayout::TenantRoot, ["tenants", _tenant, rest @ ..]) => rest.join("/"),
            (DocumentLayout::Dedicated, rest) => rest.join("/"),
            _ => return Err(foreign()),
        };
        text.parse().map_err(|_| {
            Error::internal("a document's id in the database is none that this crate writes: rename it, or keep it out of the query")
        })
    }

    /// Whether `name` is of the tenant: of its database, at or below its root. Looks at the text that is sent, whatever made it.
    pub(crate) fn holds(&self, name: &str) -> bool {
        name.len() <= MAX_NAME && self.below(name).is_some()
    }

    /// The segments of `name` behind `documents`, when it is of the tenant.
    fn below<'n>(&self, name: &'n str) -> Option<Vec<&'n str>> {
        let mut segments = name.split('/');
        let (project, database) = (self.project.as_str(), self.database.as_str());
        for expect in ["projects", project, "databases", database, "documents"] {
            segments.next().filter(|segment| *segment == expect)?;
        }
        let below: Vec<&str> = segments.collect();
        if below.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return None;
        }
        let tenant = self.tenant.to_string();
        let own = match self.layout {
            DocumentLayout::TenantRoot => below.starts_with(&["tenants", &tenant]),
            DocumentLayout::CollectionRoot => below.get(1).is_some_and(|second| *second == tenant),
            DocumentLayout::Dedicated => true,
        };
        own.then_some(below)
    }

    fn render(&self, path: &str) -> String {
        let (root, tenant) = (self.documents(), self.tenant);
        match self.layout {
            DocumentLayout::TenantRoot => format!("{root}/tenants/{tenant}/{path}"),
            DocumentLayout::Dedicated => format!("{root}/{path}"),
            DocumentLayout::CollectionRoot => match path.split_once('/') {
                Some((first, rest)) => format!("{root}/{first}/{tenant}/documents/{rest}"),
                None => format!("{root}/{path}/{tenant}/documents"),
            },
        }
    }

    fn checked(&self, name: String) -> Result<String> {
        match self.holds(&name) {
            true => Ok(name),
            false => Err(Error::internal(
                "a document's name is not the tenant's; report it as a bug",
            )),
        }
    }
}

/// Refuses a placement that would give a tenant the whole of a shared database, or a database named for another tenant.
fn check_database(slug: &TenantSlug, place: &DocumentsPlacement) -> Result<()> {
    let name = place.database.as_str();
    if place.layout == DocumentLayout::Dedicated && name != names::documents_database(slug) {
        return Err(Error::internal(
            "the placement gives the tenant the whole of a database that is not named for it; its layout must be `tenant_root`, \
             or the database `{slug}-firestore`",
        ));
    }
    match name.ends_with(OWN) && name != names::documents_database(slug) {
        true => Err(Error::internal(
            "the placement names another tenant's document database; correct it in the registry",
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
