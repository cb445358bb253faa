//! The weekday profile of daily counts: a Gamma-Poisson index for each phase of the week, shrunk
//! towards "every day alike", times a smoothed level.
//!
//! On short and noisy series of vending machines it beats every general model, and it can be read:
//! "Mondays sell 1.4 times the average day".

/// Evidence, in expected units, that the prior "every day alike" is worth over a whole period.
const PRIOR_UNITS: f64 = 30.0;
/// How much less a day counts for each day of its age.
const FADING: f64 = 0.01;
/// The weight of the newest day in the level.
const LEVEL_GAIN: f64 = 0.05;
/// The days whose mean starts the level.
const WARM_UP: usize = 28;

/// The fitted profile.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// The multiplier of each phase; phase 0 is the first bucket of the series.
    pub(super) index: Vec<f64>,
    level: f64,
    n: usize,
}

impl Profile {
    /// Fits phases of `m` buckets; missing buckets carry no evidence.
    pub(super) fn fit(y: &[Option<f64>], m: usize) -> Self {
        let index = shrunk_indices(y, m);
        let adjusted: Vec<f64> = y
            .iter()
            .enumerate()
            .filter_map(|(t, v)| v.map(|v| v / index[t % m].max(0.2)))
            .collect();
        let head = &adjusted[..adjusted.len().min(WARM_UP)];
        let first = head.iter().sum::<f64>() / head.len().max(1) as f64;
        let level = adjusted.iter().fold(first, |level, v| level + LEVEL_GAIN * (v - level));
        Self { index, level, n: y.len() }
    }

    /// The expected units of the next `horizon` buckets.
    pub(super) fn project(&self, horizon: usize) -> Vec<f64> {
        (0..horizon).map(|h| self.level * self.index[(self.n + h) % self.index.len()]).collect()
    }
}

/// `(κ/m + Σ w·y) / (κ/m + level·Σ w)` for each phase, newer buckets weighing more.
fn shrunk_indices(y: &[Option<f64>], m: usize) -> Vec<f64> {
    let mut units = vec![0.0; m];
    let mut weights = vec![0.0; m];
    for (t, value) in y.iter().enumerate() {
        if let Some(value) = value {
            let weight = (-FADING * (y.len() - 1 - t) as f64).exp();
            units[t % m] += weight * value;
            weights[t % m] += weight;
        }
    }
    let (sold, weight) = (units.iter().sum::<f64>(), weights.iter().sum::<f64>());
    let level = if weight > 0.0 { sold / weight } else { 0.0 };
    let prior = PRIOR_UNITS / m as f64;
    units.iter().zip(&weights).map(|(u, w)| (prior + u) / (prior + level * w)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test 1 of story 7: an office sells several times more on a weekday than at a weekend.
    #[test]
    fn an_office_week_is_recovered() {
        let y: Vec<_> = (0..140).map(|t| Some(if t % 7 < 5 { 70.0 } else { 20.0 })).collect();
        let ahead = Profile::fit(&y, 7).project(7);
        let ratio = ahead[0] / ahead[5];
        assert!((3.3..3.6).contains(&ratio), "{ratio}");
    }

    #[test]
    fn little_evidence_stays_close_to_even() {
        let y: Vec<_> = (0..14).map(|t| Some(if t % 7 == 0 { 1.0 } else { 0.0 })).collect();
        let profile = Profile::fit(&y, 7);
        assert!(profile.index.iter().all(|i| (0.5..1.6).contains(i)), "{:?}", profile.index);
    }

    #[test]
    fn missing_days_are_not_zeros() {
        let full: Vec<_> = (0..70).map(|_| Some(10.0)).collect();
        let gaps: Vec<_> = (0..70).map(|t| (t % 7 != 2).then_some(10.0)).collect();
        let (full, gaps) = (Profile::fit(&full, 7), Profile::fit(&gaps, 7));
        assert!((full.project(7)[2] - gaps.project(7)[2]).abs() < 1e-9);
    }
}
