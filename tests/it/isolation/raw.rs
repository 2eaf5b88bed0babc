//! As the runtime role itself, past the SDK: the first fence is broken on purpose, and row-level security holds alone.

use tenancy_testkit::isolation::Isolation;

use crate::harness::{Cell, Schema};

#[tokio::test]
async fn every_table_verb_and_setting_as_the_runtime_role() {
    for schema in Schema::ALL {
        let cell = Cell::new(schema).await;
        let [own, other] = cell.tenants();
        for (own, other) in [(own, other), (other, own)] {
            let isolation = Isolation::of(&cell.database, own, other).await.unwrap();
            isolation.run().await.unwrap().assert();
        }
    }
}
