//! From a mean and an error scale to quantiles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calibrate;
use super::combine::Projection;
use super::counts::Demand;
use super::prepare::Prepared;
use super::{Calibration, Options};

/// Counts below this mean have quantiles of a count distribution; above it the difference between
/// neighbouring units no longer shows.
const COUNT_LIMIT: f64 = 50.0;

/// Distance between the 2.5 % and 97.5 % quantiles of a normal distribution of deviation 1.
const NORMAL_WIDTH: f64 = 3.92;

/// Demand of one bucket ahead, in units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Demand is below this in one of ten cases.
    pub p10: f64,
    /// Demand is as often below this as above.
    pub p50: f64,
    /// Demand is above this in one of ten cases.
    pub p90: f64,
    /// Expected demand.
    pub mean: f64,
    /// Lower end of the 95 % interval.
    pub low95: f64,
    /// Upper end of the 95 % interval.
    pub high95: f64,
}

/// The points of a projection, with the regressors' future effects.
pub(super) fn points(
    prepared: &Prepared,
    projection: &Projection,
    options: &Options,
) -> Vec<Point> {
    let standard = calibrate::standard();
    let calibration = options.calibration.as_ref().unwrap_or(&standard);
    (0..options.horizon)
        .map(|h| {
            let multiplier = prepared.influence.multiplier(prepared.values.len() + h);
            let mean = projection.mean[h] * multiplier;
            let scores = scores(calibration, prepared, h, projection.sigma[h] * multiplier);
            let point = if prepared.question.counts && mean < COUNT_LIMIT {
                count(mean, scores)
            } else {
                continuous(mean, scores)
            };
            if prepared.non_negative { point.at_least_zero() } else { point }
        })
        .collect()
}

/// The distances of the five quantiles from the mean, in units.
fn scores(calibration: &Calibration, prepared: &Prepared, h: usize, scale: f64) -> [f64; 5] {
    calibration.scores(&prepared.question, h).map(|score| score * scale)
}

fn continuous(mean: f64, [low, p10, _, p90, high]: [f64; 5]) -> Point {
    Point {
        p10: mean + p10.min(0.0),
        p50: mean,
        p90: mean + p90.max(0.0),
        mean,
        low95: mean + low.min(0.0),
        high95: mean + high.max(0.0),
    }
}

/// Quantiles of the negative binomial whose 95 % interval has the calibrated width.
fn count(mean: f64, [low, .., high]: [f64; 5]) -> Point {
    let deviation = (high - low) / NORMAL_WIDTH;
    let demand = Demand::new(mean, deviation * deviation / mean.max(1e-9));
    Point {
        p10: demand.quantile(0.1),
        p50: demand.quantile(0.5),
        p90: demand.quantile(0.9),
        mean,
        low95: demand.quantile(0.025),
        high95: demand.quantile(0.975),
    }
}

impl Point {
    fn at_least_zero(self) -> Self {
        let Self { p10, p50, p90, mean, low95, high95 } = self;
        let [p10, p50, p90, mean, low95, high95] =
            [p10, p50, p90, mean, low95, high95].map(|v| v.max(0.0));
        Self { p10, p50, p90, mean, low95, high95 }
    }
}

/// The variance-to-mean ratio that the points' intervals imply, at least Poisson's 1.
pub(super) fn dispersion(points: &[Point]) -> f64 {
    let (mut variance, mut mean) = (0.0, 0.0);
    for point in points {
        variance += ((point.high95 - point.low95) / NORMAL_WIDTH).powi(2);
        mean += point.mean;
    }
    if mean > 0.0 { (variance / mean).max(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_count_has_whole_quantiles() {
        let point = count(3.0, [-3.4, -2.0, 0.0, 2.0, 3.4]);
        for quantile in [point.p10, point.p50, point.p90] {
            assert!(quantile.fract().abs() < f64::EPSILON, "{point:?}");
        }
        assert!(point.p10 < point.p50 && point.p50 < point.p90, "{point:?}");
    }

    #[test]
    fn quantiles_never_cross_the_mean() {
        let point = continuous(100.0, [2.0, 5.0, 0.0, -1.0, 30.0]);
        assert!(point.p10 <= point.p50 && point.p50 <= point.p90, "{point:?}");
    }
}
