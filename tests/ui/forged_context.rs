//! A tenant context is not put together by hand.

use std::sync::Arc;

use tenancy_core::{TenantContext, TenantRecord};

fn forge(record: Arc<TenantRecord>) -> TenantContext {
    TenantContext { inner: record }
}

fn main() {}
