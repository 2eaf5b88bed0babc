//! A query, as the place's database is told. Pure.

use tenancy_core::{Error, Result};

use super::{Cursor, Direction, Filter, Query, filter::reference, plan::From};
use crate::{
    FieldPath,
    place::{PhysicalCollection, Place},
    wire::proto::{
        self, RunAggregationQueryRequest, RunQueryRequest, StructuredAggregationQuery, StructuredQuery,
        run_aggregation_query_request, run_query_request,
        structured_aggregation_query::{self, Aggregation, aggregation::Operator},
        structured_query::{self, CollectionSelector, FieldReference, Order, Projection},
        value::ValueType,
    },
};

/// The document itself, as a field to order by.
const NAME: &str = "__name__";

impl Query {
    /// The parent, and what to ask below it.
    pub(crate) fn render(&self, place: &Place) -> Result<(String, StructuredQuery)> {
        let (PhysicalCollection { parent, id }, all_descendants) = match &self.from {
            From::Collection(path) => (place.collection(path)?, false),
            From::Group(id) => (place.group(id)?, true),
        };
        let from = CollectionSelector {
            collection_id: id,
            all_descendants,
        };
        let query = StructuredQuery {
            select: self.select.as_ref().map(|fields| projection(fields)),
            from: vec![from],
            r#where: self.condition(),
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

    fn condition(&self) -> Option<structured_query::Filter> {
        match self.filters.as_slice() {
            [] => None,
            [one] => Some(one.0.clone()),
            several => Some(Filter::all(several.iter().cloned()).0),
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
        let name = FieldReference {
            field_path: NAME.to_owned(),
        };
        given.chain(by_name.then(|| order(name, direction))).collect()
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
        let document = document.map(|name| proto::Value {
            value_type: Some(ValueType::ReferenceValue(name)),
        });
        Ok(Some(proto::Cursor {
            values: cursor.values.iter().cloned().chain(document).collect(),
            before: *before,
        }))
    }
}

/// What the one aggregation of a request is called.
pub(crate) const ALIAS: &str = "answer";

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
