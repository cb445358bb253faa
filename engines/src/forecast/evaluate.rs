//! Accuracy over a file of series with known futures, as the M competitions measure it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::measures::{interval_score, mase, mean, naive_scale, rmsse, smape};
use super::parallel::Progress;
use super::season::naive2;
use super::{Forecast, ForecastError, Options, Series, calibrate, forecast_many};

/// The share of cases outside of the interval that is scored.
const ALPHA: f64 = 0.05;

/// A history and what followed it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub id: String,
    pub group: String,
    pub period: usize,
    pub history: Vec<f64>,
    pub future: Vec<f64>,
}

/// The scores of one group of series, or of all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupScore {
    pub group: String,
    pub series: usize,
    /// Mean of sMAPE and MASE, each over Naive2's; below 1 is better than Naive2.
    pub owa: f64,
    /// Percent.
    pub smape: f64,
    pub mase: f64,
    pub rmsse: f64,
    pub naive2_smape: f64,
    pub naive2_mase: f64,
    /// Share of values in the 95 % interval.
    pub coverage95: f64,
    /// Mean scaled interval score of the 95 % interval; less is better.
    pub msis: f64,
}

/// The scores of a file: all series together first, then each group by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evaluation {
    pub all: GroupScore,
    pub groups: Vec<GroupScore>,
}

/// Reads lines `id;group;period;horizon;history;future`, numbers separated by spaces. Empty lines
/// are skipped.
///
/// # Errors
///
/// Names the first line that is not of that form.
pub fn parse(text: &str) -> Result<Vec<Case>, ForecastError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(i, line)| {
            parse_line(line).map_err(|reason| ForecastError::Line { line: i + 1, reason })
        })
        .collect()
}

fn parse_line(line: &str) -> Result<Case, &'static str> {
    let fields: Vec<&str> = line.trim_end().split(';').collect();
    let [id, group, period, horizon, history, future] = fields[..] else {
        return Err("give six fields `id;group;period;horizon;history;future`");
    };
    let whole = |text: &str| text.trim().parse::<usize>();
    let period = whole(period).map_err(|_| "the period is not a whole number")?;
    let horizon = whole(horizon).map_err(|_| "the horizon is not a whole number")?;
    let (history, future) = (numbers(history)?, numbers(future)?);
    if history.is_empty() || future.is_empty() || future.len() != horizon {
        return Err("give a history, and as many future values as the horizon says");
    }
    Ok(Case { id: id.into(), group: group.into(), period: period.max(1), history, future })
}

fn numbers(text: &str) -> Result<Vec<f64>, &'static str> {
    let parsed = text.split_whitespace().map(str::parse::<f64>);
    parsed
        .map(|v| v.ok().filter(|v| v.is_finite()).ok_or("a value is not a finite number"))
        .collect()
}

/// Forecasts every case on all cores and scores it. Intervals are calibrated on the ends of the
/// histories alone, group by group; the futures are only compared with.
///
/// # Errors
///
/// When a case cannot be forecast (see [`super::forecast`]).
pub fn evaluate(cases: &[Case], progress: Progress) -> Result<Evaluation, ForecastError> {
    let mut groups: BTreeMap<(&str, usize), Vec<&Case>> = BTreeMap::new();
    for case in cases {
        groups.entry((case.group.as_str(), case.future.len())).or_default().push(case);
    }
    let mut scored: BTreeMap<&str, Vec<CaseScore>> = BTreeMap::new();
    let mut before = 0;
    for ((group, horizon), members) in groups {
        let count = |done: usize, _: usize| progress(before + done, cases.len());
        let forecasts = forecast_group(&members, horizon, &count);
        before += members.len();
        for (case, forecast) in members.iter().zip(forecasts) {
            scored.entry(group).or_default().push(CaseScore::of(case, &forecast?));
        }
    }
    let all: Vec<&CaseScore> = scored.values().flatten().collect();
    let groups = scored.iter().map(|(g, s)| summary(g, &s.iter().collect::<Vec<_>>())).collect();
    Ok(Evaluation { all: summary("all", &all), groups })
}

fn forecast_group(
    members: &[&Case],
    horizon: usize,
    progress: Progress,
) -> Vec<Result<Forecast, ForecastError>> {
    let series: Vec<Series> = members.iter().map(|case| case.series()).collect();
    let mut options = Options::new(horizon);
    options.calibration = Some(calibrate(&series, &options, &|_, _| {}));
    forecast_many(&series, &options, progress)
}

impl Case {
    /// The history as a series. Weekly, daily and hourly groups may also have a year's or a week's
    /// season; the engine looks whether they do.
    #[must_use]
    pub fn series(&self) -> Series {
        let longer = match (self.group.to_lowercase().as_str(), self.period) {
            (group, 1) if group.contains("week") => vec![52],
            (_, 7) => vec![365],
            (_, 24) => vec![168],
            _ => Vec::new(),
        };
        Series { longer_periods: longer, ..Series::new(self.period, &self.history) }
    }
}

struct CaseScore {
    smape: f64,
    mase: Option<f64>,
    rmsse: Option<f64>,
    naive2_smape: f64,
    naive2_mase: Option<f64>,
    within: f64,
    interval: Option<f64>,
}

impl CaseScore {
    fn of(case: &Case, forecast: &Forecast) -> Self {
        let (history, future, m) = (&case.history, &case.future, case.period);
        let ahead: Vec<f64> = forecast.points.iter().map(|p| p.mean).collect();
        let naive = naive2(history, m, future.len());
        let paired = || forecast.points.iter().zip(future);
        let width = mean(paired().map(|(p, a)| interval_score(*a, p.low95, p.high95, ALPHA)));
        Self {
            smape: smape(future, &ahead),
            mase: mase(history, future, &ahead, m),
            rmsse: rmsse(history, future, &ahead, m),
            naive2_smape: smape(future, &naive),
            naive2_mase: mase(history, future, &naive, m),
            within: mean(
                paired().map(|(p, a)| f64::from(u8::from(p.low95 <= *a && *a <= p.high95))),
            ),
            interval: naive_scale(history, m, f64::abs).map(|scale| width / scale),
        }
    }
}

fn summary(group: &str, scores: &[&CaseScore]) -> GroupScore {
    let average =
        |value: fn(&CaseScore) -> Option<f64>| mean(scores.iter().filter_map(|s| value(s)));
    let (smape, mase) = (average(|s| Some(s.smape)), average(|s| s.mase));
    let (naive2_smape, naive2_mase) =
        (average(|s| Some(s.naive2_smape)), average(|s| s.naive2_mase));
    GroupScore {
        group: group.into(),
        series: scores.len(),
        owa: 0.5 * (smape / naive2_smape + mase / naive2_mase),
        smape,
        mase,
        rmsse: average(|s| s.rmsse),
        naive2_smape,
        naive2_mase,
        coverage95: average(|s| Some(s.within)),
        msis: average(|s| s.interval),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "a;MONTHLY;12;2;1 2 3 4 5 6 7 8 9 10;11 12\n\nb;YEARLY;1;2;5 6 5 6 5 6 5 6;5 6\n";

    #[test]
    fn reads_the_lines_and_names_the_broken_one() {
        let cases = parse(TEXT).unwrap();
        assert_eq!((cases.len(), cases[1].id.as_str()), (2, "b"));
        let broken = parse("a;b;1;2;1 2;3\n").unwrap_err();
        assert!(broken.to_string().starts_with("line 1: "), "{broken}");
        assert!(parse("a;b;1;1;1 x;3").is_err());
        assert!(parse("a;b;1;1;1 NaN;3").is_err());
    }

    #[test]
    fn groups_are_scored_apart_and_together() {
        let evaluation = evaluate(&parse(TEXT).unwrap(), &|_, _| {}).unwrap();
        assert_eq!(evaluation.all.series, 2);
        let names: Vec<_> = evaluation.groups.iter().map(|g| g.group.as_str()).collect();
        assert_eq!(names, ["MONTHLY", "YEARLY"]);
        assert!(evaluation.groups[0].smape < 20.0, "{evaluation:?}");
    }
}
