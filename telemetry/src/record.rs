//! What is logged, as it goes into the log and comes out again.

use chrono::{DateTime, Utc};
use kernel::TenantId;
use orchestrator::{Answer, TurnEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toolkit::CallRecord;

use crate::log::Record;
use crate::redact;

/// A turn's event with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventAt {
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub event: TurnEvent,
}

/// A person's verdict on a turn; a later one replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    pub tenant: TenantId,
    pub run_id: String,
    pub user: String,
    pub score: Score,
    pub comment: Option<String>,
    pub at: DateTime<Utc>,
}

/// Thumbs, or words alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    Down,
    Neutral,
    Up,
}

impl Score {
    /// −1, 0, 1.
    pub const fn value(self) -> i16 {
        match self {
            Score::Down => -1,
            Score::Neutral => 0,
            Score::Up => 1,
        }
    }

    pub(crate) const fn of(value: i16) -> Self {
        match value {
            ..=-1 => Score::Down,
            0 => Score::Neutral,
            1.. => Score::Up,
        }
    }
}

/// Something the copilot proposed, to be counted and measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    pub tenant: TenantId,
    /// For a held write: its id.
    pub suggestion_id: String,
    pub run_id: Option<String>,
    /// What sort of proposal, e.g. the name of the tool that made it.
    pub kind: String,
    pub payload: Value,
    /// The figures it is to improve, as they were.
    pub before_metrics: Value,
    pub at: DateTime<Utc>,
}

/// What the drainer finds in the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Logged {
    Event { run_id: String, event: Box<EventAt> },
    Call(Box<CallRecord>),
    Feedback(Feedback),
    Suggestion(Suggestion),
}

/// Names of the kinds, as they stand in the log.
pub(crate) mod kind {
    pub(crate) const EVENT: &str = "turn_event";
    pub(crate) const CALL: &str = "tool_call";
    pub(crate) const FEEDBACK: &str = "feedback";
    pub(crate) const SUGGESTION: &str = "suggestion";
}

/// What names a record: tenant, kind, id, place, instant.
pub(crate) struct Head<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
    pub(crate) seq: u64,
    pub(crate) at: DateTime<Utc>,
}

/// Members that say who and which, not what: they tie records together and stay as they are.
const IDENTITY: &[&str] = &["tenant", "user", "run_id", "thread_id", "request_id", "call_id"];

impl Head<'_> {
    /// A record with a redacted body.
    pub(crate) fn over(self, body: &impl Serialize) -> Result<Record, serde_json::Error> {
        let mut body = serde_json::to_value(body)?;
        match &mut body {
            Value::Object(members) => members
                .iter_mut()
                .filter(|(name, _)| !IDENTITY.contains(&name.as_str()))
                .for_each(|(name, member)| redact::member(name, member)),
            other => redact::value(other),
        }
        Ok(Record {
            tenant: self.tenant.as_str().to_owned(),
            kind: self.kind.to_owned(),
            id: self.id.to_owned(),
            seq: self.seq,
            at_micros: self.at.timestamp_micros(),
            body,
        })
    }
}

/// An event that a walk over its strings would not redact well: an answer, whose citations must
/// stay at their values, and a piece of text that ends within an address.
pub(crate) fn redacted(event: &TurnEvent) -> Option<TurnEvent> {
    match event {
        TurnEvent::Answered(answer) => redacted_answer(answer).map(TurnEvent::Answered),
        TurnEvent::TextDelta { text } => {
            let text = redact::cut_address(text)?;
            Some(TurnEvent::TextDelta { text })
        }
        _ => None,
    }
}

fn redacted_answer(answer: &Answer) -> Option<Answer> {
    let shifts = redact::Shifts::of(&answer.text);
    if shifts.is_empty() {
        return None;
    }
    let mut answer = answer.clone();
    answer.text = redact::text(&answer.text).into_owned();
    answer.citations.retain_mut(|it| match (shifts.moved(it.start), shifts.moved(it.end)) {
        (Some(start), Some(end)) => {
            (it.start, it.end) = (start, end);
            true
        }
        _ => false,
    });
    Some(answer)
}

/// Why a record from the log cannot be put into a table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the kind `{0}` is unknown: it was written by a newer version")]
    Kind(String),
    #[error("its time stamp `{0}` is out of range")]
    At(i64),
    #[error("its body does not read: {0}")]
    Body(#[from] serde_json::Error),
}

impl Logged {
    /// Read a record of the log.
    pub(crate) fn read(record: Record) -> Result<Self, Unreadable> {
        let Record { kind, id, seq, at_micros, body, .. } = record;
        Ok(match kind.as_str() {
            kind::CALL => Logged::Call(serde_json::from_value(body)?),
            kind::FEEDBACK => Logged::Feedback(serde_json::from_value(body)?),
            kind::SUGGESTION => Logged::Suggestion(serde_json::from_value(body)?),
            kind::EVENT => {
                let at = DateTime::from_timestamp_micros(at_micros);
                let at = at.ok_or(Unreadable::At(at_micros))?;
                let event = serde_json::from_value(body)?;
                Logged::Event { run_id: id, event: Box::new(EventAt { seq, at, event }) }
            }
            _ => return Err(Unreadable::Kind(kind)),
        })
    }
}
