//! Legacy sessions: few, and each its owner's alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::Error;
use rmcp::model::ProtocolVersion;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use crate::Caller;
use crate::problem::Failure;

const SESSION: &str = "mcp-session-id";
const VERSION: &str = "mcp-protocol-version";

/// Who opened which session, and how many there may be.
pub(super) struct Sessions {
    manager: Arc<LocalSessionManager>,
    most: usize,
    owners: Mutex<BTreeMap<String, String>>,
}

impl Sessions {
    pub(super) fn new(manager: Arc<LocalSessionManager>, most: usize) -> Self {
        Self { manager, most, owners: Mutex::default() }
    }

    fn owned_by(&self, session: &str, caller: &str) -> bool {
        let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.get(session).is_some_and(|it| it == caller)
    }

    /// Remember the owner of a new session, and forget those of sessions that ended.
    async fn opened(&self, session: String, caller: String) {
        let alive = self.manager.sessions.read().await;
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        owners.retain(|it, _| alive.contains_key(it.as_str()));
        owners.insert(session, caller);
    }
}

/// Refuse a session of somebody else, and one too many.
pub(super) async fn bound(
    State(sessions): State<Arc<Sessions>>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let who = format!("{}/{}", caller.principal.tenant, caller.principal.user);
    let arriving = Arriving::of(&request);
    if let Some(session) = arriving.session {
        if !sessions.owned_by(&session, &who) {
            let text = "this session has ended: begin a new one with `initialize`";
            return Failure::Http(StatusCode::NOT_FOUND, text.into()).into_response();
        }
        return next.run(request).await;
    }
    if arriving.opens && sessions.manager.sessions.read().await.len() >= sessions.most {
        let text = "too many sessions are open: use protocol 2026-07-28, which needs none, or \
                    try again in a minute";
        return Failure::from(Error::Unavailable(text.into())).into_response();
    }
    let response = next.run(request).await;
    let session = response.headers().get(SESSION).and_then(|it| it.to_str().ok());
    if let Some(session) = session.map(str::to_owned) {
        sessions.opened(session, who).await;
    }
    response
}

/// What a request's headers say about sessions.
struct Arriving {
    session: Option<String>,
    /// Whether it may open one.
    opens: bool,
}

impl Arriving {
    fn of(request: &Request) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|it| it.to_str().ok());
        let stateless =
            header(VERSION).is_some_and(|it| it >= ProtocolVersion::V_2026_07_28.as_str());
        let opens = request.method() == Method::POST && !stateless;
        Self { session: header(SESSION).map(str::to_owned), opens }
    }
}
