//! The sentences of a passage, and those that answer a question best.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::analyze::{Analysis, Analyzer, TermId};

/// Words of a title, a heading or the sentence before count this much for a sentence: what it
/// speaks of is often named there.
const CONTEXT_SHARE: f64 = 0.5;
/// A sentence loses this much of its coverage for every passage ranked before its own.
const RANK_COST: f64 = 0.1;
/// A further sentence must score at least this share of the best.
const GOOD_ENOUGH: f64 = 0.6;

/// A sentence and how much of the question it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Which passage it is from.
    pub passage: usize,
    /// Its bytes in the passage's text.
    pub range: Range<usize>,
    /// The share of the question's meaning that it holds, 0 to 1, less for later passages.
    pub coverage: f32,
}

/// The sentences of a text as ranges of bytes. A line that is wrapped goes on in the next one; list
/// items, table rows and quotes stand alone; headings are none.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for block in blocks(text) {
        // A line break ends a sentence for Unicode; a blank of the same length does not.
        let unwrapped = text[block.clone()].replace('\n', " ");
        for (at, sentence) in unwrapped.split_sentence_bound_indices() {
            let from = block.start + at + sentence.len() - sentence.trim_start().len();
            let bare = sentence.trim();
            if bare.chars().any(char::is_alphanumeric) {
                found.push(from..from + bare.len());
            }
        }
    }
    found
}

/// Runs of lines that belong together, without headings.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let (mut from, mut goes_on) = (0, false);
    for line in text.split_inclusive('\n') {
        let to = from + line.len();
        let bare = line.trim();
        let heading = line.starts_with('#');
        match blocks.last_mut() {
            Some(block) if goes_on && !heading && !bare.is_empty() && !stands_alone(bare) => {
                block.end = to;
            }
            _ if !heading && !bare.is_empty() => blocks.push(from..to),
            _ => {}
        }
        let ruled = !bare.chars().any(char::is_alphanumeric);
        goes_on = !heading && !ruled && !bare.starts_with('|');
        from = to;
    }
    blocks
}

/// List items, table rows and quotes begin something of their own.
fn stands_alone(line: &str) -> bool {
    let numbered = line.trim_start_matches(|it: char| it.is_ascii_digit());
    line.starts_with(['|', '>'])
        || !line.chars().any(char::is_alphanumeric)
        || ["- ", "* ", "+ ", "• "].iter().any(|it| line.starts_with(it))
        || (numbered.len() < line.len()
            && (numbered.starts_with(". ") || numbered.starts_with(") ")))
}

/// The up to `most` sentences that cover the question best, best first.
///
/// `passages` are (title and headings, text), best first; ties go to the earlier one. A sentence
/// is only added when it covers something that those before it do not, or nearly as much.
pub fn best_sentences(
    analyzer: &Analyzer,
    question: &Analysis,
    passages: &[(String, &str)],
    idf: impl Fn(TermId) -> f64,
    most: usize,
) -> Vec<Scored> {
    let meaning: Vec<(TermId, f64)> = question.content.iter().map(|t| (*t, idf(*t))).collect();
    let total: f64 = meaning.iter().map(|(_, idf)| idf).sum();
    let mut candidates = Vec::new();
    for (passage, (heading, text)) in passages.iter().enumerate() {
        let above = content(analyzer, heading);
        let mut before = BTreeSet::new();
        for range in sentences(text) {
            let own = content(analyzer, &text[range.clone()]);
            let share = |term: &TermId| {
                if own.contains(term) {
                    1.0
                } else if above.contains(term) || before.contains(term) {
                    CONTEXT_SHARE
                } else {
                    0.0
                }
            };
            let held: f64 = meaning.iter().map(|(term, idf)| share(term) * idf).sum();
            // Nothing of its own: the context alone would pick any sentence.
            if meaning.iter().any(|(term, _)| own.contains(term)) {
                let rank_share = (1.0 - RANK_COST * passage as f64).max(0.0);
                let coverage = (held / total * rank_share) as f32;
                candidates.push((Scored { passage, range, coverage }, own.clone()));
            }
            before = own;
        }
    }
    candidates.sort_by(|a, b| b.0.coverage.total_cmp(&a.0.coverage));
    pick(candidates, &meaning, most)
}

fn pick(
    candidates: Vec<(Scored, BTreeSet<TermId>)>,
    meaning: &[(TermId, f64)],
    most: usize,
) -> Vec<Scored> {
    let mut covered: BTreeSet<TermId> = BTreeSet::new();
    let mut picked: Vec<Scored> = Vec::new();
    for (scored, own) in candidates {
        let best = picked.first().map_or(0.0, |first| f64::from(first.coverage));
        let adds = meaning.iter().any(|(t, _)| own.contains(t) && !covered.contains(t));
        if picked.len() == most || f64::from(scored.coverage) < GOOD_ENOUGH * best {
            break;
        }
        if adds {
            covered.extend(own);
            picked.push(scored);
        }
    }
    picked
}

/// What a text is about.
fn content(analyzer: &Analyzer, text: &str) -> BTreeSet<TermId> {
    analyzer.analyze(text).content.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_stops_end_sentences_and_headings_are_none() {
        let text = "## Rinse\n\nUse cold water. Then 3.5 l of acid.\n- dry it\n---\n";
        let found: Vec<_> = sentences(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["Use cold water.", "Then 3.5 l of acid.", "- dry it"]);
    }

    #[test]
    fn the_sentence_that_covers_most_comes_first() {
        let analyzer = Analyzer::default();
        let question = analyzer.analyze("At what temperature do we keep the freezer?");
        let passages = [
            ("Manual".to_owned(), "Doors stay shut. The freezer is white."),
            ("Freezer".to_owned(), "Keep a temperature of -18 °C. Call service when it fails."),
        ];
        let best = best_sentences(&analyzer, &question, &passages, |_| 1.0, 3);
        assert_eq!(
            &passages[best[0].passage].1[best[0].range.clone()],
            "Keep a temperature of -18 °C."
        );
        assert!((0.7..0.9).contains(&best[0].coverage), "{best:?}");
    }
}
