//! Telling what the calls of a turn found, every value cited.

use kernel::{Problem, Result};
use serde_json::{Map, Value};
use toolkit::{Language, Narrator, Registry};

use super::words;
use crate::answer::{Action, Answer, AnswerCitation};
use crate::event::Decided;
use crate::turn::{CallState, CallStep, Turn};

/// Buttons under an answer.
const MOST_ACTIONS: usize = 4;

/// The answer to a turn whose calls have come back: a pure function of the turn, so a replay
/// gives the same bytes.
///
/// # Errors
/// When a narration does not render.
pub fn compose(turn: &Turn, registry: &Registry, narrator: &Narrator) -> Result<Answer> {
    let language = turn.start.as_ref().map(|it| it.language).unwrap_or_default();
    let mut told = Telling { answer: Answer::default(), narrator, registry, language };
    for step in &turn.calls {
        if !told.answer.text.is_empty() {
            told.answer.text.push_str("\n\n");
        }
        told.tell(step)?;
    }
    for decided in &turn.decisions {
        if !told.answer.text.is_empty() {
            told.answer.text.push_str("\n\n");
        }
        told.tell_decision(decided)?;
    }
    told.answer.actions.truncate(MOST_ACTIONS);
    Ok(told.answer)
}

struct Telling<'a> {
    answer: Answer,
    narrator: &'a Narrator,
    registry: &'a Registry,
    language: Language,
}

impl Telling<'_> {
    fn tell(&mut self, step: &CallStep) -> Result<()> {
        match &step.state {
            CallState::Done { output, receipt_id } => {
                self.narrate(step, output, receipt_id)?;
                self.offer_next(step);
            }
            CallState::Held { held, receipt_id } => {
                self.answer.text.push_str(words::waits_for_you(self.language));
                self.narrate(step, &held.preview, receipt_id)?;
            }
            CallState::Failed(problem) => {
                self.answer.text.push_str(&words::could_not(self.language, &step.title));
                self.answer.text.push_str(&problem.detail);
                self.answer.text.push('.');
                self.offer_nearest(step, problem);
            }
            CallState::Running => {}
        }
        Ok(())
    }

    fn tell_decision(&mut self, decided: &Decided) -> Result<()> {
        match (&decided.problem, &decided.output) {
            (Some(problem), _) => {
                self.answer.text.push_str(words::not_done(self.language));
                self.answer.text.push_str(&problem.detail);
                self.answer.text.push('.');
                Ok(())
            }
            (None, Some(output)) => {
                self.answer.text.push_str(words::done(self.language));
                let receipt_id = decided.receipt_id.as_deref().unwrap_or_default();
                self.cite((&decided.held_id, &decided.tool), output, receipt_id)
            }
            (None, None) => {
                self.answer.text.push_str(words::declined(self.language));
                Ok(())
            }
        }
    }

    fn narrate(&mut self, step: &CallStep, output: &Value, receipt_id: &str) -> Result<()> {
        self.cite((&step.call.id, &step.call.name), output, receipt_id)
    }

    fn cite(
        &mut self,
        (call_id, tool): (&str, &str),
        output: &Value,
        receipt_id: &str,
    ) -> Result<()> {
        let told = self.narrator.narrate(tool, self.language, output.clone())?;
        let offset = self.answer.text.len();
        self.answer.text.push_str(&told.text);
        self.answer.citations.extend(told.citations.into_iter().map(|it| AnswerCitation {
            start: offset + it.span.start,
            end: offset + it.span.end,
            call_id: call_id.to_owned(),
            pointer: it.pointer,
            receipt_id: receipt_id.to_owned(),
        }));
        Ok(())
    }

    fn offer_next(&mut self, step: &CallStep) {
        let Some(spec) = self.registry.spec(&step.call.name) else { return };
        for next in spec.next.iter().filter_map(|it| self.registry.spec(it)) {
            let known = step.call.arguments.as_object();
            let args: Map<String, Value> = known
                .into_iter()
                .flatten()
                .filter(|(name, _)| next.input_schema["properties"].get(name).is_some())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let action = Action {
                label: next.title.to_owned(),
                intent: next.name.to_owned(),
                args: Value::Object(args),
            };
            if !self.answer.actions.iter().any(|it| it.intent == action.intent) {
                self.answer.actions.push(action);
            }
        }
    }

    /// "Did you mean L24-0117?" as a button: the same call with the nearest value.
    fn offer_nearest(&mut self, step: &CallStep, problem: &Problem) {
        let Some(nearest) = &problem.nearest else { return };
        let Some(given) = step.call.arguments.as_object() else { return };
        let quoted = |value: &Value| {
            value.as_str().is_some_and(|it| problem.detail.contains(&format!("`{it}`")))
        };
        let Some(wrong) = given.iter().find(|(_, value)| quoted(value)).map(|(name, _)| name)
        else {
            return;
        };
        let mut args = given.clone();
        args.insert(wrong.clone(), Value::from(nearest.as_str()));
        self.answer.actions.push(Action {
            label: nearest.clone(),
            intent: step.call.name.clone(),
            args: Value::Object(args),
        });
    }
}
