//! What is asked of the library and what it gives.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cite::{Evidence, no_match};

use super::external::QuestionVector;

/// A question to the library.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub text: String,
    /// The caller's groups, from the session and never from a model. Everyone's is implied.
    pub groups: Vec<i32>,
    /// Passages wanted at most.
    pub limit: usize,
    pub now: DateTime<Utc>,
    /// The evidence of this turn so far; ids go on from there.
    pub evidence: Evidence,
    /// The question's vector, when an embedder elsewhere is configured and answered.
    pub vector: Option<QuestionVector>,
}

impl Query {
    /// A question for eight passages, the first of its turn.
    pub fn new(text: impl Into<String>, groups: &[i32], now: DateTime<Utc>) -> Query {
        Query {
            text: text.into(),
            groups: groups.to_vec(),
            limit: 8,
            now,
            evidence: Evidence::default(),
            vector: None,
        }
    }
}

/// How far what was found can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The passages are evidence: answer from them.
    Answerable,
    /// The passages are related, but too weak to answer from.
    WeakEvidence,
    /// Nothing that the caller may read is about this.
    NoMatch,
}

/// The passages found for a question, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    pub outcome: Outcome,
    /// What to say when there is no answer.
    pub message: Option<String>,
    pub passages: Vec<Passage>,
    /// The strength of the evidence, 0 to 1.
    pub strength: f32,
    /// The embedding that took part: `lex640`, or the configured one.
    pub space: String,
    /// What should have taken part and did not: `dense` when the configured embedder was away or
    /// is not done with every passage, or the tenant's own is not trained yet.
    pub degraded: Vec<String>,
    pub retrieved_at: DateTime<Utc>,
}

/// A passage, as it is cited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Passage {
    /// Its id within the turn: `e1`.
    pub evidence: String,
    pub document_id: Uuid,
    pub title: String,
    /// The headings above it, outermost first, joined by ` › `.
    pub heading: String,
    pub position: Position,
    /// Its text, verbatim.
    pub text: String,
    /// Its fused score: at most 1, and 2 more for each code of the question that it holds.
    pub score: f32,
}

/// Where a passage or quote stands in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// The passage's number in the document, from 1.
    pub passage: u32,
    /// Characters of the document's text: from, and one past the last.
    pub from: u32,
    pub to: u32,
}

impl Outcome {
    /// What to say when there is no answer.
    pub(super) fn message(self) -> Option<String> {
        (self != Outcome::Answerable).then(|| no_match(None))
    }
}
