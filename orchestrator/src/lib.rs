//! A turn: from a person's message to an answer they can check.
//!
//! Planners decide and do nothing else; the gate runs the calls; every event of a turn is one enum,
//! and a turn is a fold over its events.

pub mod answer;
pub mod event;
pub mod local;
pub mod planner;
pub mod router;
pub mod run;
pub mod slots;
pub mod turn;

pub use answer::{Action, Answer, AnswerCitation};
pub use event::{Decided, Ending, Intent, Start, TurnEvent};
pub use local::LocalPlanner;
pub use planner::{Planner, PlannerError, Step, Surroundings};
pub use run::{Asked, Caps, EventSink, run_decisions, run_turn};
pub use turn::{CallState, CallStep, Carry, Turn};
