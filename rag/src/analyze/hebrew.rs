//! Hebrew without a dictionary: light stems and character n-grams of folded words.
//!
//! Hebrew glues particles to its words (`במקרר`, "in the refrigerator"), so the bare word is
//! rarely what a document spells. Each word gives itself, the stems left after plausible
//! prefixes and suffixes, and its n-grams of three and four letters.

use super::term::{Kind, TermId};

/// Prefixes of folded words, compounds first.
const PREFIXES: [&str; 21] = [
    "וכש", "לכש", "כש", "וש", "וה", "ול", "וב", "ומ", "שה", "שב", "של", "שמ", "מה", "מב", "ה", "ו",
    "ב", "ל", "מ", "כ", "ש",
];
/// Suffixes of folded words, in the order in which they are tried.
const SUFFIXES: [&str; 18] = [
    "ותיהמ",
    "ותינו",
    "יהמ",
    "יהנ",
    "ותיו",
    "ותיה",
    "יימ",
    "ינו",
    "ימ",
    "ות",
    "ית",
    "יה",
    "יו",
    "תי",
    "נו",
    "ה",
    "ת",
    "י",
];
/// A stem keeps at least this many letters.
const SHORTEST_STEM: usize = 3;

/// Whether a folded word is written in Hebrew letters.
pub(super) fn is_hebrew_word(word: &str) -> bool {
    word.chars().next().is_some_and(is_letter)
}

pub(super) fn is_letter(c: char) -> bool {
    ('\u{5d0}'..='\u{5ea}').contains(&c)
}

/// The letter without its word-final form.
pub(super) fn plain_letter(c: char) -> char {
    match c {
        'ך' => 'כ',
        'ם' => 'מ',
        'ן' => 'נ',
        'ף' => 'פ',
        'ץ' => 'צ',
        other => other,
    }
}

/// The share of letters that are Hebrew; 0 when there are none.
pub(super) fn share(folded: &str) -> f32 {
    let (mut hebrew, mut all) = (0_u32, 0_u32);
    for c in folded.chars().filter(|c| c.is_alphabetic()) {
        all += 1;
        hebrew += u32::from(is_letter(c));
    }
    if all == 0 { 0.0 } else { hebrew as f32 / all as f32 }
}

/// Adds the terms of a folded Hebrew word; returns the stem that stands for it.
pub(super) fn terms(word: &str, into: &mut Vec<TermId>) -> TermId {
    into.push(TermId::new(Kind::Hebrew, word));
    let bare = without_prefixes(word);
    let shortest = bare.iter().min_by_key(|w| w.chars().count()).copied().unwrap_or(word);
    let stem = TermId::new(Kind::Hebrew, &format!("~{}", without_suffix(shortest)));
    into.push(stem);
    for variant in bare.iter().take(3) {
        into.push(TermId::new(Kind::Hebrew, &format!("^{}", without_suffix(variant))));
    }
    for gram in super::grams::of_word(word, 3..=4) {
        into.push(TermId::new(Kind::HebrewGram, &gram));
    }
    stem
}

/// The word itself, then what is left of it after each prefix it may start with.
fn without_prefixes(word: &str) -> Vec<&str> {
    let stripped = PREFIXES.iter().filter_map(|prefix| word.strip_prefix(prefix));
    let long_enough = stripped.filter(|rest| rest.chars().count() >= SHORTEST_STEM);
    std::iter::once(word).chain(long_enough).collect()
}

fn without_suffix(word: &str) -> &str {
    let mut stripped = SUFFIXES.iter().filter_map(|suffix| word.strip_suffix(suffix));
    stripped.find(|rest| rest.chars().count() >= SHORTEST_STEM).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_suffixes_come_off_but_a_stem_remains() {
        assert_eq!(without_prefixes("במקרר"), ["במקרר", "מקרר"]);
        assert_eq!(without_suffix("מקררימ"), "מקרר");
        assert_eq!(without_suffix("תות"), "תות");
    }

    #[test]
    fn the_share_ignores_digits_and_spaces() {
        assert!((share("אב ab 12") - 0.5).abs() < 1e-6);
        assert!(share("12").abs() < 1e-6);
    }
}
