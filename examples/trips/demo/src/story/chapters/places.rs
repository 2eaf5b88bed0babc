//! Where the data physically is, seen with a superuser's eyes.

use std::collections::BTreeSet;

use tenancy_core::Tier;

use crate::{
    story::{
        table::{Line, show},
        teller::Teller,
    },
    world::{Result, World},
};

pub(in crate::story) async fn tell(teller: &mut Teller<'_>) -> Result<()> {
    teller
        .screen
        .chapter("Where the data physically is, seen by the superuser");
    let lines = lines(teller.world).await?;
    show(teller.screen, &lines);
    for line in &lines {
        if let Some(problem) = &line.problem {
            teller.screen.wrong(
                &format!("{} {}", line.place, line.part),
                "is out of place",
                problem,
            );
        }
    }
    each_at_home(teller, &lines);
    Ok(())
}

async fn lines(world: &World) -> Result<Vec<Line>> {
    let rows = world.rows().await?;
    let empty = world
        .stores()
        .iter()
        .filter(|store| !rows.iter().any(|row| row.location == store.location));
    let mut lines: Vec<Line> = rows.iter().map(|row| Line::of_rows(world, row)).collect();
    lines.extend(empty.map(|store| Line::of_empty(world, store)));
    lines.extend(
        world
            .objects()?
            .iter()
            .map(|count| Line::of_objects(world, count)),
    );
    lines.sort_by_key(|line| (line.tier, line.store == "objects"));
    Ok(lines)
}

/// Every tenant has rows and objects, and all of them at its own tier's place.
fn each_at_home(teller: &mut Teller<'_>, lines: &[Line]) {
    for tenant in teller.world.tenants() {
        let (slug, home) = (tenant.slug(), tenant.record.tier);
        for store in ["sql", "objects"] {
            let holds = |line: &&Line| line.store == store && line.of.iter().any(|(of, _)| of == slug);
            let tiers: BTreeSet<Tier> = lines.iter().filter(holds).map(|line| line.tier).collect();
            let what = format!("{slug}'s data in {store} is at its {home} place and nowhere else");
            if tiers == BTreeSet::from([home]) {
                teller.screen.right(&what, "", None);
            } else {
                teller
                    .screen
                    .wrong(&what, &format!("{tiers:?}"), "expected its own tier's place only");
            }
        }
    }
}
