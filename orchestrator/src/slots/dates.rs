//! Days and stretches of days, as people say them in English and Hebrew.
//!
//! Conventions, where speech leaves them open:
//! - weeks begin on Monday; "last week" is the whole calendar week before this one;
//! - "the last 7 days" are seven days ending today, "the next 7 days" seven beginning tomorrow;
//! - "until Friday" is from today, "since Monday" is until today; either day may be today;
//! - a bare weekday or month is the coming one, or the one before when the utterance speaks of the
//!   past; a month is at most the current one unless the utterance speaks of the future;
//! - `5/3/2024` and `5.3.2024` put the day first, unless only the month can come first.

mod atoms;
mod digits;

use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::calendar::{self, Stretch, Unit, Way};
use super::time_words as words_for;
use super::{Certainty, Entity};
use crate::router::text::{Token, without_prefixes};

/// The dates and stretches that `words` of `text` name, seen from `today`.
///
/// "Until Friday" yields both the stretch and, within it, the Friday.
pub(super) fn find(text: &str, words: &[Token], today: NaiveDate) -> Vec<Entity> {
    let reader = Reader { text, words, today, way: direction(words), numeric: digits::find(text) };
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (length, parts) = reader.connected(at).unwrap_or_else(|| {
            let parts: Vec<Part> = reader.atom(at).into_iter().collect();
            (parts.first().map_or(0, |part| part.words.len()), parts)
        });
        found.extend(parts.iter().map(|part| reader.entity(part)));
        at += length.max(1);
    }
    found
}

/// Days that some words name.
#[derive(Debug, Clone)]
struct Part {
    /// The places of the words.
    words: Range<usize>,
    days: Stretch,
    /// One day, or a stretch even where it happens to be a single day.
    kind: &'static str,
}

struct Reader<'a> {
    text: &'a str,
    words: &'a [Token],
    today: NaiveDate,
    /// Where the utterance as a whole looks.
    way: Way,
    /// Dates in digits, with their places in the text.
    numeric: Vec<(Range<usize>, Stretch)>,
}

impl Reader<'_> {
    fn entity(&self, part: &Part) -> Entity {
        let span = self.words[part.words.start].span.start..self.words[part.words.end - 1].span.end;
        let Stretch { from, to } = part.days;
        Entity {
            text: self.text[span.clone()].to_owned(),
            span,
            kind: part.kind.to_owned(),
            id: None,
            value: if part.kind == DAY { json!(from) } else { json!({ "from": from, "to": to }) },
            certainty: Certainty::Pattern,
        }
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    fn is(&self, at: usize, options: &[&str]) -> bool {
        at < self.words.len() && words_for::is(self.word(at), options)
    }

    /// "since X", "until X", "from X to Y": the words taken, the stretch and the parts in it.
    fn connected(&self, at: usize) -> Option<(usize, Vec<Part>)> {
        let stretch =
            |end, from, to| Part { words: at..end, days: Stretch { from, to }, kind: STRETCH };
        if self.is(at, words_for::SINCE) {
            let mut start = self.after(at + 1)?;
            let from = self.past(&start)?;
            let end = start.words.end;
            if start.kind == DAY {
                start.days = Stretch { from, to: from };
            }
            return Some((end - at, vec![stretch(end, from.min(self.today), self.today), start]));
        }
        if self.is(at, words_for::UNTIL) {
            let end = self.after(at + 1)?;
            let to = end.days.to.max(self.today);
            return Some((end.words.end - at, vec![stretch(end.words.end, self.today, to), end]));
        }
        // "From" may be a word, or a Hebrew prefix of the first day's own word.
        let opened = usize::from(self.is(at, words_for::FROM));
        let (first, second) = self.pair(at + opened)?;
        let joint = first.words.end;
        let between = opened == 1 || self.dash(joint) || !self.is(joint, &["and"]);
        let to = self.not_before(&first, &second).filter(|_| between)?;
        let end = second.words.end;
        Some((end - at, vec![stretch(end, first.days.from, to), first, second]))
    }

    /// Two days or stretches joined by "to", "and" or a dash; of "5 to 12 March" and "March 5-12",
    /// one gives the other its month.
    fn pair(&self, at: usize) -> Option<(Part, Part)> {
        let after_joint = |joint: usize| {
            let joined = self.is(joint, words_for::TO) || self.dash(joint);
            joined.then(|| joint + usize::from(!self.dash(joint)))
        };
        let in_month_of = |other: &Part, at: usize| {
            let (day, end) = self.day_number(at).filter(|_| other.kind == DAY)?;
            self.day(at..end, other.days.from.with_day(day))
        };
        if let Some(first) = self.after(at) {
            let next = after_joint(first.words.end)?;
            let second = self.after(next).or_else(|| in_month_of(&first, next))?;
            return Some((first, second));
        }
        let (_, joint) = self.day_number(at)?;
        let second = self.after(after_joint(joint)?)?;
        Some((in_month_of(&second, at)?, second))
    }

    /// Whether a dash stands before the word at `at`.
    fn dash(&self, at: usize) -> bool {
        if at == 0 || at >= self.words.len() {
            return false;
        }
        let gap = &self.text[self.words[at - 1].span.end..self.words[at].span.start];
        matches!(gap.trim(), "-" | "–" | "—" | "..")
    }

    /// Where "since" some days begins: they cannot lie ahead.
    fn past(&self, part: &Part) -> Option<NaiveDate> {
        let from = part.days.from;
        if from <= self.today {
            return Some(from);
        }
        let weekday = self.word(part.words.end - 1);
        let weekday = words_for::weekday(weekday).or_else(|| words_for::numbered_weekday(weekday));
        if weekday.is_some() {
            return calendar::weekday(self.today, weekday?, Way::Back);
        }
        calendar::shift(from, Unit::Year, 1, Way::Back)
    }

    /// The end of `second`, put behind `first` when it is a weekday: "from Monday to Friday" is one
    /// week, though Friday may come sooner.
    fn not_before(&self, first: &Part, second: &Part) -> Option<NaiveDate> {
        if second.days.to >= first.days.from {
            return Some(second.days.to);
        }
        let word = self.word(second.words.end - 1);
        let weekday = words_for::weekday(word).or_else(|| words_for::numbered_weekday(word))?;
        calendar::weekday(first.days.from, weekday, Way::Ahead)
    }

    /// A day or stretch at `at`, behind at most two words such as "on the".
    fn after(&self, at: usize) -> Option<Part> {
        (at..at + 3)
            .take_while(|&place| {
                (at..place).all(|before| words_for::FILLERS.contains(&self.word(before)))
            })
            .find_map(|place| self.atom(place))
    }
}

const DAY: &str = "date";
const STRETCH: &str = "date_range";

/// Whether the words speak of the past or of the future; the first that tells decides.
fn direction(words: &[Token]) -> Way {
    let way = |word: &Token| {
        let forms = || std::iter::once(&*word.text).chain(without_prefixes(&word.text));
        let among = |list: &[&str]| forms().any(|form| list.contains(&form));
        if among(words_for::PAST) {
            Some(Way::Back)
        } else if among(words_for::FUTURE) {
            Some(Way::Ahead)
        } else {
            None
        }
    };
    words.iter().find_map(way).unwrap_or(Way::Here)
}

#[cfg(test)]
mod tests;
