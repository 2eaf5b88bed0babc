//! The SDK's handles, in the deployment of one tenant.

use demo::world::{Service, Tenant};
use tenancy_core::{Kind, Role};
use tenancy_storage::{Listing, ObjectKey};
use tenancy_testkit::context;
use uuid::Uuid;

use super::each;
use crate::harness::{Trips, connect, on_trips};

/// The keys of a tenant's photos, by the superuser's eyes.
async fn keys(trips: &Trips, tenant: &Tenant) -> Vec<ObjectKey> {
    let place = &tenant.record.placement.sql[&"core".parse().unwrap()];
    let mut superuser = connect(trips.world.superuser_url(place).unwrap()).await;
    let objects: Vec<Uuid> = sqlx::query_scalar("SELECT object FROM photos")
        .fetch_all(&mut superuser)
        .await
        .unwrap();
    objects
        .into_iter()
        .map(|object| format!("photos/{object}").parse().unwrap())
        .collect()
}

/// Even a context of another tenant, were there a way to one, opens nothing in this deployment.
#[test]
fn its_handles_lead_to_no_other_tenants_stores() {
    on_trips(async |trips| {
        each(trips, async |own, other, _| {
            let tenancy = |tenant: &Tenant| {
                trips
                    .world
                    .tenancy(tenant.target(), Service::Itineraries)
                    .unwrap()
            };
            let ctx = context(&other.record, Role::Owner).await;
            let refusal = tenancy(own)
                .sql("core")
                .unwrap()
                .read(&ctx)
                .await
                .map(drop)
                .unwrap_err();
            assert_eq!(refusal.kind(), Kind::NotFound);
            assert!(
                refusal.log().unwrap().contains("another deployment"),
                "{refusal:?}"
            );

            let uploads = |tenant| tenancy(tenant).objects("uploads").unwrap();
            let listed = uploads(own).list(&ctx, &Listing::all()).await;
            assert!(listed.is_err() || listed.unwrap().objects.is_empty());
            let keys = keys(trips, other).await;
            let mut there = 0;
            for key in &keys {
                assert!(uploads(own).get(&ctx, key).await.is_err(), "{key:?}");
                there += usize::from(uploads(other).get(&ctx, key).await.is_ok());
            }
            // the same call finds them where they are (a test beside this one may just remove some)
            assert!(there > 0, "{keys:?}");
        })
        .await;
    });
}
