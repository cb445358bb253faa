//! The names of a tenant's records, found in an utterance.
//!
//! Names are compared by stems of folded words. A word that no name has is corrected to the nearest
//! one that some name has; some words of a long name point to it when few names share them.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;
use strsim::osa_distance;

use self::common::{GENERIC, is_common};
use super::{Certainty, Entity};
use crate::router::text::{Token, stem, tokens, without_prefixes};

/// A record that utterances may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `product`, `lot`, `device`, …: the `x-slot` of the arguments that take it.
    pub kind: String,
    /// What an argument holds.
    pub id: String,
    /// Ways to say it, besides the id itself.
    pub names: Vec<String>,
}

/// Names and their records, indexed. The empty lexicon is [`Lexicon::default`].
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    entries: Vec<Entry>,
    /// Each name's stems joined by spaces, with its entry; sorted.
    names: Vec<(String, u32)>,
    /// Each stem that names have, with the entries that have it; sorted.
    stems: Vec<(String, Vec<u32>)>,
    /// Each trigram of the stems, with the stems that have it; sorted.
    trigrams: Vec<([char; 3], Vec<u32>)>,
}

/// A partial name that this many entries share names none of them.
const MOST_CHOICES: usize = 8;

/// The longest name, in words, that is looked for.
const LONGEST_NAME: usize = 10;

impl Lexicon {
    /// Indexes `entries`; 100,000 of them take well under a second.
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut names = Vec::new();
        let mut stems: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (index, entry) in (0..).zip(&entries) {
            for name in entry.names.iter().chain([&entry.id]) {
                let words = stemmed(name);
                if words.is_empty() || words.iter().all(|word| is_common(word)) {
                    continue;
                }
                for word in &words {
                    let holders = stems.entry(word.clone()).or_default();
                    if holders.last() != Some(&index) {
                        holders.push(index);
                    }
                }
                if words.len() > 1 {
                    names.push((words.concat(), index));
                }
                names.push((words.join(" "), index));
            }
        }
        names.sort();
        names.dedup();
        let stems: Vec<(String, Vec<u32>)> = stems.into_iter().collect();
        let trigrams = trigrams_of(&stems);
        Self { entries, names, stems, trigrams }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The first name of the record, or its id: for questions to people.
    pub fn title(&self, kind: &str, id: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| entry.kind == kind && entry.id == id)?;
        Some(entry.names.first().map_or(entry.id.as_str(), String::as_str))
    }

    /// The first records of a kind with their titles, for a question that offers them.
    pub fn of_kind(&self, kind: &str, most: usize) -> Vec<(&str, &str)> {
        let entries = self.entries.iter().filter(|entry| entry.kind == kind).take(most);
        entries
            .map(|it| (it.id.as_str(), it.names.first().map_or(it.id.as_str(), String::as_str)))
            .collect()
    }

    /// The records that `words` of `text` name.
    pub(super) fn find(&self, text: &str, words: &[Token]) -> Vec<Entity> {
        if self.is_empty() {
            return Vec::new();
        }
        let readings: Vec<Vec<Reading<'_>>> =
            words.iter().map(|word| self.readings(&word.text)).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let named = self.longest_name(words, &readings, at);
            let named = named.or_else(|| self.part_of_name(&readings, at));
            let Some((length, certainty, entries)) = named else {
                at += 1;
                continue;
            };
            let span = words[at].span.start..words[at + length - 1].span.end;
            found.extend(entries.iter().map(|&entry| self.entity(text, &span, entry, certainty)));
            at += length;
        }
        found
    }

    fn entity(&self, text: &str, span: &Range<usize>, entry: u32, certainty: Certainty) -> Entity {
        let entry = &self.entries[entry as usize];
        Entity {
            span: span.clone(),
            kind: entry.kind.clone(),
            id: Some(entry.id.clone()),
            text: text[span.clone()].to_owned(),
            value: Value::String(entry.id.clone()),
            certainty,
        }
    }

    /// The stems that a word may be read as.
    fn readings<'a>(&'a self, word: &str) -> Vec<Reading<'a>> {
        let known = |form: &str| {
            let place = self.stems.binary_search_by(|(stem, _)| stem.as_str().cmp(form)).ok()?;
            Some(Reading { stem: &self.stems[place].0, exact: true })
        };
        let forms = std::iter::once(stem(word)).chain(without_prefixes(word));
        let readings: Vec<Reading<'_>> = forms.filter_map(known).collect();
        if readings.is_empty() { self.corrections(word) } else { readings }
    }

    /// The stems nearest to a word that no name has, within one edit in a word of five letters and
    /// two in one of nine. The first letter must be right: it seldom is mistyped, and without it
    /// `take` would be `cake`.
    fn corrections(&self, word: &str) -> Vec<Reading<'_>> {
        let form = stem(word);
        let length = form.chars().count();
        let edits = match length {
            0..=3 => return Vec::new(),
            4..=8 => 1,
            _ => 2,
        };
        if word.chars().count() < 5
            || is_common(form)
            || form.contains(|c: char| c.is_ascii_digit())
        {
            return Vec::new();
        }
        let near = |&stem: &u32| {
            let stem = self.stems[stem as usize].0.as_str();
            let apart = stem.chars().count().abs_diff(length);
            if apart > edits || stem.chars().next() != form.chars().next() {
                return None;
            }
            Some((osa_distance(stem, form), stem)).filter(|&(distance, _)| distance <= edits)
        };
        let candidates = self.sharing_trigrams(form, 4 * edits + 1);
        let near: Vec<(usize, &str)> = candidates.iter().filter_map(near).collect();
        let best = near.iter().map(|&(distance, _)| distance).min();
        near.into_iter()
            .filter(|&(distance, _)| Some(distance) == best)
            .take(3)
            .map(|(_, stem)| Reading { stem, exact: false })
            .collect()
    }

    /// Stems that share one of the `count` rarest trigrams of `form`, in order. An edit spoils at
    /// most four trigrams, so whatever is within reach shares one of `4 · edits + 1`.
    fn sharing_trigrams(&self, form: &str, count: usize) -> BTreeSet<u32> {
        let mut holders: Vec<&Vec<u32>> = trigrams(form)
            .into_iter()
            .map(|gram| {
                let place = self.trigrams.binary_search_by(|(other, _)| other.cmp(&gram));
                place.map_or(&NO_HOLDERS, |place| &self.trigrams[place].1)
            })
            .collect();
        holders.sort_by_key(|holders| holders.len());
        holders.into_iter().take(count).flatten().copied().collect()
    }

    /// The longest whole name that begins at word `at`, and how many words it takes.
    fn longest_name(
        &self,
        words: &[Token],
        readings: &[Vec<Reading<'_>>],
        at: usize,
    ) -> Option<(usize, Certainty, Vec<u32>)> {
        let mut open: Vec<(String, Certainty)> = vec![(String::new(), Certainty::Exact)];
        let mut best = None;
        for length in 1..=LONGEST_NAME.min(words.len() - at) {
            let place = at + length - 1;
            open = extend(&open, &readings[place], stem(&words[place].text));
            open.retain(|(prefix, _)| self.is_prefix(prefix));
            if open.is_empty() {
                break;
            }
            let whole = open.iter().filter_map(|(name, certainty)| {
                Some((*certainty, self.named(name))).filter(|(_, entries)| !entries.is_empty())
            });
            if let Some((certainty, entries)) = whole.min_by_key(|(certainty, _)| *certainty) {
                best = Some((length, certainty, entries));
            }
        }
        best
    }

    fn is_prefix(&self, prefix: &str) -> bool {
        let place = self.names.partition_point(|(name, _)| name.as_str() < prefix);
        self.names.get(place).is_some_and(|(name, _)| name.starts_with(prefix))
    }

    fn named(&self, name: &str) -> Vec<u32> {
        let place = self.names.partition_point(|(other, _)| other.as_str() < name);
        self.names[place..]
            .iter()
            .take_while(|(other, _)| other == name)
            .map(|&(_, entry)| entry)
            .collect()
    }

    /// The longest run of words from `at` that some few names contain.
    fn part_of_name(
        &self,
        readings: &[Vec<Reading<'_>>],
        at: usize,
    ) -> Option<(usize, Certainty, Vec<u32>)> {
        let mut shared: Option<Vec<u32>> = None;
        let mut length = 0;
        for readings in &readings[at..] {
            let telling = readings.iter().find(|reading| is_telling(reading.stem));
            let Some(holders) = telling.and_then(|reading| self.holders(reading.stem)) else {
                break;
            };
            let narrowed: Vec<u32> = match &shared {
                None => holders.to_vec(),
                Some(shared) => shared
                    .iter()
                    .filter(|entry| holders.binary_search(entry).is_ok())
                    .copied()
                    .collect(),
            };
            if narrowed.is_empty() {
                break;
            }
            shared = Some(narrowed);
            length += 1;
        }
        let shared = shared.filter(|entries| entries.len() <= MOST_CHOICES)?;
        Some((length, Certainty::Partial, shared))
    }

    fn holders(&self, stem: &str) -> Option<&[u32]> {
        let place = self.stems.binary_search_by(|(other, _)| other.as_str().cmp(stem)).ok()?;
        Some(&self.stems[place].1)
    }
}

static NO_HOLDERS: Vec<u32> = Vec::new();

/// A stem of the lexicon that a word of an utterance stands for.
struct Reading<'a> {
    stem: &'a str,
    exact: bool,
}

/// Every open prefix with every reading of the next word, spaced and (for `coca cola` as
/// `cocacola`) joined.
fn extend(
    open: &[(String, Certainty)],
    readings: &[Reading<'_>],
    literal: &str,
) -> Vec<(String, Certainty)> {
    let mut next = Vec::new();
    for (prefix, certainty) in open {
        for reading in readings {
            let certainty =
                if reading.exact { *certainty } else { Certainty::Fuzzy.max(*certainty) };
            let gap = if prefix.is_empty() { "" } else { " " };
            next.push((format!("{prefix}{gap}{}", reading.stem), certainty));
        }
        if !prefix.contains(' ') {
            next.push((format!("{prefix}{literal}"), *certainty));
        }
    }
    next
}

fn stemmed(name: &str) -> Vec<String> {
    tokens(name).into_iter().map(|token| stem(&token.text).to_owned()).collect()
}

fn trigrams(word: &str) -> Vec<[char; 3]> {
    let padded: Vec<char> = format!(" {word} ").chars().collect();
    padded.windows(3).map(|window| [window[0], window[1], window[2]]).collect()
}

fn trigrams_of(stems: &[(String, Vec<u32>)]) -> Vec<([char; 3], Vec<u32>)> {
    let mut index: BTreeMap<[char; 3], Vec<u32>> = BTreeMap::new();
    for (place, (stem, _)) in (0..).zip(stems) {
        for gram in trigrams(stem) {
            let holders = index.entry(gram).or_default();
            if holders.last() != Some(&place) {
                holders.push(place);
            }
        }
    }
    index.into_iter().collect()
}

/// Whether a word alone may point to a name that contains it.
fn is_telling(stem: &str) -> bool {
    stem.chars().count() >= 3
        && !stem.starts_with(|c: char| c.is_ascii_digit())
        && !is_common(stem)
        && !GENERIC.contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let entry = |kind: &str, id: &str, names: &[&str]| Entry {
            kind: kind.into(),
            id: id.into(),
            names: names.iter().map(|&name| name.into()).collect(),
        };
        Lexicon::new(vec![
            entry("product", "p-coke", &["Coca-Cola 330 ml", "Coke", "קולה"]),
            entry("product", "p-straw", &["Strawberry Yoghurt 150 g"]),
            entry("product", "p-plain", &["Natural Yoghurt 500 g"]),
            entry("location", "store-7", &["Store 7", "סניף 7"]),
            entry("location", "store-8", &["Store 8"]),
            entry("lot", "L24-0117", &[]),
            entry("device", "VM-004", &["Lobby machine"]),
        ])
    }

    fn found(text: &str) -> Vec<(String, String, Certainty)> {
        lexicon()
            .find(text, &tokens(text))
            .into_iter()
            .map(|e| (e.text, e.id.unwrap_or_default(), e.certainty))
            .collect()
    }

    fn is(text: &str, expected: &[(&str, &str, Certainty)]) {
        let expected: Vec<(String, String, Certainty)> =
            expected.iter().map(|&(a, b, c)| (a.into(), b.into(), c)).collect();
        assert_eq!(found(text), expected, "{text}");
    }

    #[test]
    fn whole_names_match_by_stems() {
        use Certainty::Exact;
        is("move Coke to store 7", &[("Coke", "p-coke", Exact), ("store 7", "store-7", Exact)]);
        is("where is lot l24 0117?", &[("l24 0117", "L24-0117", Exact)]);
        is("L240117", &[("L240117", "L24-0117", Exact)]);
        is("coca cola 330ml", &[("coca cola 330ml", "p-coke", Exact)]);
        is("כמה קולה בסניף 7", &[("קולה", "p-coke", Exact), ("בסניף 7", "store-7", Exact)]);
        is("the lobby machines", &[("lobby machines", "VM-004", Exact)]);
    }

    #[test]
    fn misspelt_words_are_corrected() {
        is("strawbery yoghurt 150 g", &[("strawbery yoghurt 150 g", "p-straw", Certainty::Fuzzy)]);
        is("the loby machine", &[]);
        is("take a look at the stone", &[]);
    }

    #[test]
    fn some_words_of_a_name_point_to_it() {
        use Certainty::Partial;
        is("natural yogurt sales", &[("natural yogurt", "p-plain", Partial)]);
        is("how much yoghurt", &[("yoghurt", "p-straw", Partial), ("yoghurt", "p-plain", Partial)]);
        is("which store sells most", &[]);
    }

    #[test]
    fn titles_are_the_first_names() {
        assert_eq!(lexicon().title("product", "p-coke"), Some("Coca-Cola 330 ml"));
        assert_eq!(lexicon().title("lot", "L24-0117"), Some("L24-0117"));
        assert_eq!(lexicon().title("lot", "p-coke"), None);
    }
}
