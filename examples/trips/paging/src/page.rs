//! Pages of a list, by key (not by offset, so nothing is skipped or doubled when rows come and go).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which part of a list: `?limit=…&cursor=…`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Window {
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    cursor: Cursor,
}

/// How many items a page has at most: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
struct Limit(u16);

/// Where a page starts: after the item with this id, the newest first. Opaque to clients: the digit in front is the
/// format's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Cursor(Uuid);

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    items: Vec<T>,
    /// The path of the next page, when there is one.
    next: Option<String>,
}

const VERSION: char = '1';

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

impl TryFrom<u16> for Limit {
    type Error = &'static str;

    fn try_from(limit: u16) -> Result<Self, Self::Error> {
        if (1..=100).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err("1 to 100")
        }
    }
}

impl Default for Cursor {
    fn default() -> Self {
        Self(Uuid::max())
    }
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let id = text.strip_prefix(VERSION).filter(|id| id.len() == 32);
        id.and_then(|id| Uuid::try_parse(id).ok())
            .map(Self)
            .ok_or("not a cursor of this list; follow `next`")
    }
}

impl Window {
    /// The ids of the page are below this one.
    pub fn below(&self) -> Uuid {
        self.cursor.0
    }

    /// How many rows to ask for: one more than the page has shows whether another page follows.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit.0) + 1
    }

    /// The page made of the rows that were asked for.
    pub fn page<T>(&self, path: &str, mut rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let limit = usize::from(self.limit.0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| {
            format!(
                "{path}?limit={}&cursor={VERSION}{}",
                self.limit.0,
                id(row).simple()
            )
        });
        Page { items: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use tenancy::Query;

    use super::*;

    async fn window(query: &str) -> Result<Window, serde_json::Value> {
        use axum::extract::FromRequestParts;
        let request = axum::http::Request::builder()
            .uri(format!("/list?{query}"))
            .body(())
            .unwrap();
        let window = Query::<Window>::from_request_parts(&mut request.into_parts().0, &()).await;
        window
            .map(|Query(window)| window)
            .map_err(|error| serde_json::to_value(error.problem()).unwrap())
    }

    #[tokio::test]
    async fn a_window_is_parsed_once_and_problems_name_the_parameter() {
        let check = |query: String, field: &'static str| async move {
            let problem = window(&query).await.unwrap_err();
            assert_eq!(
                (&problem["status"], &problem["errors"][0]["field"]),
                (&400.into(), &field.into()),
                "{query}: {problem}"
            );
        };
        for limit in ["0", "101", "-1", "70000", "many", ""] {
            check(format!("limit={limit}"), "limit").await;
        }
        let id = Uuid::now_v7();
        for cursor in [
            String::new(),
            "x".into(),
            id.to_string(),
            format!("1{id}"),
            format!("2{}", id.simple()),
        ] {
            check(format!("cursor={cursor}"), "cursor").await;
        }
        assert_eq!(window("").await.unwrap().rows(), 21);
        assert_eq!(window("limit=100").await.unwrap().rows(), 101);
    }

    #[tokio::test]
    async fn following_next_walks_the_list_once() {
        let mut stored: Vec<Uuid> = (0..7).map(|_| Uuid::now_v7()).collect();
        stored.sort_by(|a, b| b.cmp(a));
        let (mut seen, mut query) = (Vec::new(), "limit=3".to_owned());
        for expected in [3, 3, 1] {
            let window = window(&query).await.unwrap();
            let rows = usize::try_from(window.rows()).unwrap();
            let rows = stored
                .iter()
                .copied()
                .filter(|id| *id < window.below())
                .take(rows)
                .collect();
            let page = window.page("/list", rows, |id| *id);
            assert_eq!(page.items.len(), expected);
            seen.extend(page.items);
            query = page
                .next
                .map(|next| next.split_once('?').unwrap().1.to_owned())
                .unwrap_or_default();
        }
        assert_eq!((seen, query.as_str()), (stored, ""));
    }

    #[tokio::test]
    async fn a_full_last_page_has_no_next() {
        let rows = vec![Uuid::now_v7(), Uuid::now_v7()];
        let page = window("limit=2").await.unwrap().page("/list", rows, |id| *id);
        assert_eq!((page.items.len(), page.next), (2, None));
    }
}
