//! Words of an utterance, folded so that spellings of one word meet, with their places kept.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A word as it is compared, and where it stands in the original text (byte offsets).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub span: Range<usize>,
}

/// The words of `text` in order: letters and digits, compatibility-folded, lower case, without
/// accents or niqqud.
///
/// A number keeps its inner point or comma (`3.5`, `1,200`) and is parted from letters behind it
/// (`500ml` is `500`, `ml`), but not from letters before it (`L24`); an abbreviation in Hebrew loses its
/// inner quote mark (`ק"ג` is `קג`); an apostrophe parts a word (`what's` is `what`, `s`).
///
/// ```
/// use orchestrator::router::text::tokens;
/// let words: Vec<String> = tokens("Crème, 3.5 kg!").into_iter().map(|t| t.text).collect();
/// assert_eq!(words, ["creme", "3.5", "kg"]);
/// ```
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut start = None;
    let mut previous = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map_or(' ', |&(_, next)| next);
        if let Some(from) = start
            && character.is_alphabetic()
            && text[from..at].bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
        {
            push(&mut found, text, from..at);
            start = Some(at);
        } else if is_word(character) || (start.is_some() && joins(previous, character, next)) {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            push(&mut found, text, from..at);
        }
        previous = character;
    }
    if let Some(from) = start {
        push(&mut found, text, from..text.len());
    }
    found
}

/// `text` as [`tokens`] joined by single spaces: the form in which names are compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for token in tokens(text) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&token.text);
    }
    folded
}

/// A light stem of an English word: plural, `-ing` and `-ed` endings go, nothing else.
///
/// Words shorter than four letters, and words of other scripts, are returned as they are.
pub fn stem(word: &str) -> &str {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    for (ending, least) in [("ings", 3), ("ing", 3), ("ies", 2), ("ied", 2), ("ed", 3)] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.len() >= least
            && rest.bytes().any(|b| b"aeiouy".contains(&b))
        {
            return undouble(rest);
        }
    }
    for ending in ["sses", "shes", "ches", "xes"] {
        if word.ends_with(ending) {
            return &word[..word.len() - 2];
        }
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word;
    }
    let singular = word.strip_suffix('s').unwrap_or(word);
    singular.strip_suffix('e').or_else(|| singular.strip_suffix('y')).unwrap_or(singular)
}

/// A Hebrew word without its one-letter prefixes (and, the, in, to, from, that, as), each form
/// once, longest first; at least two letters stay. Empty for words of other scripts.
pub fn without_prefixes(word: &str) -> Vec<&str> {
    let mut forms = Vec::new();
    if !word.starts_with(is_hebrew) {
        return forms;
    }
    let mut rest = word;
    for _ in 0..2 {
        let mut letters = rest.chars();
        let Some(first) = letters.next() else { break };
        let tail = letters.as_str();
        if !"ובהלמשכ".contains(first) || tail.chars().count() < 2 {
            break;
        }
        forms.push(tail);
        rest = tail;
    }
    forms
}

/// Whether a character belongs to the Hebrew alphabet.
pub fn is_hebrew(character: char) -> bool {
    ('\u{05d0}'..='\u{05ea}').contains(&character)
}

fn undouble(stem: &str) -> &str {
    let bytes = stem.as_bytes();
    match bytes {
        [.., a, b] if a == b && !b"lsz".contains(a) => &stem[..stem.len() - 1],
        [.., b'e' | b'y'] if bytes.len() > 3 => &stem[..stem.len() - 1],
        _ => stem,
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// Whether `character`, though no letter, holds `before` and `after` together.
fn joins(before: char, character: char, after: char) -> bool {
    match character {
        '.' | ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        '"' | '\u{05f4}' | '\'' | '\u{05f3}' | '\u{2019}' => {
            letter_of_hebrew(before) && letter_of_hebrew(after)
        }
        _ => false,
    }
}

fn letter_of_hebrew(character: char) -> bool {
    is_hebrew(character) || ('\u{0591}'..='\u{05c7}').contains(&character)
}

fn push(found: &mut Vec<Token>, text: &str, span: Range<usize>) {
    let raw = &text[span.clone()];
    let folded = if raw.is_ascii() {
        raw.to_ascii_lowercase()
    } else {
        raw.nfkd()
            .filter(|&c| is_word(c) && !is_combining_mark(c) || matches!(c, '.' | ','))
            .flat_map(char::to_lowercase)
            .filter(|&c| !is_combining_mark(c))
            .nfc()
            .collect()
    };
    if !folded.is_empty() {
        found.push(Token { text: folded, span });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn spellings_of_a_word_meet() {
        assert_eq!(words("Ｌ24 Crème BRÛLÉE"), ["l24", "creme", "brulee"]);
        assert_eq!(words("שָׁלוֹם 3.5 ק\"ג"), ["שלום", "3.5", "קג"]);
        assert_eq!(words("what's L24-0117?"), ["what", "s", "l24", "0117"]);
        assert_eq!(words("1.5kg of 7up"), ["1.5", "kg", "of", "7", "up"]);
    }

    #[test]
    fn inflections_share_a_stem() {
        for group in [
            &["forecast", "forecasts", "forecasted", "forecasting"][..],
            &["trace", "traces", "traced", "tracing"],
            &["batch", "batches"],
            &["delivery", "deliveries"],
            &["stop", "stopped", "stopping"],
            &["sell", "selling", "sells"],
            &["move", "moved", "moving", "moves"],
        ] {
            let stems: Vec<&str> = group.iter().map(|word| stem(word)).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{group:?}: {stems:?}");
        }
        assert_eq!(stem("class"), "class");
        assert_eq!(stem("bring"), "bring");
    }

    #[test]
    fn hebrew_prefixes_come_off_one_by_one() {
        assert_eq!(without_prefixes("ובמכונה"), ["במכונה", "מכונה"]);
        assert_eq!(without_prefixes("של"), Vec::<&str>::new());
        assert_eq!(without_prefixes("lot"), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn spans_are_in_order_and_within_the_text(text in any::<String>()) {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(token.span.start >= end && text.get(token.span.clone()).is_some());
                prop_assert!(!token.text.is_empty() && !token.text.contains(' '));
                end = token.span.end;
            }
        }
    }
}
