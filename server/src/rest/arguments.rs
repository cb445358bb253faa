//! Reading arguments from paths, queries and bodies.

use std::sync::Arc;

use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, RawPathParams, Request};
use axum::http::{HeaderMap, StatusCode, header};
use kernel::{Error, Result};
use serde_json::{Map, Value};
use toolkit::{ToolSpec, coerce};

use crate::App;
use crate::problem::Failure;

/// A JSON body. No body at all is an empty object; anything wrong says where.
pub struct JsonBody(pub Value);

impl FromRequest<Arc<App>> for JsonBody {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let json = is_json(request.headers());
        let bytes = axum::body::Bytes::from_request(request, app)
            .await
            .map_err(|it| unreadable(&it, app.config.body_limit))?;
        if bytes.is_empty() {
            return Ok(Self(Value::Object(Map::new())));
        }
        if !json {
            let text = "send `Content-Type: application/json`";
            return Err(Failure::Http(StatusCode::UNSUPPORTED_MEDIA_TYPE, text.into()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(Error::invalid("body", format!("is not JSON: {error}")).into()),
        }
    }
}

/// Whether the body is declared to be JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
}

fn unreadable(rejection: &BytesRejection, limit: usize) -> Error {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Error::TooLarge(format!("the body is larger than {limit} bytes: send less at a time"))
        }
        _ => Error::invalid("body", "broke off: send it again"),
    }
}

/// The arguments in a path and a query, read as the tool's schema has them. A name that stands
/// twice in the query is a list.
pub(super) fn from_text(
    spec: &ToolSpec,
    path: &RawPathParams,
    query: Vec<(String, String)>,
) -> Value {
    let mut given: Map<String, Value> = Map::new();
    for (name, value) in query {
        match given.get_mut(&name) {
            Some(Value::String(before)) => {
                before.push(',');
                before.push_str(&value);
            }
            _ => {
                given.insert(name, Value::String(value));
            }
        }
    }
    given.extend(path.iter().map(|(name, value)| (name.to_owned(), Value::from(value))));
    Value::Object(coerce(&spec.input_schema, given))
}

/// A body's arguments with those of the path added, which say what is addressed.
pub(super) fn with_path(spec: &ToolSpec, path: &RawPathParams, body: Value) -> Result<Value> {
    let Value::Object(mut given) = body else {
        return Err(Error::invalid("body", "must be a JSON object of arguments"));
    };
    let named = path.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    given.extend(coerce(&spec.input_schema, named.collect()));
    Ok(Value::Object(given))
}
