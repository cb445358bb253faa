//! Finds a quote in the text it claims to come from.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// Where a quote stands in a text: a range of bytes, or `None` when it is not there.
///
/// A quote is verbatim when it differs at most in white space and in marks that combine with a
/// letter, such as Hebrew vowel points, which copying often loses.
///
/// ```
/// let text = "Keep the\n  freezer at -18 °C.";
/// let found = rag::cite::find_quote("the freezer at -18 °C", text).unwrap();
/// assert_eq!(&text[found], "the\n  freezer at -18 °C");
/// assert!(rag::cite::find_quote("freezer at -20 °C", text).is_none());
/// ```
pub fn find_quote(quote: &str, text: &str) -> Option<Range<usize>> {
    let wanted: Vec<char> = plain(quote.trim()).into_iter().map(|(_, c)| c).collect();
    let held = plain(text);
    if wanted.is_empty() || wanted.len() > held.len() {
        return None;
    }
    let at = held
        .windows(wanted.len())
        .position(|window| window.iter().map(|(_, c)| c).eq(wanted.iter()))?;
    let from = held[at].0;
    let to = held.get(at + wanted.len()).map_or(text.len(), |(next, _)| *next);
    Some(from..from + text[from..to].trim_end().len())
}

/// The characters of a text with their bytes: white space as one blank, no combining marks.
fn plain(text: &str) -> Vec<(usize, char)> {
    let mut kept: Vec<(usize, char)> = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            if kept.last().is_some_and(|(_, last)| *last != ' ') {
                kept.push((at, ' '));
            }
        } else if !is_combining_mark(c) {
            kept.push((at, c));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vowel_points_may_be_lost_but_words_may_not() {
        let text = "הוראה: שָׁלוֹם לְכֻלָּם.";
        assert_eq!(&text[find_quote("שלום לכלם", text).unwrap()], "שָׁלוֹם לְכֻלָּם");
        assert!(find_quote("שלום לכולם", text).is_none());
    }

    #[test]
    fn a_quote_may_be_the_whole_text_but_not_nothing() {
        assert_eq!(find_quote("a b", "a b"), Some(0..3));
        assert_eq!(find_quote(" ", "a b"), None);
        assert_eq!(find_quote("a b c", "a b"), None);
    }
}
