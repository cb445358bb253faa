//! Days, weeks, months, quarters and years around a day.
//!
//! Weeks are those of ISO 8601: they begin on Monday, and week 1 holds the year's first Thursday.
//! Stretches of time hold both their first and their last day.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// A stretch of days, both ends within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
}

/// A measure of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Which way from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Back,
    Here,
    Ahead,
}

impl Unit {
    /// The name that an argument would use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
        }
    }

    /// The calendar unit that holds `day`.
    pub(super) fn around(self, day: NaiveDate) -> Option<Stretch> {
        match self {
            Unit::Hour | Unit::Day => Some(Stretch { from: day, to: day }),
            Unit::Week => week_of(day),
            Unit::Month => month(day.year(), day.month()),
            Unit::Quarter => quarter(day.year(), day.month0() / 3 + 1),
            Unit::Year => Some(Stretch {
                from: NaiveDate::from_ymd_opt(day.year(), 1, 1)?,
                to: NaiveDate::from_ymd_opt(day.year(), 12, 31)?,
            }),
        }
    }

    /// The calendar unit before, at or after the one that holds `day`.
    pub(super) fn beside(self, day: NaiveDate, way: Way) -> Option<Stretch> {
        let here = self.around(day)?;
        match way {
            Way::Back => self.around(here.from.pred_opt()?),
            Way::Here => Some(here),
            Way::Ahead => self.around(here.to.succ_opt()?),
        }
    }
}

/// `count` units from `day`, back or ahead. Hours count as whole days begun.
pub(super) fn shift(day: NaiveDate, unit: Unit, count: u32, way: Way) -> Option<NaiveDate> {
    let (days, months) = match unit {
        Unit::Hour => (u64::from(count.div_ceil(24)), 0),
        Unit::Day => (u64::from(count), 0),
        Unit::Week => (7 * u64::from(count), 0),
        Unit::Month => (0, count),
        Unit::Quarter => (0, count.checked_mul(3)?),
        Unit::Year => (0, count.checked_mul(12)?),
    };
    match way {
        Way::Back => day.checked_sub_months(Months::new(months))?.checked_sub_days(Days::new(days)),
        Way::Here => Some(day),
        Way::Ahead => {
            day.checked_add_months(Months::new(months))?.checked_add_days(Days::new(days))
        }
    }
}

/// The last `count` units with today as their last day, or the next ones from tomorrow on.
pub(super) fn rolling(today: NaiveDate, unit: Unit, count: u32, way: Way) -> Option<Stretch> {
    let far = shift(today, unit, count, way)?;
    match way {
        Way::Back if unit == Unit::Hour => Some(Stretch { from: far, to: today }),
        Way::Back => Some(Stretch { from: far.succ_opt()?, to: today }),
        Way::Here => Some(Stretch { from: today, to: today }),
        Way::Ahead => Some(Stretch { from: today.succ_opt()?, to: far }),
    }
}

/// The month of a year, January being 1.
pub(super) fn month(year: i32, month: u32) -> Option<Stretch> {
    let from = NaiveDate::from_ymd_opt(year, month, 1)?;
    let to = from.checked_add_months(Months::new(1))?.pred_opt()?;
    Some(Stretch { from, to })
}

/// A quarter of a year, 1 to 4.
pub(super) fn quarter(year: i32, quarter: u32) -> Option<Stretch> {
    let first = quarter.checked_sub(1).filter(|before| *before < 4)? * 3 + 1;
    Some(Stretch { from: month(year, first)?.from, to: month(year, first + 2)?.to })
}

/// An ISO week.
pub(super) fn week(year: i32, week: u32) -> Option<Stretch> {
    week_of(NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)?)
}

/// The day of the week on or before `day`, or on or after it.
pub(super) fn weekday(day: NaiveDate, weekday: Weekday, way: Way) -> Option<NaiveDate> {
    let since = u64::from(day.weekday().days_since(weekday));
    match way {
        Way::Back => day.checked_sub_days(Days::new(since)),
        Way::Here => week_of(day)?
            .from
            .checked_add_days(Days::new(u64::from(weekday.num_days_from_monday()))),
        Way::Ahead => day.checked_add_days(Days::new((7 - since) % 7)),
    }
}

fn week_of(day: NaiveDate) -> Option<Stretch> {
    let back = u64::from(day.weekday().num_days_from_monday());
    let from = day.checked_sub_days(Days::new(back))?;
    Some(Stretch { from, to: from.checked_add_days(Days::new(6))? })
}
