//! How good the forecasts of a series would have been: rolling origins over its own past.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classify::SHORT;
use super::measures::{mase, mean, noise_floor, pinball, rmsse, wape};
use super::season::seasonal_naive;
use super::{ForecastError, Options, Series, forecast};

/// Accuracy over the held-back buckets of all origins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Backtest {
    /// Times the past was cut and forecast.
    pub origins: usize,
    /// Held-back buckets with a value.
    pub compared: usize,
    /// Absolute error as a share of what was sold.
    pub wape: Option<f64>,
    /// Mean of the percentage errors of the non-zero buckets, as a share.
    pub mape: Option<f64>,
    /// Error over the in-sample error of the seasonal naive forecast; below 1 is better than it.
    pub mase: Option<f64>,
    pub rmsse: Option<f64>,
    /// Forecast minus actual as a share of what was sold: positive is too much.
    pub bias: Option<f64>,
    /// Share of buckets between p10 and p90; 0.8 is right.
    pub coverage80: f64,
    /// Share of buckets in the 95 % interval.
    pub coverage95: f64,
    /// Mean quantile error at p10, p50 and p90, in units.
    pub pinball: f64,
    /// The lowest WAPE that any forecast of such demand could reach.
    pub noise_floor: f64,
    /// WAPE of repeating the last season: what the forecast has to beat.
    pub naive_wape: Option<f64>,
}

#[derive(Default)]
struct Tally {
    actual: Vec<f64>,
    forecast: Vec<f64>,
    naive: Vec<f64>,
    within80: Vec<f64>,
    within95: Vec<f64>,
    pinball: Vec<f64>,
    mase: Vec<f64>,
    rmsse: Vec<f64>,
}

/// Cuts the series `origins` times, one horizon further back each time, and scores the forecasts of
/// what followed. Origins with too little history before them are left out.
///
/// # Errors
///
/// As [`forecast`], and when the series is too short for any origin.
pub fn backtest(
    series: &Series,
    options: &Options,
    origins: usize,
) -> Result<Backtest, ForecastError> {
    let mut tally = Tally::default();
    let mut used = 0;
    for k in 1..=origins.max(1) {
        let Some(cut) = series.values.len().checked_sub(k * options.horizon) else { break };
        if cut < SHORT {
            break;
        }
        tally.add(series, cut, options)?;
        used += 1;
    }
    if used == 0 || tally.actual.is_empty() {
        return Err(ForecastError::Empty);
    }
    Ok(tally.report(used))
}

impl Tally {
    fn add(&mut self, series: &Series, cut: usize, options: &Options) -> Result<(), ForecastError> {
        let points = forecast(&series.until(cut), options)?.points;
        let history: Vec<f64> = series.values[..cut].iter().flatten().copied().collect();
        let naive = seasonal_naive(&history, series.period, options.horizon);
        let start = self.actual.len();
        for (h, point) in points.iter().enumerate() {
            let t = cut + h;
            let Some(actual) = series.values[t].filter(|_| !series.stock_outs.contains(&t)) else {
                continue;
            };
            let within = |low, high| f64::from(u8::from(low <= actual && actual <= high));
            self.actual.push(actual);
            self.forecast.push(point.mean);
            self.naive.push(naive[h]);
            self.within80.push(within(point.p10, point.p90));
            self.within95.push(within(point.low95, point.high95));
            let quantiles = [(point.p10, 0.1), (point.p50, 0.5), (point.p90, 0.9)];
            self.pinball
                .push(mean(quantiles.into_iter().map(|(q, level)| pinball(actual, q, level))));
        }
        let (actual, ahead) = (&self.actual[start..], &self.forecast[start..]);
        if !actual.is_empty() {
            self.mase.extend(mase(&history, actual, ahead, series.period));
            self.rmsse.extend(rmsse(&history, actual, ahead, series.period));
        }
        Ok(())
    }

    fn report(&self, origins: usize) -> Backtest {
        let average = |v: &[f64]| mean(v.iter().copied());
        let sold: f64 = self.actual.iter().map(|a| a.abs()).sum();
        let surplus: f64 = self.forecast.iter().sum::<f64>() - self.actual.iter().sum::<f64>();
        let percentages: Vec<f64> = self
            .actual
            .iter()
            .zip(&self.forecast)
            .filter(|(a, _)| **a != 0.0)
            .map(|(a, f)| ((a - f) / a).abs())
            .collect();
        let some = |v: &[f64]| (!v.is_empty()).then(|| average(v));
        Backtest {
            origins,
            compared: self.actual.len(),
            wape: wape(&self.actual, &self.forecast),
            mape: some(&percentages),
            mase: some(&self.mase),
            rmsse: some(&self.rmsse),
            bias: (sold > 0.0).then(|| surplus / sold),
            coverage80: average(&self.within80),
            coverage95: average(&self.within95),
            pinball: average(&self.pinball),
            noise_floor: noise_floor(average(&self.actual)),
            naive_wape: wape(&self.actual, &self.naive),
        }
    }
}
