//! JSON bodies.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, FieldError, Result};

/// A JSON body: axum's `Json`, with problems that name the field.
///
/// 415 for another media type, 413 for a body beyond the route's limit (2 MiB, unless the route has a layer of axum's
/// `DefaultBodyLimit`; which of them it was is not known here), 400 for what is no JSON, 422 for JSON of
/// another shape, with the path of the field.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if !is_json(request.headers()) {
            return Err(Error::unsupported_media_type("application/json"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Error::too_large(None)
            } else {
                Error::malformed("the body can't be read", Vec::new())
            }
        })?;
        parse(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let problem = error.inner().to_string();
        let field = FieldError::new(field(error.path(), &problem), problem);
        if error.inner().is_data() {
            Error::invalid(vec![field])
        } else {
            Error::malformed("the body is no JSON", vec![field])
        }
    })?;
    json.end()
        .map_err(|_| Error::malformed("the body is no JSON: something follows it", Vec::new()))?;
    Ok(value)
}

/// The field that is missing, else the innermost one that has a name: a text that ends before one has none there.
fn field(path: &serde_path_to_error::Path, problem: &str) -> String {
    let path = path.to_string();
    let named = path.trim_end_matches('?').trim_end_matches('.');
    let missing = problem
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'));
    match (named, missing) {
        ("", None) => ".".to_owned(),
        ("", Some((name, _))) => name.to_owned(),
        (parent, Some((name, _))) => format!("{parent}.{name}"),
        (named, None) => named.to_owned(),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => Error::internal("the answer can't be written as JSON")
                .with_source(error)
                .into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Stop {
        title: String,
        days: u8,
    }

    fn check(body: &str, status: u16, field: Option<&str>) {
        let error = parse::<Vec<Stop>>(body.as_bytes()).unwrap_err();
        let json = serde_json::to_value(error.problem()).unwrap();
        assert_eq!(json["status"], status, "{body}");
        assert_eq!(json["errors"][0]["field"].as_str(), field, "{body}");
    }

    #[test]
    fn problems_name_the_field() {
        check(
            r#"[{"title":"a","days":1},{"title":"b","days":"x"}]"#,
            422,
            Some("[1].days"),
        );
        check(r#"[{"title":7,"days":1}]"#, 422, Some("[0].title"));
        check(r#"[{"title":"#, 400, Some("[0].title"));
        check(r#"[{"#, 400, Some("[0]"));
        check(r#"[{"title":"a"}]"#, 422, Some("[0].days"));
        check("{", 422, Some("."));
        check("[] trailing", 400, None);
        check("", 400, Some("."));
    }
}
