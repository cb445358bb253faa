//! From a series as given to the question that the models are asked.

use super::classify::classify;
use super::clean::{Clean, clean};
use super::combine::{self, Projection, Question};
use super::regressors::Influence;
use super::{ForecastError, MOST_BUCKETS, Options, Series};

/// A checked, cleaned series.
pub(super) struct Prepared<'a> {
    /// The values as observed: stock-outs are missing.
    pub(super) values: Vec<Option<f64>>,
    pub(super) influence: Influence,
    /// Without the regressors' effects.
    pub(super) clean: Clean,
    pub(super) question: Question<'a>,
    /// Demand was never negative, so no forecast is.
    pub(super) non_negative: bool,
}

/// Checks a series, takes out stock-outs and the effects of its regressors, and classifies it.
pub(super) fn prepare<'a>(
    series: &'a Series,
    options: &Options,
) -> Result<Prepared<'a>, ForecastError> {
    check(series, options)?;
    let mut values = series.values.clone();
    for &t in &series.stock_outs {
        if let Some(value) = values.get_mut(t) {
            *value = None;
        }
    }
    let m = series.period.max(1);
    let influence = Influence::of(&values, m, options.horizon, &series.regressors)?;
    let clean = clean(&influence.remove(&values), m, |t| influence.explains(t));
    if clean.filled.is_empty() {
        return Err(ForecastError::Empty);
    }
    let non_negative = values.iter().flatten().all(|v| *v >= 0.0);
    let counts = non_negative && values.iter().flatten().all(|v| v.fract() == 0.0);
    let class = classify(&values).class;
    let question = Question {
        period: m,
        longer: &series.longer_periods,
        horizon: options.horizon,
        class,
        counts,
    };
    Ok(Prepared { values, influence, clean, question, non_negative })
}

fn check(series: &Series, options: &Options) -> Result<(), ForecastError> {
    if !(1..=MOST_BUCKETS).contains(&options.horizon) {
        return Err(ForecastError::Horizon(options.horizon));
    }
    if series.values.len() > MOST_BUCKETS {
        return Err(ForecastError::TooLong(series.values.len()));
    }
    let broken = series.values.iter().enumerate().find_map(|(index, v)| {
        v.filter(|v| !v.is_finite()).map(|value| ForecastError::NotFinite { index, value })
    });
    broken.map_or(Ok(()), Err)
}

impl Prepared<'_> {
    /// Asks the models; the regressors' future effects are not in the answer yet.
    pub(super) fn project(&self) -> Projection {
        let mut projection = combine::project(&self.clean, &self.question);
        if self.non_negative {
            projection.mean.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        projection
    }
}
