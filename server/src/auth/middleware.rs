//! The layer before every door that knows whose records it serves.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use kernel::{Error, Principal, Result};

use super::Caller;
use super::keys::{hash_of, looks_like_a_key};
use super::limits::{Limiter, Permit};
use super::origin::{host_of, is_forwarded, is_loopback_host, origin_allowed};
use crate::config::Config;
use crate::http::{Stamp, while_streaming};
use crate::problem::Failure;
use crate::{App, clock};

/// Who may come in, and how often.
pub struct Gatekeeper {
    known: Mutex<BTreeMap<[u8; 32], (Principal, Instant)>>,
    limiter: Limiter,
    strangers: Limiter,
}

/// A key that was revoked works this much longer at most.
const REMEMBERED: Duration = Duration::from_secs(5);
const MOST_REMEMBERED: usize = 4096;

impl Gatekeeper {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        Self {
            known: Mutex::default(),
            limiter: Limiter::new(config.rate, config.burst, config.in_flight),
            strangers: Limiter::new(1.0, 20, 16),
        }
    }

    async fn bearer(&self, app: &App, key: &str, now: DateTime<Utc>) -> Result<Principal> {
        let refused = || {
            Error::Unauthenticated(
                "this API key does not work: it is mistyped, expired or revoked".into(),
            )
        };
        if !looks_like_a_key(key) {
            return Err(refused());
        }
        let hash = hash_of(key);
        let at = Instant::now();
        let known = self.remembered(&hash, at);
        if let Some(principal) = known {
            return Ok(principal);
        }
        let key = app.store.key(&hash, now).await?.ok_or_else(refused)?;
        let principal = Principal {
            tenant: key.tenant,
            user: format!("key:{}", key.label),
            permissions: key.permissions,
            groups: key.groups,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        known.insert(hash, (principal.clone(), at));
        Ok(principal)
    }

    fn remembered(&self, hash: &[u8; 32], at: Instant) -> Option<Principal> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (principal, since) = known.get(hash)?;
        (at.saturating_duration_since(*since) < REMEMBERED).then(|| principal.clone())
    }

    /// The bearer of a key, or the local operator; and their permit.
    async fn admit(
        &self,
        app: &App,
        headers: &HeaderMap,
        (peer, now): (Option<SocketAddr>, DateTime<Utc>),
    ) -> Result<(Principal, Option<Permit>)> {
        let Some(key) = presented(headers) else {
            return match is_local(headers, peer) {
                true => Ok((app.operator(), None)),
                false => Err(Error::Unauthenticated(
                    "an API key is needed: send `Authorization: Bearer qm_…`; make one with \
                     `quartermaster key add`"
                        .into(),
                )),
            };
        };
        match self.bearer(app, key, now).await {
            Ok(principal) => {
                let caller = format!("{}/{}", principal.tenant, principal.user);
                let permit = self.limiter.admit(&caller, Instant::now())?;
                Ok((principal, Some(permit)))
            }
            Err(error) => {
                let peer = peer.map(|it| it.ip().to_string()).unwrap_or_default();
                self.strangers.admit(&peer, Instant::now())?;
                Err(error)
            }
        }
    }
}

/// The local operator needs no key: a loopback peer that names a loopback host, with no proxy in
/// between. A page that rebinds its own name to 127.0.0.1 fails on the host.
fn is_local(headers: &HeaderMap, peer: Option<SocketAddr>) -> bool {
    peer.is_some_and(|it| it.ip().to_canonical().is_loopback())
        && host_of(headers).is_some_and(is_loopback_host)
        && !is_forwarded(headers)
}

fn presented(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(header::AUTHORIZATION).map(|it| {
        let text = it.to_str().unwrap_or_default();
        match text.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
            _ => "",
        }
    });
    bearer.or_else(|| headers.get("x-api-key").map(|it| it.to_str().unwrap_or_default()))
}

/// Let in only whom we know, no more often than they may, and only from pages we trust; what is
/// let in carries a [`Caller`].
pub async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !origin_allowed(request.headers(), &app.config.origins) {
        let text = "pages of this origin may not call this server: add it to `origins`";
        return Failure::Http(StatusCode::FORBIDDEN, text.into()).into_response();
    }
    let stamp = request.extensions().get::<Stamp>().cloned();
    let Stamp { request_id, now } = stamp.unwrap_or_else(|| Stamp::new(None, clock::now()));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|it| it.0);
    let admitted = app.gatekeeper.admit(&app, request.headers(), (peer, now)).await;
    let (principal, permit) = match admitted {
        Ok(it) => it,
        Err(error) => return Failure::from(error).into_response(),
    };
    let tenant = principal.tenant.clone();
    request.extensions_mut().insert(Caller { principal, request_id, now });
    let mut response = while_streaming(next.run(request).await, permit);
    response.extensions_mut().insert(tenant);
    response
}
