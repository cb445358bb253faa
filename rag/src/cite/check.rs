//! Checks a finished answer against the evidence it cites.

use serde::Serialize;

use super::{EvidenceId, sentences};

/// Text that may be cited.
#[derive(Debug, Clone, Copy)]
pub struct Citable<'a> {
    pub evidence: EvidenceId,
    pub text: &'a str,
}

/// What is wrong with an answer's citations; all empty when nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Evidence of this turn that the answer cites, in order, without repeats.
    pub cited: Vec<EvidenceId>,
    /// Markers that name no evidence of this turn.
    pub unknown: Vec<String>,
    /// Numbers and codes in cited sentences that the cited text does not hold.
    pub unsupported: Vec<String>,
}

/// Checks every marker `[e1]` or `[e1, e3]` of an answer, and every number in a cited sentence.
pub fn check(answer: &str, evidence: &[Citable<'_>]) -> Checked {
    let mut checked = Checked::default();
    for range in cited_sentences(answer) {
        let (words, markers) = split_markers(&answer[range]);
        let mut texts = Vec::new();
        for marker in markers {
            let known = EvidenceId::parse(&marker);
            let known = known.and_then(|id| evidence.iter().find(|e| e.evidence == id));
            let Some(known) = known else {
                checked.unknown.push(marker);
                continue;
            };
            texts.push(known.text);
            if !checked.cited.contains(&known.evidence) {
                checked.cited.push(known.evidence);
            }
        }
        if texts.is_empty() {
            continue;
        }
        let held: Vec<&str> = texts.iter().flat_map(|text| numbers(text)).collect();
        let missing = numbers(&words).filter(|number| !held.contains(number));
        checked.unsupported.extend(missing.map(str::to_owned));
    }
    checked
}

/// Sentences, with a marker that follows a full stop counted to the sentence before it.
fn cited_sentences(answer: &str) -> Vec<std::ops::Range<usize>> {
    let mut joined: Vec<std::ops::Range<usize>> = Vec::new();
    for range in sentences(answer) {
        let only_markers = answer[range.clone()].starts_with('[');
        match joined.last_mut() {
            Some(last) if only_markers => {
                let rest = &answer[range.clone()];
                let end = rest.find(']').map_or(range.end, |at| range.start + at + 1);
                last.end = end;
                if answer[end..range.end].chars().any(char::is_alphanumeric) {
                    joined.push(end..range.end);
                }
            }
            _ => joined.push(range),
        }
    }
    joined
}

/// The sentence without its markers, and the ids in them.
fn split_markers(sentence: &str) -> (String, Vec<String>) {
    let (mut words, mut markers) = (String::new(), Vec::new());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('[') {
        words.push_str(before);
        let Some((inside, behind)) = after.split_once(']') else {
            rest = after;
            break;
        };
        let ids: Vec<&str> = inside.split(',').map(str::trim).collect();
        if ids.iter().all(|id| id.strip_prefix('e').is_some_and(is_number)) {
            markers.extend(ids.into_iter().map(str::to_owned));
        } else {
            words.push_str(inside);
        }
        rest = behind;
    }
    words.push_str(rest);
    (words, markers)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The runs that hold a digit: `-18`, `3.5`, `L24-0117`, `2026-11-20`.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.' | ',' | '/' | '#' | ':')))
        .map(|run| run.trim_matches(|c: char| !c.is_alphanumeric() && c != '-'))
        .map(|run| run.trim_end_matches('-'))
        .filter(|run| run.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(answer: &str) -> Checked {
        let mut evidence = super::super::Evidence::default();
        let text = "Keep the freezer at -18 °C for lot L24-0117.";
        check(answer, &[Citable { evidence: evidence.mint(), text }])
    }

    #[test]
    fn a_supported_sentence_passes() {
        let result = checked("Lot L24-0117 is kept at -18 °C [e1]. Keep it shut. [e1]");
        assert_eq!(result.cited.len(), 1);
        assert!(result.unknown.is_empty() && result.unsupported.is_empty(), "{result:?}");
    }

    #[test]
    fn invented_ids_and_numbers_are_named() {
        let result = checked("It is kept at -20 °C [e1, e7]. Nothing else [e01].");
        assert_eq!(result.unknown, ["e7", "e01"]);
        assert_eq!(result.unsupported, ["-20"]);
    }

    #[test]
    fn a_marker_after_the_stop_belongs_to_the_sentence_before() {
        assert_eq!(checked("It is 99 °C. [e1] More text.").unsupported, ["99"]);
    }
}
