//! From a message or an intent to calls, a question back, or an honest "not that".

use serde_json::{Map, Value, json};
use toolkit::{Effect, ToolCall, ToolSpec};

use super::words;
use crate::answer::{Action, Answer};
use crate::event::Start;
use crate::planner::{Step, Surroundings};
use crate::router::{Context, Decision, Router, Routing, Scored, clauses};
use crate::slots::schema::kind_of;
use crate::slots::{Filled, Sources, fill, recognise};

/// More clauses than this are taken as one message.
const MOST_CLAUSES: usize = 3;
/// From this probability on, a read that is [`FAR_LIKELIER`] than the next is run.
const LIKELY: f32 = 0.3;
/// How much likelier the best must be than the next.
const FAR_LIKELIER: f32 = 1.8;
/// Words of a message that can only be the answer to an open question.
const TERSE: usize = 3;
/// Buttons under a question.
const MOST_OPTIONS: usize = 5;

pub(super) fn plan(router: &Router, start: &Start, around: &Surroundings<'_>) -> Step {
    let asked = Asked { router, start, around };
    if let Some(intent) = &start.intent {
        let given = intent.args.as_object().cloned().unwrap_or_default();
        return asked.run(&intent.name, &start.message, &given, &json!({ "intent": intent.name }));
    }
    if let Some(step) = asked.completes_pending() {
        return step;
    }
    asked.route()
}

struct Asked<'a> {
    router: &'a Router,
    start: &'a Start,
    around: &'a Surroundings<'a>,
}

impl Asked<'_> {
    /// A message that fills what the last answer asked for completes that question.
    fn completes_pending(&self) -> Option<Step> {
        let pending = self.start.carry.pending.as_ref()?;
        let spec = self.around.tool(&pending.intent)?;
        let message = &self.start.message;
        // A word or two after a question are its answer, whatever else they might ask for.
        let terse = message.split_whitespace().count() <= TERSE;
        if !terse
            && let Decision::Run(label) = self.routed(message).decision
            && label != pending.intent
        {
            return None;
        }
        let known = pending.args.as_object().cloned().unwrap_or_default();
        let filled = self.fill(message, spec, false);
        let fills_a_gap = filled.arguments.keys().any(|it| !known.contains_key(it));
        let reasoning = json!({ "completes": pending.intent });
        fills_a_gap.then(|| self.run(&pending.intent, message, &known, &reasoning))
    }

    fn route(&self) -> Step {
        let message = &self.start.message;
        let parts = clauses(message);
        if (2..=MOST_CLAUSES).contains(&parts.len())
            && let Some(step) = self.route_each(&parts)
        {
            return step;
        }
        let routing = self.routed(message);
        let reasoning = weighed(&routing);
        match routing.decision {
            Decision::Run(label) => self.run(&label, message, &Map::new(), &reasoning),
            Decision::Ask(labels) if self.harmless_guess(&labels, &routing.ranked) => {
                self.run(&labels[0], message, &Map::new(), &reasoning)
            }
            Decision::Ask(labels) => {
                let text = words::did_you_mean(self.start.language).to_owned();
                let actions = labels.iter().filter_map(|it| self.offer(it, message)).collect();
                say(Answer { text, actions, ..Answer::default() }, reasoning)
            }
            Decision::None => self.out_of_scope(reasoning),
        }
    }

    /// A read that is the only candidate, or far likelier than the next, is run without asking
    /// back: a wrong guess changes nothing, and the answer says what was looked up.
    fn harmless_guess(&self, labels: &[String], ranked: &[Scored]) -> bool {
        let [best, rest @ ..] = ranked else { return false };
        let next = rest.first().map_or(0.0, |it| it.probability);
        let read = self.around.tool(&best.label).is_some_and(|it| it.effect == Effect::Read);
        let likely = best.probability >= LIKELY && best.probability >= FAR_LIKELIER * next;
        read && (labels.len() == 1 || likely)
    }

    /// Several clauses run together only when each is sure of a read and misses nothing.
    fn route_each(&self, parts: &[&str]) -> Option<Step> {
        let mut calls: Vec<ToolCall> = Vec::new();
        let mut reasoning = Vec::new();
        for part in parts {
            let routing = self.routed(part);
            reasoning.push(weighed(&routing));
            let Decision::Run(label) = routing.decision else { return None };
            match self.run(&label, part, &Map::new(), &Value::Null) {
                Step::CallTools { calls: more, .. } => calls.extend(more),
                Step::Answer { .. } => return None,
            }
        }
        let reads = calls
            .iter()
            .all(|call| self.around.tool(&call.name).is_some_and(|it| it.effect == Effect::Read));
        reads.then(|| Step::CallTools { calls, reasoning: json!({ "clauses": reasoning }) })
    }

    fn routed(&self, text: &str) -> Routing {
        let entities = recognise(text, &self.around.lexicon, self.start.now);
        let workspace = self.start.workspace.as_deref();
        let context = Context { workspace, entities: &entities, ..Context::default() };
        self.router.route(text, &context)
    }

    /// Run a tool or a recipe, or ask for what it misses.
    fn run(&self, name: &str, text: &str, given: &Map<String, Value>, reasoning: &Value) -> Step {
        let steps: Vec<(&str, Map<String, Value>)> = match self.around.registry.recipe(name) {
            Some(recipe) => recipe
                .steps
                .iter()
                .filter(|step| self.around.tool(step.tool).is_some())
                .map(|step| (step.tool, fixed(step.fixed)))
                .collect(),
            None => vec![(name, Map::new())],
        };
        let mut calls = Vec::new();
        let mut provenance = Vec::new();
        for (tool, fixed) in steps {
            let Some(spec) = self.around.tool(tool) else {
                // Unknown or forbidden: the gate says which, and what is near.
                calls.push(call(tool, given.clone()));
                continue;
            };
            let mut filled = self.fill(text, spec, true);
            override_with(&mut filled, given, spec);
            override_with(&mut filled, &fixed, spec);
            if let Some(question) = self.question(spec, &filled, reasoning) {
                return question;
            }
            provenance.push(json!({ "tool": tool, "slots": filled.provenance }));
            calls.push(call(tool, filled.arguments));
        }
        Step::CallTools { calls, reasoning: json!({ "routing": reasoning, "filled": provenance }) }
    }

    fn fill(&self, text: &str, spec: &ToolSpec, with_context: bool) -> Filled {
        let nothing = Value::Null;
        let sources = Sources {
            lexicon: &self.around.lexicon,
            carried: if with_context { &self.start.carry.slots } else { &[] },
            page: if with_context { &self.start.page } else { &nothing },
            now: self.start.now,
        };
        fill(text, &spec.slot_schema, &sources)
    }

    /// Ask for the first thing that is missing or ambiguous, with options as buttons.
    fn question(&self, spec: &ToolSpec, filled: &Filled, reasoning: &Value) -> Option<Step> {
        let language = self.start.language;
        let known = Value::Object(filled.arguments.clone());
        let (slot, text, options) = if let Some(unclear) = filled.ambiguous.first() {
            let options = unclear.options.iter().map(|it| (it.id.clone(), it.title.clone()));
            (&unclear.slot, words::several(language, &spoken(&unclear.slot)), options.collect())
        } else {
            let slot = filled.missing.first()?;
            let kind = kind_of(&spec.slot_schema, slot).unwrap_or_default();
            let known = self.around.lexicon.of_kind(&kind, MOST_OPTIONS);
            let options: Vec<(String, String)> =
                known.into_iter().map(|(id, title)| (id.to_owned(), title.to_owned())).collect();
            (slot, words::which(language, &spoken(slot)), options)
        };
        let actions = options
            .into_iter()
            .take(MOST_OPTIONS)
            .map(|(id, label)| {
                let mut args = filled.arguments.clone();
                args.insert(slot.clone(), Value::from(id));
                Action { label, intent: spec.name.to_owned(), args: Value::Object(args) }
            })
            .collect();
        let pending =
            Action { label: spec.title.to_owned(), intent: spec.name.to_owned(), args: known };
        let answer = Answer { text, actions, pending: Some(pending), ..Answer::default() };
        let reasoning = json!({ "routing": reasoning, "missing": slot });
        Some(say(answer, reasoning))
    }

    fn out_of_scope(&self, reasoning: Value) -> Step {
        let in_use = self.start.workspace.as_deref();
        let mut tools: Vec<&&ToolSpec> =
            self.around.tools.iter().filter(|it| it.effect == Effect::Read).collect();
        tools.sort_by_key(|it| in_use.is_some_and(|workspace| workspace != it.workspace()));
        let actions =
            tools.iter().take(MOST_OPTIONS).filter_map(|it| self.offer(it.name, "")).collect();
        let text = words::out_of_scope(self.start.language).to_owned();
        say(Answer { text, actions, ..Answer::default() }, reasoning)
    }

    /// A tool or recipe as a button, its arguments filled as far as they are known.
    fn offer(&self, name: &str, text: &str) -> Option<Action> {
        let intent = name.to_owned();
        if let Some(recipe) = self.around.registry.recipe(name) {
            let args = recipe.steps.first().and_then(|it| self.around.tool(it.tool));
            let args = args.map(|it| self.fill(text, it, true).arguments).unwrap_or_default();
            return Some(Action { label: recipe.title.to_owned(), intent, args: args.into() });
        }
        let spec = self.around.tool(name)?;
        let args = self.fill(text, spec, true).arguments;
        Some(Action { label: spec.title.to_owned(), intent, args: args.into() })
    }
}

fn call(tool: &str, arguments: Map<String, Value>) -> ToolCall {
    ToolCall { id: String::new(), name: tool.to_owned(), arguments: Value::Object(arguments) }
}

/// What a page or a recipe fixes is not up for interpretation.
fn override_with(filled: &mut Filled, given: &Map<String, Value>, spec: &ToolSpec) {
    for (name, value) in toolkit::coerce(&spec.input_schema, given.clone()) {
        filled.missing.retain(|it| *it != name);
        filled.ambiguous.retain(|it| it.slot != name);
        filled.arguments.insert(name, value);
    }
}

fn fixed(pairs: &[(&str, &str)]) -> Map<String, Value> {
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    pairs.iter().map(|(name, text)| ((*name).to_owned(), read(text))).collect()
}

fn spoken(slot: &str) -> String {
    slot.replace('_', " ")
}

fn weighed(routing: &Routing) -> Value {
    let ranked: Vec<Value> = routing
        .ranked
        .iter()
        .take(3)
        .map(|it| json!({ "label": it.label, "probability": it.probability }))
        .collect();
    json!({ "ranked": ranked, "none": routing.none })
}

fn say(answer: Answer, reasoning: Value) -> Step {
    Step::Answer { answer, reasoning }
}
