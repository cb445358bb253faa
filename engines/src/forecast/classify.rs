//! What kind of demand a series is: it decides which models are asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Average demand interval above which demand is intermittent.
const ADI_LIMIT: f64 = 1.32;
/// Squared coefficient of variation of the demand sizes above which demand is erratic.
const CV2_LIMIT: f64 = 0.49;
/// Fewer observations than this are averaged, not modelled.
pub(super) const SHORT: usize = 6;

/// The demand classes of Syntetos, Boylan & Croston (2005, JORS 56), and two that no model fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Demand in nearly every bucket, of similar size.
    Smooth,
    /// Demand in nearly every bucket, of very different size.
    Erratic,
    /// Many empty buckets, demand of similar size.
    Intermittent,
    /// Many empty buckets, demand of very different size.
    Lumpy,
    /// Too few observations to say.
    Short,
    /// Observed, and never anything but zero.
    Dead,
}

impl Class {
    /// Many empty buckets.
    pub(super) fn is_sparse(self) -> bool {
        matches!(self, Self::Intermittent | Self::Lumpy)
    }
}

/// The class of a series and the figures that decided it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Classification {
    pub class: Class,
    /// Buckets per bucket with demand; 1 when every bucket sells.
    pub average_interval: f64,
    /// Squared coefficient of variation of the non-zero demands.
    pub size_variation: f64,
    /// Share of observed buckets that are zero.
    pub zero_share: f64,
}

/// Classifies the observed values of a series; missing buckets say nothing.
///
/// ```
/// use engines::forecast::{classify, Class};
///
/// let gaps: Vec<_> = (0..24).map(|t| Some(if t % 3 == 0 { 2.0 } else { 0.0 })).collect();
/// assert_eq!(classify(&gaps).class, Class::Intermittent);
/// ```
#[must_use]
pub fn classify(values: &[Option<f64>]) -> Classification {
    let seen: Vec<f64> = values.iter().flatten().copied().collect();
    let sizes: Vec<f64> = seen.iter().copied().filter(|v| *v != 0.0).collect();
    let average_interval = seen.len() as f64 / sizes.len().max(1) as f64;
    let size_variation = squared_variation(&sizes);
    let class = match (average_interval > ADI_LIMIT, size_variation > CV2_LIMIT) {
        _ if !seen.is_empty() && sizes.is_empty() => Class::Dead,
        _ if seen.len() < SHORT => Class::Short,
        (false, false) => Class::Smooth,
        (false, true) => Class::Erratic,
        (true, false) => Class::Intermittent,
        (true, true) => Class::Lumpy,
    };
    let zeros = seen.len() - sizes.len();
    Classification {
        class,
        average_interval,
        size_variation,
        zero_share: zeros as f64 / seen.len().max(1) as f64,
    }
}

fn squared_variation(sizes: &[f64]) -> f64 {
    let n = sizes.len() as f64;
    let mean = sizes.iter().sum::<f64>() / n.max(1.0);
    if sizes.len() < 2 || mean == 0.0 {
        return 0.0;
    }
    let variance = sizes.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    variance / (mean * mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Class {
        classify(&values.iter().copied().map(Some).collect::<Vec<_>>()).class
    }

    #[test]
    fn the_four_quadrants() {
        assert_eq!(of(&[9.0, 10.0, 11.0, 10.0, 9.0, 10.0]), Class::Smooth);
        assert_eq!(of(&[1.0, 30.0, 2.0, 40.0, 1.0, 2.0]), Class::Erratic);
        assert_eq!(of(&[0.0, 3.0, 0.0, 0.0, 3.0, 0.0]), Class::Intermittent);
        assert_eq!(of(&[0.0, 1.0, 0.0, 0.0, 50.0, 0.0, 2.0, 0.0]), Class::Lumpy);
    }

    #[test]
    fn too_little_and_nothing() {
        assert_eq!(of(&[1.0, 2.0]), Class::Short);
        assert_eq!(of(&[0.0, 0.0, 0.0]), Class::Dead);
        assert_eq!(classify(&[None, None]).class, Class::Short);
    }

    #[test]
    fn stock_out_days_do_not_make_a_series_intermittent() {
        let values: Vec<_> = (0..30).map(|t| (t % 2 == 0).then_some(8.0)).collect();
        assert_eq!(classify(&values).class, Class::Smooth);
    }
}
