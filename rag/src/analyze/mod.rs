//! From text to the terms that search counts.
//!
//! Analysis happens here and never in the database: its text parser tears lot numbers apart
//! (`LOT-2291` becomes `lot` and `-2291`), keeps Hebrew vowel points and splits acronyms.
//! English words become Porter2 stems, Hebrew words become light stems and character n-grams,
//! and a lot, SKU or date is kept whole beside its parts.

mod codes;
mod fold;
mod grams;
mod hebrew;
mod stop;
mod term;

use rust_stemmers::{Algorithm, Stemmer};

pub use codes::Code;
pub use fold::{fold, words};
pub use grams::{Gram, grams};
pub use term::{Counts, Kind, TERM_SPACE, TermId, count};

/// What the index keeps of one passage, or of one question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Analysis {
    /// Occurrences of each term, by term.
    pub terms: Counts,
    /// Words counted, function words left out: the length that BM25 normalises by.
    pub words: u32,
    /// Occurrences of each character n-gram, by n-gram.
    pub grams: Vec<(Gram, f32)>,
    /// Codes that say by themselves which record is meant.
    pub codes: Vec<TermId>,
    /// Terms that carry the meaning, distinct, in the order of the text: no function or question
    /// words, no n-grams.
    pub content: Vec<TermId>,
    /// The share of letters that are Hebrew, 0 to 1.
    pub hebrew: f32,
}

impl Analysis {
    /// Whether Hebrew letters outnumber the others.
    pub fn is_hebrew(&self) -> bool {
        self.hebrew >= 0.5
    }
}

/// Turns text into terms.
///
/// ```
/// use rag::analyze::Analyzer;
///
/// let analyzer = Analyzer::default();
/// let passage = analyzer.analyze("Lot LOT-2291 was recalled.");
/// let question = analyzer.analyze("what happened to lot 2291?");
/// assert_eq!(passage.codes, question.codes);
/// ```
pub struct Analyzer {
    stemmer: Stemmer,
}

impl Default for Analyzer {
    fn default() -> Self {
        Analyzer { stemmer: Stemmer::create(Algorithm::English) }
    }
}

impl Analyzer {
    /// The terms, n-grams and codes of a text.
    pub fn analyze(&self, text: &str) -> Analysis {
        let folded = fold(text);
        let mut terms = Vec::new();
        let mut content = Vec::new();
        let mut kept = Vec::new();
        for word in words(&folded) {
            if stop::is_function_word(word) {
                continue;
            }
            kept.push(word);
            let term = self.word_terms(word, &mut terms);
            if !stop::is_question_word(word) && !content.contains(&term) {
                content.push(term);
            }
        }
        let mut codes = Vec::new();
        for code in codes::find(&folded) {
            let term = TermId::new(Kind::Code, &code.text);
            terms.push(term);
            if code.decisive && !codes.contains(&term) {
                codes.push(term);
                content.push(term);
            }
        }
        Analysis {
            terms: count(terms),
            words: u32::try_from(kept.len()).unwrap_or(u32::MAX),
            grams: grams(&kept),
            codes,
            content,
            hebrew: hebrew::share(&folded),
        }
    }

    /// The stems of plain words in the order of the text: what a textbook BM25 would index.
    pub fn plain_terms(&self, text: &str) -> Vec<TermId> {
        let folded = fold(text);
        let kept = words(&folded).filter(|word| !stop::is_function_word(word));
        kept.map(|word| self.stem(word)).collect()
    }

    /// Adds the terms of one folded word and returns the one that stands for it.
    fn word_terms(&self, word: &str, into: &mut Vec<TermId>) -> TermId {
        if hebrew::is_hebrew_word(word) {
            return hebrew::terms(word, into);
        }
        let term = self.stem(word);
        into.push(term);
        term
    }

    fn stem(&self, word: &str) -> TermId {
        TermId::new(Kind::Word, &self.stemmer.stem(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analyze(text: &str) -> Analysis {
        Analyzer::default().analyze(text)
    }

    #[test]
    fn inflections_share_a_term() {
        assert_eq!(analyze("cleaning the freezers").terms, analyze("clean freezer").terms);
    }

    #[test]
    fn a_code_is_kept_whole_beside_its_parts() {
        let analysis = analyze("see SKU#12-34/5");
        let whole = TermId::new(Kind::Code, "12-34-5");
        assert!(analysis.codes.contains(&whole));
        assert!(analysis.terms.iter().any(|(term, _)| *term == TermId::new(Kind::Word, "34")));
    }

    #[test]
    fn length_counts_words_only() {
        assert_eq!(analyze("the lot LOT-2291").words, 3);
    }

    #[test]
    fn question_words_carry_no_meaning() {
        assert_eq!(analyze("where did the pallet go").content.len(), 2);
    }

    #[test]
    fn hebrew_prefixes_and_points_do_not_hide_a_word() {
        let plain: Vec<_> = analyze("מקרר").terms;
        let prefixed = analyze("בַּמְּקָרֵר").terms;
        let shared = plain.iter().filter(|(term, _)| prefixed.iter().any(|(t, _)| t == term));
        assert!(shared.count() >= 3);
        assert!(analyze("מקרר").is_hebrew());
    }
}
