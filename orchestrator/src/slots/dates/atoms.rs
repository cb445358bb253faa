//! Single days and stretches: the parts that "since", "until" and "from … to" join.

use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate};

use super::super::calendar::{self, Stretch, Unit, Way};
use super::super::numbers::count;
use super::super::{overlaps, time_words as words_for};
use super::{DAY, Part, Reader, STRETCH};

impl Reader<'_> {
    /// The day or stretch that begins with the word at `at`.
    pub(super) fn atom(&self, at: usize) -> Option<Part> {
        if at >= self.words.len() {
            return None;
        }
        self.in_digits(at)
            .or_else(|| self.day_by_name(at))
            .or_else(|| self.counted(at))
            .or_else(|| self.beside(at))
            .or_else(|| self.numbered(at))
            .or_else(|| self.month(at))
            .or_else(|| self.weekday(at))
    }

    pub(super) fn day(&self, words: Range<usize>, day: Option<NaiveDate>) -> Option<Part> {
        let day = day?;
        Some(Part { words, days: Stretch { from: day, to: day }, kind: DAY })
    }

    fn stretch(&self, words: Range<usize>, days: Option<Stretch>) -> Option<Part> {
        Some(Part { words, days: days?, kind: STRETCH })
    }

    /// `2024-03-05`, `5/3/2024`, `2024-03`.
    fn in_digits(&self, at: usize) -> Option<Part> {
        if let Some(part) = self.day_and_month_in_digits(at) {
            return Some(part);
        }
        let start = self.words[at].span.start;
        let (span, days) = self.numeric.iter().find(|(span, _)| span.start == start)?;
        let length = self.words[at..].iter().take_while(|word| overlaps(&word.span, span)).count();
        let kind = if days.from == days.to { DAY } else { STRETCH };
        Some(Part { words: at..at + length, days: *days, kind })
    }

    /// `5/9` behind a word such as "until": the day first.
    fn day_and_month_in_digits(&self, at: usize) -> Option<Part> {
        let (day, next) = (self.words.get(at)?, self.words.get(at + 1)?);
        let introduced = at > 0
            && (words_for::INTRODUCING.contains(&self.word(at - 1))
                || words_for::is(self.word(at - 1), &["עד", "מאז", "ב"]));
        let slash = |from: usize, to: usize| self.text.get(from..to) == Some("/");
        let longer = self.text[next.span.end..].starts_with('/');
        if !introduced || longer || !slash(day.span.end, next.span.start) {
            return None;
        }
        let (day, month) = (day.text.parse().ok()?, next.text.parse().ok()?);
        self.day(at..at + 2, self.nearest(|year| NaiveDate::from_ymd_opt(year, month, day)))
    }

    /// "yesterday", "the day before yesterday", "אתמול".
    fn day_by_name(&self, at: usize) -> Option<Part> {
        let from_today = |days: i64| self.today.checked_add_signed(chrono::TimeDelta::days(days));
        if let Some(days) = words_for::relative_day(self.word(at)) {
            return self.day(at..at + 1, from_today(days));
        }
        if self.word(at) == "day" {
            let days = match (self.word(at + 1), self.word(at + 2)) {
                ("before", "yesterday") => -2,
                ("after", "tomorrow") => 2,
                _ => return None,
            };
            return self.day(at..at + 3, from_today(days));
        }
        None
    }

    /// "last 7 days", "3 weeks ago", "in two days", "7 הימים האחרונים", "לפני יומיים".
    fn counted(&self, at: usize) -> Option<Part> {
        if let Some(way @ (Way::Back | Way::Ahead)) = words_for::way_before(self.word(at)) {
            let (end, unit, number) = self.measure(at + 1)?;
            let rolling = number.or((self.word(at) == "past").then_some(1))?;
            return self.stretch(at..end, calendar::rolling(self.today, unit, rolling, way));
        }
        if self.is(at, words_for::AGO) {
            let (end, unit, number) = self.measure(at + 1)?;
            let day = calendar::shift(self.today, unit, number.unwrap_or(1), Way::Back);
            return self.day(at..end, day);
        }
        if self.is(at, words_for::WITHIN)
            && let Some((end, unit, number)) = self.measure(at + 1)
            && (number.is_some() || self.word(at) != "in")
        {
            let day = calendar::shift(self.today, unit, number.unwrap_or(1), Way::Ahead);
            return self.day(at..end, day);
        }
        let (end, unit, number) = self.measure(at)?;
        if self.word(end) == "ago" {
            let day = calendar::shift(self.today, unit, number.unwrap_or(1), Way::Back);
            return self.day(at..end + 1, day);
        }
        let way = words_for::rolling_behind(self.word(end))?;
        let days = calendar::rolling(self.today, unit, number.unwrap_or(1), way);
        self.stretch(at..end + 1, days)
    }

    /// A count and a unit of time, or a unit that holds its count: the end, the unit, the count.
    fn measure(&self, at: usize) -> Option<(usize, Unit, Option<u32>)> {
        let word = self.words.get(at)?;
        if let Some((unit, number)) = words_for::unit(&word.text) {
            return Some((at + 1, unit, number));
        }
        let number = match word.text.as_str() {
            "a" | "an" => 1,
            word => count(word)?,
        };
        let at = at + 1 + usize::from(self.word(at + 1) == "of");
        let (unit, own) = words_for::unit(&self.words.get(at)?.text)?;
        own.is_none().then_some((at + 1, unit, Some(number)))
    }

    /// "last week", "this month", "next Friday", "בשבוע שעבר", "החודש".
    fn beside(&self, at: usize) -> Option<Part> {
        let word = self.word(at);
        if let Some(way) = words_for::way_before(word) {
            let next = self.word(at + 1);
            if let Some((unit @ (Unit::Week | Unit::Month | Unit::Quarter | Unit::Year), None)) =
                words_for::unit(next)
            {
                return self.stretch(at..at + 2, unit.beside(self.today, way));
            }
            let weekday = words_for::weekday(next).or_else(|| words_for::short_weekday(next));
            if let Some(weekday) = weekday {
                return self.day(at..at + 2, self.weekday_beside(weekday, way));
            }
            if next == "weekend" {
                return self.stretch(at..at + 2, self.weekend(way));
            }
            let month = words_for::month(next)?;
            return self.stretch(at..at + 2, self.month_towards(month, way));
        }
        let (unit, None) = words_for::unit(word)? else { return None };
        if let Some(way) = words_for::way_behind(self.word(at + 1)) {
            return self.stretch(at..at + 2, unit.beside(self.today, way));
        }
        if word.starts_with('ה') && unit != Unit::Day && unit != Unit::Hour {
            return self.stretch(at..at + 1, unit.around(self.today));
        }
        match (unit, self.word(at + 1), self.word(at + 2)) {
            (_, "to", "date") => {
                let from = unit.around(self.today)?.from;
                self.stretch(at..at + 3, Some(Stretch { from, to: self.today }))
            }
            _ => None,
        }
    }

    /// "week 34", "week 34 of 2023", "W34", "Q3 2023", "רבעון 3".
    fn numbered(&self, at: usize) -> Option<Part> {
        let word = self.word(at);
        let (unit, number, mut end) = match words_for::unit(word) {
            Some((unit @ (Unit::Week | Unit::Quarter), None)) => {
                (unit, count(self.word(at + 1))?, at + 2)
            }
            _ => {
                let unit = match word.chars().next()? {
                    'w' => Unit::Week,
                    'q' => Unit::Quarter,
                    _ => return None,
                };
                (unit, word[1..].parse().ok()?, at + 1)
            }
        };
        let mut year = self.today.iso_week().year();
        if let Some((named, after)) = self.year(end) {
            (year, end) = (named, after);
        }
        let days = match unit {
            Unit::Week => calendar::week(year, number),
            _ => calendar::quarter(year, number),
        };
        self.stretch(at..end, days)
    }

    /// A year in digits at `at`, behind "of" or not, and where it ends.
    fn year(&self, at: usize) -> Option<(i32, usize)> {
        let at = at + usize::from(self.word(at) == "of");
        let year: i32 = self.word(at).parse().ok()?;
        (1990..=2100).contains(&year).then_some((year, at + 1))
    }

    /// "5 March", "March 5th 2024", "in March", "במרץ 2024".
    fn month(&self, at: usize) -> Option<Part> {
        let (day, place) = match self.day_number(at) {
            Some((day, end)) => (Some(day), end + usize::from(self.word(end) == "of")),
            None => (None, at),
        };
        let month = words_for::month(self.word(place))?;
        let mut end = place + 1;
        let mut day = day;
        if day.is_none()
            && self.year(end).is_none()
            && let Some((number, after)) = self.day_number(end)
        {
            (day, end) = (Some(number), after);
        }
        let year = self.year(end);
        end = year.map_or(end, |(_, after)| after);
        let Some(day) = day else {
            if year.is_none() && self.doubtful(place) {
                return None;
            }
            let days = match year {
                Some((year, _)) => calendar::month(year, month),
                None => self.month_towards(month, self.way),
            };
            return self.stretch(at..end, days);
        };
        let date = |year| NaiveDate::from_ymd_opt(year, month, day);
        let chosen = match year {
            Some((year, _)) => date(year),
            None => self.nearest(date),
        };
        self.day(at..end, chosen)
    }

    /// Whether a month's word could as well be a verb or a short form of something else.
    fn doubtful(&self, at: usize) -> bool {
        let word = self.word(at);
        let short = word.is_ascii() && word.len() <= 4 && !matches!(word, "june" | "july");
        let introduced = at > 0 && words_for::INTRODUCING.contains(&self.word(at - 1));
        (short || word == "march") && !introduced
    }

    /// A day of the month: `5`, `5th`; the place after it.
    pub(super) fn day_number(&self, at: usize) -> Option<(u32, usize)> {
        let day: u32 = self.word(at).parse().ok()?;
        if !(1..=31).contains(&day) {
            return None;
        }
        let ordinal = matches!(self.word(at + 1), "st" | "nd" | "rd" | "th");
        Some((day, at + 1 + usize::from(ordinal)))
    }

    /// "Monday", "on Fri", "יום שני", "שבת"; Hebrew may say "next" or "last" behind it.
    fn weekday(&self, at: usize) -> Option<Part> {
        let word = self.word(at);
        let introduced = at > 0 && words_for::INTRODUCING.contains(&self.word(at - 1));
        let (weekday, end) = if let Some(weekday) = words_for::weekday(word) {
            (weekday, at + 1)
        } else if let Some(weekday) = words_for::short_weekday(word).filter(|_| introduced) {
            (weekday, at + 1)
        } else if words_for::is(word, &["יום"]) {
            (words_for::numbered_weekday(self.word(at + 1))?, at + 2)
        } else {
            return None;
        };
        if let Some(way) = words_for::way_behind(self.word(end)) {
            return self.day(at..end + 1, self.weekday_beside(weekday, way));
        }
        let way = if self.way == Way::Back { Way::Back } else { Way::Ahead };
        self.day(at..end, calendar::weekday(self.today, weekday, way))
    }

    /// "last Friday" is before today, "next Friday" after, "this Friday" in this week.
    fn weekday_beside(&self, weekday: chrono::Weekday, way: Way) -> Option<NaiveDate> {
        let from = match way {
            Way::Back => self.today.pred_opt()?,
            Way::Here => self.today,
            Way::Ahead => self.today.succ_opt()?,
        };
        calendar::weekday(from, weekday, way)
    }

    /// Saturday and Sunday.
    fn weekend(&self, way: Way) -> Option<Stretch> {
        let week = Unit::Week.beside(self.today, way)?;
        Some(Stretch {
            from: calendar::weekday(week.from, chrono::Weekday::Sat, Way::Here)?,
            ..week
        })
    }

    /// The month of this year, or of a year beside it where it would lie the wrong way.
    fn month_towards(&self, month: u32, way: Way) -> Option<Stretch> {
        let (year, now) = (self.today.year(), self.today.month());
        let year = match way {
            Way::Ahead if month < now => year.checked_add(1)?,
            Way::Back | Way::Here if month > now => year.checked_sub(1)?,
            _ => year,
        };
        calendar::month(year, month)
    }

    /// The day of this year, or of a year beside it that lies the way the utterance looks; without
    /// such a way, within half a year.
    fn nearest(&self, date: impl Fn(i32) -> Option<NaiveDate>) -> Option<NaiveDate> {
        let year = self.today.year();
        let here = date(year)?;
        let half = Days::new(183);
        match self.way {
            Way::Back if here > self.today => date(year - 1),
            Way::Ahead if here < self.today => date(year + 1),
            Way::Here if here > self.today.checked_add_days(half)? => date(year - 1),
            Way::Here if here < self.today.checked_sub_days(half)? => date(year + 1),
            _ => Some(here),
        }
    }
}
