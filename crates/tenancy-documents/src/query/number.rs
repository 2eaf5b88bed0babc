//! What an aggregation gives.

use tenancy_core::{Error, Result};

use crate::wire::proto::{self, value::ValueType};

/// A sum: integers stay integers until they do not fit 64 bits or a fraction is among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// Another one.
    Float(f64),
}

impl Number {
    /// The number, whichever kind it is; rounded where 53 bits do not hold it.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "said in the doc comment")]
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    pub(crate) fn of(value: Option<&proto::Value>) -> Result<Self> {
        match value.and_then(|value| value.value_type.as_ref()) {
            Some(ValueType::IntegerValue(number)) => Ok(Self::Integer(*number)),
            Some(ValueType::DoubleValue(number)) => Ok(Self::Float(*number)),
            _ => Err(Error::internal(
                "the document database answered a sum with no number",
            )),
        }
    }
}
