//! The doors (copilot, REST, MCP, command line) and what stands behind them all.
//!
//! [`App`] is the assembled product: the gate, the database, the narrator and the record of what
//! happens. Each door turns its own dialect into calls of the one gate.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod copilot;
pub mod health;
pub mod housekeeping;
pub mod http;
pub mod import;
pub mod logging;
pub mod mcp;
pub mod openapi;
pub mod problem;
pub mod replay;
pub mod rest;

pub use app::App;
pub use auth::Caller;
pub use config::Config;
