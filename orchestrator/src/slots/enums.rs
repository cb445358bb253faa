//! The value of an enumeration, or of a yes or no, that an utterance names.

use std::ops::Range;

use serde_json::Value;

use super::schema::{Property, synonyms};
use crate::router::text::{Token, stem, tokens, without_prefixes};

/// The one of `values` that `words` say, by itself or by a synonym of the property, and where.
///
/// The longest wording wins, then the earliest, then the first value.
pub(super) fn find(
    words: &[Token],
    property: &Property<'_>,
    values: &[String],
) -> Option<(String, Range<usize>)> {
    let mut best: Option<(usize, Range<usize>, &String)> = None;
    for value in values {
        for wording in wordings(property, value) {
            let Some(place) = place(words, &wording) else { continue };
            let length = place.len();
            let better = best.as_ref().is_none_or(|(longest, other, _)| {
                length > *longest || length == *longest && place.start < other.start
            });
            if better {
                best = Some((length, place, value));
            }
        }
    }
    let (_, place, value) = best?;
    Some((value.clone(), words[place.start].span.start..words[place.end - 1].span.end))
}

/// The value, its words apart (`coldChain` and `cold_chain` are `cold chain`), and its synonyms.
fn wordings(property: &Property<'_>, value: &str) -> Vec<Vec<String>> {
    let own = spaced(value);
    let listed = synonyms(property).and_then(|all| all.get(value)).and_then(Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(Value::as_str);
    std::iter::once(own.as_str())
        .chain(listed)
        .map(|wording| tokens(wording).into_iter().map(|token| token.text).collect())
        .filter(|wording: &Vec<String>| !wording.is_empty())
        .collect()
}

/// `camelCase` and `snake_case` as words.
pub(super) fn spaced(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for character in name.chars() {
        if character.is_uppercase() && lower {
            spaced.push(' ');
        }
        lower = character.is_lowercase();
        spaced.push(if character == '_' { ' ' } else { character });
    }
    spaced
}

fn place(words: &[Token], wording: &[String]) -> Option<Range<usize>> {
    let length = wording.len();
    let at = words.windows(length).position(|window| {
        let mut pairs = window.iter().zip(wording);
        let first = pairs.next().is_some_and(|(word, other)| {
            same(&word.text, other) || without_prefixes(&word.text).contains(&other.as_str())
        });
        first && pairs.all(|(word, other)| same(&word.text, other))
    })?;
    Some(at..at + length)
}

fn same(word: &str, other: &str) -> bool {
    word == other || stem(word) == stem(other)
}
