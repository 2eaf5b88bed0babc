//! Where the data physically is, seen with a superuser's eyes.

use std::collections::BTreeSet;

use tenancy_core::{TenantId, Tier, names};

use crate::{
    story::teller::Teller,
    world::{ObjectCount, Result, RowCount, Target, Tenant, World},
};

/// A line of the table: what is where, of whom.
struct Line {
    tier: Tier,
    store: &'static str,
    place: String,
    part: String,
    of: Vec<(String, u64)>,
    problem: Option<String>,
}

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("Where the data physically is, seen by the superuser");
    let world = teller.world;
    let mut lines: Vec<Line> = Vec::new();
    lines.extend(world.rows().await?.iter().map(|row| rows(world, row)));
    lines.extend(world.objects()?.iter().map(|count| objects(world, count)));
    lines.sort_by_key(|line| line.tier);
    show(teller, &lines);
    for line in lines
        .iter()
        .filter_map(|line| line.problem.as_deref().map(|problem| (line, problem)))
    {
        teller.screen.wrong(
            &format!("{} {}", line.0.place, line.0.part),
            "is out of place:",
            line.1,
        );
    }
    complete(teller, &lines);
    Ok(())
}

/// Every tenant has rows and objects, each in one place only.
fn complete(teller: &mut Teller<'_>, lines: &[Line]) {
    for tenant in teller.world.tenants() {
        for store in ["sql", "objects"] {
            let of =
                |line: &&Line| line.store == store && line.of.iter().any(|(slug, _)| slug == tenant.slug());
            let tiers: BTreeSet<Tier> = lines.iter().filter(of).map(|line| line.tier).collect();
            let what = format!(
                "{}'s {store} data is in its {} place and nowhere else",
                tenant.slug(),
                tenant.record.tier
            );
            if tiers == BTreeSet::from([tenant.record.tier]) {
                teller.screen.right(&what, "", None);
            } else {
                teller
                    .screen
                    .wrong(&what, &format!("{tiers:?}"), "expected its own tier only");
            }
        }
    }
}

fn rows(world: &World, row: &RowCount) -> Line {
    let at: Vec<&Tenant> = world
        .tenants()
        .iter()
        .filter(|t| t.record.placement.sql.values().any(|l| *l == row.location))
        .collect();
    let stray = row
        .rows
        .keys()
        .find(|id| !at.iter().any(|tenant| tenant.id() == **id));
    Line {
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

fn objects(world: &World, count: &ObjectCount) -> Line {
    let owner = match count.target {
        Target::Pinned(id) if count.bucket == names::bucket(id) => Some(id),
        Target::Pinned(_) => None,
        Target::Shared if count.bucket == names::SHARED_BUCKET => count.prefix.parse().ok(),
        Target::Shared => None,
    };
    let owner = owner.and_then(|id| {
        world
            .tenants()
            .iter()
            .find(|t| t.id() == id && t.target() == count.target)
    });
    let tier = world
        .tenants()
        .iter()
        .find(|t| t.target() == count.target)
        .map_or(Tier::Free, |t| t.record.tier);
    Line {
        tier,
        store: "objects",
        place: count.bucket.clone(),
        part: format!("{}/", count.prefix),
        of: owner
            .map(|tenant| (tenant.slug().to_owned(), count.objects))
            .into_iter()
            .collect(),
        problem: owner.is_none().then(|| "nobody's bucket or prefix".to_owned()),
    }
}

fn slug(world: &World, id: TenantId) -> String {
    let found = world.tenants().iter().find(|tenant| tenant.id() == id);
    found.map_or_else(|| id.to_string(), |tenant| tenant.slug().to_owned())
}

fn show(teller: &mut Teller<'_>, lines: &[Line]) {
    let of = |line: &Line| match line.of.as_slice() {
        [] => "-".to_owned(),
        of => of
            .iter()
            .map(|(slug, n)| format!("{slug} {n}"))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let head = [
        "tier",
        "store",
        "database or bucket",
        "table or prefix",
        "rows or objects of",
    ]
    .map(str::to_owned);
    let body = lines.iter().map(|line| {
        [
            line.tier.to_string(),
            line.store.to_owned(),
            line.place.clone(),
            line.part.clone(),
            of(line),
        ]
    });
    let table: Vec<[String; 5]> = std::iter::once(head).chain(body).collect();
    let width = |column: usize| {
        table
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..5).map(|column| width(column).unwrap_or_default()).collect();
    for row in &table {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{cell:<width$}"));
        teller
            .screen
            .line(format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end());
    }
}
