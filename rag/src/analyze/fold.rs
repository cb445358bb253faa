//! One spelling for one word: case, accents, vowel points, final letters and acronyms.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::hebrew::{is_letter, plain_letter};

/// Folds a text: compatibility forms decomposed, marks dropped, lower case, Hebrew final letters
/// made plain and the marks inside Hebrew acronyms (`חו"ל`) dropped.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut letters = text.nfkd().filter(|c| !is_combining_mark(*c)).peekable();
    let mut folded = String::with_capacity(text.len());
    let mut previous = ' ';
    while let Some(letter) = letters.next() {
        let between_hebrew =
            is_letter(previous) && letters.peek().is_some_and(|next| is_letter(*next));
        if between_hebrew && is_acronym_mark(letter) {
            continue;
        }
        folded.extend(plain_letter(letter).to_lowercase());
        previous = letter;
    }
    folded
}

/// The runs of letters and digits in a folded text.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn is_acronym_mark(c: char) -> bool {
    matches!(c, '"' | '\'' | '\u{5f3}' | '\u{5f4}' | '\u{2019}' | '\u{201d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_ligatures_fold() {
        assert_eq!(fold("Crème BRÛLÉE ﬁne"), "creme brulee fine");
    }

    #[test]
    fn hebrew_acronyms_points_and_finals_fold() {
        assert_eq!(fold("חו\"ל שָׁלוֹם"), "חול שלומ");
        assert_eq!(fold("אמר \"שלום\""), "אמר \"שלומ\"");
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(words("lot-2291, 3.5 kg").collect::<Vec<_>>(), ["lot", "2291", "3", "5", "kg"]);
    }
}
