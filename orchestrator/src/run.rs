//! Running a turn: the planner decides, the gate acts, every event is kept before it is shown.

use std::time::{Duration, Instant};

use kernel::{Error, Problem, RequestContext, Result};
use serde_json::Value;
use toolkit::{Decision, Executor, Narrator, Outcome, Term, ToolCall};

use crate::answer::Answer;
use crate::event::{Decided, Ending, Start, TurnEvent};
use crate::planner::{Planner, Step, Surroundings};
use crate::slots::{Entry, Lexicon};
use crate::turn::Turn;

/// Where a turn's events go as they happen.
pub trait EventSink: Send + Sync {
    /// Keep the event, then show it.
    ///
    /// # Errors
    /// When it cannot be kept: the turn then stops, because nothing may be shown that is not kept.
    fn emit(&self, event: &TurnEvent) -> Result<()>;

    /// Whether the person has left or asked to stop.
    fn cancelled(&self) -> bool {
        false
    }
}

/// A sink for planning that nobody follows.
pub struct Unheard;

impl EventSink for Unheard {
    fn emit(&self, _: &TurnEvent) -> Result<()> {
        Ok(())
    }
}

/// What a turn may use.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// Decisions of the planner.
    pub steps: usize,
    /// Calls in all.
    pub calls: usize,
    /// Time in all.
    pub time: Duration,
}

impl Default for Caps {
    fn default() -> Self {
        Self { steps: 8, calls: 24, time: Duration::from_secs(60) }
    }
}

/// Run a turn to its end.
///
/// # Errors
/// Only when an event could not be kept or the database is away before the first decision; all
/// else ends the turn with an answer or a [`TurnEvent::Failed`].
pub async fn run_turn(
    request: &RequestContext,
    start: Start,
    (planner, executor): (&dyn Planner, &Executor),
    caps: Caps,
    events: &dyn EventSink,
) -> Result<Turn> {
    let mut course = Course { request, executor, events, caps, turn: Turn::default() };
    course.emit(&TurnEvent::Started(Box::new(start)))?;
    if let Err(error) = course.run(planner).await {
        let problem = error.to_problem(&request.request_id);
        course.emit(&TurnEvent::Failed { problem })?;
    }
    Ok(course.turn)
}

/// One decision a person sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The held write.
    pub held_id: String,
    /// The call that proposed it, as the earlier turn's stream named it.
    pub tool_call_id: Option<String>,
    /// What to do with it.
    pub decision: Decision,
}

/// Run the turn that carries out what a person decided about held writes.
///
/// # Errors
/// As [`run_turn`].
pub async fn run_decisions(
    request: &RequestContext,
    start: Start,
    asked: Vec<Asked>,
    (narrator, executor): (&Narrator, &Executor),
    events: &dyn EventSink,
) -> Result<Turn> {
    let caps = Caps::default();
    let mut course = Course { request, executor, events, caps, turn: Turn::default() };
    course.emit(&TurnEvent::Started(Box::new(start)))?;
    for one in asked {
        let decided = course.decide(one).await;
        course.emit(&TurnEvent::Decided(Box::new(decided)))?;
    }
    match crate::local::compose(&course.turn, executor.registry(), narrator) {
        Ok(answer) => course.answer(answer)?,
        Err(error) => {
            let problem = error.to_problem(&request.request_id);
            course.emit(&TurnEvent::Failed { problem })?;
        }
    }
    Ok(course.turn)
}

struct Course<'a> {
    request: &'a RequestContext,
    executor: &'a Executor,
    events: &'a dyn EventSink,
    caps: Caps,
    turn: Turn,
}

impl Course<'_> {
    fn emit(&mut self, event: &TurnEvent) -> Result<()> {
        self.events.emit(event)?;
        self.turn.apply(event);
        Ok(())
    }

    async fn run(&mut self, planner: &dyn Planner) -> Result<()> {
        let began = Instant::now();
        let around = surroundings(self.executor, self.request).await?;
        for _ in 0..self.caps.steps {
            if self.events.cancelled() {
                return self.emit(&TurnEvent::Finished { ending: Ending::Cancelled });
            }
            if began.elapsed() > self.caps.time {
                break;
            }
            let step = planner.next_step(&self.turn, &around, self.events).await;
            match step.map_err(|it| Error::Unavailable(it.to_string()))? {
                Step::CallTools { calls, reasoning } => {
                    self.planned(planner, reasoning)?;
                    self.call(calls).await?;
                }
                Step::Answer { answer, reasoning } => {
                    self.planned(planner, reasoning)?;
                    return self.answer(answer);
                }
            }
        }
        Err(Error::Unavailable(format!(
            "no answer within {} steps and {} s: ask a narrower question",
            self.caps.steps,
            self.caps.time.as_secs()
        )))
    }

    fn planned(&mut self, planner: &dyn Planner, reasoning: Value) -> Result<()> {
        self.emit(&TurnEvent::Planned { planner: planner.name().to_owned(), reasoning })
    }

    async fn call(&mut self, calls: Vec<ToolCall>) -> Result<()> {
        for mut call in calls {
            if self.turn.calls.len() >= self.caps.calls {
                return Err(Error::Unavailable(format!(
                    "this question needs more than {} calls: ask a narrower one",
                    self.caps.calls
                )));
            }
            if self.events.cancelled() {
                return Ok(());
            }
            call.id = format!("c{}", self.turn.calls.len() + 1);
            let spec = self.executor.registry().spec(&call.name);
            let title = spec.map_or(call.name.as_str(), |it| it.title).to_owned();
            self.emit(&TurnEvent::ToolStarted { call: call.clone(), title })?;
            let outcome = self.executor.call(self.request, &call).await;
            let event = self.came_of(call.id, outcome);
            self.emit(&event)?;
        }
        Ok(())
    }

    async fn decide(&self, asked: Asked) -> Decided {
        let Asked { held_id, tool_call_id, decision } = asked;
        let mut decided = Decided {
            held_id,
            tool_call_id,
            tool: String::new(),
            decision,
            output: None,
            receipt_id: None,
            problem: None,
        };
        let outcome = async {
            let held = self.executor.held(self.request, &decided.held_id).await?;
            decided.tool.clone_from(&held.tool);
            self.executor.decide(self.request, &decided.held_id, decision).await
        };
        match outcome.await {
            Ok(Outcome::Done { output, receipt_id }) => {
                decided.output = Some(output);
                decided.receipt_id = Some(receipt_id);
            }
            Ok(Outcome::Held { .. }) => {}
            Err(error) => decided.problem = Some(self.logged(&error)),
        }
        decided
    }

    fn logged(&self, error: &Error) -> Problem {
        if let Error::Internal(source) = error {
            let request_id = &self.request.request_id;
            tracing::error!(%request_id, %source, "a call failed");
        }
        error.to_problem(&self.request.request_id)
    }

    fn came_of(&self, call_id: String, outcome: Result<Outcome>) -> TurnEvent {
        match outcome {
            Ok(Outcome::Done { output, receipt_id }) => {
                TurnEvent::ToolFinished { call_id, output, receipt_id }
            }
            Ok(Outcome::Held { held, receipt_id }) => {
                TurnEvent::ToolHeld { call_id, held, receipt_id }
            }
            Err(error) => TurnEvent::ToolFailed { call_id, problem: self.logged(&error) },
        }
    }

    /// The text goes out sentence by sentence unless the planner streamed it already.
    fn answer(&mut self, answer: Answer) -> Result<()> {
        if self.turn.text.is_empty() {
            for text in pieces(&answer.text) {
                self.emit(&TurnEvent::TextDelta { text })?;
            }
        }
        self.emit(&TurnEvent::Answered(answer))?;
        let ending = match self.turn.held().next() {
            Some(_) => Ending::Waiting,
            None => Ending::Answered,
        };
        self.emit(&TurnEvent::Finished { ending })
    }
}

/// What a planner may look at besides the turn.
///
/// # Errors
/// An outage of the database.
pub async fn surroundings<'a>(
    executor: &'a Executor,
    request: &'a RequestContext,
) -> Result<Surroundings<'a>> {
    let registry = executor.registry();
    let tools = registry.visible_to(&request.principal).collect();
    let lexicon = executor.lexicon(request, indexed).await?;
    Ok(Surroundings { registry, tools, lexicon })
}

/// A text in pieces of a sentence or so. Each ends in white space, so that what must be redacted
/// (an address, a number) is never cut in two.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut goes_on = false;
    for word in text.split_inclusive(char::is_whitespace) {
        match pieces.last_mut() {
            Some(piece) if goes_on => piece.push_str(word),
            _ => pieces.push(word.to_owned()),
        }
        goes_on = !(word.ends_with('\n') || word.trim_end().ends_with(['.', ';', ':', '!', '?']));
    }
    pieces
}

fn indexed(terms: Vec<Term>) -> Lexicon {
    let entry = |it: Term| Entry { kind: it.kind.to_owned(), id: it.id, names: it.names };
    Lexicon::new(terms.into_iter().map(entry).collect())
}
