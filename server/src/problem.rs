//! Errors as RFC 9457 problems.
//!
//! A door answers a [`Failure`]; the outermost layer, which knows the request's id, renders it.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Error, Problem};

/// An error on its way out of a door.
#[derive(Debug, Clone)]
pub enum Failure {
    /// What the gate or a door says.
    Error(Arc<Error>),
    /// What HTTP itself says: a method, a media type or an origin that does not fit.
    Http(StatusCode, String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(Arc::new(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Error(error) => status_of(error.kind().status),
            Self::Http(status, _) => *status,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Render a failure, or leave a response that is none as it is.
pub fn rendered(mut response: Response, request_id: &str) -> Response {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        return render(&failure, request_id);
    }
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|it| it.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !plain {
        return response;
    }
    let mut problem = render(&Failure::Http(status, advice(status).into()), request_id);
    for name in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = response.headers().get(&name) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

/// What to do about a status that came without words.
const fn advice(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => {
            "there is nothing at this address: see /api/docs for what there is"
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            "this address does not take this method: the `Allow` header lists what it takes"
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            "something went wrong on our side: quote the request id when you report it"
        }
        _ => "the request could not be served",
    }
}

fn render(failure: &Failure, request_id: &str) -> Response {
    let problem = match failure {
        Failure::Error(error) => {
            if let Error::Internal(source) = error.as_ref() {
                tracing::error!(request_id, %source, "a request failed");
            }
            error.to_problem(request_id)
        }
        Failure::Http(status, detail) => of_status(*status, detail, request_id),
    };
    let mut response = (status_of(problem.status), Json(&problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Failure::Error(error) = failure {
        match error.as_ref() {
            Error::RateLimited { retry_after } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
            }
            Error::Unavailable(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(2));
            }
            Error::Unauthenticated(_) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
    }
    response
}

fn of_status(status: StatusCode, detail: &str, request_id: &str) -> Problem {
    let title = status.canonical_reason().unwrap_or("Error");
    let code = title.to_lowercase().replace(' ', "_");
    Problem {
        r#type: format!("/problems/{code}"),
        title: title.into(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        instance: format!("/requests/{request_id}"),
        field: None,
        nearest: None,
        retryable: status.is_server_error(),
    }
}
