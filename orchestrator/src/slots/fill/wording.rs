//! The words of an utterance themselves: as a search text, or as a sign that it leans on what was
//! said before.

use std::ops::Range;

use serde_json::Value;

use super::super::schema::Property;
use super::{Finding, Utterance};
use crate::router::text::Token;

impl Utterance<'_> {
    /// Words in quotes; else what follows one of the property's `x-after` words ("because"); else,
    /// behind words that ask for a search, the rest of the utterance; else, for a required property,
    /// the whole of it.
    pub(super) fn rest(&self, property: &Property<'_>) -> Option<Finding> {
        let span = self.quoted().or_else(|| {
            let from = self.behind_any(property).or_else(|| self.behind_opening());
            (from.is_some() || property.required)
                .then(|| from.unwrap_or(0)..self.words.len())
                .and_then(|words| self.trimmed(words))
        })?;
        let text = self.text[span.clone()].to_owned();
        Some(Finding::at(span, Value::String(text)))
    }

    /// The inside of the first pair of quotes.
    fn quoted(&self) -> Option<Range<usize>> {
        for (open, close) in [('"', '"'), ('“', '”'), ('«', '»'), ('„', '”')] {
            let mut places = self.text.match_indices(open);
            let Some((from, _)) = places.next() else { continue };
            let from = from + open.len_utf8();
            let Some(length) = self.text[from..].find(close) else { continue };
            if !self.text[from..from + length].trim().is_empty() {
                return Some(from..from + length);
            }
        }
        None
    }

    /// The word behind the first of the property's `x-after` words.
    fn behind_any(&self, property: &Property<'_>) -> Option<usize> {
        let openings = property.keyword("x-after")?.as_array()?;
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        let openings: Vec<Vec<&str>> = openings
            .iter()
            .filter_map(|it| Some(it.as_str()?.split_whitespace().collect()))
            .collect();
        let behind = |at: usize| {
            let found = openings.iter().filter(|it| words[at..].starts_with(it));
            found.map(|it| at + it.len()).max().filter(|it| *it < words.len())
        };
        (0..words.len()).find_map(behind)
    }

    /// The word behind the longest opening such as "search for", with courtesies before it.
    fn behind_opening(&self) -> Option<usize> {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        let start = words.iter().take_while(|word| COURTESIES.contains(word)).count();
        let length = OPENINGS
            .iter()
            .filter(|opening| words[start..].starts_with(opening))
            .map(|opening| opening.len())
            .max()?;
        let from = start + length;
        let links = words[from..].iter().take_while(|word| LINKS.contains(word)).count();
        (from + links < words.len()).then_some(from + links)
    }

    /// The bytes of some words, less other arguments at either end.
    fn trimmed(&self, mut words: Range<usize>) -> Option<Range<usize>> {
        let taken = |at: usize| !self.is_free(&self.words[at].span);
        while !words.is_empty() && taken(words.start) {
            words.start += 1;
        }
        while !words.is_empty() && taken(words.end - 1) {
            words.end -= 1;
        }
        let last = words.clone().next_back()?;
        Some(self.words[words.start].span.start..self.words[last].span.end)
    }
}

/// Whether an utterance leans on an earlier one: it points ("it", "there", "same"), begins as a
/// follow-up ("what about", "and"), or is too short to stand alone.
pub(super) fn refers_back(words: &[Token]) -> bool {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    texts.len() <= 3
        || texts.iter().any(|word| POINTERS.contains(word))
        || FOLLOW_UPS.iter().any(|opening| texts.starts_with(opening))
}

const POINTERS: &[&str] = &[
    "it", "its", "that", "this", "there", "same", "them", "those", "these", "again", "זה", "זו",
    "זאת", "אותו", "אותה", "אותם", "שם", "שוב", "שלו", "שלה", "הנל",
];

const FOLLOW_UPS: &[&[&str]] = &[
    &["what", "about"],
    &["how", "about"],
    &["and"],
    &["also"],
    &["now"],
    &["מה", "עם"],
    &["ומה"],
    &["גם"],
    &["ועכשיו"],
];

const COURTESIES: &[&str] = &["please", "can", "could", "you", "hey", "hi", "בבקשה", "אפשר"];

const OPENINGS: &[&[&str]] = &[
    &["search"],
    &["search", "for"],
    &["search", "documents", "for"],
    &["search", "the", "documents", "for"],
    &["find"],
    &["find", "documents", "about"],
    &["look", "up"],
    &["look", "for"],
    &["what", "do", "the", "documents", "say", "about"],
    &["what", "do", "our", "documents", "say", "about"],
    &["what", "does", "the", "sop", "say", "about"],
    &["tell", "me", "about"],
    &["ask"],
    &["note"],
    &["note", "that"],
    &["remember", "that"],
    &["חפש"],
    &["תחפש"],
    &["חפשי"],
    &["מצא"],
    &["תמצא"],
    &["מה", "כתוב", "על"],
];

const LINKS: &[&str] = &["for", "about", "on", "the", "me", "לי", "את", "על"];
