//! Cumulative sums: small shifts that last.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Allowance and limit of a tabular CUSUM, in standard deviations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cusum {
    /// Half of the shift to find; 0.5 for one standard deviation.
    pub allowance: f64,
    /// Sum at which to raise an alarm; 5 gives a false one every 465 values.
    pub limit: f64,
}

impl Default for Cusum {
    fn default() -> Self {
        Self { allowance: 0.5, limit: 5.0 }
    }
}

/// A shift that was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CusumAlarm {
    /// The value at which the limit was passed.
    pub at: usize,
    /// The first value of the run that led there.
    pub since: usize,
    /// The sum, in standard deviations; negative for a shift down.
    pub sum: f64,
}

/// Runs a two-sided tabular CUSUM (Page 1954) around a target; each side starts again after an
/// alarm.
///
/// ```
/// use engines::anomaly::{cusum, Cusum};
///
/// let values = [0.0, 0.0, 2.0, 2.0, 2.0, 2.0];
/// let alarms = cusum(&values, 0.0, 1.0, &Cusum::default());
/// assert_eq!((alarms[0].since, alarms[0].at, alarms[0].sum), (2, 5, 6.0));
/// ```
#[must_use]
pub fn cusum(values: &[f64], target: f64, sigma: f64, settings: &Cusum) -> Vec<CusumAlarm> {
    let mut alarms = Vec::new();
    if sigma <= 0.0 {
        return alarms;
    }
    for sign in [1.0, -1.0] {
        let (mut sum, mut since) = (0.0, 0);
        for (at, value) in values.iter().enumerate() {
            let next = sum + sign * (value - target) / sigma - settings.allowance;
            if sum == 0.0 {
                since = at;
            }
            sum = next.max(0.0);
            if sum > settings.limit {
                alarms.push(CusumAlarm { at, since, sum: sign * sum });
                sum = 0.0;
            }
        }
    }
    alarms.sort_by_key(|a| a.at);
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_nist_example() {
        // NIST/SEMATECH handbook 6.3.2.3: target 325, k = 0.3175, h = 4.1959 in units of data.
        let data = [
            324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225,
            324.600, 324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775,
            326.875, 328.350,
        ];
        let alarms = cusum(&data, 325.0, 1.0, &Cusum { allowance: 0.3175, limit: 4.1959 });
        assert_eq!(alarms[0].at + 1, 14);
        assert!((alarms[0].sum - 4.94).abs() < 0.01, "{:?}", alarms[0]);
    }

    #[test]
    fn finds_shifts_down_and_none_without_spread() {
        let alarms = cusum(&[-2.0; 6], 0.0, 1.0, &Cusum::default());
        assert!(alarms[0].sum < -5.0);
        assert!(cusum(&[9.0; 6], 0.0, 0.0, &Cusum::default()).is_empty());
    }
}
