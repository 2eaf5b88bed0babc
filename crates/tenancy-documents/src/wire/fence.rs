//! Whether a request names the tenant's part of the database and nothing else. Looks at the messages as they are sent,
//! whatever made them. Pure.

use tenancy_core::{Error, Result};

use super::proto::{
    self,
    structured_query::{composite_filter, field_filter::Operator, filter::FilterType},
    target::TargetType,
    value::ValueType,
    write::Operation,
};
use crate::{
    place::{Group, Place},
    query::NAME,
};

/// A message that the fence understands.
pub(super) trait Fenced {
    /// Whether all that it names is of the place.
    fn within(&self, place: &Place) -> bool;
}

/// Refuses a message that reaches beyond the place.
pub(super) fn check(message: &impl Fenced, place: &Place) -> Result<()> {
    match message.within(place) {
        true => Ok(()),
        false => Err(Error::internal(
            "a request names documents that are not the tenant's: a reference in it, or a mistake of this crate to report",
        )),
    }
}

impl Fenced for proto::BatchGetDocumentsRequest {
    fn within(&self, place: &Place) -> bool {
        self.database == place.database() && self.documents.iter().all(|name| place.holds(name))
    }
}

impl Fenced for proto::BeginTransactionRequest {
    fn within(&self, place: &Place) -> bool {
        self.database == place.database()
    }
}

impl Fenced for proto::RollbackRequest {
    fn within(&self, place: &Place) -> bool {
        self.database == place.database()
    }
}

impl Fenced for proto::CommitRequest {
    fn within(&self, place: &Place) -> bool {
        self.database == place.database() && self.writes.iter().all(|write| write.within(place))
    }
}

impl Fenced for proto::BatchWriteRequest {
    fn within(&self, place: &Place) -> bool {
        self.database == place.database() && self.writes.iter().all(|write| write.within(place))
    }
}

impl Fenced for proto::Write {
    fn within(&self, place: &Place) -> bool {
        match &self.operation {
            Some(Operation::Update(document)) => {
                place.holds(&document.name) && document.fields.values().all(|value| value.within(place))
            }
            Some(Operation::Delete(name)) => place.holds(name),
            // what this crate does not send
            Some(Operation::Transform(_)) | None => false,
        }
    }
}

impl Fenced for proto::RunQueryRequest {
    fn within(&self, place: &Place) -> bool {
        let proto::run_query_request::QueryType::StructuredQuery(query) = match &self.query_type {
            Some(query) => query,
            None => return false,
        };
        asks_within(&self.parent, query, place)
    }
}

impl Fenced for proto::RunAggregationQueryRequest {
    fn within(&self, place: &Place) -> bool {
        use proto::{
            run_aggregation_query_request::QueryType::StructuredAggregationQuery,
            structured_aggregation_query::QueryType::StructuredQuery,
        };
        let Some(StructuredAggregationQuery(asked)) = &self.query_type else {
            return false;
        };
        let Some(StructuredQuery(query)) = &asked.query_type else {
            return false;
        };
        asks_within(&self.parent, query, place)
    }
}

impl Fenced for proto::ListenRequest {
    fn within(&self, place: &Place) -> bool {
        use proto::{listen_request::TargetChange, target::query_target::QueryType::StructuredQuery};
        let Some(TargetChange::AddTarget(target)) = &self.target_change else {
            return false;
        };
        let inside = match &target.target_type {
            Some(TargetType::Query(target)) => match &target.query_type {
                Some(StructuredQuery(query)) => asks_within(&target.parent, query, place),
                None => false,
            },
            Some(TargetType::Documents(target)) => target.documents.iter().all(|name| place.holds(name)),
            None => false,
        };
        self.database == place.database() && inside
    }
}

/// One collection by its plain id, below what is the tenant's; or all of that name, between the tenant's bounds. All else that
/// names documents is in values.
fn asks_within(parent: &str, query: &proto::StructuredQuery, place: &Place) -> bool {
    let [from] = query.from.as_slice() else {
        return false;
    };
    let filters = query.r#where.as_ref();
    let sound = match from.all_descendants.then(|| place.group()) {
        None => place.holds(parent) && filters.is_none_or(|filter| filter.within(place)),
        Some(Ok(Group {
            parent: root,
            bounds: None,
        })) => parent == root && filters.is_none_or(|filter| filter.within(place)),
        Some(Ok(Group {
            parent: root,
            bounds: Some(bounds),
        })) => parent == root && filters.is_some_and(|filter| is_between(filter, &bounds, place)),
        Some(Err(_)) => false,
    };
    let plain = !from.collection_id.is_empty() && !from.collection_id.contains('/');
    let cursors = query.start_at.iter().chain(&query.end_at);
    sound
        && plain
        && cursors
            .flat_map(|cursor| &cursor.values)
            .all(|value| value.within(place))
}

/// Whether it is the two bounds and whatever else, all of which must hold.
fn is_between(
    filter: &proto::structured_query::Filter,
    (first, beyond): &(String, String),
    place: &Place,
) -> bool {
    let Some(FilterType::CompositeFilter(all)) = &filter.filter_type else {
        return false;
    };
    let [from, to, rest @ ..] = all.filters.as_slice() else {
        return false;
    };
    all.op == i32::from(composite_filter::Operator::And)
        && is_bound(from, Operator::GreaterThanOrEqual, first)
        && is_bound(to, Operator::LessThan, beyond)
        && rest.iter().all(|filter| filter.within(place))
}

fn is_bound(filter: &proto::structured_query::Filter, operator: Operator, name: &str) -> bool {
    let Some(FilterType::FieldFilter(bound)) = &filter.filter_type else {
        return false;
    };
    let value = bound.value.as_ref().and_then(|value| value.value_type.as_ref());
    bound.field.as_ref().is_some_and(|field| field.field_path == NAME)
        && bound.op == i32::from(operator)
        && matches!(value, Some(ValueType::ReferenceValue(sent)) if sent == name)
}

impl Fenced for proto::structured_query::Filter {
    fn within(&self, place: &Place) -> bool {
        match &self.filter_type {
            Some(FilterType::CompositeFilter(all)) => all.filters.iter().all(|filter| filter.within(place)),
            Some(FilterType::FieldFilter(one)) => one.value.as_ref().is_some_and(|value| value.within(place)),
            Some(FilterType::UnaryFilter(_)) => true,
            None => false,
        }
    }
}

impl Fenced for proto::Value {
    fn within(&self, place: &Place) -> bool {
        match &self.value_type {
            Some(ValueType::ReferenceValue(name)) => place.holds(name),
            Some(ValueType::ArrayValue(array)) => array.values.iter().all(|value| value.within(place)),
            Some(ValueType::MapValue(map)) => map.fields.values().all(|value| value.within(place)),
            Some(
                ValueType::FieldReferenceValue(_)
                | ValueType::VariableReferenceValue(_)
                | ValueType::FunctionValue(_)
                | ValueType::PipelineValue(_),
            )
            | None => false,
            Some(_) => true,
        }
    }
}

#[cfg(test)]
#[path = "fence_tests.rs"]
mod tests;
