//! Identifiers: UUIDs (RFC 9562), parsed once.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {rule}")]
pub struct ParseIdError {
    what: &'static str,
    rule: &'static str,
}

const HYPHENATED: &str = "a UUID in its lower-case hyphenated form";
const VERSION_7: &str = "a UUID of version 7 in its lower-case hyphenated form";

/// One spelling an id: a second spelling of the same id would be a second object key, cache key or log value.
fn parse(what: &'static str, text: &str) -> Result<Uuid, ParseIdError> {
    let id = Uuid::try_parse(text).map_err(|_| ParseIdError {
        what,
        rule: HYPHENATED,
    })?;
    let mut buffer = Uuid::encode_buffer();
    let canonical: &str = id.hyphenated().encode_lower(&mut buffer);
    if canonical == text {
        Ok(id)
    } else {
        Err(ParseIdError {
            what,
            rule: HYPHENATED,
        })
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: a UUID of version 7, so that ids made later sort later.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The UUID.
            #[must_use]
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Self::try_from(parse($what, text)?)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

id! {
    /// Identifies a tenant: a UUID of version 7, never reused.
    ///
    /// Its text form is the lower-case hyphenated one and no other.
    TenantId, "a tenant id"
}
id! {
    /// Identifies a user: a UUID.
    UserId, "a user id"
}
id! {
    /// Identifies one request in logs, spans and responses: a UUID.
    RequestId, "a request id"
}

impl TryFrom<Uuid> for TenantId {
    type Error = ParseIdError;

    fn try_from(id: Uuid) -> Result<Self, ParseIdError> {
        let rfc = id.get_variant() == uuid::Variant::RFC4122;
        if rfc && id.get_version_num() == 7 {
            Ok(Self(id))
        } else {
            Err(ParseIdError {
                what: "a tenant id",
                rule: VERSION_7,
            })
        }
    }
}

macro_rules! any_uuid {
    ($($name:ident $what:literal),*) => {$(
        impl TryFrom<Uuid> for $name {
            type Error = ParseIdError;

            fn try_from(id: Uuid) -> Result<Self, ParseIdError> {
                if id.is_nil() { Err(ParseIdError { what: $what, rule: "a UUID other than nil" }) } else { Ok(Self(id)) }
            }
        }
    )*};
}
any_uuid!(UserId "a user id", RequestId "a request id");

#[cfg(feature = "postgres")]
mod sql {
    use sqlx::{
        Decode, Encode, Postgres, Type,
        encode::IsNull,
        error::BoxDynError,
        postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef},
    };
    use uuid::Uuid;

    use super::{TenantId, UserId};

    macro_rules! sql_uuid {
        ($($name:ident),*) => {$(
            impl Type<Postgres> for $name {
                fn type_info() -> PgTypeInfo {
                    <Uuid as Type<Postgres>>::type_info()
                }
            }

            impl PgHasArrayType for $name {
                fn array_type_info() -> PgTypeInfo {
                    <Uuid as PgHasArrayType>::array_type_info()
                }
            }

            impl<'q> Encode<'q, Postgres> for $name {
                fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                    <Uuid as Encode<'q, Postgres>>::encode_by_ref(&self.0, buffer)
                }
            }

            impl<'r> Decode<'r, Postgres> for $name {
                fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                    Ok(Self::try_from(<Uuid as Decode<'r, Postgres>>::decode(value)?)?)
                }
            }
        )*};
    }
    sql_uuid!(TenantId, UserId);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, legal: bool) {
        assert_eq!(text.parse::<TenantId>().is_ok(), legal, "{text}");
    }

    #[test]
    fn a_tenant_id_is_a_version_7_uuid_in_one_spelling() {
        let id = TenantId::new();
        check(&id.to_string(), true);
        check(&id.to_string().to_uppercase(), false);
        check(&id.as_uuid().simple().to_string(), false);
        check(&format!("{{{id}}}"), false);
        check(&format!("urn:uuid:{id}"), false);
        check("", false);
        check("00000000-0000-0000-0000-000000000000", false);
        check("c56a4180-65aa-42ec-a945-5fd21dec0538", false);
        check(&format!("{id} "), false);
    }

    #[test]
    fn serde_refuses_what_parse_refuses() {
        assert!(serde_json::from_str::<TenantId>("\"c56a4180-65aa-42ec-a945-5fd21dec0538\"").is_err());
        let id = TenantId::new();
        assert_eq!(
            serde_json::from_str::<TenantId>(&serde_json::to_string(&id).unwrap()).unwrap(),
            id
        );
    }
}
