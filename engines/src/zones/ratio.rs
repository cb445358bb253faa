//! A ratio of counts that starts at a prior and is pulled to the data as they come in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Posterior of `observed / expected` with a gamma prior: the mean and its 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShrunkRatio {
    /// Posterior mean.
    pub mean: f64,
    /// 5 % quantile.
    pub low: f64,
    /// 95 % quantile.
    pub high: f64,
}

const Z_90: f64 = 1.644_853_626_951_472_7;

impl ShrunkRatio {
    /// Combines `observed` events, of which `expected` were expected, with a prior of mean
    /// `prior` that weighs as much as `weight` expected events.
    ///
    /// The posterior is Gamma(`weight × prior + observed`, `weight + expected`); its quantiles
    /// use Wilson and Hilferty's cube (1931), within 0.5 % for shapes above 5.
    ///
    /// ```
    /// use engines::zones::ShrunkRatio;
    ///
    /// let lift = ShrunkRatio::of(60.0, 40.0, 1.0, 10.0);
    /// assert_eq!(lift.mean, 1.4);
    /// assert!(lift.low > 1.1 && lift.high < 1.75);
    /// ```
    #[must_use]
    pub fn of(observed: f64, expected: f64, prior: f64, weight: f64) -> Self {
        let shape = weight * prior + observed;
        let rate = weight + expected;
        if shape <= 0.0 || rate <= 0.0 {
            return Self { mean: 0.0, low: 0.0, high: 0.0 };
        }
        let mean = shape / rate;
        let quantile = |z: f64| {
            let cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
            mean * cube.max(0.0).powi(3)
        };
        Self { mean, low: quantile(-Z_90), high: quantile(Z_90) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_match_the_chi_square_table() {
        // chi-square with 20 degrees of freedom: 5 % 10.851, 95 % 31.410 (any printed table);
        // it is a gamma of shape 10 and rate 1/2.
        let r = ShrunkRatio::of(10.0, 0.5, 0.0, 0.0);
        assert!((r.low - 10.851).abs() < 0.02, "{r:?}");
        assert!((r.high - 31.410).abs() < 0.02, "{r:?}");
    }

    #[test]
    fn nothing_known_gives_nothing() {
        assert_eq!(ShrunkRatio::of(0.0, 0.0, 1.0, 0.0).mean, 0.0);
    }
}
