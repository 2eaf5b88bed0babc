//! Values as the graph has them.

use neo4rs::{BoltList, BoltMap, BoltNull, BoltType};
use serde::Serialize;
use serde_json::Value;

/// Any value that serializes, as JSON has it: times are texts, a NaN is null.
pub(super) fn bolt(value: impl Serialize) -> Result<BoltType, String> {
    // what serde says of a value can hold the value
    let value = serde_json::to_value(value).map_err(|_| "it has no form in JSON".to_owned())?;
    converted(value)
}

fn converted(value: Value) -> Result<BoltType, String> {
    Ok(match value {
        Value::Null => BoltType::Null(BoltNull),
        Value::Bool(value) => value.into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) if !number.is_u64() => float.into(),
            _ => return Err("a number is above 2^63 - 1".to_owned()),
        },
        Value::String(text) => text.into(),
        Value::Array(items) => {
            let value = items.into_iter().map(converted).collect::<Result<_, _>>()?;
            BoltType::List(BoltList { value })
        }
        Value::Object(fields) => {
            let mut map = BoltMap::with_capacity(fields.len());
            for (key, value) in fields {
                map.put(key.into(), converted(value)?);
            }
            BoltType::Map(map)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_value_or_are_refused() {
        assert_eq!(bolt(i64::MAX), Ok(i64::MAX.into()));
        assert_eq!(bolt(-1.5), Ok((-1.5).into()));
        assert_eq!(bolt(1.0), Ok(1.0.into()));
        assert!(bolt(u64::MAX).is_err());
        assert_eq!(bolt(Option::<u8>::None), Ok(BoltType::Null(BoltNull)));
    }
}
