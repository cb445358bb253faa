//! Autoregression on first differences, averaged over all orders.
//!
//! It sees what smoothing cannot: momentum, echoes of earlier buckets, seasons that change. Burg's
//! method gives every order in one pass and is always stationary (Burg, 1975); orders are weighted
//! by their AICc, with and without a drift.

/// How sharply the weights follow the AICc; below 1 they are spread, for so many models fitted to
/// so little data.
const SHARPNESS: f64 = 0.3;
/// Models below this share of the weight change nothing that shows.
const NEGLIGIBLE: f64 = 1e-3;
/// Differences needed for each coefficient.
const PER_COEFFICIENT: usize = 4;

/// Forecasts `y` by autoregressions of order 0 to `highest`. Needs two values.
pub(super) fn autoregression(y: &[f64], highest: usize, horizon: usize) -> Vec<f64> {
    let steps: Vec<f64> = y.windows(2).map(|w| w[1] - w[0]).collect();
    let drift = steps.iter().sum::<f64>() / steps.len().max(1) as f64;
    let highest = highest.min(steps.len() / PER_COEFFICIENT);
    let mut models = Vec::new();
    for drift in [0.0, drift] {
        let centred: Vec<f64> = steps.iter().map(|s| s - drift).collect();
        let spent = if drift == 0.0 { 1.0 } else { 2.0 };
        for (coefficients, variance) in burg(&centred, highest) {
            let k = coefficients.len() as f64 + spent;
            models.push(Model { aicc: aicc(steps.len(), variance, k), coefficients, drift });
        }
    }
    let last = y.last().copied().unwrap_or(0.0);
    combine(&models, &steps, horizon).into_iter().map(|change| last + change).collect()
}

struct Model {
    aicc: f64,
    coefficients: Vec<f64>,
    drift: f64,
}

fn aicc(n: usize, variance: f64, k: f64) -> f64 {
    let n = n as f64;
    n * variance.max(1e-300).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0).max(1e-9)
}

/// Coefficients and innovation variance of every order from 0 to `highest`.
fn burg(x: &[f64], highest: usize) -> Vec<(Vec<f64>, f64)> {
    let mut forward = x.to_vec();
    let mut backward = x.to_vec();
    let mut coefficients: Vec<f64> = Vec::new();
    let mut variance = x.iter().map(|v| v * v).sum::<f64>() / x.len().max(1) as f64;
    let mut orders = vec![(coefficients.clone(), variance)];
    for order in 0..highest {
        let pairs = || forward[order + 1..].iter().zip(&backward[order..]);
        let cross: f64 = pairs().map(|(f, b)| f * b).sum();
        let power: f64 = pairs().map(|(f, b)| f * f + b * b).sum();
        if power <= 0.0 {
            break;
        }
        let reflection = 2.0 * cross / power;
        let reversed: Vec<f64> = coefficients.iter().rev().copied().collect();
        coefficients.iter_mut().zip(reversed).for_each(|(a, r)| *a -= reflection * r);
        coefficients.push(reflection);
        variance *= 1.0 - reflection * reflection;
        for t in (order + 1..x.len()).rev() {
            let (f, b) = (forward[t], backward[t - 1]);
            forward[t] = f - reflection * b;
            backward[t] = b - reflection * f;
        }
        orders.push((coefficients.clone(), variance));
    }
    orders
}

/// The weighted mean of the models' cumulated changes.
fn combine(models: &[Model], steps: &[f64], horizon: usize) -> Vec<f64> {
    let best = models.iter().map(|m| m.aicc).fold(f64::INFINITY, f64::min);
    let weight = |m: &Model| (-0.5 * SHARPNESS * (m.aicc - best)).exp();
    let total: f64 = models.iter().map(weight).sum();
    let used: Vec<&Model> = models.iter().filter(|m| weight(m) > NEGLIGIBLE * total).collect();
    let total: f64 = used.iter().map(|m| weight(m)).sum();
    let mut ahead = vec![0.0; horizon];
    let mut path = Vec::new();
    for model in used {
        let share = weight(model) / total;
        let memory = steps.len().saturating_sub(model.coefficients.len());
        path.clear();
        path.extend(steps[memory..].iter().map(|s| s - model.drift));
        let mut change = 0.0;
        for value in &mut ahead {
            let next: f64 =
                model.coefficients.iter().zip(path.iter().rev()).map(|(c, x)| c * x).sum();
            path.push(next);
            change += next + model.drift;
            *value += share * change;
        }
    }
    ahead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burg_recovers_a_wave() {
        // A pure wave obeys x_t = 2 cos(w) x_{t-1} − x_{t-2}.
        let x: Vec<f64> = (0..200).map(|t| (0.5 * f64::from(t)).sin()).collect();
        let (a, variance) = &burg(&x, 2)[2];
        assert!((a[0] - 2.0 * 0.5_f64.cos()).abs() < 0.02, "{a:?}");
        assert!((a[1] + 1.0).abs() < 0.02 && *variance < 1e-3, "{a:?} {variance}");
    }

    #[test]
    fn a_line_goes_on() {
        let y: Vec<f64> = (0..30).map(|t| 5.0 + 3.0 * f64::from(t)).collect();
        for (h, value) in autoregression(&y, 4, 5).iter().enumerate() {
            let truth = 92.0 + 3.0 * (h as f64 + 1.0);
            assert!((value - truth).abs() < 0.5, "{value} {truth}");
        }
    }

    #[test]
    fn a_season_is_seen_without_being_told() {
        let y: Vec<f64> = (0..96).map(|t| if t % 4 == 0 { 30.0 } else { 10.0 }).collect();
        let ahead = autoregression(&y, 6, 4);
        assert!(ahead[0] > 25.0 && ahead[1..].iter().all(|v| *v < 15.0), "{ahead:?}");
    }

    #[test]
    fn a_constant_stays_and_a_pair_is_enough() {
        assert!(autoregression(&[4.0; 20], 8, 3).iter().all(|v| (v - 4.0).abs() < 1e-9));
        assert!(autoregression(&[4.0, 5.0], 8, 3).iter().all(|v| v.is_finite()));
    }
}
