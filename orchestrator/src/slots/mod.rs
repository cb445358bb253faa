//! The arguments of a tool, taken from an utterance, the conversation and the page.
//!
//! [`recognise`] finds what an utterance names: entries of the tenant's [`Lexicon`], codes, dates,
//! quantities, money. [`fill`] fits them to a tool's JSON Schema. Both are pure: the time is passed
//! in, so a turn replays to the same arguments.

pub mod lexicon;
pub mod schema;

mod calendar;
mod codes;
mod dates;
mod enums;
mod fill;
mod numbers;
mod time_words;

use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::router::text::tokens;

pub use self::fill::{Ambiguous, Carried, Choice, Filled, Provenance, Source, Sources, fill};
pub use self::lexicon::{Entry, Lexicon};

/// Something that an utterance names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entity {
    /// Its place in the utterance, in bytes.
    pub span: Range<usize>,
    /// `lot`, `product`, … as the lexicon has it, or `code`, `date`, `date_range`, `duration`,
    /// `quantity`, `number`, `money`, `percent`.
    pub kind: String,
    /// The lexicon's id; `None` for what the lexicon does not hold.
    pub id: Option<String>,
    /// The words of the utterance.
    pub text: String,
    /// What an argument would hold: an id, a date as `2024-03-05`, `{from, to}`, `{amount, unit}`,
    /// `{amount, currency}`, or a number.
    pub value: Value,
    pub certainty: Certainty,
}

/// How an entity was recognised, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A whole name of the lexicon.
    Exact,
    /// By its form: a date, a quantity, a code.
    Pattern,
    /// A name of the lexicon, but for its spelling.
    Fuzzy,
    /// Some words of a name.
    Partial,
}

/// All that `text` names, by place; at one place the surest first, then by kind and id.
///
/// Entities may overlap (`B3` can be a slot and the code of a product): whoever uses them picks by
/// kind.
pub fn recognise(text: &str, lexicon: &Lexicon, now: DateTime<Utc>) -> Vec<Entity> {
    let words = tokens(text);
    let mut found = lexicon.find(text, &words);
    let dates = dates::find(text, &words, now.date_naive());
    let mut taken: Vec<Range<usize>> = found
        .iter()
        .filter(|entity| entity.certainty == Certainty::Exact)
        .chain(&dates)
        .map(|entity| entity.span.clone())
        .collect();
    let codes = codes::find(text, &taken);
    taken.extend(codes.iter().map(|entity| entity.span.clone()));
    found.extend(numbers::find(text, &words, &taken));
    found.extend(codes);
    found.extend(dates);
    found.sort_by(|a, b| {
        let place = |entity: &Entity| (entity.span.start, std::cmp::Reverse(entity.span.end));
        (place(a), a.certainty, &a.kind, &a.id).cmp(&(place(b), b.certainty, &b.kind, &b.id))
    });
    found.dedup_by(|later, kept| {
        later.span == kept.span && later.kind == kept.kind && later.id == kept.id
    });
    found
}

/// Whether two places share a byte.
fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests;
