//! A permit is made by the check alone.

use std::marker::PhantomData;

use tests::tenancy_core::{DataWrite, Permit, TenantContext};

fn forge(context: TenantContext) -> Permit<DataWrite> {
    Permit {
        context,
        permission: PhantomData,
    }
}

fn main() {}
