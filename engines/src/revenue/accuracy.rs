//! Holding predictions to what came of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Standard error of a machine's baseline, as a share of revenue, while too few days are known.
pub const BASELINE_SIGMA: f64 = 0.04;

/// Days that a baseline is averaged over.
const WINDOW: usize = 28;

/// A prediction and what came of it, in one unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    /// What was predicted.
    pub predicted: f64,
    /// Half the width of its interval.
    pub half_width: f64,
    /// What happened.
    pub actual: f64,
}

/// How good past predictions were.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accuracy {
    /// Predictions checked.
    pub checked: u32,
    /// Mean absolute error in percent of the actual, over actuals that are not 0.
    pub mape_percent: f64,
    /// Sum of absolute errors in percent of the sum of actuals.
    pub wape_percent: f64,
    /// Share of actuals inside the interval, percent.
    pub coverage_percent: f64,
    /// Sum of errors (predicted − actual) in percent of the sum of actuals.
    pub bias_percent: f64,
}

impl Checked {
    /// Whether the actual lies in the interval.
    ///
    /// ```
    /// use engines::revenue::Checked;
    ///
    /// assert!(Checked { predicted: 100.0, half_width: 8.0, actual: 93.0 }.inside());
    /// ```
    #[must_use]
    pub fn inside(&self) -> bool {
        (self.actual - self.predicted).abs() <= self.half_width
    }
}

/// Summarises past predictions; `None` without any.
///
/// ```
/// use engines::revenue::{accuracy, Checked};
///
/// let past = [(100.0, 90.0), (200.0, 220.0)]
///     .map(|(predicted, actual)| Checked { predicted, half_width: 15.0, actual });
/// let found = accuracy(&past).unwrap();
/// assert_eq!(found.coverage_percent, 50.0);
/// assert!((found.wape_percent - 100.0 * 30.0 / 310.0).abs() < 1e-9);
/// ```
#[must_use]
pub fn accuracy(past: &[Checked]) -> Option<Accuracy> {
    if past.is_empty() {
        return None;
    }
    let n = past.len() as f64;
    let actual: f64 = past.iter().map(|c| c.actual.abs()).sum();
    let errors = || past.iter().map(|c| c.predicted - c.actual);
    let percent = |part: f64| if actual > 0.0 { 100.0 * part / actual } else { 0.0 };
    let apart: Vec<f64> = past
        .iter()
        .filter(|c| c.actual != 0.0)
        .map(|c| 100.0 * ((c.predicted - c.actual) / c.actual).abs())
        .collect();
    Some(Accuracy {
        checked: past.len() as u32,
        mape_percent: apart.iter().sum::<f64>() / (apart.len().max(1)) as f64,
        wape_percent: percent(errors().map(f64::abs).sum()),
        coverage_percent: 100.0 * past.iter().filter(|c| c.inside()).count() as f64 / n,
        bias_percent: percent(errors().sum()),
    })
}

/// Returns what to multiply half-widths by so that `coverage` (0 to 1) of the past would have
/// been covered: the split-conformal quantile of `|error| / half-width`, at rank
/// `⌈(n + 1) × coverage⌉` (Vovk et al. 2005). 1 while too few are known for that rank.
///
/// ```
/// use engines::revenue::{conformal_scale, Checked};
///
/// let past: Vec<Checked> = (1..=19)
///     .map(|i| Checked { predicted: 100.0, half_width: 10.0, actual: 100.0 + f64::from(i) })
///     .collect();
/// assert_eq!(conformal_scale(&past, 0.95), 1.9);
/// assert_eq!(conformal_scale(&past[..5], 0.95), 1.0);
/// ```
#[must_use]
pub fn conformal_scale(past: &[Checked], coverage: f64) -> f64 {
    let usable = past.iter().filter(|c| c.half_width > 0.0);
    let mut scores: Vec<f64> =
        usable.map(|c| ((c.actual - c.predicted) / c.half_width).abs()).collect();
    scores.sort_by(f64::total_cmp);
    // The tolerance keeps 20 × 0.95 at rank 19, whatever its floating point says.
    let rank = ((scores.len() + 1) as f64 * coverage - 1e-9).ceil() as usize;
    if rank == 0 { 1.0 } else { scores.get(rank - 1).copied().unwrap_or(1.0) }
}

/// Returns the standard error of a 28-day mean as a prediction of the next 28 days' mean, as a
/// share of it, over all such windows of a series of daily revenue; [`BASELINE_SIGMA`] for fewer
/// than 60 days.
///
/// ```
/// use engines::revenue::{baseline_sigma, BASELINE_SIGMA};
///
/// assert_eq!(baseline_sigma(&[100.0; 30]), BASELINE_SIGMA);
/// assert_eq!(baseline_sigma(&[100.0; 90]), 0.0);
/// ```
#[must_use]
pub fn baseline_sigma(daily: &[f64]) -> f64 {
    let mean = |days: &[f64]| days.iter().sum::<f64>() / days.len() as f64;
    let windows = (0..(daily.len() + 1).saturating_sub(2 * WINDOW)).filter_map(|start| {
        let (past, next) =
            (&daily[start..start + WINDOW], &daily[start + WINDOW..start + 2 * WINDOW]);
        let (past, next) = (mean(past), mean(next));
        (next > 0.0).then(|| ((past - next) / next).powi(2))
    });
    let squares: Vec<f64> = windows.collect();
    if squares.len() < 5 { BASELINE_SIGMA } else { mean(&squares).sqrt() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_checked_says_nothing() {
        assert_eq!(accuracy(&[]), None);
    }

    proptest! {
        #[test]
        fn the_scaled_interval_covers_the_past(errors in prop::collection::vec(-30.0..30.0f64, 40..120)) {
            let past: Vec<Checked> = errors.iter()
                .map(|e| Checked { predicted: 100.0, half_width: 5.0, actual: 100.0 + e }).collect();
            let scale = conformal_scale(&past, 0.9);
            let held = past.iter().map(|c| Checked { half_width: c.half_width * scale + 1e-9, ..*c });
            let covered = held.filter(Checked::inside).count();
            prop_assert!(covered as f64 >= 0.9 * past.len() as f64);
        }
    }

    #[test]
    fn a_noisier_machine_has_a_wider_baseline() {
        let series = |swing: f64| -> Vec<f64> {
            (0..120)
                .map(|d| {
                    100.0 + swing * f64::from(d * 37 % 101) / 101.0 + swing * f64::from(d) / 120.0
                })
                .collect()
        };
        assert!(baseline_sigma(&series(60.0)) > baseline_sigma(&series(10.0)));
    }
}
