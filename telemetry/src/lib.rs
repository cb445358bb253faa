//! The record of what happened: logged before it is acknowledged, then in the tenant's tables.
//!
//! [`Recorder`] puts turn events, tool calls, feedback and suggestions into the durable [`log`],
//! redacted; [`Drainer`] moves them to Postgres; the modules [`turns`], [`receipts`], [`usage`]
//! and [`suggestions`] read them back, seeing also what is not drained yet; [`retention`] deletes
//! what has had its time.

pub mod drain;
pub mod log;
pub mod metrics;
pub mod receipts;
pub mod record;
pub mod recorder;
pub mod redact;
pub mod retention;
pub mod suggestions;
mod tables;
mod tail;
#[cfg(test)]
mod testing;
pub mod turns;
pub mod usage;

pub use drain::{DrainSettings, Drainer};
pub use record::{EventAt, Feedback, Score, Suggestion};
pub use recorder::Recorder;
