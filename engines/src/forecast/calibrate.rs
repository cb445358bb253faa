//! Conformal calibration: how far the truth fell from the forecast, in units of the forecast's own
//! error scale, on the end of each series that was held back.
//!
//! Split-conformal prediction with normalised scores (Lei et al., 2018), pooled over the series of
//! one period and step: analytic intervals of smoothing models cover far too little (0.87 of a
//! nominal 0.95 on the M3 series).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::combine::Question;
use super::parallel::{self, Progress};
use super::prepare::prepare;
use super::{Options, Series};

/// The levels whose scores are kept.
pub(super) const LEVELS: [f64; 5] = [0.025, 0.1, 0.5, 0.9, 0.975];

/// The scores of a standard case, as seen over thousands of public series: slimmer than normal in the
/// middle and heavier in the tails.
const STANDARD: [f64; 5] = [-2.1, -1.2, 0.0, 1.2, 2.1];

/// Scores from this many series weigh as much as the standard ones.
const STANDARD_WEIGHT: f64 = 20.0;

/// Error quantiles by period and step, in units of the forecast's error scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    periods: Vec<PeriodScores>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct PeriodScores {
    period: usize,
    /// Scores of intermittent and lumpy series are kept apart: their scale is another.
    sparse: bool,
    /// One entry a step: scores at 2.5, 10, 50, 90 and 97.5 %.
    steps: Vec<[f64; 5]>,
}

impl Calibration {
    /// The scores for a step (0 is the next bucket). Steps beyond those that were calibrated use
    /// the last one; periods that were not, the standard scores.
    pub(super) fn scores(&self, question: &Question, step: usize) -> [f64; 5] {
        self.periods
            .iter()
            .find(|p| p.period == question.period && p.sparse == question.class.is_sparse())
            .and_then(|p| p.steps.get(step).or(p.steps.last()))
            .copied()
            .unwrap_or(STANDARD)
    }
}

/// The scores that hold where nothing was calibrated.
pub(super) fn standard() -> Calibration {
    Calibration { periods: Vec::new() }
}

/// Calibrates on the last `options.horizon` buckets of each series, which are held back and then
/// forecast. Series too short for that say nothing. Runs on all cores; the result does not depend
/// on how many.
#[must_use]
pub fn calibrate(series: &[Series], options: &Options, progress: Progress) -> Calibration {
    let scored = parallel::map(series, progress, |s| scores_of(s, options));
    let mut keys: Vec<(usize, bool)> = scored.iter().flatten().map(|s| s.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let pool = |(period, sparse)| {
        let own: Vec<&Scores> =
            scored.iter().flatten().filter(|s| s.key == (period, sparse)).collect();
        PeriodScores { period, sparse, steps: quantiles(&own, options.horizon) }
    };
    Calibration { periods: keys.into_iter().map(pool).collect() }
}

/// How far each held-back step of one series fell from its forecast; none where it is missing or
/// the scale is zero.
struct Scores {
    key: (usize, bool),
    steps: Vec<Option<f64>>,
}

fn scores_of(series: &Series, options: &Options) -> Option<Scores> {
    let n = series.values.len();
    let least = (2 * series.period + 2).max(8);
    if n < least + options.horizon {
        return None;
    }
    let cut = n - options.horizon;
    let past = series.until(cut);
    let prepared = prepare(&past, options).ok()?;
    let projection = prepared.project();
    let score = |h: usize| {
        let multiplier = prepared.influence.multiplier(cut + h);
        let (mean, scale) = (projection.mean[h] * multiplier, projection.sigma[h] * multiplier);
        let known = series.values[cut + h].filter(|_| !series.stock_outs.contains(&(cut + h)));
        known.filter(|_| scale > 0.0).map(|actual| (actual - mean) / scale)
    };
    let key = (prepared.question.period, prepared.question.class.is_sparse());
    Some(Scores { key, steps: (0..options.horizon).map(score).collect() })
}

fn quantiles(own: &[&Scores], horizon: usize) -> Vec<[f64; 5]> {
    (0..horizon)
        .map(|h| {
            let mut scores: Vec<f64> = own.iter().filter_map(|s| s.steps[h]).collect();
            scores.sort_by(f64::total_cmp);
            let n = scores.len() as f64;
            let trust = n / (n + STANDARD_WEIGHT);
            std::array::from_fn(|i| match quantile(&scores, LEVELS[i]) {
                Some(score) => trust * score + (1.0 - trust) * STANDARD[i],
                None => STANDARD[i],
            })
        })
        .collect()
}

/// The empirical quantile of sorted scores, moved outwards by the conformal correction `(n + 1)/n`.
fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    let n = sorted.len() as f64;
    let outward = 0.5 + (level - 0.5) * (n + 1.0) / n;
    let place = outward.clamp(0.0, 1.0) * (n - 1.0);
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::super::classify::Class;
    use super::*;

    #[test]
    fn quantiles_of_a_known_sample() {
        let sorted: Vec<f64> = (0..=100).map(f64::from).collect();
        assert!((quantile(&sorted, 0.5).unwrap() - 50.0).abs() < 1e-9);
        assert!(quantile(&sorted, 0.975).unwrap() > 97.5);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn an_unknown_period_uses_the_standard_scores() {
        let question =
            Question { period: 12, longer: &[], horizon: 4, class: Class::Smooth, counts: false };
        assert_eq!(standard().scores(&question, 3), STANDARD);
    }
}
