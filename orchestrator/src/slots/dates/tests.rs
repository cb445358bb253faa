use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::router::text::tokens;

/// A Wednesday.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 8, 21).unwrap()
}

/// The first of the longest dates in `text`, as `from/to` or one day.
fn first(text: &str) -> String {
    let found = find(text, &tokens(text), today());
    found.first().map_or_else(
        || "nothing".into(),
        |entity| match entity.value.as_object() {
            Some(range) => format!(
                "{}/{}",
                range["from"].as_str().unwrap_or_default(),
                range["to"].as_str().unwrap_or_default()
            ),
            None => entity.value.as_str().unwrap_or_default().to_owned(),
        },
    )
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, expected)| first(text) != *expected)
        .map(|(text, expected)| format!("{text:?}: {} instead of {expected}", first(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn days_in_english() {
    check(&[
        ("on 2024-03-05", "2024-03-05"),
        ("at 2024-03-05T10:00", "2024-03-05"),
        ("on 5/3/2024", "2024-03-05"),
        ("on 3/25/2024", "2024-03-25"),
        ("on 5.3.24.", "2024-03-05"),
        ("what did we sell yesterday?", "2024-08-20"),
        ("the day before yesterday", "2024-08-19"),
        ("deliver tomorrow", "2024-08-22"),
        ("day after tomorrow", "2024-08-23"),
        ("3 days ago", "2024-08-18"),
        ("two weeks ago", "2024-08-07"),
        ("a month ago", "2024-07-21"),
        ("in 3 days", "2024-08-24"),
        ("deliver on Monday", "2024-08-26"),
        ("what was sold on Monday", "2024-08-19"),
        ("last Friday", "2024-08-16"),
        ("next Wednesday", "2024-08-28"),
        ("this Friday", "2024-08-23"),
        ("on 5 March", "2024-03-05"),
        ("the 5th of March 2023", "2023-03-05"),
        ("on March 5th, 2023", "2023-03-05"),
        ("sold on 24 December", "2023-12-24"),
        ("plan for Jan 5", "2025-01-05"),
        ("on 5/9", "2024-09-05"),
        ("cut 1/2 of it", "nothing"),
        ("March in place", "nothing"),
        ("may I see the stock", "nothing"),
        ("12 cases of L24-0117", "nothing"),
    ]);
}

#[test]
fn stretches_in_english() {
    check(&[
        ("last week", "2024-08-12/2024-08-18"),
        ("this week", "2024-08-19/2024-08-25"),
        ("next week", "2024-08-26/2024-09-01"),
        ("last month", "2024-07-01/2024-07-31"),
        ("this quarter", "2024-07-01/2024-09-30"),
        ("last year", "2023-01-01/2023-12-31"),
        ("last 7 days", "2024-08-15/2024-08-21"),
        ("the past two weeks", "2024-08-08/2024-08-21"),
        ("the past month", "2024-07-22/2024-08-21"),
        ("last couple of days", "2024-08-20/2024-08-21"),
        ("last 24 hours", "2024-08-20/2024-08-21"),
        ("next 14 days", "2024-08-22/2024-09-04"),
        ("until Friday", "2024-08-21/2024-08-23"),
        ("by the end of it", "nothing"),
        ("since Monday", "2024-08-19/2024-08-21"),
        ("since March", "2024-03-01/2024-08-21"),
        ("since October", "2023-10-01/2024-08-21"),
        ("in March", "2024-03-01/2024-03-31"),
        ("in October", "2023-10-01/2023-10-31"),
        ("what will we sell in March", "2025-03-01/2025-03-31"),
        ("March 2023", "2023-03-01/2023-03-31"),
        ("last December", "2023-12-01/2023-12-31"),
        ("week 34", "2024-08-19/2024-08-25"),
        ("in week 1 of 2025", "2024-12-30/2025-01-05"),
        ("W34", "2024-08-19/2024-08-25"),
        ("Q1 2023", "2023-01-01/2023-03-31"),
        ("year to date", "2024-01-01/2024-08-21"),
        ("from 1 March to 5 March", "2024-03-01/2024-03-05"),
        ("from 2024-03-01 to 2024-03-05", "2024-03-01/2024-03-05"),
        ("2024-03-01 - 2024-03-05", "2024-03-01/2024-03-05"),
        ("between Monday and Friday", "2024-08-26/2024-08-30"),
        ("between 5 and 12 March", "2024-03-05/2024-03-12"),
        ("5-12 March", "2024-03-05/2024-03-12"),
        ("March 5-12", "2024-03-05/2024-03-12"),
        ("this weekend", "2024-08-24/2024-08-25"),
        ("until 5/9", "2024-08-21/2024-09-05"),
        ("in 2024-03", "2024-03-01/2024-03-31"),
    ]);
}

#[test]
fn days_in_hebrew() {
    check(&[
        ("היום", "2024-08-21"),
        ("מה מכרנו אתמול", "2024-08-20"),
        ("שלשום", "2024-08-19"),
        ("מחר", "2024-08-22"),
        ("מחרתיים", "2024-08-23"),
        ("לפני 3 ימים", "2024-08-18"),
        ("לפני יומיים", "2024-08-19"),
        ("לפני שבוע", "2024-08-14"),
        ("בעוד שבועיים", "2024-09-04"),
        ("ביום שני", "2024-08-26"),
        ("מה מכרנו ביום שני", "2024-08-19"),
        ("ביום ראשון הבא", "2024-08-25"),
        ("בשבת", "2024-08-24"),
        ("ב-5 במרץ 2023", "2023-03-05"),
        ("ב-5.3.2024", "2024-03-05"),
    ]);
}

#[test]
fn stretches_in_hebrew() {
    check(&[
        ("בשבוע שעבר", "2024-08-12/2024-08-18"),
        ("השבוע", "2024-08-19/2024-08-25"),
        ("בשבוע הבא", "2024-08-26/2024-09-01"),
        ("בחודש שעבר", "2024-07-01/2024-07-31"),
        ("בשנה שעברה", "2023-01-01/2023-12-31"),
        ("ב-7 הימים האחרונים", "2024-08-15/2024-08-21"),
        ("בשבועיים האחרונים", "2024-08-08/2024-08-21"),
        ("14 הימים הבאים", "2024-08-22/2024-09-04"),
        ("עד יום שישי", "2024-08-21/2024-08-23"),
        ("מאז יום שני", "2024-08-19/2024-08-21"),
        ("במרץ", "2024-03-01/2024-03-31"),
        ("שבוע 34", "2024-08-19/2024-08-25"),
        ("מיום שני עד יום חמישי", "2024-08-26/2024-08-29"),
    ]);
}

#[test]
fn until_a_day_is_also_that_day() {
    let text = "deliver until Friday";
    let found = find(text, &tokens(text), today());
    let kinds: Vec<(&str, &str)> =
        found.iter().map(|entity| (entity.kind.as_str(), entity.text.as_str())).collect();
    assert_eq!(kinds, [("date_range", "until Friday"), ("date", "Friday")]);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        text in "((last|next|since|until|from|to|in|week|q|may|5|31|9999|99999999999|[א-ת]{1,5}|days|2024-13-45|of|-)[ -]){0,9}",
        year in -2000_i32..6000,
    ) {
        let today = NaiveDate::from_ymd_opt(year, 2, 28).unwrap();
        for entity in find(&text, &tokens(&text), today) {
            prop_assert!(text.get(entity.span.clone()) == Some(entity.text.as_str()));
        }
    }
}
