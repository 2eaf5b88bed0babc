//! A scoped connection does not lend the driver's: two of them could be swapped, and with them their tenants.

use tests::tenancy_sql::ReadConnection;

fn swap(a: &mut ReadConnection, b: &mut ReadConnection) {
    std::mem::swap(&mut **a, &mut **b);
}

fn main() {}
