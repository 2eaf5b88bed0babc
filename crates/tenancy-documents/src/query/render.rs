//! A query, as the place's database is told. Pure.

use tenancy_core::{Error, Result};

use super::{Cursor, Direction, Filter, Query, filter::reference, plan::From};
use crate::{
    FieldPath,
    place::{Group, PhysicalCollection, Place},
    wire::proto::{
        self, RunAggregationQueryRequest, RunQueryRequest, StructuredAggregationQuery, StructuredQuery,
        run_aggregation_query_request, run_query_request,
        structured_aggregation_query::{self, Aggregation, aggregation::Operator},
        structured_query::{
            self, CollectionSelector, FieldFilter, FieldReference, Order, Projection, field_filter,
            filter::FilterType,
        },
        value::ValueType,
    },
};

/// The first name, and the first one beyond.
type Bounds = (String, String);

/// The document itself, as a field to order by.
pub(crate) const NAME: &str = "__name__";

impl Query {
    /// The parent, and what to ask below it.
    pub(crate) fn render(&self, place: &Place) -> Result<(String, StructuredQuery)> {
        let (parent, from, bounds) = self.source(place)?;
        let query = StructuredQuery {
            select: self.select.as_ref().map(|fields| projection(fields)),
            from: vec![from],
            r#where: self.condition(bounds),
            order_by: self.order_by(),
            start_at: self.cursor(self.start.as_ref(), place)?,
            end_at: self.cursor(self.end.as_ref(), place)?,
            limit: Some(i32::try_from(self.limit).unwrap_or(i32::MAX)),
            ..StructuredQuery::default()
        };
        Ok((parent, query))
    }

    pub(crate) fn request(&self, place: &Place) -> Result<RunQueryRequest> {
        let (parent, query) = self.render(place)?;
        Ok(RunQueryRequest {
            parent,
            query_type: Some(run_query_request::QueryType::StructuredQuery(query)),
            ..RunQueryRequest::default()
        })
    }

    /// One number of all that fits, however many those are: the limit is that of documents that are read.
    pub(crate) fn aggregation(
        &self,
        place: &Place,
        operator: Operator,
    ) -> Result<RunAggregationQueryRequest> {
        let (parent, query) = self.render(place)?;
        let query = StructuredQuery {
            limit: None,
            select: None,
            ..query
        };
        let asked = StructuredAggregationQuery {
            aggregations: vec![Aggregation {
                alias: ALIAS.to_owned(),
                operator: Some(operator),
            }],
            query_type: Some(structured_aggregation_query::QueryType::StructuredQuery(query)),
        };
        Ok(RunAggregationQueryRequest {
            parent,
            query_type: Some(run_aggregation_query_request::QueryType::StructuredAggregationQuery(asked)),
            ..RunAggregationQueryRequest::default()
        })
    }

    /// The parent, the collection, and the names between which the answers are to be.
    fn source(&self, place: &Place) -> Result<(String, CollectionSelector, Option<Bounds>)> {
        let (parent, collection_id, bounds) = match &self.from {
            From::Collection(path) => {
                let PhysicalCollection { parent, id } = place.collection(path)?;
                (parent, id, None)
            }
            From::Group(id) => {
                let Group { parent, bounds } = place.group()?;
                (parent, id.to_string(), bounds)
            }
        };
        let all_descendants = matches!(self.from, From::Group(_));
        let from = CollectionSelector {
            collection_id,
            all_descendants,
        };
        Ok((parent, from, bounds))
    }

    /// The bounds first, where there are any: the fence looks for them there.
    fn condition(&self, bounds: Option<Bounds>) -> Option<structured_query::Filter> {
        let given = self.filters.iter().cloned();
        match (bounds, self.filters.as_slice()) {
            (Some((first, beyond)), _) => {
                Some(Filter::all(between(first, beyond).into_iter().chain(given)).0)
            }
            (None, []) => None,
            (None, [one]) => Some(one.0.clone()),
            (None, _) => Some(Filter::all(given).0),
        }
    }

    /// The orders that were given, and the document's name where a cursor needs it: in the direction of the last, which is what
    /// the database adds by itself.
    fn order_by(&self) -> Vec<Order> {
        let given = self
            .orders
            .iter()
            .map(|(field, direction)| order(reference(field), *direction));
        let by_name = self
            .start
            .iter()
            .chain(&self.end)
            .any(|(cursor, _)| cursor.document.is_some());
        let direction = self
            .orders
            .last()
            .map_or(Direction::Ascending, |(_, direction)| *direction);
        given
            .chain(by_name.then(|| order(name_of_document(), direction)))
            .collect()
    }

    fn cursor(&self, cursor: Option<&(Cursor, bool)>, place: &Place) -> Result<Option<proto::Cursor>> {
        let Some((cursor, before)) = cursor else {
            return Ok(None);
        };
        let (values, orders) = (cursor.values.len(), self.orders.len());
        let fits = match cursor.document {
            Some(_) => values == orders,
            None => (1..=orders).contains(&values),
        };
        if !fits {
            return Err(Error::internal(
                "a cursor has another number of values than the query has orders",
            ));
        }
        let document = cursor
            .document
            .as_ref()
            .map(|path| place.name(path))
            .transpose()?;
        let document = document.map(reference_to);
        Ok(Some(proto::Cursor {
            values: cursor.values.iter().cloned().chain(document).collect(),
            before: *before,
        }))
    }
}

/// What the one aggregation of a request is called.
pub(crate) const ALIAS: &str = "answer";

/// Names from the first on, and before the one beyond.
fn between(first: String, beyond: String) -> [Filter; 2] {
    let bound = |operator: field_filter::Operator, name| {
        Filter::of(FilterType::FieldFilter(FieldFilter {
            field: Some(name_of_document()),
            op: operator.into(),
            value: Some(reference_to(name)),
        }))
    };
    [
        bound(field_filter::Operator::GreaterThanOrEqual, first),
        bound(field_filter::Operator::LessThan, beyond),
    ]
}

fn name_of_document() -> FieldReference {
    FieldReference {
        field_path: NAME.to_owned(),
    }
}

fn reference_to(name: String) -> proto::Value {
    proto::Value {
        value_type: Some(ValueType::ReferenceValue(name)),
    }
}

fn projection(fields: &[FieldPath]) -> Projection {
    let fields = fields.iter().map(reference).collect();
    Projection { fields }
}

fn order(field: FieldReference, direction: Direction) -> Order {
    let direction = match direction {
        Direction::Ascending => structured_query::Direction::Ascending,
        Direction::Descending => structured_query::Direction::Descending,
    };
    Order {
        field: Some(field),
        direction: direction.into(),
    }
}
