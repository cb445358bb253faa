//! Measures of forecast error.

/// Mean absolute scaled error (Hyndman & Koehler, 2006): the error over the in-sample error of the
/// seasonal naive forecast. `None` where the history never changes.
#[must_use]
pub fn mase(history: &[f64], actual: &[f64], forecast: &[f64], period: usize) -> Option<f64> {
    let scale = naive_scale(history, period, f64::abs)?;
    Some(mean(actual.iter().zip(forecast).map(|(a, f)| (a - f).abs())) / scale)
}

/// Root mean squared scaled error (M5 competition): as MASE, with squares.
#[must_use]
pub fn rmsse(history: &[f64], actual: &[f64], forecast: &[f64], period: usize) -> Option<f64> {
    let scale = naive_scale(history, period, |d| d * d)?;
    Some((mean(actual.iter().zip(forecast).map(|(a, f)| (a - f).powi(2))) / scale).sqrt())
}

/// Symmetric mean absolute percentage error in percent, as the M3 and M4 competitions define it;
/// a step where actual and forecast are both zero counts as no error.
#[must_use]
pub fn smape(actual: &[f64], forecast: &[f64]) -> f64 {
    mean(actual.iter().zip(forecast).map(|(a, f)| {
        let size = a.abs() + f.abs();
        if size > 0.0 { 200.0 * (a - f).abs() / size } else { 0.0 }
    }))
}

/// Absolute error as a share of what was sold. `None` where nothing was.
#[must_use]
pub fn wape(actual: &[f64], forecast: &[f64]) -> Option<f64> {
    let sold: f64 = actual.iter().map(|a| a.abs()).sum();
    let error: f64 = actual.iter().zip(forecast).map(|(a, f)| (a - f).abs()).sum();
    (sold > 0.0).then(|| error / sold)
}

/// The error of a quantile forecast: `level·(y − q)` above it, `(1 − level)·(q − y)` below.
#[must_use]
pub fn pinball(actual: f64, quantile: f64, level: f64) -> f64 {
    if actual >= quantile {
        level * (actual - quantile)
    } else {
        (1.0 - level) * (quantile - actual)
    }
}

/// The interval score of a central interval (Gneiting & Raftery, 2007): its width, plus `2/alpha`
/// times what the truth lies outside. MSIS is its mean over the scale of MASE.
#[must_use]
pub fn interval_score(actual: f64, low: f64, high: f64, alpha: f64) -> f64 {
    (high - low) + 2.0 / alpha * ((low - actual).max(0.0) + (actual - high).max(0.0))
}

/// The lowest WAPE that any forecast of Poisson demand can reach: `√(2/(π·mean))`, at most 1.
///
/// ```
/// // "MAPE below 20 %" needs 16 units a bucket.
/// assert!((engines::forecast::noise_floor(16.0) - 0.2).abs() < 0.001);
/// ```
#[must_use]
pub fn noise_floor(mean: f64) -> f64 {
    if mean <= 0.0 { 1.0 } else { (2.0 / (std::f64::consts::PI * mean)).sqrt().min(1.0) }
}

/// The mean of `measure` over the differences of one period; `None` where it is zero.
pub(super) fn naive_scale(y: &[f64], period: usize, measure: impl Fn(f64) -> f64) -> Option<f64> {
    let lag = period.max(1);
    let scale = mean(y.iter().zip(y.get(lag..)?).map(|(a, b)| measure(b - a)));
    (scale > 0.0).then_some(scale)
}

pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0usize), |(s, c), v| (s + v, c + 1));
    if count > 0 { sum / count as f64 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_by_hand() {
        let history = [1.0, 3.0, 2.0, 6.0];
        // Differences 2, 1, 4: mean 7/3, mean square 7.
        assert!((mase(&history, &[5.0, 5.0], &[4.0, 8.0], 1).unwrap() - 6.0 / 7.0).abs() < 1e-12);
        let squared = rmsse(&history, &[5.0, 5.0], &[4.0, 8.0], 1).unwrap();
        assert!((squared - (5.0_f64 / 7.0).sqrt()).abs() < 1e-12);
        assert!((smape(&[100.0, 0.0], &[50.0, 0.0]) - 100.0 / 3.0).abs() < 1e-9);
        assert!((wape(&[8.0, 2.0], &[5.0, 4.0]).unwrap() - 0.5).abs() < 1e-12);
        assert!((pinball(10.0, 8.0, 0.9) - 1.8).abs() < 1e-12);
        assert!((interval_score(12.0, 0.0, 10.0, 0.05) - 90.0).abs() < 1e-9);
    }

    #[test]
    fn a_constant_history_has_no_scale() {
        assert_eq!(mase(&[4.0; 9], &[4.0], &[5.0], 1), None);
        assert_eq!(mase(&[4.0], &[4.0], &[5.0], 12), None);
        assert_eq!(wape(&[0.0], &[1.0]), None);
    }
}
