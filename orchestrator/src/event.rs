//! Everything that happens in a turn, in order.

use chrono::{DateTime, Utc};
use kernel::{Door, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toolkit::{Decision, HeldCall, Language, ToolCall};

use crate::answer::Answer;
use crate::turn::Carry;

/// One event of a turn.
///
/// The one record of it: streamed to the widget, stored by telemetry, judged by evals, and folded
/// into a [`Turn`](crate::Turn) to resume or replay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TurnEvent {
    /// A message or an intent came in.
    Started(Box<Start>),
    /// A planner decided what to do.
    Planned {
        /// Which planner.
        planner: String,
        /// What it weighed, for the record: scores, slots and their sources.
        reasoning: Value,
    },
    /// Something the person should know that is not the answer, e.g. that the model is away.
    Notice {
        /// For programs, e.g. `llm.unavailable`.
        code: String,
        /// For people.
        text: String,
    },
    /// A call is about to run.
    ToolStarted {
        /// The call.
        call: ToolCall,
        /// The tool's title.
        title: String,
    },
    /// A read was answered.
    ToolFinished {
        /// Which call.
        call_id: String,
        /// The tool's output.
        output: Value,
        /// Opens its receipt.
        receipt_id: String,
    },
    /// A write was previewed and undone, and waits for a person.
    ToolHeld {
        /// Which call.
        call_id: String,
        /// What to confirm.
        held: HeldCall,
        /// Opens the preview's receipt.
        receipt_id: String,
    },
    /// A call was refused or failed.
    ToolFailed {
        /// Which call.
        call_id: String,
        /// Why.
        problem: Problem,
    },
    /// A person decided about a write that waited.
    Decided(Box<Decided>),
    /// More of the answer's text.
    TextDelta {
        /// The piece.
        text: String,
    },
    /// The whole answer.
    Answered(Answer),
    /// The turn is over.
    Finished {
        /// How it ended.
        ending: Ending,
    },
    /// The turn could not be finished.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// What a person decided about a held write, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The held write.
    pub held_id: String,
    /// The call that proposed it, as the earlier turn's stream named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// The tool; empty when the held write could not be found.
    pub tool: String,
    /// What was decided.
    pub decision: Decision,
    /// What was kept, or would have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// Opens the receipt of what was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_id: Option<String>,
    /// Why it could not be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With an answer.
    Answered,
    /// With an answer and a write that waits for a person.
    Waiting,
    /// The person left or stopped it.
    Cancelled,
}

/// What a turn begins with: all that its course depends on besides the tenant's records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Names the turn.
    pub run_id: String,
    /// The conversation it is part of.
    pub thread_id: String,
    /// Who asks.
    pub user: String,
    /// Through which door.
    pub door: Door,
    /// The workspace in use, if the page or the person chose one.
    pub workspace: Option<String>,
    /// What was said; empty for a smart button without words.
    pub message: String,
    /// What a smart button asked for.
    pub intent: Option<Intent>,
    /// What the page shows, as an object.
    pub page: Value,
    /// What earlier turns of the conversation left behind.
    pub carry: Carry,
    /// The language to answer in.
    pub language: Language,
    /// The instant the tools see.
    pub now: DateTime<Utc>,
    /// Hash of the prompts in force.
    pub prompts_version: String,
}

/// A tool or recipe asked for by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Intent {
    /// The tool or recipe.
    pub name: String,
    /// Its arguments, as far as the page knows them.
    #[serde(default)]
    pub args: Value,
}
