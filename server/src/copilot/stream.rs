//! Runs as server-sent events: numbered frames that can be followed from any number on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use kernel::{Door, Error, RequestContext};
use orchestrator::TurnEvent;
use serde::Deserialize;
use store::Access;
use telemetry::turns;

use super::frames::Frames;
use super::runs::Run;
use super::start::Begun;
use crate::problem::Failure;
use crate::{App, Caller};

/// The stream of a run that this request began.
pub(super) fn of_run(begun: Begun, after: u64) -> Response {
    let Begun { run_id, run } = begun;
    respond(&run_id, live(run, after))
}

#[derive(Deserialize)]
pub(super) struct From {
    after: Option<u64>,
}

/// `GET /copilot/runs/{id}/events?after=N`: replay what came after frame N, then follow.
pub(super) async fn follow(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run_id): Path<String>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let request = caller.context(Door::Copilot);
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok()?.parse().ok());
    let after = from.after.or(last).unwrap_or(0);
    if let Some(run) = app.runs.find(&request, &run_id) {
        return Ok(respond(&run_id, live(run, after)));
    }
    let events = recorded(&app, &request, &run_id).await?;
    Ok(respond(&run_id, past(&events, after)))
}

/// The events of a run of this person's, from the record.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or it is another person's.
pub async fn recorded(
    app: &App,
    request: &RequestContext,
    run_id: &str,
) -> kernel::Result<Vec<TurnEvent>> {
    let tenant = &request.principal.tenant;
    let mut tx = app.store.begin(tenant, Access::Read).await?;
    let events = turns::load_turn(&app.recorder, &mut tx, (tenant, run_id), None).await?;
    let theirs = events.iter().any(|it| match &it.event {
        TurnEvent::Started(start) => start.user == request.principal.user,
        _ => false,
    });
    match theirs {
        true => Ok(events.into_iter().map(|it| it.event).collect()),
        false => Err(Error::not_found("run", run_id)),
    }
}

fn live(run: Arc<Run>, after: u64) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    async_stream::stream! {
        let _reader = run.reader();
        let (mut frames, mut seen, mut number) = (Frames::default(), 0, 0);
        loop {
            let events = run.next(seen).await;
            if events.is_empty() {
                return;
            }
            seen += events.len();
            for frame in events.iter().flat_map(|it| frames.render(it)) {
                number += 1;
                if number > after {
                    yield Ok(Event::default().id(number.to_string()).data(frame.to_string()));
                }
            }
        }
    }
}

fn past(
    events: &[TurnEvent],
    after: u64,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + use<> {
    let mut frames = Frames::default();
    let all: Vec<_> = events.iter().flat_map(|it| frames.render(it)).collect();
    let numbered = (1_u64..).zip(all).filter(move |(number, _)| *number > after);
    futures::stream::iter(
        numbered.map(|(number, frame)| {
            Ok(Event::default().id(number.to_string()).data(frame.to_string()))
        }),
    )
}

fn respond(
    run_id: &str,
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
) -> Response {
    let opened = futures::stream::iter([Ok(Event::default().comment("stream-open"))]);
    let body = futures::StreamExt::chain(opened, events);
    let alive = KeepAlive::new().interval(Duration::from_secs(10)).text("keep-alive");
    let mut response = Sse::new(body).keep_alive(alive).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    if let Ok(value) = HeaderValue::from_str(run_id) {
        headers.insert("x-qm-run-id", value);
    }
    response
}

/// `POST /copilot/runs/{id}/cancel`: stop at the next step; stopping twice is the same.
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run_id): Path<String>,
) -> Result<Response, Failure> {
    Ok(stop(&app, &caller.context(Door::Copilot), &run_id).await?)
}

pub(super) async fn stop(
    app: &App,
    request: &RequestContext,
    run_id: &str,
) -> kernel::Result<Response> {
    match app.runs.find(request, run_id) {
        Some(run) => run.cancel(),
        None => drop(recorded(app, request, run_id).await?),
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
