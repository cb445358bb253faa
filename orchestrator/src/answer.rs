//! An answer: words, and where each number in them came from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a turn answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Markdown.
    pub text: String,
    /// In the order of the text.
    pub citations: Vec<AnswerCitation>,
    /// What to do next, as buttons.
    pub actions: Vec<Action>,
    /// The question this answer leaves open: the next message may complete it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Action>,
}

/// One value in the text and the call it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerCitation {
    /// First byte of the value in the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// The call of this turn whose output holds it: `c1`, `c2`, …
    pub call_id: String,
    /// JSON pointer into that output.
    pub pointer: String,
    /// Opens the call's receipt.
    pub receipt_id: String,
}

/// Something a person can do next with one press.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// A tool or a recipe.
    pub intent: String,
    /// Its arguments, as far as they are known.
    pub args: Value,
}
