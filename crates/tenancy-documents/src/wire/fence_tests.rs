//! Messages that a mistake of this crate might make: each is held back.

use tenancy_core::{DocumentLayout, Role, Tier, names};
use tenancy_testkit::{context, two_tenants};

use super::*;
use crate::{
    CollectionPath, Filter, Query,
    wire::proto::{RunQueryRequest, run_query_request::QueryType},
};

async fn places(layout: DocumentLayout) -> [Place; 2] {
    let (acme, globex) = two_tenants(Tier::Standard);
    let mut places = Vec::new();
    for mut record in [acme, globex] {
        let place = names::documents(&record.slug, &"demo-fence".parse().unwrap(), layout).unwrap();
        record.placement.documents = [("live".parse().unwrap(), place)].into();
        let ctx = context(&record, Role::Member).await;
        places.push(Place::of(&ctx, &"live".parse().unwrap()).unwrap());
    }
    places.try_into().unwrap()
}

fn with(mut request: RunQueryRequest, change: impl FnOnce(&mut proto::StructuredQuery)) -> RunQueryRequest {
    let Some(QueryType::StructuredQuery(query)) = &mut request.query_type else {
        panic!("a query");
    };
    change(query);
    request
}

#[tokio::test]
async fn a_query_of_another_place_is_held_back() {
    for layout in [
        DocumentLayout::TenantRoot,
        DocumentLayout::CollectionRoot,
        DocumentLayout::Dedicated,
    ] {
        let [own, other] = places(layout).await;
        let path: CollectionPath = "trips/a/days".parse().unwrap();
        let query = Query::of(path);
        assert!(query.request(&own).unwrap().within(&own));
        assert!(!query.request(&other).unwrap().within(&own), "{layout:?}");
        let name = own.name(&"trips/a".parse().unwrap()).unwrap();
        let get = |name: String| proto::BatchGetDocumentsRequest {
            database: own.database(),
            documents: vec![name],
            ..Default::default()
        };
        assert!(get(name.clone()).within(&own));
        assert!(!get(other.name(&"trips/a".parse().unwrap()).unwrap()).within(&own));
        assert!(!get(format!("{name}/../b")).within(&own));
    }
}

#[tokio::test]
async fn a_group_without_the_tenants_bounds_is_held_back() {
    let [own, other] = places(DocumentLayout::TenantRoot).await;
    let title = "title".parse().unwrap();
    let either = Filter::any([
        Filter::equal(&title, &1).unwrap(),
        Filter::equal(&title, &2).unwrap(),
    ]);
    let group = Query::group("days".parse().unwrap()).filter(either);
    let request = || group.request(&own).unwrap();
    assert!(request().within(&own));
    assert!(!request().within(&other));
    let bare = with(request(), |query| query.r#where = None);
    let alternative = with(request(), |query| {
        if let Some(FilterType::CompositeFilter(all)) = &mut query.r#where.as_mut().unwrap().filter_type {
            all.op = composite_filter::Operator::Or.into();
        }
    });
    let half = with(request(), |query| {
        if let Some(FilterType::CompositeFilter(all)) = &mut query.r#where.as_mut().unwrap().filter_type {
            all.filters.remove(1);
        }
    });
    for broken in [bare, alternative, half] {
        assert!(!broken.within(&own), "{broken:?}");
    }
}
