//! What went wrong, in terms the caller can act on.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Permission;

/// A result whose error may cross a door.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A cause that is logged, never shown.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The one error that crosses a door.
///
/// Each door renders it in its own dialect: RFC 9457 problem, MCP tool error, CLI exit code,
/// feedback to a model. Messages say what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something named in the request does not exist for this tenant.
    #[error("{what} `{id}` does not exist{}", did_you_mean(nearest.as_deref()))]
    NotFound {
        /// The kind of thing, e.g. `lot`.
        what: &'static str,
        /// What the caller called it.
        id: String,
        /// The existing name that is closest to it.
        nearest: Option<String>,
    },
    /// An argument cannot be used.
    #[error("`{field}` {reason}")]
    Invalid {
        /// The argument's name, or its JSON pointer when nested.
        field: String,
        /// What is wrong and what to write instead.
        reason: String,
    },
    /// The caller is not who they need to be.
    #[error("{0}")]
    Unauthenticated(String),
    /// The caller lacks a permission.
    #[error("permission `{0}` is required: ask your administrator for it")]
    Forbidden(Permission),
    /// The records are not as the request assumes.
    #[error("{0}")]
    Conflict(String),
    /// It existed, and its time has passed.
    #[error("{0}")]
    Expired(String),
    /// The request is larger than this server takes.
    #[error("{0}")]
    TooLarge(String),
    /// The caller asks too often.
    #[error("too many requests: try again in {retry_after} s")]
    RateLimited {
        /// Whole seconds to wait.
        retry_after: u32,
    },
    /// Not now.
    #[error("{0}")]
    Unavailable(String),
    /// A bug or an outage. The source is logged; the caller never sees it.
    #[error("something went wrong on our side: quote the request id when you report it")]
    Internal(#[source] BoxError),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|it| format!(": did you mean `{it}`?")).unwrap_or_default()
}

/// The public face of an error: everything a door needs to render it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorKind {
    /// The last part of the problem's type, e.g. `not_found`.
    pub code: &'static str,
    /// The problem's title.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Exit code of the command line.
    pub exit_code: u8,
    /// Whether the same request may work later.
    pub retryable: bool,
}

impl Error {
    /// An [`Error::Invalid`].
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Error::Invalid { field: field.into(), reason: reason.into() }
    }

    /// An [`Error::NotFound`] with nothing near.
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Error::NotFound { what, id: id.into(), nearest: None }
    }

    /// An [`Error::Internal`] from any cause.
    pub fn internal(source: impl Into<BoxError>) -> Self {
        Error::Internal(source.into())
    }

    /// How doors render it.
    #[rustfmt::skip]
    pub const fn kind(&self) -> ErrorKind {
        let (code, title, status, exit_code, retryable) = match self {
            Error::NotFound { .. }     => ("not_found",       "Not found",               404, 3, false),
            Error::Invalid { .. }      => ("invalid",         "Invalid input",           422, 2, false),
            Error::Unauthenticated(_)  => ("unauthenticated", "Sign in first",           401, 4, false),
            Error::Forbidden(_)        => ("forbidden",       "Not allowed",             403, 4, false),
            Error::Conflict(_)         => ("conflict",        "Conflict",                409, 5, false),
            Error::Expired(_)          => ("expired",         "Expired",                 410, 5, false),
            Error::TooLarge(_)         => ("too_large",       "Too large",               413, 2, false),
            Error::RateLimited { .. }  => ("rate_limited",    "Too many requests",       429, 6, true),
            Error::Unavailable(_)      => ("unavailable",     "Temporarily unavailable", 503, 6, true),
            Error::Internal(_)         => ("internal",        "Internal error",          500, 1, true),
        };
        ErrorKind { code, title, status, exit_code, retryable }
    }

    /// Render as RFC 9457 problem details.
    pub fn to_problem(&self, request_id: &str) -> Problem {
        let kind = self.kind();
        let (field, nearest) = match self {
            Error::Invalid { field, .. } => (Some(field.clone()), None),
            Error::NotFound { nearest, .. } => (None, nearest.clone()),
            _ => (None, None),
        };
        Problem {
            r#type: format!("/problems/{}", kind.code),
            title: kind.title.into(),
            status: kind.status,
            detail: self.to_string(),
            instance: format!("/requests/{request_id}"),
            field,
            nearest,
            retryable: kind.retryable,
        }
    }
}

/// RFC 9457 problem details, with three extension members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Problem {
    /// A URI reference that names the kind of problem.
    pub r#type: String,
    /// The kind in words.
    pub title: Cow<'static, str>,
    /// HTTP status.
    pub status: u16,
    /// What went wrong this time and what to do.
    pub detail: String,
    /// Names the request.
    pub instance: String,
    /// The argument at fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// The closest value that exists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nearest: Option<String>,
    /// Whether the same request may work later.
    pub retryable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_field_and_hides_the_cause() {
        let problem = Error::invalid("days", "must be 1 to 90, got `0`").to_problem("r1");
        assert_eq!(problem.field.as_deref(), Some("days"));
        assert_eq!(problem.detail, "`days` must be 1 to 90, got `0`");
        let problem = Error::internal("password=hunter2").to_problem("r2");
        assert!(!serde_json::to_string(&problem).unwrap().contains("hunter2"));
        assert_eq!(problem.status, 500);
    }

    #[test]
    fn not_found_offers_the_nearest() {
        let error = Error::NotFound {
            what: "lot",
            id: "L24-O117".into(),
            nearest: Some("L24-0117".into()),
        };
        assert_eq!(error.to_string(), "lot `L24-O117` does not exist: did you mean `L24-0117`?");
    }
}
