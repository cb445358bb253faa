//! The dynamic optimised Theta model.
//!
//! Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler (2016), "Models for optimising the theta
//! method and their relationship to state space models", International Journal of Forecasting 32.

use super::season::Adjusted;
use super::simplex::{self, Limit, Vertex};

const LIMIT: Limit = Limit { evaluations: 30, tolerance: 1e-3 };

/// Forecasts `y` of season `m` over `horizon` steps; the season is taken off first where a test
/// finds one. Needs two values.
pub(super) fn dynamic_theta(y: &[f64], m: usize, horizon: usize) -> Vec<f64> {
    let adjusted = Adjusted::of(y, m);
    let scale = adjusted.values.iter().map(|v| v.abs()).sum::<f64>() / y.len() as f64;
    let scale = if scale > 0.0 { scale } else { 1.0 };
    let model = Model::of(adjusted.values.iter().map(|v| v / scale).collect());
    let start = [model.y[0] / 2.0, 0.5, 2.0];
    let best = simplex::minimise(&start, &[0.1, -0.3, 1.0], LIMIT, |x| {
        let p = Parameters::at(x);
        model.squares(&p) * (1.0 + p.outside)
    });
    let ahead = model.project(&Parameters::at(&best), horizon);
    adjusted.restore(ahead.into_iter().map(|v| v * scale).collect())
}

#[derive(Debug, Clone, Copy)]
struct Parameters {
    level: f64,
    alpha: f64,
    /// `1 − 1/θ`: the share of the straight line.
    line: f64,
    /// How far the vertex lies outside of the allowed box.
    outside: f64,
}

impl Parameters {
    fn at(x: &Vertex) -> Self {
        let alpha = x[1].clamp(0.01, 0.99);
        let theta = x[2].clamp(1.0, 1e6);
        let outside = (x[1] - alpha).abs() + (theta - x[2]).max(0.0);
        Self { level: x[0], alpha, line: 1.0 - 1.0 / theta, outside }
    }
}

/// A series with the straight lines through its beginnings: they do not depend on the parameters,
/// so they are computed once and not in every evaluation.
struct Model {
    y: Vec<f64>,
    /// After `t + 1` observations: intercept and slope of the line.
    lines: Vec<(f64, f64)>,
}

/// The mean and the line of the observations so far, updated recursively.
#[derive(Debug, Clone, Copy)]
struct Line {
    seen: f64,
    mean: f64,
    slope: f64,
}

impl Line {
    fn starting(y: f64) -> Self {
        Self { seen: 1.0, mean: y, slope: 0.0 }
    }

    fn push(&mut self, y: f64) {
        let k = self.seen + 1.0;
        let before = self.mean;
        self.mean = ((k - 1.0) * before + y) / k;
        self.slope = ((k - 2.0) * self.slope + 6.0 * (y - before) / k) / (k + 1.0);
        self.seen = k;
    }

    fn coefficients(&self) -> (f64, f64) {
        (self.mean - self.slope * (self.seen + 1.0) / 2.0, self.slope)
    }
}

impl Model {
    fn of(y: Vec<f64>) -> Self {
        let mut line = Line::starting(y[0]);
        let mut lines = vec![(y[0], 0.0)];
        for &value in &y[1..] {
            line.push(value);
            lines.push(line.coefficients());
        }
        Self { y, lines }
    }

    /// The sum of squared one-step errors, without the first steps that only warm the states up.
    fn squares(&self, p: &Parameters) -> f64 {
        let warm = 3.min(self.y.len() / 2);
        let mut level = p.alpha * self.y[0] + (1.0 - p.alpha) * p.level;
        let (mut decay, per_alpha) = (1.0 - p.alpha, 1.0 / p.alpha);
        let mut squares = 0.0;
        for t in 1..self.y.len() {
            let (intercept, slope) = self.lines[t - 1];
            let next = decay * (1.0 - p.alpha);
            let fitted = level + p.line * (decay * intercept + (1.0 - next) * per_alpha * slope);
            let error = self.y[t] - fitted;
            if t >= warm {
                squares += error * error;
            }
            level += p.alpha * (self.y[t] - level);
            decay = next;
        }
        squares
    }

    /// Beyond the data each forecast is taken for an observation, as the model prescribes.
    fn project(&self, p: &Parameters, horizon: usize) -> Vec<f64> {
        let n = self.y.len();
        let mut level = p.level;
        let mut decay = 1.0;
        let mut line = Line::starting(self.y[0]);
        for (t, &value) in self.y.iter().enumerate() {
            level += p.alpha * (value - level);
            decay *= 1.0 - p.alpha;
            if t > 0 {
                line.push(value);
            }
        }
        debug_assert!((line.seen - n as f64).abs() < 0.5);
        let mut ahead = Vec::with_capacity(horizon);
        for _ in 0..horizon {
            let (intercept, slope) = line.coefficients();
            let next = decay * (1.0 - p.alpha);
            let value = level + p.line * (decay * intercept + (1.0 - next) / p.alpha * slope);
            ahead.push(value);
            level += p.alpha * (value - level);
            line.push(value);
            decay = next;
        }
        ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recursive_line_is_the_least_squares_line() {
        let y = [3.0, 8.0, 4.0, 9.0, 11.0, 2.0, 7.0];
        let mut line = Line::starting(y[0]);
        y[1..].iter().for_each(|v| line.push(*v));
        let (intercept, slope) = crate::forecast::ets::least_squares(&y);
        let (found, found_slope) = line.coefficients();
        assert!((found_slope - slope).abs() < 1e-12, "{found_slope} {slope}");
        // The recursion counts time from one, least squares from zero.
        assert!((found + found_slope - intercept).abs() < 1e-12, "{found} {intercept}");
    }

    #[test]
    fn a_trend_goes_on_and_a_constant_stays() {
        let rising: Vec<f64> = (0..24).map(|t| 20.0 + f64::from(t)).collect();
        let ahead = dynamic_theta(&rising, 1, 3);
        assert!(ahead[2] > ahead[0] && ahead[0] > 40.0, "{ahead:?}");
        for value in dynamic_theta(&[6.0; 12], 1, 4) {
            assert!((value - 6.0).abs() < 0.2, "{value}");
        }
    }

    #[test]
    fn zeros_stay_finite() {
        assert!(dynamic_theta(&[0.0; 10], 1, 3).iter().all(|v| v.abs() < 1e-9));
    }
}
