//! One HTTP server over all doors: what every request passes on its way in and out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use kernel::{Error, TenantId};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;

use crate::auth::guard;
use crate::problem::{Failure, rendered};
use crate::{App, clock, copilot, health, mcp, openapi, rest};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's name and instant, given before anything else happens.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// Names the request: the caller's `X-Request-Id` if it is usable, or a new one.
    pub request_id: String,
    /// When it came in.
    pub now: DateTime<Utc>,
}

impl Stamp {
    /// Stamp a request.
    pub fn new(given: Option<&str>, now: DateTime<Utc>) -> Self {
        let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.');
        let usable = given.filter(|it| (1..=64).contains(&it.len()) && it.bytes().all(plain));
        let request_id = match usable {
            Some(given) => given.to_owned(),
            None => uuid::Uuid::now_v7().simple().to_string(),
        };
        Self { request_id, now }
    }
}

/// Every door of the server.
pub fn router(app: &Arc<App>) -> Router {
    let timed = Router::new()
        .merge(rest::router(app.executor.registry()))
        .layer(from_fn_with_state(app.clone(), in_time));
    let guarded = Router::new()
        .nest("/api", timed.merge(rest::import_router()))
        .merge(copilot::router())
        .route("/metrics", get(health::metrics))
        .layer(DefaultBodyLimit::max(app.config.body_limit))
        .with_state(app.clone())
        .merge(mcp::router(app))
        .layer(from_fn_with_state(app.clone(), guard));
    Router::new()
        .merge(health::router())
        .merge(openapi::router())
        .with_state(app.clone())
        .merge(guarded)
        .layer(CompressionLayer::new())
        .layer(cors(app))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn std::any::Any + Send>| {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            Failure::from(Error::internal(said.unwrap_or("a panic without words"))).into_response()
        }))
        .layer(from_fn(stamp))
}

/// Pages of the configured origins may read our answers.
fn cors(app: &App) -> CorsLayer {
    let origins: Vec<HeaderValue> =
        app.config.origins.iter().filter_map(|it| it.trim_end_matches('/').parse().ok()).collect();
    if origins.is_empty() {
        return CorsLayer::new();
    }
    let named = ["x-api-key", "x-request-id", "last-event-id", "mcp-protocol-version"];
    let mcp = ["mcp-method", "mcp-name", "mcp-session-id"];
    let ours = named.iter().chain(&mcp).map(|it| HeaderName::from_static(it));
    let standard = [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(standard.into_iter().chain(ours).collect::<Vec<_>>())
        .expose_headers([
            REQUEST_ID.clone(),
            rest::RECEIPT_ID.clone(),
            HeaderName::from_static("mcp-session-id"),
            header::WWW_AUTHENTICATE,
        ])
}

/// Name the request, render what failed, log and count what happened. Logs hold no personal data:
/// the tenant, the route's pattern, never the path, the query or the body.
async fn stamp(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let given = request.headers().get(&REQUEST_ID).and_then(|it| it.to_str().ok());
    let stamp = Stamp::new(given, clock::now());
    let request_id = stamp.request_id.clone();
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|it| it.as_str().to_owned());
    let route = route.unwrap_or_else(|| "(none)".into());
    request.extensions_mut().insert(stamp);
    let span = tracing::info_span!("request", request_id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let tenant = response.extensions_mut().remove::<TenantId>();
    let mut response = rendered(response, &request_id);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    telemetry::metrics::http_request(method, &route, status, took);
    span.in_scope(|| {
        let tenant = tenant.as_ref().map(TenantId::as_str);
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(tenant, method, route, status, took_us, "served");
    });
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A method as a metric's label: a caller cannot invent new ones.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

async fn in_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let limit = Duration::from_secs(app.config.request_timeout);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::from(Error::Unavailable(format!(
            "no answer within {} s: ask for less and try again",
            limit.as_secs()
        )))
        .into_response(),
    }
}

/// Hold on to something until a streamed body ends; other bodies let go of it at once.
pub(crate) fn while_streaming<T: Send + 'static>(response: Response, held: T) -> Response {
    let streams = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"));
    if !streams {
        return response;
    }
    let (parts, body) = response.into_parts();
    let stream = body.into_data_stream().map(move |chunk| {
        let _alive = &held;
        chunk
    });
    Response::from_parts(parts, Body::from_stream(stream))
}

/// Serve until `stop`, then finish what is under way.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    app: Arc<App>,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(&app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}
