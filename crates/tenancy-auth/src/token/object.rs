//! JSON objects into our own types.

use std::{fmt, marker::PhantomData};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::Refusal;

/// A `T` that stood as a JSON object. A derived struct alone also reads an array, by position.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// Whether a member is there, whatever it is.
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Reads a segment: base64url, UTF-8, one JSON object without duplicates of the members that `T` knows.
///
/// The refusal names the member at fault when it is one of `members`; serde's own words would repeat the token's.
pub(crate) fn read<T: DeserializeOwned>(
    segment: &str,
    part: &'static str,
    members: &[&'static str],
) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD
        .decode(segment)
        .map_err(|_| Refusal::Encoding(part))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Refusal::Text(part))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let object: Result<Object<T>, _> = serde_path_to_error::deserialize(&mut json);
    let Object(value) = object.map_err(|error| {
        let path = error.path().to_string();
        let known = members.iter().find(|member| ***member == *path);
        known.map_or(Refusal::Shape(part), |member| Refusal::Member {
            part,
            member,
            problem: "has the wrong shape",
        })
    })?;
    json.end().map_err(|_| Refusal::Shape(part))?;
    Ok(value)
}
