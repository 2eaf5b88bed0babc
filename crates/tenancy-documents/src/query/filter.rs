//! Which documents of a collection.

use serde::Serialize;
use tenancy_core::Result;

use crate::{
    FieldPath,
    wire::{
        proto::{
            self,
            structured_query::{
                self, CompositeFilter, FieldFilter, FieldReference, UnaryFilter, composite_filter,
                field_filter::Operator, filter::FilterType, unary_filter,
            },
        },
        value,
    },
};

/// A condition on documents. Values are values: nothing in them is read as part of the query.
#[derive(Clone, Debug)]
pub struct Filter(pub(super) structured_query::Filter);

/// A comparison of a field with a value.
macro_rules! compares {
    ($($(#[$doc:meta])* $name:ident => $operator:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// `Internal` when the database has no form for the value.
        pub fn $name(field: &FieldPath, with: &impl Serialize) -> Result<Self> {
            Ok(Self::compare(field, Operator::$operator, value(with)?))
        }
    )*};
}

impl Filter {
    compares! {
        /// The field has this value.
        equal => Equal;
        /// The field is there and has another value.
        not_equal => NotEqual;
        /// The field is less.
        less => LessThan;
        /// The field is less or equal.
        at_most => LessThanOrEqual;
        /// The field is greater.
        greater => GreaterThan;
        /// The field is greater or equal.
        at_least => GreaterThanOrEqual;
        /// The field is an array that has this value in it.
        contains => ArrayContains;
        /// The field is an array that has one of these values, 30 at most, in it.
        contains_any => ArrayContainsAny;
        /// The field has one of these values, 30 at most.
        one_of => In;
        /// The field is there and has none of these values, 10 at most.
        none_of => NotIn;
    }

    /// The field is there and is null.
    #[must_use]
    pub fn is_null(field: &FieldPath) -> Self {
        Self::unary(field, unary_filter::Operator::IsNull)
    }

    /// The field is there and is not null.
    #[must_use]
    pub fn is_not_null(field: &FieldPath) -> Self {
        Self::unary(field, unary_filter::Operator::IsNotNull)
    }

    /// All of these.
    #[must_use]
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::composite(composite_filter::Operator::And, filters)
    }

    /// One of these at least.
    #[must_use]
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::composite(composite_filter::Operator::Or, filters)
    }

    fn compare(field: &FieldPath, operator: Operator, value: proto::Value) -> Self {
        Self::of(FilterType::FieldFilter(FieldFilter {
            field: Some(reference(field)),
            op: operator.into(),
            value: Some(value),
        }))
    }

    fn unary(field: &FieldPath, operator: unary_filter::Operator) -> Self {
        Self::of(FilterType::UnaryFilter(UnaryFilter {
            op: operator.into(),
            operand_type: Some(unary_filter::OperandType::Field(reference(field))),
        }))
    }

    fn composite(operator: composite_filter::Operator, filters: impl IntoIterator<Item = Self>) -> Self {
        Self::of(FilterType::CompositeFilter(CompositeFilter {
            op: operator.into(),
            filters: filters.into_iter().map(|filter| filter.0).collect(),
        }))
    }

    pub(super) fn of(filter: FilterType) -> Self {
        Self(structured_query::Filter {
            filter_type: Some(filter),
        })
    }
}

pub(crate) fn reference(field: &FieldPath) -> FieldReference {
    FieldReference {
        field_path: field.to_string(),
    }
}
