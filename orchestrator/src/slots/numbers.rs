//! Quantities, money, percentages, durations and plain numbers.

use std::ops::Range;

use serde_json::{Number, Value, json};

use super::{Certainty, Entity, overlaps, time_words};
use crate::router::text::{Token, without_prefixes};

/// The numbers that `words` of `text` say, each with the unit next to it. Numbers within `taken`
/// (dates, names, codes) are left out, but for durations: "the next 14 days" is a stretch of time
/// and also 14 days.
pub(super) fn find(text: &str, words: &[Token], taken: &[Range<usize>]) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(reading) = read(text, words, at) else {
            at += 1;
            continue;
        };
        let within = taken.iter().any(|place| overlaps(place, &reading.span));
        if reading.kind == "duration" || !within {
            found.push(Entity {
                text: text[reading.span.clone()].to_owned(),
                span: reading.span,
                kind: reading.kind.to_owned(),
                id: None,
                value: reading.value,
                certainty: Certainty::Pattern,
            });
        }
        at += reading.words;
    }
    found
}

/// The number that a word is, in digits or spelt.
pub(super) fn number(word: &str) -> Option<f64> {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return digits(word);
    }
    let spelt = |word: &str| NUMERALS.iter().find(|(words, _)| words.contains(&word));
    spelt(word)
        .or_else(|| without_prefixes(word).into_iter().find_map(spelt))
        .map(|&(_, value)| value)
}

/// The whole number that a word is, when it is small enough to count with.
pub(super) fn count(word: &str) -> Option<u32> {
    let value = number(word)?;
    (value.fract() == 0.0 && (0.0..=10_000.0).contains(&value)).then_some(value as u32)
}

/// The canonical name of a unit of quantity.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    let canonical = |word: &str| UNITS.iter().find(|words| words.contains(&word));
    canonical(word)
        .or_else(|| without_prefixes(word).into_iter().find_map(canonical))
        .map(|words| words[0])
}

/// A JSON number, whole where the value is.
pub(super) fn json_number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

struct Reading {
    span: Range<usize>,
    words: usize,
    kind: &'static str,
    value: Value,
}

fn read(text: &str, words: &[Token], at: usize) -> Option<Reading> {
    let word = &words[at];
    if let Some((unit, Some(count))) = time_words::unit(&word.text) {
        let value = json!({ "amount": count, "unit": unit.name() });
        return Some(Reading { span: word.span.clone(), words: 1, kind: "duration", value });
    }
    let value = number(&word.text).filter(|_| !is_clock(text, &word.span))?;
    let amount = json_number(value);
    with_symbol(text, word, &amount).or_else(|| with_word(words, at, &amount)).or_else(|| {
        // "One" and its Hebrew kin are mostly pronouns when no unit follows.
        let counts = word.text.starts_with(|c: char| c.is_ascii_digit()) || value > 1.0;
        counts.then(|| Reading { span: word.span.clone(), words: 1, kind: "number", value: amount })
    })
}

/// Whether a number is the hour or the minute of `10:30`.
fn is_clock(text: &str, span: &Range<usize>) -> bool {
    let digit = |character: Option<char>| character.is_some_and(|c| c.is_ascii_digit());
    let behind = text[span.end..].strip_prefix(':');
    let before = text[..span.start].strip_suffix(':');
    behind.is_some_and(|rest| digit(rest.chars().next()))
        || before.is_some_and(|rest| digit(rest.chars().next_back()))
}

/// `$12`, `12 €`, `12%`.
fn with_symbol(text: &str, word: &Token, amount: &Value) -> Option<Reading> {
    let sum = |span, currency: &str| {
        let value = json!({ "amount": amount, "currency": currency });
        Some(Reading { span, words: 1, kind: "money", value })
    };
    let before = text[..word.span.start].trim_end();
    if let Some(symbol) = before.chars().next_back()
        && let Some(currency) = currency(symbol.encode_utf8(&mut [0; 4]))
    {
        return sum(before.len() - symbol.len_utf8()..word.span.end, currency);
    }
    let behind = text[word.span.end..].trim_start();
    let symbol = behind.chars().next()?;
    let span = word.span.start..text.len() - behind.len() + symbol.len_utf8();
    if symbol == '%' {
        return Some(Reading { span, words: 1, kind: "percent", value: amount.clone() });
    }
    sum(span, currency(symbol.encode_utf8(&mut [0; 4]))?)
}

/// `12 cases`, `12 dollars`, `12 percent`, `12 days`.
fn with_word(words: &[Token], at: usize, amount: &Value) -> Option<Reading> {
    let next = words.get(at + 1)?;
    let (kind, value) = if let Some(currency) = currency(&next.text) {
        ("money", json!({ "amount": amount, "currency": currency }))
    } else if PERCENT.contains(&next.text.as_str()) {
        ("percent", amount.clone())
    } else if let Some((measure, None)) = time_words::unit(&next.text) {
        ("duration", json!({ "amount": amount, "unit": measure.name() }))
    } else {
        ("quantity", json!({ "amount": amount, "unit": unit(&next.text)? }))
    };
    Some(Reading { span: words[at].span.start..next.span.end, words: 2, kind, value })
}

fn digits(word: &str) -> Option<f64> {
    if !word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
        return None;
    }
    let grouped =
        word.split(',').skip(1).all(|group| group.split('.').next().map(str::len) == Some(3));
    let plain = if grouped { word.replace(',', "") } else { word.replace(',', ".") };
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

fn currency(word: &str) -> Option<&'static str> {
    let words = CURRENCIES.iter().find(|words| words.contains(&word))?;
    Some(words[0])
}

const PERCENT: &[&str] = &["percent", "pct", "אחוז", "אחוזים"];

const CURRENCIES: &[&[&str]] = &[
    &["USD", "$", "usd", "dollar", "dollars", "bucks", "דולר", "דולרים"],
    &["EUR", "€", "eur", "euro", "euros", "אירו", "יורו"],
    &["GBP", "£", "gbp", "pounds", "quid"],
    &["ILS", "₪", "ils", "nis", "shekel", "shekels", "שקל", "שקלים", "שח"],
];

const UNITS: &[&[&str]] = &[
    &["case", "cases", "ארגז", "ארגזים", "ארגזי"],
    &["box", "boxes", "קופסה", "קופסאות"],
    &["carton", "cartons", "קרטון", "קרטונים", "קרטוני"],
    &["crate", "crates"],
    &["pallet", "pallets", "משטח", "משטחים", "משטחי"],
    &["tray", "trays", "מגש", "מגשים", "מגשי"],
    &["pack", "packs", "packet", "packets", "מארז", "מארזים", "מארזי", "חבילה", "חבילות"],
    &["bag", "bags", "sack", "sacks", "שק", "שקים", "שקי"],
    &["bottle", "bottles", "בקבוק", "בקבוקים", "בקבוקי"],
    &["can", "cans", "פחית", "פחיות"],
    &["jar", "jars", "צנצנת", "צנצנות"],
    &["drum", "drums", "חבית", "חביות"],
    &["dozen", "dozens", "תריסר"],
    &["unit", "units", "pc", "pcs", "piece", "pieces", "each", "ea", "יחידה", "יחידות", "יח"],
    &["kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "קג", "קילו", "קילוגרם"],
    &["g", "gram", "grams", "gr", "גרם", "גר"],
    &["mg", "milligram", "milligrams"],
    &["t", "ton", "tons", "tonne", "tonnes", "טון", "טונות"],
    &["lb", "lbs", "pound"],
    &["oz", "ounce", "ounces"],
    &["l", "liter", "liters", "litre", "litres", "ליטר", "ליטרים"],
    &["ml", "milliliter", "milliliters", "millilitre", "millilitres", "מל"],
    &["gal", "gallon", "gallons"],
];

const NUMERALS: &[(&[&str], f64)] = &[
    (&["zero", "אפס"], 0.0),
    (&["one", "אחד", "אחת"], 1.0),
    (&["two", "couple", "שני", "שתי", "שניים", "שתיים"], 2.0),
    (&["three", "שלוש", "שלושה", "שלושת"], 3.0),
    (&["four", "ארבע", "ארבעה", "ארבעת"], 4.0),
    (&["five", "חמש", "חמישה", "חמשת"], 5.0),
    (&["six", "שש", "שישה", "ששה", "ששת"], 6.0),
    (&["seven", "שבע", "שבעה", "שבעת"], 7.0),
    (&["eight", "שמונה", "שמונת"], 8.0),
    (&["nine", "תשע", "תשעה", "תשעת"], 9.0),
    (&["ten", "עשר", "עשרה", "עשרת"], 10.0),
    (&["eleven"], 11.0),
    (&["twelve", "dozen", "תריסר"], 12.0),
    (&["thirteen"], 13.0),
    (&["fourteen"], 14.0),
    (&["fifteen"], 15.0),
    (&["sixteen"], 16.0),
    (&["seventeen"], 17.0),
    (&["eighteen"], 18.0),
    (&["nineteen"], 19.0),
    (&["twenty", "עשרים"], 20.0),
    (&["thirty", "שלושים"], 30.0),
    (&["forty", "ארבעים"], 40.0),
    (&["fifty", "חמישים"], 50.0),
    (&["sixty", "שישים"], 60.0),
    (&["ninety", "תשעים"], 90.0),
    (&["hundred", "מאה"], 100.0),
    (&["thousand", "אלף"], 1000.0),
];
