//! What an operation knows about the request it serves.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Principal;

/// Everything an operation knows about the request it serves.
///
/// Built once, at a door, after authentication; passed down by reference; never global.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Who is asking.
    pub principal: Principal,
    /// Names the request in logs and problems.
    pub request_id: String,
    /// The instant the request began. Tools and engines read this, never the wall clock, so a
    /// turn replays to the same answer.
    pub now: DateTime<Utc>,
    /// Where the request came in.
    pub door: Door,
    /// The turn this request belongs to, when it belongs to one.
    pub run_id: Option<String>,
}

/// A way into the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// `POST /copilot`.
    Copilot,
    /// The Model Context Protocol, over HTTP or stdio.
    Mcp,
    /// `/api/v1`.
    Rest,
    /// The `quartermaster` command.
    Cli,
}

impl Door {
    /// As written in records and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Door::Copilot => "copilot",
            Door::Mcp => "mcp",
            Door::Rest => "rest",
            Door::Cli => "cli",
        }
    }
}
