//! A tenant context is not made by hand, not even of the right parts.

use std::sync::Arc;

use tests::tenancy_core::{Actor, RequestId, TenantContext, TenantRecord};

fn forge(record: Arc<TenantRecord>, actor: Actor) -> TenantContext {
    TenantContext::new(record, actor, RequestId::new(), None)
}

fn main() {}
