//! The copilot door: `POST /copilot` in four shapes, streams that can be resumed, confirmations,
//! feedback, receipts.

mod decide;
mod feedback;
mod frames;
mod history;
mod receipts;
mod reply;
mod runs;
mod shapes;
mod start;
mod stream;

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kernel::{Door, Error, RequestContext};
use orchestrator::Turn;
use serde_json::{Value, json};

use crate::problem::Failure;
use crate::{App, Caller};
use shapes::{Ask, Dialect, Request};

pub use receipts::receipt;
pub use reply::json as reply_json;
pub use runs::Runs;
pub use stream::recorded;

/// The routes of this door.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/copilot", post(copilot))
        .route("/api/v1/copilot", post(copilot))
        .route("/copilot/info", get(info))
        .route("/copilot/confirm", post(decide::confirm))
        .route("/copilot/held/{id}", get(decide::show))
        .route("/copilot/feedback", post(feedback::give))
        .route("/copilot/runs", get(history::list))
        .route("/copilot/runs/{id}", get(history::show))
        .route("/copilot/runs/{id}/replay", get(receipts::replay))
        .route("/copilot/runs/{id}/events", get(stream::follow))
        .route("/copilot/runs/{id}/cancel", post(stream::cancel))
        .route("/receipts/{id}", get(receipts::show))
}

async fn copilot(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(body) = body.map_err(unreadable)?;
    let request = caller.context(Door::Copilot);
    match shapes::read(&body)? {
        Request::Info => Ok(Json(capabilities(&app)).into_response()),
        Request::Stop { run_id } => Ok(stream::stop(&app, &request, &run_id).await?),
        Request::Run(ask) => {
            let streams = wants_stream(&headers, ask.dialect);
            let begun = start::begin(&app, request, *ask).await?;
            match streams {
                true => Ok(stream::of_run(begun, 0)),
                false => {
                    let _reader = begun.run.reader();
                    Ok(Json(reply::json(&begun.run.finished().await)).into_response())
                }
            }
        }
    }
}

/// Ask in words without HTTP: the same turn, run to its end.
///
/// # Errors
/// As `POST /copilot`.
pub async fn ask(
    app: &Arc<App>,
    request: RequestContext,
    asked: (String, Option<String>),
) -> kernel::Result<Turn> {
    ask_in(app, request, None, asked).await
}

/// The same, in a conversation.
///
/// # Errors
/// As `POST /copilot`.
pub async fn ask_in(
    app: &Arc<App>,
    request: RequestContext,
    thread_id: Option<&str>,
    (message, workspace): (String, Option<String>),
) -> kernel::Result<Turn> {
    let ask = Ask {
        dialect: Dialect::Plain,
        thread_id: thread_id.map(str::to_owned),
        run_id: None,
        workspace,
        message,
        intent: None,
        page: json!({}),
        decisions: Vec::new(),
        language: None,
    };
    let begun = start::begin(app, request, ask.checked()?).await?;
    let _reader = begun.run.reader();
    Ok(begun.run.finished().await)
}

fn wants_stream(headers: &HeaderMap, dialect: Dialect) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or("*/*");
    if accept.contains("text/event-stream") {
        return true;
    }
    dialect == Dialect::AgUi && !accept.contains("application/json")
}

/// A body that is no JSON, with the place of the fault.
fn unreadable(rejection: JsonRejection) -> Failure {
    match rejection {
        JsonRejection::JsonSyntaxError(error) => {
            let text =
                std::error::Error::source(&error).map_or_else(String::new, |it| it.to_string());
            Error::invalid("body", format!("is not JSON: {text}")).into()
        }
        JsonRejection::MissingJsonContentType(_) => Failure::Http(
            axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send JSON with `Content-Type: application/json`".into(),
        ),
        other => Failure::Http(other.status(), other.body_text()),
    }
}

async fn info(State(app): State<Arc<App>>, _: Caller) -> Json<Value> {
    Json(capabilities(&app))
}

/// What CopilotKit's runtime and our own widget ask before they begin.
fn capabilities(app: &App) -> Value {
    let workspaces: Vec<Value> = app
        .executor
        .registry()
        .workspaces()
        .iter()
        .map(|it| json!({ "id": it.id, "title": it.title, "description": it.description }))
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "protocol": "ag-ui/1.0",
        "mode": "sse",
        "telemetryDisabled": true,
        "audioFileTranscriptionEnabled": false,
        "agents": { "default": { "name": "default", "description": "Quartermaster" } },
        "workspaces": workspaces,
        "resumable": true,
    })
}
