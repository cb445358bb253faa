//! Telephone, card, account and social security numbers.

use super::Finding;

/// Runs of digits with what people put between them.
pub(super) fn find(text: &str, findings: &mut Vec<Finding>) {
    let mut from = 0;
    while let Some(offset) = text[from..].find(|it: char| it.is_ascii_digit() || "+(".contains(it))
    {
        let start = from + offset;
        let mut run = &text[start..start + run_length(&text[start..])];
        // A long run may be a number and another one behind it.
        while !run.is_empty() {
            if let Some(tag) = kind_of(run).filter(|_| stands_alone(text, start, run.len())) {
                findings.push(Finding { start, end: start + run.len(), tag });
                break;
            }
            run = match run.rsplit_once(' ') {
                Some((shorter, _)) => shorter.trim_end_matches(|it: char| !it.is_ascii_digit()),
                None => "",
            };
        }
        from = start + run.len().max(word_length(&text[start..]));
    }
    ibans(text, findings);
}

/// Digits, and single separators between them, as far as they go.
fn run_length(text: &str) -> usize {
    let mut end = 0;
    for (at, it) in text.char_indices() {
        match it {
            '0'..='9' => end = at + 1,
            '+' if at == 0 => {}
            ' ' | '-' | '.' | '(' | ')' if at - end < 2 => {}
            _ => break,
        }
    }
    end
}

/// Bytes to step over when nothing was found: the digits at hand, or one sign.
fn word_length(text: &str) -> usize {
    super::leading(text, |it| it.is_ascii_digit()).max(1)
}

/// Not part of a longer code such as `L24-0117` or `0197a2b4`.
fn stands_alone(text: &str, start: usize, length: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[start + length..].chars().next();
    let joins = |it: char| it.is_alphanumeric() || "-_/#$€₪:".contains(it);
    !before.is_some_and(|it| joins(it) || ".,".contains(it))
        && !after.is_some_and(|it| it.is_alphanumeric() || "-_/:".contains(it))
}

fn kind_of(run: &str) -> Option<&'static str> {
    let digits: Vec<u8> = run.bytes().filter(u8::is_ascii_digit).map(|it| it - b'0').collect();
    if is_card(&digits) {
        return Some("[card]");
    }
    let groups: Vec<usize> = run
        .split(|it: char| !it.is_ascii_digit())
        .map(str::len)
        .filter(|length| *length > 0)
        .collect();
    if groups == [3, 2, 4] && run.bytes().filter(|it| *it == b'-').count() == 2 {
        return Some("[ssn]");
    }
    let local = run.starts_with('0') && run.contains('-');
    let phone = match groups[..] {
        _ if run.starts_with('+') => (8..=15).contains(&digits.len()),
        // North America: 330-555-0117, (330) 555-0117.
        [3, 3, 4] => run.starts_with('(') || run.contains(['-', '.']),
        // Israel and much of Europe: 054-123-4567, 054-1234567, 03-1234567.
        [2 | 3, 7] | [2, 3, 4] | [3, 4, 3] => local,
        _ => false,
    };
    phone.then_some("[phone]")
}

/// Fifteen or sixteen digits of a card brand whose last one checks by Luhn's rule (ISO/IEC 7812).
/// No GS1 number has that many.
fn is_card(digits: &[u8]) -> bool {
    let brand = match digits.len() {
        15 => matches!(digits, [3, 4 | 7, ..]),
        16 => matches!(digits, [2 | 4 | 5 | 6, ..]),
        _ => false,
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (1, digit) if digit > 4 => digit * 2 - 9,
            (1, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    brand && sum.is_multiple_of(10)
}

/// Account numbers: country, two check digits, 11 to 30 more, remainder 1 (ISO 13616).
fn ibans(text: &str, findings: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    for start in 0..bytes.len().saturating_sub(14) {
        let head = &bytes[start..start + 4];
        let country = head[..2].iter().all(u8::is_ascii_uppercase);
        let begins = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
        if country && begins && head[2..].iter().all(u8::is_ascii_digit) {
            let code = |it: char| it.is_ascii_uppercase() || it.is_ascii_digit();
            let run =
                &text[start..start + super::leading(&text[start..], |it| code(it) || it == ' ')];
            if let Some(length) = iban_length(run) {
                findings.push(Finding { start, end: start + length, tag: "[iban]" });
            }
        }
    }
}

/// The longest part of a run, cut at its spaces or whole, that checks.
fn iban_length(run: &str) -> Option<usize> {
    let run = run.trim_end();
    let cuts = run.match_indices(' ').map(|(at, _)| at).chain([run.len()]);
    cuts.filter(|cut| checks(&run[..*cut])).max()
}

fn checks(iban: &str) -> bool {
    let letters: Vec<u8> = iban.bytes().filter(|it| *it != b' ').collect();
    if !(15..=34).contains(&letters.len()) {
        return false;
    }
    let turned = letters[4..].iter().chain(&letters[..4]);
    let rest = turned.fold(0_u32, |rest, it| match it {
        b'0'..=b'9' => (rest * 10 + u32::from(it - b'0')) % 97,
        _ => (rest * 100 + u32::from(it - b'A') + 10) % 97,
    });
    rest == 1
}
