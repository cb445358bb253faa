//! Secrets and personal data, taken out before a record touches the disk.
//!
//! Replaced by what they were: `[secret]`, `[email]`, `[phone]`, `[card]`, `[iban]`, `[ssn]`.
//! Codes of the trade stay: lots, GTINs (8, 12 to 14 digits), SSCCs (18), dates, amounts. The
//! same text gives the same result, and redacting twice changes nothing more, so an output can be
//! compared with a recorded one by redacting it as well.
//!
//! ```
//! use telemetry::redact;
//! let text = redact::text("mail ann@dairy.example about L24-0117, key sk-abcdefghijklmnop1234");
//! assert_eq!(text, "mail [email] about L24-0117, key [secret]");
//! ```

use std::borrow::Cow;

use serde_json::Value;

mod numbers;
mod secrets;

/// What a finding stands for in the redacted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Finding {
    start: usize,
    end: usize,
    tag: &'static str,
}

/// What one pass takes out can join what stood around it into a new finding, so passes are repeated
/// until nothing is found; more than two are rare.
const MOST_PASSES: usize = 8;

/// A text without secrets and personal data; borrowed when there was nothing to take out.
pub fn text(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    for _ in 0..MOST_PASSES {
        let findings = find(&clean);
        if findings.is_empty() {
            break;
        }
        clean = Cow::Owned(without(&clean, &findings));
    }
    clean
}

fn without(text: &str, findings: &[Finding]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for Finding { start, end, tag } in findings {
        clean.push_str(&text[done..*start]);
        clean.push_str(tag);
        done = *end;
    }
    clean.push_str(&text[done..]);
    clean
}

/// Where the places of a text went when it was redacted: the findings of each pass.
#[derive(Debug)]
pub struct Shifts(Vec<Vec<Finding>>);

impl Shifts {
    pub fn of(text: &str) -> Self {
        let mut passes = Vec::new();
        let mut clean = Cow::Borrowed(text);
        for _ in 0..MOST_PASSES {
            let findings = find(&clean);
            if findings.is_empty() {
                break;
            }
            clean = Cow::Owned(without(&clean, &findings));
            passes.push(findings);
        }
        Self(passes)
    }

    /// Whether nothing was taken out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The new place of a byte offset, unless it is inside something that was taken out.
    pub fn moved(&self, offset: usize) -> Option<usize> {
        self.0.iter().try_fold(offset, |offset, findings| moved_by(findings, offset))
    }
}

fn moved_by(findings: &[Finding], offset: usize) -> Option<usize> {
    let mut moved = offset;
    for Finding { start, end, tag } in findings.iter().take_while(|it| it.start < offset) {
        if offset < *end {
            return None;
        }
        moved = moved + tag.len() - (end - start);
    }
    Some(moved)
}

/// A piece of streamed text whose last word is, or may become, an address: without that word.
///
/// The next piece may bring the rest of it, too late to take this part back.
pub(crate) fn cut_address(text: &str) -> Option<String> {
    let (before, last) = text.split_at(text.len() - trailing(text, |it| !it.is_whitespace()));
    let (local, host) = last.split_once('@')?;
    let begins = host.chars().next().is_none_or(char::is_alphabetic);
    (begins && !local.is_empty()).then(|| format!("{before}[email]"))
}

/// The same for every string inside a JSON value; the value of a member such as `password` goes
/// whatever it is. Names stay.
pub fn value(value: &mut Value) {
    match value {
        Value::String(string) => {
            if let Cow::Owned(clean) = text(string) {
                *string = clean;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(self::value),
        Value::Object(members) => members.iter_mut().for_each(|(name, it)| member(name, it)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The same for one member of an object.
pub(crate) fn member(name: &str, value: &mut Value) {
    match value {
        Value::String(string) if secrets::is_secret_name(name) => *string = secrets::TAG.into(),
        _ => self::value(value),
    }
}

/// All findings in order, none inside or across another.
fn find(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    secrets::find(text, &mut findings);
    emails(text, &mut findings);
    if text.bytes().filter(u8::is_ascii_digit).count() >= 7 {
        numbers::find(text, &mut findings);
    }
    findings.sort_by_key(|it| (it.start, std::cmp::Reverse(it.end)));
    let mut done = 0;
    findings.retain(|it| {
        it.start >= done && {
            done = it.end;
            true
        }
    });
    findings
}

/// Addresses: a local part, `@`, and a domain that ends in letters.
fn emails(text: &str, findings: &mut Vec<Finding>) {
    for (at, _) in text.match_indices('@') {
        let local = |it: char| it.is_alphanumeric() || "._%+-'".contains(it);
        let domain = |it: char| it.is_alphanumeric() || ".-".contains(it);
        let start = at - trailing(&text[..at], local);
        let length = leading(&text[at + 1..], domain);
        let host = text[at + 1..at + 1 + length].trim_end_matches(['.', '-']);
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        if start < at && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) {
            findings.push(Finding { start, end: at + 1 + host.len(), tag: "[email]" });
        }
    }
}

/// Bytes of the run of matching characters that a text begins with.
fn leading(text: &str, matches: impl Fn(char) -> bool) -> usize {
    text.find(|it: char| !matches(it)).unwrap_or(text.len())
}

/// Bytes of the run of matching characters that a text ends with.
fn trailing(text: &str, matches: impl Fn(char) -> bool) -> usize {
    text.len() - text.trim_end_matches(matches).len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Canaries: none of these may reach the disk.
    const CANARIES: &[(&str, &str)] = &[
        ("write to ann.o'neil+qa@dairy-north.example.com.", "write to [email]."),
        ("כתבו אל dana@halav.co.il בבקשה", "כתבו אל [email] בבקשה"),
        ("call +1 (330) 555-0117 now", "call [phone] now"),
        ("call (330) 555-0117", "call [phone]"),
        ("330-555-0117 or 330.555.0117", "[phone] or [phone]"),
        ("טלפון 054-123-4567, 03-1234567", "טלפון [phone], [phone]"),
        ("+972541234567", "[phone]"),
        ("key sk-ant-api03-AbCdEfGh1234567890", "key [secret]"),
        ("sk-proj-AbCdEfGh1234567890xyz", "[secret]"),
        ("token=ghp_0123456789abcdefABCDEF", "token=[secret]"),
        ("AKIAIOSFODNN7EXAMPLE", "[secret]"),
        ("Authorization: Bearer abc.def-ghi_jkl0123456", "Authorization: [secret]"),
        ("send Bearer abcdefghijklmnop0123 please", "send Bearer [secret] please"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP", "[secret]"),
        ("my password is hunter2, thanks", "my password is [secret], thanks"),
        ("password: \"p@ss w0rd\"", "password: [secret]"),
        ("PASSWORD=hunter2", "PASSWORD=[secret]"),
        ("api-key: 1234", "api-key: [secret]"),
        ("client_secret = s3", "client_secret = [secret]"),
        ("הסיסמה שלי: חלב123", "הסיסמה שלי: [secret]"),
        ("postgres://app:hunter2@localhost/db", "postgres://app:[secret]@localhost/db"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- end",
            "[secret] end",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE cut off", "[secret]"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("card 378282246310005", "card [card]"),
        ("iban DE89 3704 0044 0532 0130 00 ok", "iban [iban] ok"),
        ("GB82WEST12345698765432", "[iban]"),
        ("ssn 078-05-1120", "ssn [ssn]"),
    ];

    #[test]
    fn canaries_are_taken_out() {
        for (given, expected) in CANARIES {
            assert_eq!(text(given), *expected);
        }
    }

    #[test]
    fn what_the_trade_writes_stays() {
        for given in [
            "where did lot L24-0117 go on 2026-03-18 at 14:05?",
            "GTIN 04012345678901, EAN 4012345678901, UPC 012345678905",
            "SSCC 003401234567890123 holds 1,234,567 units for $12,345,678.90",
            "run 0197a2b4-5b1c-7c3e-9a54-2f6f0f3f8d11",
            "receipt rc_0197a2b45b1c7c3e9a542f6f0f3f8d11, 2026-03-18T12:00:00.000000Z",
            "SKU-330-555, bin A3-01-02, 10 @ 4.50 each, 3@2.5",
            "tokens: 1200, the secretary passed, a key account, keyboard",
            "from 2026-01-01 to 2026-03-31, lots 240-117 and 24-0117-0032",
            "temperatures 4.1 3.9 4.0 4.2 4.4 5.0 3.8",
            "Sku-42 and risk-based plan, task-list, PO 4500012345",
        ] {
            assert_eq!(text(given), given);
        }
    }

    #[test]
    fn values_are_walked_and_secret_members_go_whole() {
        let mut given = json!({
            "message": "mail bob@x.example",
            "context": { "apiKey": "zzz", "token": 7, "rows": ["+49 30 1234567", 5, null] },
        });
        value(&mut given);
        let expected = json!({
            "message": "mail [email]",
            "context": { "apiKey": "[secret]", "token": 7, "rows": ["[phone]", 5, null] },
        });
        assert_eq!(given, expected);
    }

    #[test]
    fn places_move_with_the_text() {
        let given = "ann@dairy.example saw 12 kg, bob@x.example saw 7";
        let clean = text(given).into_owned();
        let shifts = Shifts::of(given);
        for figure in ["12 kg", "7"] {
            let at = given.find(figure).unwrap();
            let moved = shifts.moved(at).unwrap();
            assert!(clean[moved..].starts_with(figure));
            assert_eq!(shifts.moved(at + figure.len()), Some(moved + figure.len()));
        }
        assert_eq!(shifts.moved(3), None);
    }

    #[test]
    fn what_one_pass_joins_the_next_takes_out() {
        let once = text("00://password://&@").into_owned();
        assert_eq!(text(&once), once);
    }

    #[test]
    fn an_address_that_a_piece_of_text_cuts_off_goes_with_the_piece() {
        assert_eq!(cut_address("mail ann@dairy.").as_deref(), Some("mail [email]"));
        assert_eq!(cut_address("mail\u{a0}ann@").as_deref(), Some("mail\u{a0}[email]"));
        for whole in ["mail ann@dairy.example now ", "10 @", "3@2.5", "no address"] {
            assert_eq!(cut_address(whole), None, "{whole}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_survives_and_twice_is_as_good_as_once(
            given in "([a-z@.:=+() -]|[0-9]{1,5}|password|sk-|://|\\PC){0,40}",
        ) {
            let once = text(&given).into_owned();
            prop_assert_eq!(text(&once).into_owned(), once.clone());
        }

        #[test]
        fn an_address_goes_wherever_it_stands(
            before in "[a-z ]{0,20}", after in "[ a-z]{0,20}", name in "[a-z]{1,9}",
        ) {
            let given = format!("{before} {name}@canary.example {after}");
            prop_assert!(!text(&given).contains("canary"));
        }
    }
}
