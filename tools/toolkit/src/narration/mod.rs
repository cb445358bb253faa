//! Narrations: a tool's result in words, each number tied to where it came from.
//!
//! A template is written over the tool's output. Every value it prints knows its JSON pointer, so
//! the answer is cited by construction; a number that is not from the output is refused.

mod cited;
mod filters;

use std::ops::Range;

use kernel::{Error, Result};
use minijinja::{Environment, ErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Registry;
use cited::Cited;

/// The languages answers are told in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Hebrew.
    #[serde(rename = "he")]
    Hebrew,
}

impl Language {
    /// Hebrew when most letters of the text are Hebrew.
    pub fn of(text: &str) -> Self {
        let hebrew = text.chars().filter(|it| ('\u{5d0}'..='\u{5ea}').contains(it)).count();
        let latin = text.chars().filter(char::is_ascii_alphabetic).count();
        match hebrew > latin {
            true => Language::Hebrew,
            false => Language::English,
        }
    }
}

/// Words, and where in the output each printed value is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narration {
    /// What to say.
    pub text: String,
    /// In the order of the text; byte ranges of it.
    pub citations: Vec<Citation>,
}

/// One printed value and its place in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// JSON pointer into the tool's output.
    pub pointer: String,
}

/// Tells results in words with the templates of a registry, compiled once.
pub struct Narrator {
    templates: Environment<'static>,
}

impl Narrator {
    /// Compile every tool's templates.
    ///
    /// # Errors
    /// [`Error::Internal`] naming the tool whose template does not parse.
    pub fn new(registry: &Registry) -> Result<Self> {
        let mut narrator = Self { templates: environment() };
        for spec in registry.specs() {
            for (language, source) in [("en", spec.narration), ("he", spec.narration_he)] {
                narrator
                    .templates
                    .add_template_owned(format!("{}.{language}", spec.name), source)
                    .map_err(|it| Error::internal(format!("narration of `{}`: {it}", spec.name)))?;
            }
        }
        Ok(narrator)
    }

    /// Tell a tool's output.
    ///
    /// # Errors
    /// [`Error::Internal`] when the template prints a number that is not from the output.
    pub fn narrate(&self, tool: &str, language: Language, output: Value) -> Result<Narration> {
        let he = self.templates.get_template(&format!("{tool}.he")).ok();
        let en = self.templates.get_template(&format!("{tool}.en")).map_err(Error::internal)?;
        let template = match (language, he) {
            (Language::Hebrew, Some(he)) if !he.source().is_empty() => he,
            _ => en,
        };
        let marked = template
            .render(Cited::root(output))
            .map_err(|it| Error::internal(format!("narration of `{tool}`: {it:#}")))?;
        Ok(unmark(&marked))
    }
}

/// Tell an output with a template that belongs to no tool: for tests of templates.
#[cfg(test)]
fn narrate(template: &str, output: Value) -> std::result::Result<Narration, minijinja::Error> {
    environment().render_str(template, Cited::root(output)).map(|it| unmark(&it))
}

/// Marks around a cited value while rendering; private-use characters are stripped from data.
const OPEN: char = '\u{E000}';
const MID: char = '\u{E001}';
const CLOSE: char = '\u{E002}';

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_formatter(|out, _, value| {
        if let Some(cited) = value.downcast_object_ref::<Cited>() {
            let shown = cited.shown().replace([OPEN, MID, CLOSE], "");
            return write!(out, "{OPEN}{}{MID}{shown}{CLOSE}", cited.pointer())
                .map_err(minijinja::Error::from);
        }
        let text = value.to_string();
        match text.chars().any(|it| it.is_ascii_digit()) {
            true => Err(minijinja::Error::new(
                ErrorKind::InvalidOperation,
                format!("`{text}` is not from the output"),
            )),
            false => write!(out, "{text}").map_err(minijinja::Error::from),
        }
    });
    filters::add_to(&mut env);
    env
}

fn unmark(marked: &str) -> Narration {
    let mut narration = Narration::default();
    for part in marked.split(CLOSE) {
        let (before, cited) = part.split_once(OPEN).unwrap_or((part, ""));
        narration.text.push_str(before);
        if let Some((pointer, shown)) = cited.split_once(MID) {
            let start = narration.text.len();
            narration.text.push_str(shown);
            let span = start..narration.text.len();
            narration.citations.push(Citation { span, pointer: pointer.to_owned() });
        }
    }
    narration
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_value_is_cited() {
        let output = json!({ "lot": "L24-0117",
            "reached": [{ "lot": "B7", "units": 40 }, { "lot": "B8", "units": 2 }] });
        let narration = narrate(
            "Lot {{ lot }} reached {{ reached | count }} lots{% if reached %}: \
             {% for it in reached %}{{ it.lot }} ({{ it.units }} units)\
             {% if not loop.last %}, {% endif %}{% endfor %}{% endif %}.",
            output,
        )
        .unwrap();
        assert_eq!(narration.text, "Lot L24-0117 reached 2 lots: B7 (40 units), B8 (2 units).");
        let cited: Vec<_> = narration
            .citations
            .iter()
            .map(|it| (it.pointer.as_str(), &narration.text[it.span.clone()]))
            .collect();
        assert_eq!(
            cited,
            [
                ("/lot", "L24-0117"),
                ("/reached", "2"),
                ("/reached/0/lot", "B7"),
                ("/reached/0/units", "40"),
                ("/reached/1/lot", "B8"),
                ("/reached/1/units", "2")
            ]
        );
    }

    #[test]
    fn a_number_made_up_in_a_template_is_refused() {
        for template in ["Saves {{ 40 * 12 }} a year.", "{{ 'over 9000' }}", "{{ loop }}{{ 1.5 }}"]
        {
            assert!(narrate(template, json!({})).is_err(), "{template}");
        }
    }

    #[test]
    fn values_are_shown_in_the_units_people_read() {
        let output = json!({ "share": 0.3217, "dollars": 1234.5, "cents": -1_234_567, "x": 0.000_123,
            "n": 1_234_567, "when": "2026-03-18T12:00:00Z", "risk": "high" });
        let template = "{{ share|pct1 }} {{ dollars|usd }} {{ cents|cents }} {{ x }} {{ n|n0 }} \
             {{ n }} {{ when|date }}{% if risk|raw == 'high' %} !{% endif %}";
        assert_eq!(
            narrate(template, output).unwrap().text,
            "32.2% $1,234.50 -$12,345.67 0.000123 1,234,567 1,234,567 2026-03-18 !"
        );
    }

    #[test]
    fn only_the_first_few_items_are_told() {
        let narration =
            narrate("{% for it in xs[:2] %}{{ it }} {% endfor %}", json!({ "xs": [5, 6, 7] }))
                .unwrap();
        assert_eq!(narration.text, "5 6 ");
        assert_eq!(narration.citations[1].pointer, "/xs/1");
    }

    #[test]
    fn a_language_is_told_by_its_letters() {
        assert_eq!(Language::of("מאיפה הגיע lot L24?"), Language::Hebrew);
        assert_eq!(Language::of("where did לוט go"), Language::English);
    }
}
