//! Does a phrasing reach its tool, with the arguments it states?

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use orchestrator::router::{Context, Decision, Router};
use orchestrator::slots::{Lexicon, Sources, fill, recognise};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use toolkit::Registry;

use crate::cases::RoutingCase;

/// What the cases are put to.
pub struct Subject<'a> {
    /// The trained router.
    pub router: &'a Router,
    /// The tools, for their arguments.
    pub registry: &'a Registry,
    /// The tenant's names.
    pub lexicon: &'a Lexicon,
    /// The instant that dates are relative to.
    pub now: DateTime<Utc>,
}

/// How the cases went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoutingReport {
    /// Cases that some tool answers.
    pub in_scope: usize,
    /// Share of them whose tool ranks first.
    pub top1: f64,
    /// Share of them whose tool is among the first three.
    pub top3: f64,
    /// Share of them on which the router is sure enough to act.
    pub acted: f64,
    /// Share of those it acts on that it gets right.
    pub right_when_acting: f64,
    /// Cases that nothing answers.
    pub out_of_scope: usize,
    /// Share of them that are turned away, not acted on and not answered with a guess.
    pub abstained: f64,
    /// Share of them that are not acted on: turned away or asked back about.
    pub not_acted: f64,
    /// Arguments that the texts state.
    pub arguments: usize,
    /// Share of them that are filled as stated.
    pub filled: f64,
    /// By tool: cases and how many rank it first.
    pub by_tool: BTreeMap<String, (usize, usize)>,
    /// What went wrong, in words.
    pub misses: Vec<String>,
    /// Which cases passed, by text: for comparing runs.
    pub passed: BTreeMap<String, bool>,
}

/// Put the cases to the router and the slots.
pub fn run(subject: &Subject<'_>, cases: &[RoutingCase]) -> RoutingReport {
    let mut tally = Tally::default();
    for case in cases {
        tally.judge(subject, case);
    }
    tally.report()
}

#[derive(Default)]
struct Tally {
    in_scope: [usize; 5],
    out_of_scope: [usize; 3],
    arguments: [usize; 2],
    by_tool: BTreeMap<String, (usize, usize)>,
    misses: Vec<String>,
    passed: BTreeMap<String, bool>,
}

impl Tally {
    fn judge(&mut self, subject: &Subject<'_>, case: &RoutingCase) {
        let entities = recognise(&case.text, subject.lexicon, subject.now);
        let workspace = case.workspace.as_deref();
        let context = Context { workspace, entities: &entities, ..Context::default() };
        let routing = subject.router.route(&case.text, &context);
        let ranked: Vec<&str> = routing.ranked.iter().map(|it| it.label.as_str()).collect();
        let Some(tool) = &case.tool else {
            let acted = matches!(routing.decision, Decision::Run(_));
            let abstained = matches!(routing.decision, Decision::None);
            self.out_of_scope[0] += 1;
            self.out_of_scope[1] += usize::from(abstained);
            self.out_of_scope[2] += usize::from(!acted);
            if acted {
                self.misses.push(format!("acted on `{}` with {:?}", case.text, ranked.first()));
            }
            self.passed.insert(case.text.clone(), abstained);
            return;
        };
        let first = ranked.first().is_some_and(|it| it == tool);
        let ran = match &routing.decision {
            Decision::Run(label) => Some(label == tool),
            Decision::Ask(_) | Decision::None => None,
        };
        let among_three = ranked.iter().take(3).any(|it| it == tool);
        let counts = [true, first, among_three, ran.is_some(), ran == Some(true)];
        for (sum, one) in self.in_scope.iter_mut().zip(counts) {
            *sum += usize::from(one);
        }
        let by_tool = self.by_tool.entry(tool.clone()).or_default();
        by_tool.0 += 1;
        by_tool.1 += usize::from(first);
        if !first {
            let near = &ranked[..ranked.len().min(3)];
            self.misses.push(format!("`{}` is {tool}, ranked {near:?}", case.text));
        }
        let filled = self.slots(subject, case, tool);
        self.passed.insert(case.text.clone(), first && filled);
    }

    /// Whether every stated argument is filled as stated.
    fn slots(&mut self, subject: &Subject<'_>, case: &RoutingCase, tool: &str) -> bool {
        let recipe = subject.registry.recipe(tool).and_then(|it| it.steps.first());
        let Some(spec) = subject.registry.spec(recipe.map_or(tool, |it| it.tool)) else {
            return case.args.is_empty();
        };
        let sources = Sources {
            lexicon: subject.lexicon,
            carried: &[],
            page: &Value::Null,
            now: subject.now,
        };
        let filled = fill(&case.text, &spec.slot_schema, &sources);
        let mut all = true;
        for (name, stated) in &case.args {
            let found = filled.arguments.get(name);
            let right = found.is_some_and(|it| alike(it, stated));
            self.arguments[0] += 1;
            self.arguments[1] += usize::from(right);
            all &= right;
            if !right {
                let found = found.cloned().unwrap_or(json!(null));
                self.misses.push(format!("`{}`: {name} is {stated}, filled {found}", case.text));
            }
        }
        all
    }

    fn report(self) -> RoutingReport {
        let [in_scope, first, among_three, acted, right] = self.in_scope;
        let [out_of_scope, abstained, not_acted] = self.out_of_scope;
        RoutingReport {
            in_scope,
            top1: share(first, in_scope),
            top3: share(among_three, in_scope),
            acted: share(acted, in_scope),
            right_when_acting: share(right, acted),
            out_of_scope,
            abstained: share(abstained, out_of_scope),
            not_acted: share(not_acted, out_of_scope),
            arguments: self.arguments[0],
            filled: share(self.arguments[1], self.arguments[0]),
            by_tool: self.by_tool,
            misses: self.misses,
            passed: self.passed,
        }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Numbers are compared as numbers, texts without regard to case.
fn alike(found: &Value, stated: &Value) -> bool {
    match (found, stated) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => a.to_lowercase() == b.to_lowercase(),
        _ => found == stated,
    }
}

impl fmt::Display for RoutingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |x: f64| format!("{:.1} %", 100.0 * x);
        writeln!(f, "in scope            {}", self.in_scope)?;
        writeln!(f, "  top-1             {}", percent(self.top1))?;
        writeln!(f, "  top-3             {}", percent(self.top3))?;
        writeln!(f, "  acted on          {}", percent(self.acted))?;
        writeln!(f, "  right when acting {}", percent(self.right_when_acting))?;
        writeln!(f, "out of scope        {}", self.out_of_scope)?;
        writeln!(f, "  recall            {}", percent(self.abstained))?;
        writeln!(f, "  not acted on      {}", percent(self.not_acted))?;
        writeln!(f, "arguments stated    {}", self.arguments)?;
        write!(f, "  filled            {}", percent(self.filled))
    }
}
