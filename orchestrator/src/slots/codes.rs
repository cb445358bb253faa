//! Identifiers by their form, whether the lexicon holds them or not.
//!
//! An unknown code is passed on as it is written: the tool answers that it does not exist and which
//! one is nearest, which is better than asking "which lot?" of somebody who has just said it.

use std::ops::Range;

use serde_json::Value;

use super::{Certainty, Entity, overlaps};
use crate::router::text::{stem, tokens, without_prefixes};

/// The codes in `text`, outside the places in `known`.
///
/// The word before a code tells its kind (`device VM-9`, `אצווה 17`); else its form does: an EPC URN,
/// a GTIN by its check digit, a lot (`L24-0117`), a slot (`B3`); else it is a `code`.
pub(super) fn find(text: &str, known: &[Range<usize>]) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    for span in written(text) {
        if known.iter().any(|place| overlaps(place, &span)) {
            continue;
        }
        let code = &text[span.clone()];
        let cue = cue(&text[..span.start]);
        let kind = match (by_form(code), cue) {
            (Some(form), Some(cue)) if form == CODE || form == SLOT || form == LOT => cue,
            (Some(form), _) => form,
            (None, Some(cue)) if is_number(code) => cue,
            (None, _) => continue,
        };
        found.push(Entity {
            span: span.clone(),
            kind: kind.to_owned(),
            id: None,
            text: code.to_owned(),
            value: Value::String(code.to_owned()),
            certainty: Certainty::Pattern,
        });
    }
    found
}

const CODE: &str = "code";
const LOT: &str = "lot";
const SLOT: &str = "slot_label";

/// The places of runs without spaces that hold a digit, less the punctuation around them and a
/// Hebrew prefix with its hyphen.
fn written(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for run in text.split_whitespace() {
        let at = run.as_ptr() as usize - text.as_ptr() as usize;
        let mut start = at;
        let mut code = run.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if let Some(inner) = run.find(code) {
            start += inner;
        }
        if code.is_empty() || !code.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if let Some(possessive) = code.strip_suffix("'s").or_else(|| code.strip_suffix("’s")) {
            code = possessive;
        }
        found.push(start..start + code.len());
    }
    found
}

fn is_number(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The kind that a code has by its form.
fn by_form(code: &str) -> Option<&'static str> {
    let lower = code.to_ascii_lowercase();
    if let Some(urn) = lower.strip_prefix("urn:epc:") {
        let scheme = urn.split(':').nth(1).unwrap_or_default();
        return Some(EPC.iter().find(|(name, _)| *name == scheme).map_or(CODE, |&(_, kind)| kind));
    }
    if is_number(code) {
        return is_gtin(code).then_some("product");
    }
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/.".contains(&byte)) {
        return None;
    }
    let letters: String = lower.chars().take_while(char::is_ascii_alphabetic).collect();
    let rest = &code[letters.len()..];
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    if letters.is_empty() || letters.len() > 6 || digits == 0 {
        return None;
    }
    if let Some((_, kind)) = PREFIXES.iter().find(|(words, _)| words.contains(&letters.as_str())) {
        return Some(kind);
    }
    if letters.len() == 1 && is_number(rest) && digits <= 2 {
        let time = matches!(letters.as_str(), "q" | "w");
        return (!time).then_some(SLOT);
    }
    let parted = rest.bytes().any(|byte| b"-_/.".contains(&byte));
    match (parted, digits) {
        (true, 4..) if letters.len() <= 2 => Some(LOT),
        (false, 5..) if letters.len() <= 2 => Some(LOT),
        (true, 2..) | (false, 3..) => Some(CODE),
        _ => None,
    }
}

/// The GS1 check digit: weights 3 and 1 from the right, behind the last digit.
fn is_gtin(code: &str) -> bool {
    if !matches!(code.len(), 8 | 12 | 13 | 14) {
        return false;
    }
    let sum: u32 = code
        .bytes()
        .rev()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    sum.is_multiple_of(10)
}

/// The kind that the last words before a code announce.
fn cue(before: &str) -> Option<&'static str> {
    let kept = before.trim_end_matches(|c: char| c.is_whitespace() || "#:-\"'(".contains(c));
    // A clause's end parts a word from the code behind it.
    if kept.ends_with([',', '.', ';', '?', '!']) {
        return None;
    }
    let words = tokens(kept);
    let named = |word: &str| {
        CUES.iter()
            .find(|(cues, _)| {
                cues.contains(&stem(word))
                    || without_prefixes(word).iter().any(|form| cues.contains(form))
            })
            .map(|&(_, kind)| kind)
    };
    let last = words.last()?;
    named(&last.text).or_else(|| {
        let filler = matches!(&*last.text, "number" | "no" | "code" | "id" | "מספר" | "מס" | "קוד");
        let previous = words.len().checked_sub(2).filter(|_| filler)?;
        named(&words[previous].text)
    })
}

const EPC: &[(&str, &str)] = &[
    ("lgtin", "lot"),
    ("sgtin", "product"),
    ("sgln", "location"),
    ("pgln", "location"),
    ("sscc", "shipment"),
];

const PREFIXES: &[(&[&str], &str)] = &[
    (&["lot", "batch"], "lot"),
    (&["sku", "gtin", "ean", "upc"], "product"),
    (&["po", "so", "wo"], "order"),
    (&["sop", "doc", "spec"], "document"),
    (&["vm"], "device"),
];

/// Stems of the words that announce a kind of record.
const CUES: &[(&[&str], &str)] = &[
    (&["lot", "batch", "אצווה", "אצוות", "מנה"], "lot"),
    (&["devic", "machin", "vm", "מכונה", "מכונת", "מכשיר"], "device"),
    (&["product", "sku", "item", "gtin", "מוצר", "פריט", "מקט"], "product"),
    (&["stor", "location", "warehous", "sit", "branch", "סניף", "חנות", "מחסן"], "location"),
    (&["lin", "קו"], "line"),
    (&["supplier", "vendor", "ספק"], "supplier"),
    (&["customer", "client", "לקוח"], "customer"),
    (&["slot", "coil", "spiral", "column", "תא"], "slot_label"),
    (&["document", "doc", "sop", "procedur", "מסמך", "נוהל"], "document"),
    (&["order", "הזמנה"], "order"),
    (&["shipment", "delivery", "משלוח"], "shipment"),
    (&["deviation", "ncr", "capa", "חריגה"], "deviation"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(String, String)> {
        find(text, &[]).into_iter().map(|entity| (entity.text, entity.kind)).collect()
    }

    #[test]
    fn forms_tell_kinds() {
        for (text, code, kind) in [
            ("where did L24-0117 go?", "L24-0117", "lot"),
            (
                "trace urn:epc:class:lgtin:4012345.012345.998877",
                "urn:epc:class:lgtin:4012345.012345.998877",
                "lot",
            ),
            ("price of 4006381333931", "4006381333931", "product"),
            ("move Coke to B3.", "B3", "slot_label"),
            ("open SKU-12", "SKU-12", "product"),
            ("what is VM-004's revenue", "VM-004", "device"),
            ("לאן הלכה ב-L24-0117", "L24-0117", "lot"),
        ] {
            assert_eq!(kinds(text), [(code.to_owned(), kind.to_owned())], "{text}");
        }
    }

    #[test]
    fn the_word_before_tells_the_kind() {
        for (text, code, kind) in [
            ("device X-77 is down", "X-77", "device"),
            ("how is store 7 doing", "7", "location"),
            ("lot number 5512", "5512", "lot"),
            ("מה קרה במכונה 12", "12", "device"),
            ("slot C4", "C4", "slot_label"),
        ] {
            assert_eq!(kinds(text), [(code.to_owned(), kind.to_owned())], "{text}");
        }
    }

    #[test]
    fn plain_numbers_and_times_are_no_codes() {
        for text in ["12 cases", "4006381333932 units", "3.5kg", "Q3", "week 34", "10:30", "50%"] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
