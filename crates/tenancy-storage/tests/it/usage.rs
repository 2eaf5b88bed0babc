//! What a tenant has stored, by listing it.

use tenancy_core::KeyLayout;
use tenancy_storage::{Usage, UsageReport};

use crate::kit::{LAYOUTS, Root};

#[tokio::test]
async fn a_report_is_the_tenants_own() {
    for layout in LAYOUTS {
        let root = Root::new();
        let acme = root.owner("acme", layout).await;
        let globex = root.owner("globex", layout).await;
        for (key, content) in [("a", "1"), ("photos/a", "22"), ("photos/b/c", "333")] {
            acme.create(key, content).await.unwrap();
        }
        globex.create("photos/x", "4444").await.unwrap();
        let report = acme.store.usage(&acme.ctx).await.unwrap();
        assert_eq!(report.total, Usage { objects: 3, bytes: 6 });
        assert_eq!(report.top, Usage { objects: 1, bytes: 1 });
        let [(folder, photos)] = report.folders.as_slice() else {
            panic!("{report:?}")
        };
        assert_eq!(
            (folder.as_str(), *photos),
            ("photos", Usage { objects: 2, bytes: 5 })
        );
        assert!(!format!("{report:?}").contains("photos"), "a key is the tenant's");
        acme.delete("photos/b/c").await.unwrap();
        assert_eq!(acme.store.usage(&acme.ctx).await.unwrap().total.bytes, 3);
        let none = root.owner("nobody", layout).await;
        assert_eq!(none.store.usage(&none.ctx).await.unwrap(), UsageReport::default());
    }
}

#[tokio::test]
async fn a_report_is_over_all_pages() {
    let root = Root::new();
    let acme = root.owner("acme", KeyLayout::TenantPrefix).await;
    acme.create("photos/first", "x").await.unwrap();
    for n in 0..2100 {
        std::fs::write(acme.folder().join(format!("photos/{n}")), "ab").unwrap();
    }
    let report = acme.store.usage(&acme.ctx).await.unwrap();
    assert_eq!(
        report.total,
        Usage {
            objects: 2101,
            bytes: 4201
        }
    );
}
