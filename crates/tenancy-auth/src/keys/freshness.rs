//! For how long an answer of the key server holds (RFC 9111 section 4.2).

use std::time::Duration;

use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};

/// `max-age` less `Age`; nothing when the server does not say, or says that the answer is not to be kept.
pub(super) fn lifetime(headers: &HeaderMap) -> Duration {
    let mut max_age = None;
    for value in headers.get_all(CACHE_CONTROL) {
        for directive in value.to_str().unwrap_or_default().split(',') {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => return Duration::ZERO,
                "max-age" => max_age = max_age.or_else(|| seconds(argument)),
                _ => {}
            }
        }
    }
    let age = headers.get(AGE).and_then(|value| seconds(value.to_str().ok()?));
    let fresh = max_age
        .unwrap_or_default()
        .saturating_sub(age.unwrap_or_default());
    Duration::from_secs(fresh)
}

fn seconds(text: &str) -> Option<u64> {
    text.trim().trim_matches('"').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cache_control: &[&str], age: Option<&str>, expect: u64) {
        let mut headers = HeaderMap::new();
        for value in cache_control {
            headers.append(CACHE_CONTROL, value.parse().unwrap());
        }
        if let Some(age) = age {
            headers.insert(AGE, age.parse().unwrap());
        }
        assert_eq!(lifetime(&headers).as_secs(), expect, "{cache_control:?} {age:?}");
    }

    #[test]
    fn max_age_counts_from_when_the_origin_made_the_answer() {
        check(
            &["public, max-age=19845, must-revalidate, no-transform"],
            None,
            19_845,
        );
        check(&["public, Max-Age=19845"], Some("845"), 19_000);
        check(&["public", "max-age=\"60\""], None, 60);
        check(&["max-age=60"], Some("61"), 0);
        check(&["max-age=60"], Some("-1"), 60);
        check(&["max-age=60, max-age=9999"], None, 60);
    }

    #[test]
    fn an_answer_without_a_usable_max_age_is_not_fresh() {
        check(&[], None, 0);
        check(&["max-age"], None, 0);
        check(&["max-age=-1"], None, 0);
        check(&["max-age=1e9"], None, 0);
        check(&["max-age=99999999999999999999999"], None, 0);
        check(&["s-maxage=60"], None, 0);
        check(&["max-age=60, no-store"], None, 0);
        check(&["no-cache, max-age=60"], None, 0);
    }
}
