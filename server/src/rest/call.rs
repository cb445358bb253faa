//! Calling a tool.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, RawPathParams, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Door, Error, Result};
use serde_json::{Value, json};
use toolkit::{HeldCall, Outcome, ToolCall, ToolSpec};

use super::arguments::{JsonBody, from_text, with_path};
use crate::problem::Failure;
use crate::{App, Caller};

/// Where a person or a program decides about a held write.
pub const CONFIRM: &str = "/copilot/confirm";

pub(super) async fn by_name(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    JsonBody(arguments): JsonBody,
) -> Result<Response, Failure> {
    answer(&app, &caller, &name, arguments).await
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    name: &'static str,
    (path, Query(query)): (RawPathParams, Query<Vec<(String, String)>>),
) -> Result<Response, Failure> {
    let arguments = from_text(spec(&app, name)?, &path, query);
    answer(&app, &caller, name, arguments).await
}

pub(super) async fn post(
    State(app): State<Arc<App>>,
    caller: Caller,
    name: &'static str,
    (path, JsonBody(body)): (RawPathParams, JsonBody),
) -> Result<Response, Failure> {
    let arguments = with_path(spec(&app, name)?, &path, body)?;
    answer(&app, &caller, name, arguments).await
}

fn spec<'a>(app: &'a App, name: &'static str) -> Result<&'a ToolSpec> {
    let spec = app.executor.registry().spec(name);
    spec.ok_or_else(|| Error::not_found("tool", name))
}

async fn answer(
    app: &App,
    caller: &Caller,
    name: &str,
    arguments: Value,
) -> Result<Response, Failure> {
    let call = ToolCall { id: "c1".into(), name: name.to_owned(), arguments };
    let outcome = app.executor.call(&caller.context(Door::Rest), &call).await?;
    Ok(match outcome {
        Outcome::Done { output, receipt_id } => {
            with_receipt(Json(output).into_response(), &receipt_id)
        }
        Outcome::Held { held, receipt_id } => {
            let body = Json(to_confirm(app, &held));
            let mut response = (StatusCode::ACCEPTED, body).into_response();
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(CONFIRM));
            with_receipt(response, &receipt_id)
        }
    })
}

fn with_receipt(mut response: Response, receipt_id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(receipt_id) {
        response.headers_mut().insert(super::RECEIPT_ID.clone(), value);
    }
    response
}

/// A held write, and how to confirm it.
pub fn to_confirm(app: &App, held: &HeldCall) -> Value {
    json!({
        "status": "held",
        "held": held,
        "confirm": {
            "method": "POST",
            "href": format!("{}{CONFIRM}", app.config.base_url()),
            "body": { "held_id": held.id, "decision": "confirm" },
        },
    })
}
