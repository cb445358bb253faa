//! A turn so far: a fold over its events. Does no I/O.

use kernel::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toolkit::{HeldCall, ToolCall};

use crate::answer::{Action, Answer};
use crate::event::{Decided, Ending, Start, TurnEvent};
use crate::slots::Carried;

/// A turn so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Turn {
    /// How it began; `None` before the first event.
    pub start: Option<Start>,
    /// Its calls, in order.
    pub calls: Vec<CallStep>,
    /// What a person decided in it, in order.
    pub decisions: Vec<Decided>,
    /// The text streamed so far.
    pub text: String,
    /// The whole answer, once given.
    pub answer: Option<Answer>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// Why it failed, if it did.
    pub problem: Option<Problem>,
}

/// One call and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallStep {
    /// The call.
    pub call: ToolCall,
    /// The tool's title.
    pub title: String,
    /// What became of it.
    pub state: CallState,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum CallState {
    /// It has not come back.
    Running,
    /// A read was answered.
    Done {
        /// The tool's output.
        output: Value,
        /// Opens its receipt.
        receipt_id: String,
    },
    /// A write waits for a person.
    Held {
        /// What to confirm.
        held: HeldCall,
        /// Opens the preview's receipt.
        receipt_id: String,
    },
    /// It was refused or failed.
    Failed(Problem),
}

/// What a turn leaves behind for the next one of its conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Carry {
    /// Arguments of earlier calls, latest first.
    #[serde(default)]
    pub slots: Vec<Carried>,
    /// A question that was left open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Action>,
}

/// More slots than this are forgotten, oldest first.
const MOST_CARRIED: usize = 24;

impl Turn {
    /// Rebuild a turn from its record.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a TurnEvent>) -> Self {
        let mut turn = Self::default();
        events.into_iter().for_each(|event| turn.apply(event));
        turn
    }

    /// Take one more event in.
    pub fn apply(&mut self, event: &TurnEvent) {
        match event {
            TurnEvent::Started(start) => self.start = Some(start.as_ref().clone()),
            TurnEvent::ToolStarted { call, title } => self.calls.push(CallStep {
                call: call.clone(),
                title: title.clone(),
                state: CallState::Running,
            }),
            TurnEvent::ToolFinished { call_id, output, receipt_id } => {
                let (output, receipt_id) = (output.clone(), receipt_id.clone());
                self.settle(call_id, CallState::Done { output, receipt_id });
            }
            TurnEvent::ToolHeld { call_id, held, receipt_id } => {
                let (held, receipt_id) = (held.clone(), receipt_id.clone());
                self.settle(call_id, CallState::Held { held, receipt_id });
            }
            TurnEvent::ToolFailed { call_id, problem } => {
                self.settle(call_id, CallState::Failed(problem.clone()));
            }
            TurnEvent::Decided(decided) => self.decisions.push(decided.as_ref().clone()),
            TurnEvent::TextDelta { text } => self.text.push_str(text),
            TurnEvent::Answered(answer) => self.answer = Some(answer.clone()),
            TurnEvent::Finished { ending } => self.ending = Some(*ending),
            TurnEvent::Failed { problem } => self.problem = Some(problem.clone()),
            TurnEvent::Planned { .. } | TurnEvent::Notice { .. } => {}
        }
    }

    fn settle(&mut self, call_id: &str, state: CallState) {
        if let Some(step) = self.calls.iter_mut().rev().find(|it| it.call.id == call_id) {
            step.state = state;
        }
    }

    /// Writes that wait for a person.
    pub fn held(&self) -> impl Iterator<Item = &HeldCall> {
        self.calls.iter().filter_map(|it| match &it.state {
            CallState::Held { held, .. } => Some(held),
            _ => None,
        })
    }

    /// What the next turn of the conversation may build on: this turn's arguments before older
    /// ones, and the question it left open.
    pub fn carry(&self) -> Carry {
        let mut slots: Vec<Carried> = Vec::new();
        for step in self.calls.iter().rev() {
            for (slot, value) in step.call.arguments.as_object().into_iter().flatten() {
                slots.push(Carried { slot: slot.clone(), kind: None, value: value.clone() });
            }
        }
        let earlier = self.start.iter().flat_map(|it| it.carry.slots.iter().cloned());
        slots.extend(earlier);
        let mut kept: Vec<Carried> = Vec::new();
        for slot in slots {
            if kept.len() < MOST_CARRIED && !kept.iter().any(|it| it.slot == slot.slot) {
                kept.push(slot);
            }
        }
        Carry { slots: kept, pending: self.answer.as_ref().and_then(|it| it.pending.clone()) }
    }
}
