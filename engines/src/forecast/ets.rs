//! Exponential smoothing: a pool of up to twelve models, weighted by their AICc.
//!
//! State equations and information criterion: Hyndman, Koehler, Ord & Snyder (2008), *Forecasting
//! with Exponential Smoothing*. A pool of a dozen loses nothing against all thirty models
//! (Petropoulos et al., 2023, arXiv:2102.13209). Initial states are heuristic, not estimated.

use super::season::{self, Form};
use super::simplex::{self, Limit, Vertex};

/// Seasons longer than this are left to the harmonics: one index per bucket would be noise.
const LONGEST_SEASON: usize = 24;

/// How sharply the weights follow the AICc. Its own difference of 2 is worth a factor of 1.35 and not
/// of 2.7: with a dozen models on a short series the best one is best by luck, too.
const SHARPNESS: f64 = 0.3;

/// A difference of AICc after which a model no longer counts.
const DECIDED: f64 = 40.0;

const LIMIT: Limit = Limit { evaluations: 40, tolerance: 1e-3 };

/// What the pool foresees.
#[derive(Debug)]
pub(super) struct PoolForecast {
    /// The weighted mean of the models, one value a step.
    pub(super) mean: Vec<f64>,
    /// The standard deviation of the mixture, one value a step; analytic, so too narrow alone.
    pub(super) sigma: Vec<f64>,
}

/// Fits the pool to `y` with season `m` and looks `horizon` steps ahead.
///
/// `None` when the series is too short for any of the models.
pub(super) fn pool(y: &[f64], m: usize, horizon: usize) -> Option<PoolForecast> {
    let scale = y.iter().map(|v| v.abs()).sum::<f64>() / y.len() as f64;
    if !(scale > 0.0 && scale.is_finite()) {
        return None;
    }
    let scaled: Vec<f64> = y.iter().map(|v| v / scale).collect();
    let starts = Starts::of(&scaled, m);
    let mut fits = Vec::with_capacity(12);
    for error in [Form::Additive, Form::Multiplicative] {
        starts.fit_family(&scaled, error, horizon, &mut fits);
    }
    mix(&fits, horizon, scale)
}

fn mix(fits: &[Fit], horizon: usize, scale: f64) -> Option<PoolForecast> {
    let best = fits.iter().map(|f| f.aicc).min_by(f64::total_cmp)?;
    let weights: Vec<f64> =
        fits.iter().map(|f| (-0.5 * SHARPNESS * (f.aicc - best)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let weighted = |value: &dyn Fn(&Fit) -> f64| -> f64 {
        fits.iter().zip(&weights).map(|(f, w)| w * value(f)).sum::<f64>() / total
    };
    let mean: Vec<f64> = (0..horizon).map(|h| weighted(&|f| f.mean[h])).collect();
    let sigma = (0..horizon)
        .map(|h| scale * weighted(&|f| f.variance[h] + (f.mean[h] - mean[h]).powi(2)).sqrt())
        .collect();
    Some(PoolForecast { mean: mean.iter().map(|v| v * scale).collect(), sigma })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trend {
    None,
    Damped,
    Linear,
}

/// One model: the error has the form of the season, so that the season can be named by it.
#[derive(Debug, Clone, Copy)]
struct Spec {
    error: Form,
    trend: Trend,
    seasonal: bool,
}

/// Where the states of a model begin.
#[derive(Debug, Clone)]
struct Start {
    mean: f64,
    intercept: f64,
    slope: f64,
    season: Vec<f64>,
}

/// The starting states shared by the models of the pool: without season, additive, multiplicative.
struct Starts {
    plain: Start,
    additive: Option<Start>,
    multiplicative: Option<Start>,
    positive: bool,
}

impl Starts {
    fn of(y: &[f64], m: usize) -> Self {
        let positive = y.iter().all(|v| *v > 0.0);
        let seasonal = m > 1 && m <= LONGEST_SEASON && y.len() >= 2 * m + 2;
        Self {
            plain: Start::of(y, m, None),
            additive: seasonal.then(|| Start::of(y, m, Some(Form::Additive))),
            multiplicative: (seasonal && positive)
                .then(|| Start::of(y, m, Some(Form::Multiplicative))),
            positive,
        }
    }

    /// Fits the models of one error form. Where a season decides the matter, the models of the other
    /// camp are left out: their weight would not show, and they take half of the time.
    fn fit_family(&self, y: &[f64], error: Form, horizon: usize, fits: &mut Vec<Fit>) {
        let seasonal = match error {
            Form::Additive => self.additive.as_ref(),
            Form::Multiplicative if !self.positive => return,
            Form::Multiplicative => self.multiplicative.as_ref(),
        };
        let camps = [Some(&self.plain), seasonal];
        let mut attempt = |trend: Trend, camp: usize| {
            let spec = Spec { error, trend, seasonal: camp == 1 };
            let fitted = camps[camp].and_then(|start| fit(y, &spec, start, horizon));
            let aicc = fitted.as_ref().map(|f| f.aicc);
            fits.extend(fitted);
            aicc
        };
        let level = [0, 1].map(|camp| attempt(Trend::None, camp));
        let lead = match level {
            [Some(plain), Some(seasonal)] => plain - seasonal,
            _ => 0.0,
        };
        for trend in [Trend::Damped, Trend::Linear] {
            if lead <= DECIDED {
                attempt(trend, 0);
            }
            if lead >= -DECIDED {
                attempt(trend, 1);
            }
        }
    }
}

impl Start {
    fn of(y: &[f64], m: usize, form: Option<Form>) -> Self {
        let season = form.map(|form| season::indices(y, m, form)).unwrap_or_default();
        let head = y.len().min((2 * m).max(10));
        let adjusted: Vec<f64> = match form {
            None => y[..head].to_vec(),
            Some(form) => {
                (0..head).map(|t| form.remove(y[t], season[t % m].max(floor(form)))).collect()
            }
        };
        let (intercept, slope) = least_squares(&adjusted);
        let mean = adjusted.iter().sum::<f64>() / head as f64;
        Self { mean, intercept, slope, season }
    }
}

/// The smallest index that a value is divided by.
fn floor(form: Form) -> f64 {
    if form == Form::Multiplicative { 1e-6 } else { f64::MIN }
}

/// Intercept (at the first value) and slope of a straight line through `y`.
pub(super) fn least_squares(y: &[f64]) -> (f64, f64) {
    let n = y.len() as f64;
    let (mid, mean) = ((n - 1.0) / 2.0, y.iter().sum::<f64>() / n);
    let (mut cross, mut square) = (0.0, 0.0);
    for (t, v) in y.iter().enumerate() {
        let d = t as f64 - mid;
        cross += d * (v - mean);
        square += d * d;
    }
    let slope = if square > 0.0 { cross / square } else { 0.0 };
    (mean - slope * mid, slope)
}

#[derive(Debug)]
struct Fit {
    aicc: f64,
    mean: Vec<f64>,
    variance: Vec<f64>,
}

/// The smoothing parameters; `beta` and `gamma` are the effective ones (already times alpha, or
/// 1 − alpha).
#[derive(Debug, Clone, Copy)]
struct Smoothing {
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
    /// How far the vertex lies outside of the allowed box.
    outside: f64,
}

impl Smoothing {
    /// Reads a vertex: alpha, then beta, gamma and phi where the model has them.
    fn at(x: &Vertex, spec: &Spec) -> Self {
        let mut outside = 0.0;
        let mut clamp = |value: f64, low: f64, high: f64| {
            let inside = value.clamp(low, high);
            outside += (value - inside).abs();
            inside
        };
        let mut rest = x[1..].iter().copied();
        let mut next = || rest.next().unwrap_or(0.0);
        let alpha = clamp(x[0], 1e-3, 0.999);
        let beta = if spec.trend == Trend::None { 0.0 } else { alpha * clamp(next(), 1e-3, 0.999) };
        let gamma = if spec.seasonal { (1.0 - alpha) * clamp(next(), 1e-3, 0.999) } else { 0.0 };
        let phi = if spec.trend == Trend::Damped { clamp(next(), 0.8, 0.98) } else { 1.0 };
        Self { alpha, beta, gamma, phi, outside }
    }
}

fn fit(y: &[f64], spec: &Spec, start: &Start, horizon: usize) -> Option<Fit> {
    let (mut origin, mut step) = (vec![0.3], vec![0.3]);
    if spec.trend != Trend::None {
        origin.push(0.15);
        step.push(0.2);
    }
    if spec.seasonal {
        origin.push(0.1);
        step.push(0.2);
    }
    if spec.trend == Trend::Damped {
        origin.push(0.93);
        step.push(-0.05);
    }
    let states = start.season.len().saturating_sub(1) + usize::from(spec.trend != Trend::None) + 2;
    let (k, n) = ((origin.len() + states) as f64, y.len() as f64);
    if n - k - 1.0 <= 0.0 {
        return None;
    }
    let mut season = start.season.clone();
    let mut run = |x: &Vertex| {
        let smoothing = Smoothing::at(x, spec);
        season.copy_from_slice(&start.season);
        (smoothing, smooth(y, spec, start, &smoothing, &mut season))
    };
    let best = simplex::minimise(&origin, &step, LIMIT, |x| {
        let (smoothing, end) = run(x);
        let cost = end.deviance(y.len());
        if cost.is_finite() { cost + n * smoothing.outside } else { 1e30 }
    });
    let (smoothing, end) = run(&best);
    let aicc = end.deviance(y.len()) + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
    let fit = end.project(spec, &smoothing, &Ahead { season: &season, n: y.len(), horizon }, aicc);
    fit.mean.iter().chain(&fit.variance).all(|v| v.is_finite()).then_some(fit)
}

/// The states after the last observation, and how well the model did on the way.
#[derive(Debug)]
struct End {
    level: f64,
    slope: f64,
    squares: f64,
    logs: f64,
}

struct Ahead<'a> {
    season: &'a [f64],
    n: usize,
    horizon: usize,
}

impl End {
    /// Minus twice the log-likelihood, up to a constant that all models of a series share.
    fn deviance(&self, n: usize) -> f64 {
        n as f64 * (self.squares.max(1e-300) / n as f64).ln() + 2.0 * self.logs
    }

    /// The forecast mean, and the variance of linear models, `σ²(1 + Σ c_j²)`; for multiplicative
    /// errors `σ` is relative to the mean of the step.
    fn project(&self, spec: &Spec, s: &Smoothing, ahead: &Ahead, aicc: f64) -> Fit {
        let sigma2 = self.squares / ahead.n as f64;
        let (mut damping, mut power, mut growth) = (0.0, 1.0, 1.0);
        let mut mean = Vec::with_capacity(ahead.horizon);
        let mut variance = Vec::with_capacity(ahead.horizon);
        for h in 0..ahead.horizon {
            power *= s.phi;
            damping += power;
            let base =
                self.level + if spec.trend == Trend::None { 0.0 } else { damping * self.slope };
            let value = match (spec.seasonal, spec.error) {
                (false, _) => base,
                (true, form) => {
                    form.restore(base, ahead.season[(ahead.n + h) % ahead.season.len()])
                }
            };
            let unit = if spec.error == Form::Multiplicative { value * value } else { 1.0 };
            variance.push(sigma2 * unit * growth);
            mean.push(value);
            let again = spec.seasonal && (h + 1) % ahead.season.len() == 0;
            let c = s.alpha + s.beta * damping + if again { s.gamma } else { 0.0 };
            growth += c * c;
        }
        Fit { aicc, mean, variance }
    }
}

fn smooth(y: &[f64], spec: &Spec, start: &Start, s: &Smoothing, season: &mut [f64]) -> End {
    let multiplicative = spec.error == Form::Multiplicative;
    match (multiplicative, spec.trend != Trend::None, spec.seasonal) {
        (false, false, false) => pass::<false, false, false>(y, start, s, season),
        (false, false, true) => pass::<false, false, true>(y, start, s, season),
        (false, true, false) => pass::<false, true, false>(y, start, s, season),
        (false, true, true) => pass::<false, true, true>(y, start, s, season),
        (true, false, false) => pass::<true, false, false>(y, start, s, season),
        (true, false, true) => pass::<true, false, true>(y, start, s, season),
        (true, true, false) => pass::<true, true, false>(y, start, s, season),
        (true, true, true) => pass::<true, true, true>(y, start, s, season),
    }
}

/// One run over the data. The flags are constants, so that each model gets a loop without branches.
fn pass<const MULTIPLICATIVE: bool, const TREND: bool, const SEASON: bool>(
    y: &[f64],
    start: &Start,
    s: &Smoothing,
    season: &mut [f64],
) -> End {
    let (mut level, mut slope) =
        if TREND { (start.intercept - start.slope, start.slope) } else { (start.mean, 0.0) };
    let (mut squares, mut logs, mut product) = (0.0, 0.0, 1.0_f64);
    let mut k = 0;
    for (t, &value) in y.iter().enumerate() {
        let base = if TREND { level + s.phi * slope } else { level };
        let index = if SEASON { season[k] } else { 0.0 };
        let fitted = match (SEASON, MULTIPLICATIVE) {
            (false, _) => base,
            (true, false) => base + index,
            (true, true) => base * index,
        };
        let error = value - fitted;
        // Reciprocals wait for no error, so the processor computes them ahead.
        let (per_index, per_base) = if SEASON && MULTIPLICATIVE {
            (1.0 / away_from_zero(index), 1.0 / away_from_zero(base))
        } else {
            (1.0, 1.0)
        };
        let share = error * per_index;
        level = base + s.alpha * share;
        if TREND {
            slope = s.phi * slope + s.beta * share;
        }
        if SEASON {
            season[k] = index + s.gamma * error * per_base;
            k = if k + 1 == season.len() { 0 } else { k + 1 };
        }
        if MULTIPLICATIVE {
            let relative = if SEASON { share * per_base } else { error / away_from_zero(fitted) };
            squares += relative * relative;
            product *= away_from_zero(fitted).abs();
            // One logarithm for eight factors: the product of eight stays far inside of an f64.
            if t % 8 == 7 {
                logs += product.ln();
                product = 1.0;
            }
        } else {
            squares += error * error;
        }
    }
    End { level, slope, squares, logs: logs + product.ln() }
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < 1e-8 { 1e-8 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_goes_on() {
        let y: Vec<f64> = (0..30).map(|t| 10.0 + 2.0 * f64::from(t)).collect();
        let ahead = pool(&y, 1, 4).unwrap();
        for (h, value) in ahead.mean.iter().enumerate() {
            let truth = 70.0 + 2.0 * h as f64;
            assert!((value - truth).abs() < 1.5, "{value} {truth}");
        }
    }

    #[test]
    fn a_season_comes_back() {
        let y: Vec<f64> = (0..48)
            .map(|t| 100.0 * if t % 4 == 0 { 1.6 } else { 0.8 } + f64::from(t % 3))
            .collect();
        let ahead = pool(&y, 4, 8).unwrap();
        assert!(ahead.mean[0] > 1.8 * ahead.mean[1], "{:?}", ahead.mean);
        assert!(ahead.mean[4] > 1.8 * ahead.mean[5], "{:?}", ahead.mean);
    }

    #[test]
    fn uncertainty_grows_with_the_horizon() {
        let y: Vec<f64> = (0..60).map(|t| 50.0 + f64::from((t * 31) % 17)).collect();
        let ahead = pool(&y, 1, 12).unwrap();
        assert!(ahead.sigma.windows(2).all(|w| w[1] >= w[0]), "{:?}", ahead.sigma);
    }

    #[test]
    fn the_unit_of_measure_does_not_matter() {
        let y: Vec<f64> = (0..40).map(|t| 5.0 + f64::from((t * 7) % 5)).collect();
        let kilo: Vec<f64> = y.iter().map(|v| v * 1024.0).collect();
        let (a, b) = (pool(&y, 4, 3).unwrap(), pool(&kilo, 4, 3).unwrap());
        for (a, b) in a.mean.iter().zip(&b.mean) {
            assert!((a * 1024.0 - b).abs() < 1e-6 * b.abs(), "{a} {b}");
        }
    }

    #[test]
    fn nothing_to_fit_is_none() {
        assert!(pool(&[0.0; 20], 4, 3).is_none());
        assert!(pool(&[1.0, 2.0], 1, 3).is_none());
    }
}
