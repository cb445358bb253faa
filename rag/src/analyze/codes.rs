//! Lots, SKUs, article numbers and dates, kept whole.
//!
//! A code is spelt in many ways (`LOT-2291`, `lot 2291`, `Lot#2291`), so it is compared by its
//! groups of letters and digits, joined by hyphens: `lot-2291`.

use super::fold::words;

/// A code found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its groups, lower case, joined by hyphens.
    pub text: String,
    /// Whether it is long enough to name one record, so that passages with it come first.
    pub decisive: bool,
}

/// Words that introduce a number which is a code only together with them.
const PREFIXES: [&str; 24] = [
    "lot",
    "batch",
    "sku",
    "ean",
    "gtin",
    "upc",
    "sscc",
    "gln",
    "po",
    "item",
    "ref",
    "sop",
    "capa",
    "dev",
    "haccp",
    "ccp",
    "inv",
    "pallet",
    "order",
    "doc",
    "spec",
    "אצווה",
    "מקט",
    "מנה",
];

/// The codes of a folded text, in its order.
pub(super) fn find(folded: &str) -> Vec<Code> {
    let mut found = Vec::new();
    let mut previous = "";
    for run in folded.split(|c: char| !is_code_char(c)) {
        let run = run.trim_matches(|c: char| !c.is_alphanumeric());
        if run.is_empty() {
            continue;
        }
        if run.bytes().any(|byte| byte.is_ascii_digit()) {
            add(run, previous, &mut found);
        }
        previous = run;
    }
    found
}

fn add(run: &str, previous: &str, found: &mut Vec<Code>) {
    let mut groups = groups(run);
    if is_number(run, &groups) {
        if PREFIXES.contains(&previous) && run.len() >= 2 {
            groups.insert(0, previous);
        } else if run.len() < 6 || groups.len() > 1 {
            return;
        }
    }
    found.push(code(&groups));
    if groups.len() > 2 && PREFIXES.contains(&groups[0]) {
        found.push(code(&groups[1..]));
    }
    if let [day, month, year] = groups[..]
        && is_date(day, month, year)
    {
        found.push(code(&[year, month, day]));
    }
}

fn code(groups: &[&str]) -> Code {
    let text = groups.join("-");
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().any(|byte| byte.is_ascii_lowercase());
    let decisive = digits >= 6 || digits >= 3 && (letters || groups.len() > 2);
    Code { text, decisive }
}

/// The alternating groups of letters and digits of a run.
fn groups(run: &str) -> Vec<&str> {
    let mut groups = Vec::new();
    for part in words(run) {
        let mut from = 0;
        let mut digit = None;
        for (at, c) in part.char_indices() {
            let is_digit = c.is_ascii_digit();
            if digit.is_some_and(|was| was != is_digit) {
                groups.push(&part[from..at]);
                from = at;
            }
            digit = Some(is_digit);
        }
        groups.push(&part[from..]);
    }
    groups
}

/// Whether a run is a plain number: `2291`, `3.5`, `1,000.50`.
fn is_number(run: &str, groups: &[&str]) -> bool {
    let separators = run.bytes().filter(|byte| !byte.is_ascii_alphanumeric());
    groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()))
        && (groups.len() == 1 || groups.len() == 2 && separators.clone().eq(*b"."))
}

/// Whether the groups are a day, a month and a year, in that order.
fn is_date(day: &str, month: &str, year: &str) -> bool {
    let within = |text: &str, most: u32| text.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n));
    year.len() == 4
        && day.len() == 2
        && month.len() == 2
        && within(day, 31)
        && within(month, 12)
        && within(year, 2999)
}

fn is_code_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '/' | '#' | '.' | '_' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        find(text).into_iter().map(|code| code.text).collect()
    }

    #[test]
    fn one_code_however_it_is_spelt() {
        for spelling in ["lot-2291", "lot 2291", "lot#2291", "lot2291", "lot: 2291."] {
            assert_eq!(texts(spelling), ["lot-2291"], "{spelling}");
        }
    }

    #[test]
    fn a_code_is_also_found_without_its_introduction() {
        assert_eq!(texts("sku#12-34/5"), ["sku-12-34-5", "12-34-5"]);
        assert_eq!(texts("12-34/5"), ["12-34-5"]);
        assert_eq!(texts("l24-0117"), ["l-24-0117"]);
    }

    #[test]
    fn dates_meet_in_one_form() {
        assert!(texts("20/11/2026").contains(&"2026-11-20".to_owned()));
        assert_eq!(texts("2026-11-20"), ["2026-11-20"]);
    }

    #[test]
    fn plain_numbers_are_not_codes_but_article_numbers_are() {
        assert_eq!(texts("3.5 kg of 120 at 72"), Vec::<String>::new());
        assert_eq!(texts("7290000066318"), ["7290000066318"]);
    }

    #[test]
    fn short_codes_are_kept_but_decide_nothing() {
        assert_eq!(find("il-2"), [Code { text: "il-2".into(), decisive: false }]);
        assert!(find("lot-2291")[0].decisive);
    }
}
