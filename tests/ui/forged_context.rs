//! A tenant context is not made by hand, not even of the right parts.

use tests::tenancy_core::TenantContext;

fn forge() {
    let _ = TenantContext::new;
}

fn main() {}
