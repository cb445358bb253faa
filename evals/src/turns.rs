//! Whole questions, asked of the whole product.

use std::collections::BTreeMap;
use std::fmt;

use futures::future::BoxFuture;
use orchestrator::{CallState, Turn};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cases::TurnCase;

/// The product, as a suite sees it.
pub trait Subject: Sync {
    /// Ask in a conversation; the turn, run to its end.
    fn ask<'a>(
        &'a self,
        thread: &'a str,
        message: &'a str,
        workspace: Option<&'a str>,
    ) -> BoxFuture<'a, anyhow::Result<Turn>>;
}

/// How the cases went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnsReport {
    /// Cases in all.
    pub cases: usize,
    /// What went wrong, by first message.
    pub misses: BTreeMap<String, Vec<String>>,
}

/// Ask every case and judge the last answer of each.
///
/// # Errors
/// When the product could not be asked at all.
pub async fn run(subject: &dyn Subject, cases: &[TurnCase]) -> anyhow::Result<TurnsReport> {
    let mut report = TurnsReport { cases: cases.len(), ..TurnsReport::default() };
    for (number, case) in cases.iter().enumerate() {
        let thread = format!("eval-{number}");
        let mut last = Turn::default();
        for message in &case.ask {
            last = subject.ask(&thread, message, case.workspace.as_deref()).await?;
        }
        let faults = judge(case, &last);
        if !faults.is_empty() {
            report.misses.insert(case.ask.join(" / "), faults);
        }
    }
    Ok(report)
}

fn judge(case: &TurnCase, turn: &Turn) -> Vec<String> {
    let mut faults = Vec::new();
    let answer = turn.answer.clone().unwrap_or_default();
    let called: Vec<&str> = turn.calls.iter().map(|it| it.call.name.as_str()).collect();
    if called != case.tools {
        faults.push(format!("called {called:?}, not {:?}", case.tools));
    }
    for text in &case.contains {
        if !answer.text.contains(text) {
            faults.push(format!("`{text}` is not in: {}", answer.text));
        }
    }
    for text in &case.lacks {
        if answer.text.contains(text) {
            faults.push(format!("`{text}` is in: {}", answer.text));
        }
    }
    for (pointer, expected) in &case.values {
        let found = output(turn).and_then(|it| it.pointer(pointer));
        if found != Some(expected) {
            faults.push(format!("{pointer} is {found:?}, not {expected}"));
        }
    }
    if case.held != turn.held().next().is_some() {
        faults.push(format!("a write waits: {}", !case.held));
    }
    let cited = |at: usize| answer.citations.iter().any(|it| (it.start..it.end).contains(&at));
    let all_done = turn.calls.iter().all(|it| !matches!(it.state, CallState::Failed(_)));
    let digits = answer.text.char_indices().filter(|(_, it)| it.is_ascii_digit());
    if all_done && !turn.calls.is_empty() && digits.into_iter().any(|(at, _)| !cited(at)) {
        faults.push(format!("a number is not cited in: {}", answer.text));
    }
    faults
}

fn output(turn: &Turn) -> Option<&Value> {
    match &turn.calls.last()?.state {
        CallState::Done { output, .. } => Some(output),
        CallState::Held { held, .. } => Some(&held.preview),
        CallState::Running | CallState::Failed(_) => None,
    }
}

impl fmt::Display for TurnsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "whole turns         {} of {} right",
            self.cases - self.misses.len(),
            self.cases
        )?;
        for (asked, faults) in &self.misses {
            write!(f, "\n  `{asked}`")?;
            for fault in faults {
                write!(f, "\n    {fault}")?;
            }
        }
        Ok(())
    }
}
