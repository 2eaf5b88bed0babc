//! What every kind of store does, in the shared bucket and in one of the tenant's own: one suite, unchanged over all.

mod content;
mod objects;
mod pages;
mod tenants;

use crate::kit::{LAYOUTS, Member, Root, backends};

/// An owner for each kind of store and each layout.
async fn owners() -> Vec<(Root, Member)> {
    let mut owners = Vec::new();
    for layout in LAYOUTS {
        for root in backends().await {
            let acme = root.owner("acme", layout).await;
            owners.push((root, acme));
        }
    }
    owners
}

/// Two tenants for each kind of store and each pair of layouts.
async fn pairs() -> Vec<(Root, Member, Member)> {
    let mut pairs = Vec::new();
    for first in LAYOUTS {
        for second in LAYOUTS {
            for root in backends().await {
                let acme = root.owner("acme", first).await;
                let globex = root.owner("globex", second).await;
                pairs.push((root, acme, globex));
            }
        }
    }
    pairs
}
