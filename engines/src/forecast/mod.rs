//! Demand forecasting: clean a series, tell its class, ask the models that fit it, combine them,
//! and say how sure the answer is.
//!
//! Every function is pure and bit-stable: the same input gives the same bytes on any number of
//! cores. Every result names its members, the factors with their evidence, and three quantiles.

mod aggregate;
mod autoregressive;
mod backtest;
mod calibrate;
mod classify;
mod clean;
mod combine;
mod counts;
mod cycle;
mod ets;
pub mod evaluate;
mod harmonics;
mod intermittent;
mod interval;
mod measures;
mod parallel;
mod prepare;
mod profile;
mod reconcile;
mod regressors;
mod season;
mod simplex;
mod theta;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use backtest::{Backtest, backtest};
pub use calibrate::{Calibration, calibrate};
pub use classify::{Class, Classification, classify};
pub use combine::Member;
pub use counts::Demand;
pub use cycle::demand_over;
pub use interval::Point;
pub use measures::{interval_score, mase, noise_floor, pinball, rmsse, smape, wape};
pub use parallel::Progress;
pub use reconcile::{Coherence, Hierarchy, reconcile};
pub use regressors::{Factor, Prior, Regressor, RegressorKind};

use prepare::prepare;

/// The longest horizon and history, and the most seasons of history, that are taken on.
const MOST_BUCKETS: usize = 100_000;

/// A history of demand in equal buckets (days, weeks, months), oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Buckets after which the season repeats: 7 for days, 12 for months, 4 for quarters, 1 for none.
    pub period: usize,
    /// Units per bucket; `null` where nobody knows (not recorded, or closed). Not zero for that.
    pub values: Vec<Option<f64>>,
    /// Indices of buckets in which the product ran out: their sales say nothing about demand.
    #[serde(default)]
    pub stock_outs: Vec<usize>,
    /// Longer seasons on top of `period`, in buckets: 365 for days, 52 for weeks.
    #[serde(default)]
    pub longer_periods: Vec<usize>,
    /// Known influences.
    #[serde(default)]
    pub regressors: Vec<Regressor>,
}

impl Series {
    /// A series without gaps, stock-outs or regressors.
    #[must_use]
    pub fn new(period: usize, values: &[f64]) -> Self {
        let values = values.iter().copied().map(Some).collect();
        Self { period, values, ..Self::default() }
    }

    /// The series as it was known before bucket `end`. Regressors keep what lies after it: calendars
    /// and price plans are known ahead.
    fn until(&self, end: usize) -> Self {
        let mut past = self.clone();
        past.values.truncate(end);
        past.stock_outs.retain(|t| *t < end);
        past
    }
}

/// What to forecast, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Options {
    /// Buckets ahead, at least 1.
    pub horizon: usize,
    /// Interval widths learned from comparable series by [`calibrate`]; without it standard ones.
    #[serde(default)]
    pub calibration: Option<Calibration>,
}

impl Options {
    /// The defaults, for a horizon.
    #[must_use]
    pub fn new(horizon: usize) -> Self {
        Self { horizon, calibration: None }
    }
}

/// A forecast and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    pub class: Class,
    /// One point a bucket, starting right after the history.
    pub points: Vec<Point>,
    /// The models behind it and their shares.
    pub members: Vec<Member>,
    /// The regressors' effects.
    pub factors: Vec<Factor>,
    /// Buckets of history with a value.
    pub observed: usize,
    /// Buckets of history without one, stock-outs included.
    pub missing: usize,
    /// Indices of buckets whose unexplained spike was capped.
    pub capped: Vec<usize>,
    /// Variance of a bucket's demand over its mean, as the intervals imply it.
    pub dispersion: f64,
    /// The lowest WAPE per bucket that any forecast of such demand could reach.
    pub noise_floor: f64,
}

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ForecastError {
    #[error("the series has no observed value: give at least one bucket that is not a stock-out")]
    Empty,
    #[error("value {index} is `{value}`: give finite numbers, or null where nothing is known")]
    NotFinite { index: usize, value: f64 },
    #[error("the horizon `{0}` must lie between 1 and {MOST_BUCKETS}")]
    Horizon(usize),
    #[error("the history has `{0}` buckets: give at most {MOST_BUCKETS}, or longer buckets")]
    TooLong(usize),
    #[error("regressor `{name}` needs {needed} finite values, one for each bucket of the history")]
    Regressor { name: String, needed: usize },
    #[error("regressor `{name}` has a price of zero or less: give prices above zero")]
    Price { name: String },
    #[error("{0}")]
    Hierarchy(&'static str),
    #[error("line {line}: {reason}")]
    Line { line: usize, reason: &'static str },
}

/// Forecasts one series.
///
/// # Errors
///
/// When nothing was observed, a value is not finite, the horizon is out of range, or a regressor
/// does not cover the history.
///
/// ```
/// use engines::forecast::{Options, Series, forecast};
///
/// let office: Vec<f64> = (0..84).map(|day| if day % 7 < 5 { 40.0 } else { 10.0 }).collect();
/// let week = forecast(&Series::new(7, &office), &Options::new(7))?;
/// assert!(week.points[0].mean > 3.0 * week.points[5].mean);
/// assert!(week.points[0].p10 <= week.points[0].p50 && week.points[0].p50 <= week.points[0].p90);
/// # Ok::<(), engines::forecast::ForecastError>(())
/// ```
pub fn forecast(series: &Series, options: &Options) -> Result<Forecast, ForecastError> {
    let prepared = prepare(series, options)?;
    let projection = prepared.project();
    let points = interval::points(&prepared, &projection, options);
    let observed = prepared.values.iter().flatten().count();
    let ahead = measures::mean(points.iter().map(|p| p.mean));
    Ok(Forecast {
        class: prepared.question.class,
        dispersion: interval::dispersion(&points),
        points,
        members: projection.members,
        factors: prepared.influence.factors(&prepared.values, &series.regressors),
        observed,
        missing: series.values.len() - observed,
        capped: prepared.clean.capped,
        noise_floor: noise_floor(ahead),
    })
}

/// Forecasts many series on all cores; results come in the order of the input, and are the same on
/// any machine with the same arithmetic.
pub fn forecast_many(
    series: &[Series],
    options: &Options,
    progress: Progress,
) -> Vec<Result<Forecast, ForecastError>> {
    parallel::map(series, progress, |one| forecast(one, options))
}

#[cfg(test)]
mod tests;
