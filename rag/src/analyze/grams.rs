//! Character n-grams: what a misspelt, inflected or half-remembered word still shares.

use std::ops::RangeInclusive;

use super::hebrew;
use super::term::{count, hash64};

/// The number of a character n-gram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gram(u64);

impl Gram {
    /// One of `n` slots, the same for the same n-gram for ever.
    pub fn slot(self, n: usize) -> usize {
        (self.0 % n as u64) as usize
    }

    /// Plus or minus one, independent of the slot: collisions cancel instead of adding up.
    pub fn sign(self) -> f32 {
        if self.0 >> 63 == 1 { 1.0 } else { -1.0 }
    }
}

/// The n-grams of folded words with their counts: three to five letters, two to four in Hebrew,
/// whose words are shorter.
pub fn grams(words: &[&str]) -> Vec<(Gram, f32)> {
    let mut found = Vec::new();
    let mut framed = String::new();
    let mut cuts = Vec::new();
    for word in words {
        let sizes = if hebrew::is_hebrew_word(word) { 2..=4 } else { 3..=5 };
        frame(word, &mut framed, &mut cuts);
        each(&cuts, sizes, |from, to| found.push(Gram(hash64(&framed.as_bytes()[from..to]))));
    }
    count(found)
}

/// The n-grams of one word as text, with `^` and `$` at its ends.
pub(super) fn of_word(word: &str, sizes: RangeInclusive<usize>) -> Vec<String> {
    let (mut framed, mut cuts, mut found) = (String::new(), Vec::new(), Vec::new());
    frame(word, &mut framed, &mut cuts);
    each(&cuts, sizes, |from, to| found.push(framed[from..to].to_owned()));
    found
}

/// Writes `^word$` and the byte positions between its letters.
fn frame(word: &str, framed: &mut String, cuts: &mut Vec<usize>) {
    framed.clear();
    framed.push('^');
    framed.push_str(word);
    framed.push('$');
    cuts.clear();
    cuts.extend(framed.char_indices().map(|(at, _)| at));
    cuts.push(framed.len());
}

fn each(cuts: &[usize], sizes: RangeInclusive<usize>, mut take: impl FnMut(usize, usize)) {
    for size in sizes {
        for window in cuts.windows(size + 1) {
            take(window[0], window[size]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_framed_before_it_is_cut() {
        assert_eq!(of_word("ab", 3..=4), ["^ab", "ab$", "^ab$"]);
        assert_eq!(of_word("שם", 3..=3), ["^שם", "שם$"]);
    }

    #[test]
    fn misspelt_words_share_most_of_their_grams() {
        let (a, b) = (grams(&["yoghurt"]), grams(&["yogurt"]));
        let shared = a.iter().filter(|(gram, _)| b.iter().any(|(g, _)| g == gram)).count();
        assert!(shared >= 6, "{shared} of {}", a.len());
    }
}
