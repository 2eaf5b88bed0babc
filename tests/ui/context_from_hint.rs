//! A hint is no proof: no context is made of it.

use tests::tenancy_core::{HintedTenant, TenantContext};

fn promote(hinted: HintedTenant) -> TenantContext {
    hinted.into()
}

fn main() {}
