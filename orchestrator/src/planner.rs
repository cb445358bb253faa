//! Planners decide what happens next in a turn; they run no tool and read no table.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;
use toolkit::{Registry, ToolCall, ToolSpec};

use crate::answer::Answer;
use crate::run::EventSink;
use crate::slots::Lexicon;
use crate::turn::Turn;

/// Decides what happens next in a turn.
///
/// Neither planner runs tools nor reads the database, so either can stand in for the other.
pub trait Planner: Send + Sync {
    /// As telemetry names it, e.g. `local`.
    fn name(&self) -> &'static str;

    /// The next step of a turn that has not been answered.
    fn next_step<'a>(
        &'a self,
        turn: &'a Turn,
        around: &'a Surroundings<'a>,
        events: &'a dyn EventSink,
    ) -> BoxFuture<'a, Result<Step, PlannerError>>;
}

/// What a planner may look at besides the turn.
pub struct Surroundings<'a> {
    /// Every tool and recipe.
    pub registry: &'a Registry,
    /// The tools the person may use.
    pub tools: Vec<&'a ToolSpec>,
    /// The names of the tenant's records.
    pub lexicon: Arc<Lexicon>,
}

impl Surroundings<'_> {
    /// One tool the person may use.
    pub fn tool(&self, name: &str) -> Option<&ToolSpec> {
        self.tools.iter().copied().find(|it| it.name == name)
    }
}

/// One decision, and what it was weighed on.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Run these, then ask again.
    CallTools {
        /// In order; ids are given by the turn.
        calls: Vec<ToolCall>,
        /// For the record.
        reasoning: Value,
    },
    /// Say this, and be done.
    Answer {
        /// What to say.
        answer: Answer,
        /// For the record.
        reasoning: Value,
    },
}

/// A planner could not decide; another may.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{planner}: {reason}")]
pub struct PlannerError {
    /// Which planner.
    pub planner: &'static str,
    /// What happened, without secrets.
    pub reason: String,
}
