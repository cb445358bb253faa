//! A request's caller, as the doors see it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use kernel::{Door, Error, Principal, RequestContext};

use crate::problem::Failure;

/// Who makes this request, and when. Put in place by [`guard`](super::guard); an extractor.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who asks.
    pub principal: Principal,
    /// Names the request.
    pub request_id: String,
    /// When it came in.
    pub now: DateTime<Utc>,
}

impl Caller {
    /// The request as the gate wants it.
    pub fn context(&self, door: Door) -> RequestContext {
        RequestContext {
            principal: self.principal.clone(),
            request_id: self.request_id.clone(),
            now: self.now,
            door,
            run_id: None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let found = parts.extensions.get::<Self>().cloned();
        found.ok_or_else(|| Error::internal("a route is outside the guard").into())
    }
}
