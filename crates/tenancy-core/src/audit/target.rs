//! What is acted on.

use std::{
    fmt::{self, Display, Write},
    sync::Arc,
};

/// The longest id that is recorded, in bytes.
const LONGEST: usize = 64;

/// What is acted on, as the application names it: `itinerary/0199…`. Ids only: a name or an address of a person is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    kind: &'static str,
    id: Arc<str>,
}

impl Target {
    /// Names a thing by its kind and id. An id is 1 to 64 characters of a-z, A-Z, 0-9, `-` and `_`, as UUIDs are; what is
    /// none is recorded as `?`.
    #[must_use]
    pub fn new(kind: &'static str, id: impl Display) -> Self {
        let mut text = Id(String::new());
        let id = match write!(text, "{id}") {
            Ok(()) if !text.0.is_empty() => text.0.into(),
            _ => "?".into(),
        };
        Self { kind, id }
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

/// Takes an id's characters and no others, and not too many.
struct Id(String);

impl Write for Id {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if self.0.len() + part.len() > LONGEST || !part.bytes().all(legal) {
            return Err(fmt::Error);
        }
        self.0.push_str(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserId;

    #[test]
    fn a_target_is_an_id_and_nothing_that_a_tenant_wrote() {
        let user = UserId::new();
        assert_eq!(Target::new("user", user).to_string(), format!("user/{user}"));
        assert_eq!(Target::new("page", 7).to_string(), "page/7");
        for bad in ["", "ada@acme.example", "a b", "ä", "\n", &"x".repeat(65)] {
            assert_eq!(Target::new("user", bad).to_string(), "user/?", "{bad}");
        }
    }
}
