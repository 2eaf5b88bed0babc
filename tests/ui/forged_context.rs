//! A tenant context is not made by hand, whatever the parts.

use tests::tenancy_core::TenantContext;

fn forge() {
    let _ = TenantContext::new;
}

fn main() {}
