//! Arguments that are dates, amounts, numbers and yes or no.

use serde_json::{Map, Value, json};

use super::super::enums::spaced;
use super::super::numbers::json_number;
use super::super::schema::{Property, synonyms};
use super::super::{Entity, enums};
use super::records::{Role, role_of};
use super::{Finding, Utterance};
use crate::router::text::{fold, stem};

impl Utterance<'_> {
    /// A day; for `from`- and `to`-like names an end of the stretch that the utterance names.
    pub(super) fn date(&self, property: &Property<'_>) -> Option<Finding> {
        let day = self.entities.iter().find(|entity| entity.kind == "date");
        let range = self.entities.iter().find(|entity| entity.kind == "date_range");
        let end = |name: &str| range.map(|entity| (entity, entity.value[name].clone()));
        let day = || day.map(|entity| (entity, entity.value.clone()));
        let (entity, value) = match role_of(property) {
            Role::From => end("from").or_else(day),
            Role::To => end("to").or_else(day),
            Role::Neither => day().or_else(|| end("from")),
        }?;
        let instant = property.keyword("format").is_some_and(|format| format == "date-time");
        let value = match value.as_str() {
            Some(day) if instant => Value::String(format!("{day}T00:00:00Z")),
            _ => value,
        };
        Some(Finding::at(entity.span.clone(), value))
    }

    /// A stretch of days under the names `from` and `to`; with empty names, as `from/to`.
    pub(super) fn date_range(&self, from: &str, to: &str) -> Option<Finding> {
        // A stretch may also have given a duration, so it need not be free.
        let named = |kind: &str| self.entities.iter().find(|entity| entity.kind == kind);
        let (entity, first, last) = match named("date_range") {
            Some(entity) => (entity, &entity.value["from"], &entity.value["to"]),
            None => {
                let entity = named("date")?;
                (entity, &entity.value, &entity.value)
            }
        };
        let value = if from.is_empty() {
            let text = |day: &Value| day.as_str().unwrap_or_default().to_owned();
            Value::String(format!("{}/{}", text(first), text(last)))
        } else {
            json!({ from: first, to: last })
        };
        Some(Finding::at(entity.span.clone(), value))
    }

    /// An amount with its unit, or a number when no amount has one.
    pub(super) fn quantity(&self, property: &Property<'_>) -> Option<Finding> {
        let entity = self.free("quantity").chain(self.free("number")).next()?;
        let value = match entity.kind.as_str() {
            "number" => measured(&entity.value, "unit", None, property)?,
            _ => {
                measured(&entity.value["amount"], "unit", entity.value["unit"].as_str(), property)?
            }
        };
        Some(Finding::at(entity.span.clone(), value))
    }

    pub(super) fn money(&self, property: &Property<'_>) -> Option<Finding> {
        let entity = self.free("money").next()?;
        let currency = entity.value["currency"].as_str();
        let value = measured(&entity.value["amount"], "currency", currency, property)?;
        Some(Finding::at(entity.span.clone(), value))
    }

    /// A percentage, as a fraction where the schema admits nothing above 1.
    pub(super) fn percent(&self, property: &Property<'_>) -> Option<Finding> {
        let entity = self.free("percent").next()?;
        let percent = entity.value.as_f64()?;
        let fraction = bound(property, "maximum").is_some_and(|most| most <= 1.0);
        let value = if fraction { percent / 100.0 } else { percent };
        Some(Finding::at(entity.span.clone(), json_number(value)))
    }

    /// A number: a duration for names that hold a unit of time (`horizon_days`), one next to the
    /// property's name or to "top", or, for a required property, the only one there is.
    pub(super) fn number(&self, property: &Property<'_>) -> Option<Finding> {
        if let Some(unit) = unit_of(property) {
            let durations = self
                .entities
                .iter()
                .filter(|entity| matches!(entity.kind.as_str(), "duration" | "quantity"));
            for entity in durations {
                let from = entity.value["unit"].as_str().unwrap_or_default();
                let amount = entity.value["amount"].as_f64();
                let Some(amount) = amount.and_then(|amount| converted(amount, from, unit)) else {
                    continue;
                };
                if let Some(value) = within(property, amount) {
                    return Some(Finding::at(entity.span.clone(), value));
                }
            }
        }
        let numbers: Vec<&Entity> = self
            .free("number")
            .chain(self.free("quantity"))
            .filter(|entity| unit_of(property).is_none() || entity.kind == "number")
            .collect();
        let cued = numbers.iter().find(|entity| self.is_cued(property, entity));
        let only = numbers.first().filter(|_| property.required && numbers.len() == 1);
        let entity = cued.or(only)?;
        let amount = entity.value.get("amount").unwrap_or(&entity.value).as_f64()?;
        Some(Finding::at(entity.span.clone(), within(property, amount)?))
    }

    /// Whether a word of the property's name, or for a limit "top" and its kin, stands within two
    /// words of a number.
    fn is_cued(&self, property: &Property<'_>, entity: &Entity) -> bool {
        let name = fold(&spaced(property.name));
        let limit = name.split(' ').any(|word| LIMITS.contains(&word));
        let first = self.word_at(entity.span.start);
        let last = self.word_at(entity.span.end.saturating_sub(1));
        let near = first.saturating_sub(2)..(last + 3).min(self.words.len());
        self.words[near].iter().any(|word| {
            let word = word.text.as_str();
            limit && TOPS.contains(&word)
                || word.len() > 2 && name.split(' ').any(|part| stem(part) == stem(word))
        })
    }

    pub(super) fn boolean(&self, property: &Property<'_>) -> Option<Finding> {
        let values = ["true".to_owned(), "false".to_owned()];
        if synonyms(property).is_some() {
            let (value, span) = enums::find(&self.words, property, &values)?;
            return Some(Finding::at(span, Value::Bool(value == "true")));
        }
        let name = spaced(property.name);
        let (_, span) = enums::find(&self.words, property, &[name])?;
        Some(Finding::at(span, Value::Bool(true)))
    }
}

/// An amount and its unit as the schema wants them: an object, a number or words.
fn measured(
    amount: &Value,
    unit_name: &str,
    unit: Option<&str>,
    property: &Property<'_>,
) -> Option<Value> {
    if let Some(fields) = property.schema.get("properties").and_then(Value::as_object) {
        let mut object = Map::new();
        for name in fields.keys() {
            if name == unit_name || matches!(name.as_str(), "unit" | "uom" | "currency") {
                if let Some(unit) = unit {
                    object.insert(name.clone(), Value::from(unit));
                }
            } else if matches!(name.as_str(), "amount" | "quantity" | "value" | "qty") {
                object.insert(name.clone(), amount.clone());
            }
        }
        return Some(Value::Object(object));
    }
    if property.admits("number") || property.admits("integer") {
        let number = amount.as_f64()?;
        let wanted = unit_of(property);
        let number = match (unit, wanted) {
            (Some(unit), Some(wanted)) => converted(number, unit, wanted)?,
            _ => number,
        };
        return within(property, number);
    }
    if property.admits("string") {
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        return Some(Value::String(format!("{amount}{unit}")));
    }
    let mut object = Map::from_iter([("amount".to_owned(), amount.clone())]);
    object.extend(unit.map(|unit| (unit_name.to_owned(), Value::from(unit))));
    Some(Value::Object(object))
}

/// The unit of a property: its `x-unit`, or the word of its name that is one.
fn unit_of<'a>(property: &Property<'a>) -> Option<&'a str> {
    if let Some(unit) = property.keyword("x-unit").and_then(Value::as_str) {
        return Some(singular(unit));
    }
    let mut words = property.name.split('_').rev().map(singular);
    words.find(|word| SCALES.iter().any(|(_, units)| units.iter().any(|(unit, _)| unit == word)))
}

fn singular(unit: &str) -> &str {
    if unit.len() > 3 { unit.strip_suffix('s').unwrap_or(unit) } else { unit }
}

/// `amount` of one unit in another of the same measure.
fn converted(amount: f64, from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(amount);
    }
    SCALES.iter().find_map(|(_, units)| {
        let size = |name: &str| units.iter().find(|(unit, _)| *unit == name).map(|&(_, size)| size);
        Some(amount * size(from)? / size(to)?)
    })
}

/// `amount` as the property's number type, if its bounds admit it.
fn within(property: &Property<'_>, amount: f64) -> Option<Value> {
    let low = bound(property, "minimum").is_none_or(|least| amount >= least);
    let high = bound(property, "maximum").is_none_or(|most| amount <= most);
    let whole = amount.fract() == 0.0 || property.admits("number") || !property.admits("integer");
    (low && high && whole).then(|| json_number(amount))
}

fn bound(property: &Property<'_>, name: &str) -> Option<f64> {
    property.keyword(name).and_then(Value::as_f64)
}

/// Names of properties that bound how many results are wanted.
const LIMITS: &[&str] = &["limit", "top", "n", "count", "max", "first", "take"];

const TOPS: &[&str] = &[
    "top",
    "best",
    "worst",
    "first",
    "biggest",
    "largest",
    "most",
    "bottom",
    "limit",
    "lowest",
    "highest",
    "הטובים",
    "הגדולים",
    "הראשונים",
    "הכי",
];

/// Measures, each with its units in one of them.
const SCALES: &[(&str, &[(&str, f64)])] = &[
    (
        "time",
        &[
            ("minute", 1.0 / 1440.0),
            ("hour", 1.0 / 24.0),
            ("day", 1.0),
            ("week", 7.0),
            ("month", 30.0),
            ("quarter", 91.0),
            ("year", 365.0),
        ],
    ),
    (
        "mass",
        &[
            ("mg", 0.001),
            ("g", 1.0),
            ("kg", 1000.0),
            ("t", 1_000_000.0),
            ("oz", 28.349_523_125),
            ("lb", 453.592_37),
        ],
    ),
    ("volume", &[("ml", 1.0), ("l", 1000.0), ("gal", 3_785.411_784)]),
];
