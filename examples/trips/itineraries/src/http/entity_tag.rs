//! Entity tags (RFC 9110 section 8.8.3).

use std::fmt;

use axum::http::HeaderValue;

/// A strong entity tag: two representations with the same tag are the same byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// The tag of what this identifies: a version, or the id of content that never changes.
    pub(crate) fn of(state: impl fmt::Display) -> Self {
        Self(state.to_string())
    }

    /// The value of `ETag`.
    pub(crate) fn header(&self) -> HeaderValue {
        // versions and ids are legal in a header; what is not would match nothing
        HeaderValue::from_str(&format!("\"{}\"", self.0)).unwrap_or(HeaderValue::from_static("\"\""))
    }
}

/// The tags of a condition: `*`, or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    Any,
    These(Vec<Tag>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    weak: bool,
    opaque: String,
}

impl Tags {
    /// Parses the values of one header; `None` when one of them is no list of entity tags.
    pub(super) fn parse<'h>(values: impl Iterator<Item = &'h HeaderValue>) -> Option<Self> {
        let texts: Vec<&str> = values.map(|value| value.to_str().ok()).collect::<Option<_>>()?;
        let text = texts.join(",");
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text.as_str());
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return (!tags.is_empty()).then_some(Self::These(tags));
            }
            let (tag, after) = Tag::parse(rest)?;
            tags.push(tag);
            rest = after.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        }
    }

    /// The comparison of `If-Match`: a weak tag matches nothing.
    pub(super) fn strong(&self, current: &EntityTag) -> bool {
        self.any(|tag| !tag.weak && tag.opaque == current.0)
    }

    /// The comparison of `If-None-Match`.
    pub(super) fn weak(&self, current: &EntityTag) -> bool {
        self.any(|tag| tag.opaque == current.0)
    }

    fn any(&self, matches: impl Fn(&Tag) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(matches),
        }
    }
}

impl Tag {
    /// One tag at the start of `text`, and what follows it.
    fn parse(text: &str) -> Option<(Self, &str)> {
        let (weak, quoted) = match text.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
        let legal = opaque.bytes().all(|b| b == b'!' || (b'#'..=b'~').contains(&b));
        let tag = Self {
            weak,
            opaque: opaque.to_owned(),
        };
        legal.then_some((tag, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How the condition compares with the tag `"7"`: strongly, weakly; `None` when it is malformed.
    fn check(values: &[&str], expect: Option<(bool, bool)>) {
        let values: Vec<HeaderValue> = values.iter().map(|v| HeaderValue::from_str(v).unwrap()).collect();
        let current = EntityTag::of(7);
        let tags = Tags::parse(values.iter());
        assert_eq!(
            tags.map(|t| (t.strong(&current), t.weak(&current))),
            expect,
            "{values:?}"
        );
    }

    #[test]
    fn conditions_compare_as_the_standard_says() {
        check(&["\"7\""], Some((true, true)));
        check(&["W/\"7\""], Some((false, true)));
        check(&["\"6\""], Some((false, false)));
        check(&["*"], Some((true, true)));
        check(&["\"6\" , ,W/\"a,b\",\"7\""], Some((true, true)));
        check(&["\"6\"", "\"7\""], Some((true, true)));
        check(&["\"\""], Some((false, false)));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for text in [
            "7",
            "\"7",
            "w/\"7\"",
            "\"7\"\"7\"",
            "",
            ",",
            "\"7\", *",
            "\"a b\"",
            "W/7",
        ] {
            check(&[text], None);
        }
    }

    #[test]
    fn a_tag_is_quoted() {
        assert_eq!(EntityTag::of(12).header(), "\"12\"");
    }
}
