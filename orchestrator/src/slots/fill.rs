//! Filling a tool's arguments from an utterance and what is known around it.

mod elsewhere;
mod records;
mod values;
mod wording;

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::schema::{Property, Shape, properties};
use super::{Entity, Lexicon, enums, overlaps, recognise};
use crate::router::text::{Token, tokens};

/// Where arguments come from besides the utterance.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    pub lexicon: &'a Lexicon,
    /// Slots of earlier turns, latest first.
    pub carried: &'a [Carried],
    /// What the page shows: `{"lot": "L24-0117"}`, `{"device": {"id": "VM-1"}}`,
    /// `{"selection": {"kind": "lot", "id": "L24-0117"}}`.
    pub page: &'a Value,
    pub now: DateTime<Utc>,
}

/// A slot of an earlier turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// The argument's name.
    pub slot: String,
    /// Its kind, for arguments of another name that take the same kind.
    pub kind: Option<String>,
    pub value: Value,
}

/// Arguments for a tool, and what is still open.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Filled {
    pub arguments: Map<String, Value>,
    /// Where each argument comes from, by slot.
    pub provenance: BTreeMap<String, Provenance>,
    /// Required slots without a value, in the schema's order; ambiguous ones are not among them.
    pub missing: Vec<String>,
    pub ambiguous: Vec<Ambiguous>,
    /// Slots filled with a code that the lexicon does not hold; the tool will say so.
    pub unknown: Vec<String>,
}

/// Where an argument comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Its place in the utterance, in bytes.
    pub span: Option<Range<usize>>,
    pub source: Source,
}

/// The sources of arguments, first that has one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Utterance,
    Conversation,
    Page,
    Default,
}

/// A slot for which the utterance names several records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ambiguous {
    pub slot: String,
    pub options: Vec<Choice>,
}

/// A record to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub id: String,
    /// How people call it.
    pub title: String,
}

/// Fills the properties of `schema` (a JSON Schema of an object) for the tool that `text` asks for.
///
/// ```
/// use orchestrator::slots::{Entry, Lexicon, Sources, fill};
/// use serde_json::json;
///
/// let lexicon = Lexicon::new(vec![Entry {
///     kind: "product".into(), id: "p1".into(), names: vec!["Coke".into()],
/// }]);
/// let schema = json!({ "type": "object", "required": ["product", "slot"], "properties": {
///     "product": { "type": "string", "x-slot": "product" },
///     "slot": { "type": "string", "x-slot": "slot_label" },
/// }});
/// let now = "2024-08-21T10:00:00Z".parse().unwrap();
/// let sources = Sources { lexicon: &lexicon, carried: &[], page: &json!({}), now };
/// let filled = fill("what happens if I move Coke to B3?", &schema, &sources);
/// assert_eq!(serde_json::Value::Object(filled.arguments), json!({ "product": "p1", "slot": "B3" }));
/// ```
pub fn fill(text: &str, schema: &Value, sources: &Sources<'_>) -> Filled {
    let words = tokens(text);
    let entities = recognise(text, sources.lexicon, sources.now);
    let mut utterance = Utterance { text, words, entities, claimed: Vec::new() };
    let mut filled = Filled::default();
    let properties = properties(schema);
    // Text takes the words that nothing else took, so it comes last.
    let (rest, first): (Vec<&Property<'_>>, Vec<&Property<'_>>) =
        properties.iter().partition(|property| property.shape == Shape::Text);
    let mut findings: BTreeMap<&str, Finding> = BTreeMap::new();
    for property in first.into_iter().chain(rest) {
        if let Some(finding) = utterance.find(property) {
            utterance.claimed.extend(finding.spans.iter().cloned());
            findings.insert(property.name, finding);
        }
    }
    for property in &properties {
        let finding = findings.remove(property.name);
        settle(&mut filled, property, finding, &utterance, sources);
    }
    filled
}

/// What an utterance says of one property.
#[derive(Debug, Clone, PartialEq)]
struct Finding {
    /// A value, or several records of which one is meant.
    value: Result<Value, Vec<String>>,
    spans: Vec<Range<usize>>,
    unknown: bool,
}

impl Finding {
    fn at(span: Range<usize>, value: Value) -> Self {
        Self { value: Ok(value), spans: vec![span], unknown: false }
    }
}

struct Utterance<'a> {
    text: &'a str,
    words: Vec<Token>,
    entities: Vec<Entity>,
    /// Places that an argument has been taken from.
    claimed: Vec<Range<usize>>,
}

impl Utterance<'_> {
    fn find(&self, property: &Property<'_>) -> Option<Finding> {
        match &property.shape {
            Shape::Record(kind) => self.records(property, kind),
            Shape::Date => self.date(property),
            Shape::DateRange { from, to } => self.date_range(from, to),
            Shape::Quantity => self.quantity(property),
            Shape::Money => self.money(property),
            Shape::Percent => self.percent(property),
            Shape::Integer | Shape::Number => self.number(property),
            Shape::Enum(values) => {
                let (value, span) = enums::find(&self.words, property, values)?;
                Some(Finding::at(span, Value::String(value)))
            }
            Shape::Boolean => self.boolean(property),
            Shape::Text => self.rest(property),
            Shape::Other => None,
        }
    }

    /// Whether nothing was taken from this place yet.
    fn is_free(&self, span: &Range<usize>) -> bool {
        !self.claimed.iter().any(|claimed| overlaps(claimed, span))
    }

    /// Free entities of a kind, in order.
    fn free(&self, kind: &str) -> impl Iterator<Item = &Entity> {
        self.entities.iter().filter(move |entity| entity.kind == kind && self.is_free(&entity.span))
    }

    /// The place, in words, of the first word at or behind a byte.
    fn word_at(&self, byte: usize) -> usize {
        self.words.partition_point(|word| word.span.end <= byte)
    }
}

/// Decides a slot: the utterance, else the conversation, the page, the schema's default.
fn settle(
    filled: &mut Filled,
    property: &Property<'_>,
    finding: Option<Finding>,
    utterance: &Utterance<'_>,
    sources: &Sources<'_>,
) {
    let slot = property.name;
    let mut options = Vec::new();
    if let Some(finding) = finding {
        match finding.value {
            Ok(value) => {
                let span = finding.spans.into_iter().next();
                set(filled, slot, value, Provenance { span, source: Source::Utterance });
                if finding.unknown {
                    filled.unknown.push(slot.to_owned());
                }
                return;
            }
            Err(ids) => options = ids,
        }
    }
    let fits = |value: &Value| {
        options.is_empty() || value.as_str().is_some_and(|id| options.iter().any(|o| o == id))
    };
    // With several records named, what was said before or is on the page may tell which.
    let refers = !options.is_empty() || property.required || wording::refers_back(&utterance.words);
    let carried = elsewhere::carried(property, sources.carried).filter(|_| refers);
    let page = elsewhere::on_page(property, sources.page);
    for (value, source) in [(carried, Source::Conversation), (page, Source::Page)] {
        if let Some(value) = value.filter(&fits) {
            return set(filled, slot, value, Provenance { span: None, source });
        }
    }
    if !options.is_empty() {
        filled.ambiguous.push(choose(property, options, sources.lexicon));
    } else if let Some(default) = property.keyword("default").filter(|value| !value.is_null()) {
        let provenance = Provenance { span: None, source: Source::Default };
        set(filled, slot, default.clone(), provenance);
    } else if property.required {
        filled.missing.push(slot.to_owned());
    }
}

fn set(filled: &mut Filled, slot: &str, value: Value, provenance: Provenance) {
    filled.arguments.insert(slot.to_owned(), value);
    filled.provenance.insert(slot.to_owned(), provenance);
}

fn choose(property: &Property<'_>, ids: Vec<String>, lexicon: &Lexicon) -> Ambiguous {
    let kind = match &property.shape {
        Shape::Record(kind) => kind.as_str(),
        _ => "",
    };
    let choice = |id: String| {
        let title = lexicon.title(kind, &id).unwrap_or(&id).to_owned();
        Choice { id, title }
    };
    Ambiguous { slot: property.name.to_owned(), options: ids.into_iter().map(choice).collect() }
}
