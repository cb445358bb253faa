//! Thumbs and comments on an answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use kernel::{Door, Error};
use serde::Deserialize;
use telemetry::{Feedback, Score};

use super::{stream, unreadable};
use crate::problem::Failure;
use crate::{App, Caller};

/// What `POST /copilot/feedback` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    #[serde(alias = "runId")]
    run_id: String,
    /// 1, 0 or -1.
    score: i8,
    #[serde(default)]
    comment: Option<String>,
}

const LONGEST_COMMENT: usize = 4_000;

/// Keep a verdict; it is in the durable log when this answers.
pub(super) async fn give(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<StatusCode, Failure> {
    let Json(body) = body.map_err(unreadable)?;
    let score = match body.score {
        -1 => Score::Down,
        0 => Score::Neutral,
        1 => Score::Up,
        _ => return Err(Error::invalid("score", "must be 1, 0 or -1").into()),
    };
    if body.comment.as_ref().is_some_and(|it| it.chars().count() > LONGEST_COMMENT) {
        let reason = format!("is longer than {LONGEST_COMMENT} characters: shorten it");
        return Err(Error::invalid("comment", reason).into());
    }
    let request = caller.context(Door::Copilot);
    if app.runs.find(&request, &body.run_id).is_none() {
        stream::recorded(&app, &request, &body.run_id).await?;
    }
    app.recorder.feedback(&Feedback {
        tenant: caller.principal.tenant.clone(),
        run_id: body.run_id,
        user: caller.principal.user.clone(),
        score,
        comment: body.comment,
        at: caller.now,
    })?;
    Ok(StatusCode::NO_CONTENT)
}
