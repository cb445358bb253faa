//! The planner that needs no model and no network.
//!
//! It routes a message with a classifier trained from the tools' own phrases, fills the tools'
//! arguments from the tenant's names, the conversation and the page, and tells the results with
//! the tools' own cited narrations.

mod compose;
mod plan;
mod words;

use std::sync::Arc;

use futures::future::BoxFuture;
use toolkit::{Narrator, Registry};

use crate::planner::{Planner, PlannerError, Step, Surroundings};
use crate::router::phrases::with_kinds;
use crate::router::{Example, Router, Settings};
use crate::run::EventSink;
use crate::slots::schema::kind_of;
use crate::turn::Turn;

pub use compose::compose;

/// Routes, fills slots, narrates.
pub struct LocalPlanner {
    router: Router,
    narrator: Arc<Narrator>,
}

impl LocalPlanner {
    /// Train the router from the phrases of every tool and recipe.
    pub fn new(registry: &Registry, narrator: Arc<Narrator>) -> Self {
        let router = Router::train(&examples(registry), &Settings::default());
        Self { router, narrator }
    }

    /// The trained router, for evals.
    pub fn router(&self) -> &Router {
        &self.router
    }
}

impl Planner for LocalPlanner {
    fn name(&self) -> &'static str {
        "local"
    }

    fn next_step<'a>(
        &'a self,
        turn: &'a Turn,
        around: &'a Surroundings<'a>,
        _: &'a dyn EventSink,
    ) -> BoxFuture<'a, Result<Step, PlannerError>> {
        Box::pin(async move {
            let failed = |reason: String| PlannerError { planner: "local", reason };
            let Some(start) = &turn.start else {
                return Err(failed("the turn has not begun".into()));
            };
            if turn.calls.is_empty() {
                return Ok(plan::plan(&self.router, start, around));
            }
            let answer = compose(turn, around.registry, &self.narrator)
                .map_err(|it| failed(it.to_string()))?;
            Ok(Step::Answer { answer, reasoning: serde_json::json!({ "told": "narrations" }) })
        })
    }
}

/// What the router learns from: phrases, names, titles and what descriptions say.
///
/// Phrases go in unexpanded, because the router holds whole phrases out to calibrate itself.
pub fn examples(registry: &Registry) -> Vec<Example> {
    let mut examples = Vec::new();
    for spec in registry.specs() {
        let slotted = |phrase: &str| with_kinds(phrase, |name| kind_of(&spec.slot_schema, name));
        for phrase in spec.phrases {
            examples.push(example(spec.name, spec.workspace(), slotted(phrase)));
        }
        for text in [spec.title.to_owned(), spec.name.replace('_', " ")] {
            examples.push(example(spec.name, spec.workspace(), text));
        }
        for sentence in spec.description.split(". ") {
            examples.push(example(spec.name, spec.workspace(), sentence.to_owned()));
        }
    }
    for workspace in registry.workspaces() {
        for recipe in workspace.recipes {
            let schema = recipe.steps.first().and_then(|it| registry.spec(it.tool));
            let kind = |name: &str| schema.and_then(|it| kind_of(&it.slot_schema, name));
            for phrase in recipe.phrases {
                examples.push(example(recipe.name, workspace.id, with_kinds(phrase, kind)));
            }
            for text in [recipe.title, recipe.description] {
                examples.push(example(recipe.name, workspace.id, text.to_owned()));
            }
        }
    }
    examples
}

fn example(label: &str, workspace: &str, text: String) -> Example {
    Example { label: label.to_owned(), workspace: workspace.to_owned(), text }
}
