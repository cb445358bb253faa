//! Distance from the middle, by statistics that outliers cannot move.

/// Returns the median; 0 for no values.
///
/// ```
/// assert_eq!(engines::anomaly::median(&[3.0, 1.0, 2.0, 10.0]), 2.5);
/// ```
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    quantile(&sorted(values), 0.5)
}

/// Returns `0.6745 (x − median) / MAD` of each value (Iglewicz & Hoaglin 1993). Where half of the
/// values are equal, so that the median deviation is 0, the mean deviation takes its place:
/// `(x − median) / (1.2533 × mean deviation)`; equal values all have 0.
///
/// ```
/// let z = engines::anomaly::robust_z(&[10.0, 11.0, 9.0, 10.5, 9.5, 50.0]);
/// assert!(z[5] > 3.5 && z[..5].iter().all(|z| z.abs() < 1.5));
/// ```
#[must_use]
pub fn robust_z(values: &[f64]) -> Vec<f64> {
    let middle = median(values);
    let deviations: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    let typical = median(&deviations) / 0.6745;
    let mean = deviations.iter().sum::<f64>() / values.len().max(1) as f64 * 1.253_314;
    let scale = if typical > 0.0 { typical } else { mean };
    let z = |v: &f64| if scale > 0.0 { (v - middle) / scale } else { 0.0 };
    values.iter().map(z).collect()
}

/// Returns which values lie more than 1.5 interquartile ranges outside the quartiles (Tukey 1977).
///
/// ```
/// assert_eq!(engines::anomaly::outside_fences(&[1.0, 2.0, 3.0, 4.0, 20.0])[4], true);
/// ```
#[must_use]
pub fn outside_fences(values: &[f64]) -> Vec<bool> {
    let sorted = sorted(values);
    let (low, high) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75));
    let reach = 1.5 * (high - low);
    values.iter().map(|&v| v < low - reach || v > high + reach).collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Linear interpolation between order statistics (Hyndman & Fan's type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    let at = share * (sorted.len() - 1) as f64;
    let (low, part) = (at.floor() as usize, at.fract());
    let next = sorted.get(low + 1).unwrap_or(&sorted[low]);
    sorted[low] + part * (next - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_a_worked_example() {
        // NIST/SEMATECH handbook 1.3.5.17 defines M = 0.6745 (x − median) / MAD.
        let z = robust_z(&[2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]);
        assert!((z[8] - 0.6745 * 5.75 / 0.15).abs() < 1e-9, "{}", z[8]);
    }

    #[test]
    fn mostly_equal_values_still_show_the_odd_one() {
        let mut values = vec![5.0; 20];
        values[3] = 9.0;
        assert!(robust_z(&values)[3] > 3.5);
        assert_eq!(robust_z(&[5.0; 4]), [0.0; 4]);
        assert!(robust_z(&[]).is_empty());
    }
}
