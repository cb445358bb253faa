//! What a tool is, and the gate every call passes.
//!
//! A tool is one file: a unit struct implementing [`Tool`]. From it come the schema a model sees,
//! the MCP tool, the REST route, the sub-command, the docs page, the router's training phrases and
//! the answer's wording. No door names a tool.

#![warn(missing_docs)]

mod arguments;
mod context;
mod derived;
mod executor;
#[cfg(test)]
mod gate_tests;
mod held;
mod import;
mod narration;
mod nearest;
mod recipe;
mod record;
mod registry;
mod schema;
pub mod testing;
mod tool;

pub use arguments::coerce;
pub use context::ToolContext;
pub use executor::{Executor, Limits, Outcome};
pub use held::{Decision, HeldCall};
pub use import::{ImportFile, ImportReport, Importer, Quarantined};
pub use narration::{Citation, Language, Narration, Narrator};
pub use nearest::nearest;
pub use recipe::{Recipe, RecipeStep};
pub use record::{CallOutcome, CallRecord, Observer, Unobserved};
pub use registry::{Registry, Term, Workspace};
pub use schema::input_schema_of;
pub use store::DbResult;
pub use tool::{AnyTool, Effect, Method, Route, Tool, ToolCall, ToolSpec};
