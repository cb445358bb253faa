//! The same model on longer buckets: sums of months are quarters, half years, years.
//!
//! Aggregates hide the noise and show the trend (Kourentzes, Petropoulos & Trapero, 2014, "Improving
//! forecasting by estimating time series structural components across multiple frequencies").

use super::season::Adjusted;
use super::theta;

/// Fewer aggregated values than this say nothing.
const LEAST: usize = 6;

/// The lengths that divide a season into whole blocks, from the second shortest on.
fn lengths(m: usize) -> Vec<usize> {
    match m {
        12 => vec![3, 6, 12],
        _ if m <= 24 => (2..=m).filter(|k| m.is_multiple_of(*k)).collect(),
        _ => Vec::new(),
    }
}

/// Forecasts `y` of season `m` by the dynamic theta of its aggregates, averaged over their lengths.
///
/// `None` where the season has no shorter blocks or the history is too short for any.
pub(super) fn aggregated_theta(y: &[f64], m: usize, horizon: usize) -> Option<Vec<f64>> {
    let adjusted = Adjusted::of(y, m);
    let paths: Vec<Vec<f64>> = lengths(m)
        .into_iter()
        .filter(|k| y.len() / k >= LEAST)
        .map(|k| path(&adjusted.values, k, horizon))
        .collect();
    if paths.is_empty() {
        return None;
    }
    let mean = |h: usize| paths.iter().map(|p| p[h]).sum::<f64>() / paths.len() as f64;
    Some(adjusted.restore((0..horizon).map(mean).collect()))
}

/// The forecast of means over `k` values, drawn as straight lines between the blocks' middles.
fn path(values: &[f64], k: usize, horizon: usize) -> Vec<f64> {
    let blocks: Vec<f64> = values[values.len() % k..]
        .chunks(k)
        .map(|block| block.iter().sum::<f64>() / k as f64)
        .collect();
    let mut corners = vec![blocks.last().copied().unwrap_or(0.0)];
    corners.extend(theta::dynamic_theta(&blocks, 1, horizon.div_ceil(k) + 1));
    (0..horizon)
        .map(|h| {
            // The middle of the last known block is place 0, of the first unknown one place 1.
            let place = (h as f64 + 0.5) / k as f64 + 0.5;
            let (before, share) = (place.floor() as usize, place.fract());
            corners[before] + share * (corners[before + 1] - corners[before])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on_between_blocks() {
        let y: Vec<f64> = (0..96).map(|t| 200.0 + f64::from(t)).collect();
        let ahead = aggregated_theta(&y, 12, 12).unwrap();
        for (h, value) in ahead.iter().enumerate() {
            assert!((value / (296.0 + h as f64) - 1.0).abs() < 0.03, "{h} {value}");
        }
        assert!(ahead.windows(2).all(|w| w[1] > w[0]), "{ahead:?}");
    }

    #[test]
    fn without_blocks_there_is_nothing() {
        assert!(aggregated_theta(&[1.0; 40], 1, 3).is_none());
        assert!(aggregated_theta(&[1.0; 9], 12, 3).is_none());
    }
}
