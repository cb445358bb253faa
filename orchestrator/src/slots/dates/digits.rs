//! Dates written in digits: `2024-03-05`, `5/3/2024`, `5.3.24`, `2024-03`.

use std::ops::Range;

use chrono::NaiveDate;

use super::super::calendar::{self, Stretch};

/// Dates written in digits, with their places.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, Stretch)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        let part = character.is_ascii_digit() || matches!(character, '-' | '/' | '.');
        match (part, start) {
            (true, None) if character.is_ascii_digit() => start = Some(at),
            (false, Some(from)) => {
                let written = text[from..at].trim_end_matches(['-', '/', '.']);
                let before = text[..from].strip_suffix('-').unwrap_or(&text[..from]);
                let alone = !before.ends_with(|c: char| c.is_ascii_alphanumeric());
                let alone = alone && (!character.is_alphanumeric() || character == 'T');
                if let Some(days) = days_in_digits(written).filter(|_| alone) {
                    found.push((from..from + written.len(), days));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn days_in_digits(written: &str) -> Option<Stretch> {
    let separator = written.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = written.split(separator).collect();
    let numbers: Vec<u32> = parts.iter().map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let day = |year: u32, month, day| {
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        Some(Stretch { from: date, to: date })
    };
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    match (lengths.as_slice(), numbers.as_slice()) {
        ([4, 1..=2, 1..=2], &[y, m, d]) => day(y, m, d),
        ([1..=2, 1..=2, length @ (2 | 4)], &[a, b, year]) if *length == 4 || separator != '-' => {
            let year = if *length == 2 { 2000 + year } else { year };
            day(year, b, a).or_else(|| day(year, a, b))
        }
        ([4, 2], &[y, m]) if separator == '-' => calendar::month(i32::try_from(y).ok()?, m),
        _ => None,
    }
}
