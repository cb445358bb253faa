//! The words for time, in English and Hebrew.

use chrono::Weekday;

use super::calendar::{Unit, Way};
use crate::router::text::without_prefixes;

/// Whether `word`, or a Hebrew `word` without prefixes, is one of `options`.
pub(super) fn is(word: &str, options: &[&str]) -> bool {
    options.contains(&word) || without_prefixes(word).iter().any(|form| options.contains(form))
}

/// Words with their one meaning.
type Table<T> = [(&'static [&'static str], T)];

fn find<T: Copy>(word: &str, table: &Table<T>) -> Option<T> {
    table.iter().find(|(words, _)| is(word, words)).map(|&(_, meaning)| meaning)
}

/// A measure of time, and how many when the word says so (`שבועיים` is two weeks).
pub(super) fn unit(word: &str) -> Option<(Unit, Option<u32>)> {
    find(word, UNITS)
}

/// The day that a word is, counted from today.
pub(super) fn relative_day(word: &str) -> Option<i64> {
    // The prefix of `היום` (today) must stay, or it would be any `יום` (day).
    RELATIVE_DAYS.iter().find(|(words, _)| words.contains(&word)).map(|&(_, days)| days)
}

/// A weekday by its full name; in Hebrew what follows `יום`, or Saturday.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    find(word, WEEKDAYS)
}

/// A weekday by its English abbreviation.
pub(super) fn short_weekday(word: &str) -> Option<Weekday> {
    find(word, SHORT_WEEKDAYS)
}

/// A weekday as Hebrew says it after `יום`.
pub(super) fn numbered_weekday(word: &str) -> Option<Weekday> {
    find(word, NUMBERED_WEEKDAYS)
}

/// A month, January being 1.
pub(super) fn month(word: &str) -> Option<u32> {
    find(word, MONTHS)
}

/// A word before a stretch of time: `last`, `next`, `this`.
pub(super) fn way_before(word: &str) -> Option<Way> {
    find(word, BEFORE)
}

/// A Hebrew word behind a stretch of time.
pub(super) fn way_behind(word: &str) -> Option<Way> {
    find(word, BEHIND)
}

/// Hebrew words behind a stretch of time that ends or begins now.
pub(super) fn rolling_behind(word: &str) -> Option<Way> {
    find(word, ROLLING_BEHIND)
}

pub(super) const SINCE: &[&str] = &["since", "מאז", "החל"];
pub(super) const UNTIL: &[&str] = &["until", "till", "til", "by", "through", "עד"];
pub(super) const TO: &[&str] = &["to", "until", "till", "through", "and", "עד", "ל"];
pub(super) const FROM: &[&str] = &["from", "between", "מ", "בין"];
pub(super) const FILLERS: &[&str] = &["on", "the", "of", "in", "ב", "ה", "מ", "ל"];
/// Words behind which a month or an abbreviated weekday can only be one.
pub(super) const INTRODUCING: &[&str] = &[
    "in", "during", "for", "since", "until", "till", "by", "last", "next", "this", "of", "on",
    "from", "to", "through", "between", "and", "before", "after", "every",
];
pub(super) const AGO: &[&str] = &["לפני"];
pub(super) const WITHIN: &[&str] = &["in", "בעוד", "עוד"];

/// Words that set an utterance in the past.
pub(super) const PAST: &[&str] = &[
    "did",
    "was",
    "were",
    "had",
    "sold",
    "went",
    "happened",
    "came",
    "made",
    "received",
    "shipped",
    "been",
    "last",
    "past",
    "history",
    "מכרנו",
    "נמכר",
    "נמכרו",
    "היה",
    "היו",
    "קרה",
    "הגיע",
    "נשלח",
    "יוצר",
    "ייצרנו",
];

/// Words that set an utterance in the future.
pub(super) const FUTURE: &[&str] = &[
    "will",
    "forecast",
    "predict",
    "plan",
    "expect",
    "expected",
    "schedule",
    "next",
    "upcoming",
    "going",
    "demand",
    "יהיה",
    "תחזית",
    "צפוי",
    "צפויה",
    "נמכור",
    "נצטרך",
    "תכנן",
    "תזמן",
];

const UNITS: &Table<(Unit, Option<u32>)> = &[
    (&["hour", "hours", "hr", "hrs", "שעה", "שעות"], (Unit::Hour, None)),
    (&["day", "days", "יום", "ימים"], (Unit::Day, None)),
    (&["week", "weeks", "wk", "wks", "שבוע", "שבועות"], (Unit::Week, None)),
    (&["month", "months", "חודש", "חודשים"], (Unit::Month, None)),
    (&["quarter", "quarters", "רבעון", "רבעונים"], (Unit::Quarter, None)),
    (&["year", "years", "שנה", "שנים"], (Unit::Year, None)),
    (&["fortnight"], (Unit::Week, Some(2))),
    (&["יומיים"], (Unit::Day, Some(2))),
    (&["שבועיים"], (Unit::Week, Some(2))),
    (&["חודשיים"], (Unit::Month, Some(2))),
    (&["שנתיים"], (Unit::Year, Some(2))),
];

const RELATIVE_DAYS: &Table<i64> = &[
    (&["today", "tonight", "היום", "מהיום", "להיום", "הלילה"], 0),
    (&["yesterday", "אתמול", "מאתמול", "לאתמול", "שמאתמול"], -1),
    (&["tomorrow", "מחר", "ממחר", "למחר"], 1),
    (&["שלשום", "משלשום"], -2),
    (&["מחרתיים", "למחרתיים"], 2),
];

const WEEKDAYS: &Table<Weekday> = &[
    (&["monday", "mondays"], Weekday::Mon),
    (&["tuesday", "tuesdays"], Weekday::Tue),
    (&["wednesday", "wednesdays"], Weekday::Wed),
    (&["thursday", "thursdays"], Weekday::Thu),
    (&["friday", "fridays"], Weekday::Fri),
    (&["saturday", "saturdays", "שבת"], Weekday::Sat),
    (&["sunday", "sundays"], Weekday::Sun),
];

const SHORT_WEEKDAYS: &Table<Weekday> = &[
    (&["mon"], Weekday::Mon),
    (&["tue", "tues"], Weekday::Tue),
    (&["wed"], Weekday::Wed),
    (&["thu", "thur", "thurs"], Weekday::Thu),
    (&["fri"], Weekday::Fri),
    (&["sat"], Weekday::Sat),
    (&["sun"], Weekday::Sun),
];

const NUMBERED_WEEKDAYS: &Table<Weekday> = &[
    (&["ראשון", "א"], Weekday::Sun),
    (&["שני", "ב"], Weekday::Mon),
    (&["שלישי", "ג"], Weekday::Tue),
    (&["רביעי", "ד"], Weekday::Wed),
    (&["חמישי", "ה"], Weekday::Thu),
    (&["שישי", "ששי", "ו"], Weekday::Fri),
    (&["שבת", "ש"], Weekday::Sat),
];

const MONTHS: &Table<u32> = &[
    (&["january", "jan", "ינואר"], 1),
    (&["february", "feb", "פברואר"], 2),
    (&["march", "mar", "מרץ", "מרס"], 3),
    (&["april", "apr", "אפריל"], 4),
    (&["may", "מאי"], 5),
    (&["june", "jun", "יוני"], 6),
    (&["july", "jul", "יולי"], 7),
    (&["august", "aug", "אוגוסט"], 8),
    (&["september", "sep", "sept", "ספטמבר"], 9),
    (&["october", "oct", "אוקטובר"], 10),
    (&["november", "nov", "נובמבר"], 11),
    (&["december", "dec", "דצמבר"], 12),
];

const BEFORE: &Table<Way> = &[
    (&["last", "previous", "past"], Way::Back),
    (&["this", "current"], Way::Here),
    (&["next", "coming", "following", "upcoming"], Way::Ahead),
];

const BEHIND: &Table<Way> = &[
    (&["שעבר", "שעברה", "הקודם", "הקודמת", "שחלף", "שחלפה"], Way::Back),
    (&["הזה", "הזאת", "הנוכחי", "הנוכחית"], Way::Here),
    (&["הבא", "הבאה"], Way::Ahead),
];

const ROLLING_BEHIND: &Table<Way> = &[
    (&["האחרון", "האחרונה", "האחרונים", "האחרונות"], Way::Back),
    (&["הבאים", "הבאות", "הקרוב", "הקרובה", "הקרובים", "הקרובות"], Way::Ahead),
];
