//! The closing table: what is where, of whom.

use tenancy_core::{TenantId, Tier, names};

use super::Screen;
use crate::world::{ObjectCount, RowCount, Store, Target, Tenant, World};

/// A line of the table.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) tier: Tier,
    pub(super) store: &'static str,
    pub(super) place: String,
    pub(super) part: String,
    /// Whose, and how many.
    pub(super) of: Vec<(String, u64)>,
    /// What should not be there.
    pub(super) problem: Option<String>,
}

impl Line {
    /// A table, and how many rows of whom it holds: nobody's but those who are placed there.
    pub(super) fn of_rows(world: &World, row: &RowCount) -> Self {
        let at: Vec<&Tenant> = world
            .tenants()
            .iter()
            .filter(|tenant| placed(tenant, &row.location))
            .collect();
        let stray = row
            .rows
            .keys()
            .find(|id| !at.iter().any(|tenant| tenant.id() == **id));
        Self {
            tier: at.first().map_or(Tier::Free, |tenant| tenant.record.tier),
            store: "sql",
            place: row.database.clone(),
            part: format!("{}.{}", row.schema, row.table),
            of: row
                .rows
                .iter()
                .map(|(id, rows)| (slug(world, *id), *rows))
                .collect(),
            problem: stray.map(|id| format!("rows of `{}`, who is placed elsewhere", slug(world, *id))),
        }
    }

    /// A database without any table of tenants' rows.
    pub(super) fn of_empty(world: &World, store: &Store) -> Self {
        let tier = world
            .tenants()
            .iter()
            .find(|tenant| placed(tenant, &store.location));
        Self {
            tier: tier.map_or(Tier::Free, |tenant| tenant.record.tier),
            store: "sql",
            place: store.database.name.clone(),
            part: format!("(`{}`: no tables yet)", store.name),
            of: Vec::new(),
            problem: None,
        }
    }

    /// A bucket's folder, and how many objects it holds: of the bucket's tenant, or of the one whose prefix it is.
    pub(super) fn of_objects(world: &World, count: &ObjectCount) -> Self {
        let owner: Option<TenantId> = match count.target {
            Target::Pinned(id) => (count.bucket == names::bucket(id)).then_some(id),
            Target::Shared if count.bucket == names::SHARED_BUCKET => count.prefix.parse().ok(),
            Target::Shared => None,
        };
        let served: Vec<&Tenant> = world
            .tenants()
            .iter()
            .filter(|t| t.target() == count.target)
            .collect();
        let owner = owner.and_then(|id| served.iter().find(|tenant| tenant.id() == id));
        let objects = u64::try_from(count.objects).unwrap_or(u64::MAX);
        Self {
            tier: served.first().map_or(Tier::Free, |tenant| tenant.record.tier),
            store: "objects",
            place: count.bucket.clone(),
            part: format!("{}/", count.prefix),
            of: owner
                .map(|tenant| (tenant.slug().to_owned(), objects))
                .into_iter()
                .collect(),
            problem: owner
                .is_none()
                .then(|| "a bucket or a prefix that nobody has".to_owned()),
        }
    }

    fn cells(&self) -> [String; 5] {
        let of = self
            .of
            .iter()
            .map(|(slug, n)| format!("{slug} {n}"))
            .collect::<Vec<_>>()
            .join(", ");
        let of = if of.is_empty() { "-".to_owned() } else { of };
        [
            self.tier.to_string(),
            self.store.to_owned(),
            self.place.clone(),
            self.part.clone(),
            of,
        ]
    }
}

fn placed(tenant: &Tenant, location: &tenancy_core::Location) -> bool {
    tenant.record.placement.sql.values().any(|at| at == location)
}

fn slug(world: &World, id: TenantId) -> String {
    let found = world.tenants().iter().find(|tenant| tenant.id() == id);
    found.map_or_else(|| id.to_string(), |tenant| tenant.slug().to_owned())
}

/// Shows the lines, in columns.
pub(super) fn show(screen: &mut Screen, lines: &[Line]) {
    let head = [
        "tier",
        "store",
        "database or bucket",
        "table or prefix",
        "rows or objects of",
    ];
    let rows: Vec<[String; 5]> = std::iter::once(head.map(str::to_owned))
        .chain(lines.iter().map(Line::cells))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in &rows {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:<width$}"));
        screen.line(format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end());
    }
}
