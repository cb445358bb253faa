//! Utterances and training sentences as units, with entities replaced by placeholders.

use chrono::{DateTime, Utc};

use super::features::Unit;
use super::phrases::{Piece, pieces};
use super::text::tokens;
use crate::slots::{Certainty, Entity, Lexicon, recognise};

/// The units of an utterance.
///
/// An entity that is certain stands as its kind (`<lot>`): which lot is no matter for routing. A
/// stretch of time keeps its words too, since past and future part tools. A guess by likeness
/// changes nothing.
pub(super) fn units(text: &str, entities: &[Entity]) -> Vec<Unit> {
    without_courtesies(all_units(text, entities))
}

fn all_units(text: &str, entities: &[Entity]) -> Vec<Unit> {
    let mut marks: Vec<&Entity> = entities
        .iter()
        .filter(|entity| matches!(entity.certainty, Certainty::Exact | Certainty::Pattern))
        .collect();
    marks.sort_by_key(|entity| (entity.span.start, std::cmp::Reverse(entity.span.end)));
    let mut units = Vec::new();
    let mut marks = marks.into_iter().peekable();
    let mut hidden_to = 0;
    let mut marked_to = 0;
    for token in tokens(text) {
        while let Some(mark) = marks.next_if(|mark| mark.span.start <= token.span.start) {
            if mark.span.start < marked_to || mark.span.end <= token.span.start {
                continue;
            }
            units.push(Unit::Mark(placeholder(&mark.kind)));
            marked_to = mark.span.end;
            if !keeps_words(&mark.kind) {
                hidden_to = mark.span.end;
            }
        }
        if token.span.start < hidden_to {
            continue;
        }
        units.push(word(token.text));
    }
    units
}

/// The units of a training sentence: slots are placeholders, and so is whatever its words name
/// without a lexicon (dates, quantities, codes).
pub(super) fn sentence_units(sentence: &str) -> Vec<Unit> {
    let lexicon = Lexicon::default();
    let mut units = Vec::new();
    for piece in pieces(sentence) {
        match piece {
            Piece::Slot(name) => units.push(Unit::Mark(placeholder(name))),
            Piece::Plain(text) => {
                let entities = recognise(text, &lexicon, DateTime::<Utc>::UNIX_EPOCH);
                units.extend(all_units(text, &entities));
            }
        }
    }
    without_courtesies(units)
}

/// `units` without the courtesies around a request, which say nothing of what it is; as they are
/// where nothing else would stay.
fn without_courtesies(units: Vec<Unit>) -> Vec<Unit> {
    let mut kept = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        let courtesy = COURTESIES.iter().find(|courtesy| starts_with(&units[at..], courtesy));
        match courtesy {
            Some(courtesy) => at += courtesy.len(),
            None => {
                kept.push(units[at].clone());
                at += 1;
            }
        }
    }
    if kept.is_empty() { units } else { kept }
}

fn starts_with(units: &[Unit], words: &[&str]) -> bool {
    units.len() >= words.len()
        && units
            .iter()
            .zip(words)
            .all(|(unit, other)| matches!(unit, Unit::Word(word) if word == other))
}

/// Longer ones first where one begins another.
const COURTESIES: &[&[&str]] = &[
    &["please"],
    &["kindly"],
    &["can", "you"],
    &["could", "you"],
    &["would", "you"],
    &["can", "i", "get"],
    &["can", "i", "see"],
    &["i", "want", "to"],
    &["i", "would", "like", "to"],
    &["i", "d", "like", "to"],
    &["i", "need", "to"],
    &["let", "me"],
    &["for", "me"],
    &["help", "me"],
    &["בבקשה"],
    &["אפשר"],
    &["אני", "רוצה"],
    &["אני", "צריך"],
    &["אני", "צריכה"],
    &["תוכל"],
    &["תוכלי"],
    &["לי"],
];

fn keeps_words(kind: &str) -> bool {
    matches!(kind, "date" | "date_range" | "duration")
}

fn placeholder(kind: &str) -> String {
    format!("<{kind}>")
}

/// A number means the same whichever it is.
fn word(text: String) -> Unit {
    if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
        Unit::Mark(placeholder("number"))
    } else {
        Unit::Word(text)
    }
}
