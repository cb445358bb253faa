//! Anomalies: figures that do not fit the others, by the vote of four independent methods.

mod cusum;
mod forest;
mod price;
mod robust;

pub use cusum::{Cusum, CusumAlarm, cusum};
pub use forest::{Forest, ForestSettings};
pub use price::{PriceCheck, check_price};
pub use robust::{median, outside_fences, robust_z};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Flags the figures of a series that at least `settings.votes` of four methods find odd: robust
/// z, Tukey's fences, an isolation forest over level and step, and CUSUM.
///
/// ```
/// use engines::anomaly::{detect, Settings};
///
/// let mut sales: Vec<f64> = (0..60).map(|d| 100.0 + f64::from(d * 7 % 11)).collect();
/// sales[40] = 260.0;
/// let found = detect(&sales, &Settings::default());
/// assert_eq!(found.iter().map(|a| a.index).collect::<Vec<_>>(), [40]);
/// assert!(found[0].votes.len() >= 3);
/// ```
#[must_use]
pub fn detect(values: &[f64], settings: &Settings) -> Vec<Anomaly> {
    if values.len() < settings.least_values as usize || !values.iter().all(|v| v.is_finite()) {
        return Vec::new();
    }
    let z = robust_z(values);
    let fences = outside_fences(values);
    let forest = forest_scores(values, settings);
    let shifted = shifts(&z, settings);
    let judged = (0..values.len()).map(|index| {
        let found = [
            (Method::RobustZ, z[index].abs() > settings.z_limit),
            (Method::Fences, fences[index]),
            (Method::Forest, forest[index] > settings.forest_limit),
            (Method::Cusum, shifted[index]),
        ];
        let votes: Vec<Method> =
            found.into_iter().filter(|(_, odd)| *odd).map(|(method, _)| method).collect();
        Anomaly { index, value: values[index], z: z[index], forest_score: forest[index], votes }
    });
    judged.filter(|a| a.votes.len() >= settings.votes as usize).collect()
}

/// When a figure counts as odd.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// Robust z beyond which a figure is odd; 3.5 after Iglewicz & Hoaglin (1993).
    pub z_limit: f64,
    /// Isolation score, 0 to 1, beyond which it is.
    pub forest_limit: f64,
    /// CUSUM's allowance and limit, in standard deviations.
    pub cusum: Cusum,
    /// The forest's size and seed.
    pub forest: ForestSettings,
    /// Methods that must agree, 1 to 4.
    pub votes: u32,
    /// Fewer values than this are never judged.
    pub least_values: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            z_limit: 3.5,
            forest_limit: 0.65,
            cusum: Cusum::default(),
            forest: ForestSettings::default(),
            votes: 2,
            least_values: 8,
        }
    }
}

/// A method that votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Distance from the median in robust deviations.
    RobustZ,
    /// Beyond 1.5 interquartile ranges outside the quartiles.
    Fences,
    /// Easy to separate from the others.
    Forest,
    /// Part of a lasting shift.
    Cusum,
}

/// A figure that does not fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Anomaly {
    /// Its position in the series.
    pub index: usize,
    /// The figure.
    pub value: f64,
    /// Its robust z.
    pub z: f64,
    /// Its isolation score.
    pub forest_score: f64,
    /// The methods that find it odd.
    pub votes: Vec<Method>,
}

/// Isolation scores of each value with the step that led to it.
fn forest_scores(values: &[f64], settings: &Settings) -> Vec<f64> {
    let step = |i: usize| if i == 0 { 0.0 } else { values[i] - values[i - 1] };
    let rows: Vec<Vec<f64>> = (0..values.len()).map(|i| vec![values[i], step(i)]).collect();
    let forest = Forest::grow(&rows, &settings.forest);
    rows.iter().map(|row| forest.score(row)).collect()
}

/// Figures inside a shift that CUSUM raised an alarm for. Single spikes are clipped first, so that
/// one of them alone is no shift.
fn shifts(z: &[f64], settings: &Settings) -> Vec<bool> {
    let clipped: Vec<f64> =
        z.iter().map(|z| z.clamp(-settings.z_limit, settings.z_limit)).collect();
    let mut shifted = vec![false; z.len()];
    for alarm in cusum(&clipped, 0.0, 1.0, &settings.cusum) {
        shifted[alarm.since..=alarm.at].fill(true);
    }
    shifted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn noise(n: u32) -> Vec<f64> {
        (0..n).map(|i| 50.0 + f64::from(i * 7_919 % 101) / 10.0).collect()
    }

    #[test]
    fn quiet_series_have_none_and_spikes_are_found() {
        assert!(detect(&noise(90), &Settings::default()).is_empty());
        let mut spiked = noise(90);
        (spiked[20], spiked[70]) = (5.0, 120.0);
        let found: Vec<usize> =
            detect(&spiked, &Settings::default()).iter().map(|a| a.index).collect();
        assert_eq!(found, [20, 70]);
    }

    #[test]
    fn a_lasting_shift_gathers_cusum_votes() {
        let mut shifted = noise(90);
        shifted[75..].iter_mut().for_each(|v| *v += 12.0);
        let lone = Settings { votes: 1, ..Settings::default() };
        let found = detect(&shifted, &lone);
        assert!(
            found.iter().filter(|a| a.index >= 75 && a.votes.contains(&Method::Cusum)).count() > 5
        );
    }

    #[test]
    fn too_short_or_broken_series_are_not_judged() {
        assert!(detect(&[1.0, 1.0, 99.0], &Settings::default()).is_empty());
        let mut broken = noise(30);
        broken[3] = f64::NAN;
        assert!(detect(&broken, &Settings::default()).is_empty());
    }

    proptest! {
        #[test]
        fn scaling_changes_no_verdict(at in 0usize..60, height in 60.0..500.0f64, power in -6i32..20) {
            let mut values = noise(60);
            values[at] += height;
            let scaled: Vec<f64> = values.iter().map(|v| v * 2f64.powi(power)).collect();
            let of = |v: &[f64]| detect(v, &Settings::default()).iter().map(|a| (a.index, a.votes.clone())).collect::<Vec<_>>();
            prop_assert_eq!(of(&values), of(&scaled));
            prop_assert!(of(&values).iter().any(|(i, _)| *i == at));
        }
    }
}
