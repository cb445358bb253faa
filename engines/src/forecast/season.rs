//! Seasons: the classical indices, a test whether they are there, and taking them off and on.

/// How a season enters: added to the level, or multiplied with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Additive,
    Multiplicative,
}

impl Form {
    /// Multiplicative where every value is positive, as sales mostly are; else additive.
    pub(super) fn of(y: &[f64]) -> Self {
        if y.iter().all(|v| *v > 0.0) { Self::Multiplicative } else { Self::Additive }
    }

    /// The index that changes nothing.
    fn neutral(self) -> f64 {
        match self {
            Self::Additive => 0.0,
            Self::Multiplicative => 1.0,
        }
    }

    pub(super) fn remove(self, value: f64, index: f64) -> f64 {
        match self {
            Self::Additive => value - index,
            Self::Multiplicative => value / index,
        }
    }

    pub(super) fn restore(self, value: f64, index: f64) -> f64 {
        match self {
            Self::Additive => value + index,
            Self::Multiplicative => value * index,
        }
    }
}

/// The classical seasonal indices of period `m`: means of the ratios (or differences) to a centred
/// moving average, normalised to mean one (or zero).
///
/// Source: classical decomposition, Hyndman & Athanasopoulos, *Forecasting: Principles and
/// Practice*, 3rd ed., section 3.4.
pub(super) fn indices(y: &[f64], m: usize, form: Form) -> Vec<f64> {
    phases(y, m, form).0
}

/// As [`indices`], pulled towards "no season" by what their own scatter says is chance.
///
/// James–Stein shrinkage; Miller & Williams (2003), "Shrinkage estimators of time series seasonal
/// factors and their effect on forecasting accuracy".
pub(super) fn shrunk_indices(y: &[f64], m: usize, form: Form) -> Vec<f64> {
    let (mut index, chance) = phases(y, m, form);
    let neutral = form.neutral();
    let signal: f64 = index.iter().map(|i| (i - neutral).powi(2)).sum::<f64>()
        / m.saturating_sub(1).max(1) as f64;
    let trust = (1.0 - chance / signal.max(1e-300)).clamp(0.0, 1.0);
    index.iter_mut().for_each(|i| *i = neutral + trust * (*i - neutral));
    index
}

/// The indices, and the mean variance of their estimates.
fn phases(y: &[f64], m: usize, form: Form) -> (Vec<f64>, f64) {
    let trend = moving_average(y, m);
    let half = m / 2;
    let (mut sums, mut squares, mut counts) = (vec![0.0; m], vec![0.0; m], vec![0.0; m]);
    for (offset, level) in trend.iter().enumerate() {
        let t = offset + half;
        let index = match form {
            Form::Additive => y[t] - level,
            Form::Multiplicative if level.abs() < 1e-9 => 1.0,
            Form::Multiplicative => y[t] / level,
        };
        sums[t % m] += index;
        squares[t % m] += index * index;
        counts[t % m] += 1.0;
    }
    let mut chance = 0.0;
    let raw = (0..m).map(|p| {
        let mean = if counts[p] > 0.0 { sums[p] / counts[p] } else { form.neutral() };
        if counts[p] > 1.0 {
            let scatter: f64 = (squares[p] - counts[p] * mean * mean).max(0.0);
            chance += scatter / (counts[p] - 1.0) / counts[p] / m as f64;
        }
        mean
    });
    (normalise(raw.collect(), form), chance)
}

fn normalise(mut index: Vec<f64>, form: Form) -> Vec<f64> {
    let mean = index.iter().sum::<f64>() / index.len() as f64;
    for value in &mut index {
        match form {
            Form::Additive => *value -= mean,
            Form::Multiplicative => *value = (*value / mean).max(1e-3),
        }
    }
    index
}

/// The centred moving average over one period (half weights at the ends when `m` is even); its
/// first value belongs to `y[m / 2]`.
fn moving_average(y: &[f64], m: usize) -> Vec<f64> {
    let width = if m.is_multiple_of(2) { m + 1 } else { m };
    if y.len() <= width {
        return Vec::new();
    }
    let ends = if m.is_multiple_of(2) { 0.5 } else { 1.0 };
    y.windows(width)
        .map(|w| {
            let inner: f64 = w[1..width - 1].iter().sum();
            let outer = if width > 1 { w[0] + w[width - 1] } else { w[0] };
            (inner + ends * outer) / m as f64
        })
        .collect()
}

/// Whether the autocorrelation at lag `m` stands out from the 90 % band, as in the M4 competition's
/// Naive2. Needs three whole periods.
pub(super) fn is_seasonal(y: &[f64], m: usize) -> bool {
    if m <= 1 || y.len() < 3 * m {
        return false;
    }
    let n = y.len() as f64;
    let mean = y.iter().sum::<f64>() / n;
    let centred: Vec<f64> = y.iter().map(|v| v - mean).collect();
    let variance: f64 = centred.iter().map(|v| v * v).sum();
    if variance <= 0.0 {
        return false;
    }
    let at = |lag: usize| -> f64 {
        centred[lag..].iter().zip(&centred).map(|(a, b)| a * b).sum::<f64>() / variance
    };
    let before: f64 = (1..m).map(|lag| at(lag).powi(2)).sum();
    at(m).abs() > 1.645 * ((1.0 + 2.0 * before) / n).sqrt()
}

/// A series with its season taken off, and what it takes to put it on again.
#[derive(Debug)]
pub(super) struct Adjusted {
    pub(super) values: Vec<f64>,
    season: Option<(Vec<f64>, Form)>,
}

impl Adjusted {
    /// Takes off the shrunk season of period `m` where [`is_seasonal`] finds one.
    pub(super) fn of(y: &[f64], m: usize) -> Self {
        Self::with(y, m, shrunk_indices)
    }

    fn with(y: &[f64], m: usize, indices: impl Fn(&[f64], usize, Form) -> Vec<f64>) -> Self {
        if !is_seasonal(y, m) {
            return Self { values: y.to_vec(), season: None };
        }
        let form = Form::of(y);
        let index = indices(y, m, form);
        let values = y.iter().enumerate().map(|(t, v)| form.remove(*v, index[t % m])).collect();
        Self { values, season: Some((index, form)) }
    }

    /// Puts the season on a forecast that starts right after the series.
    pub(super) fn restore(&self, mut ahead: Vec<f64>) -> Vec<f64> {
        if let Some((index, form)) = &self.season {
            for (step, value) in ahead.iter_mut().enumerate() {
                *value = form.restore(*value, index[(self.values.len() + step) % index.len()]);
            }
        }
        ahead
    }
}

/// The value of one period ago, repeated: the guard every forecast is measured against.
pub(super) fn seasonal_naive(y: &[f64], m: usize, horizon: usize) -> Vec<f64> {
    let m = m.clamp(1, y.len().max(1));
    (0..horizon).map(|step| y.get(y.len() - m + step % m).copied().unwrap_or(0.0)).collect()
}

/// Naive2 of the M competitions: the last seasonally adjusted value, with its season put back.
pub(super) fn naive2(y: &[f64], m: usize, horizon: usize) -> Vec<f64> {
    let adjusted = Adjusted::with(y, m, indices);
    let last = adjusted.values.last().copied().unwrap_or(0.0);
    adjusted.restore(vec![last; horizon])
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTERS: [f64; 4] = [1.2, 0.8, 0.9, 1.1];

    fn quarterly(n: usize) -> Vec<f64> {
        (0..n).map(|t| (100.0 + t as f64) * QUARTERS[t % 4]).collect()
    }

    #[test]
    fn recovers_planted_indices() {
        let found = indices(&quarterly(40), 4, Form::Multiplicative);
        for (planted, found) in QUARTERS.iter().zip(&found) {
            assert!((planted - found).abs() < 0.01, "{planted} {found}");
        }
    }

    #[test]
    fn taking_off_and_putting_on_is_the_identity() {
        let y = quarterly(41);
        let adjusted = Adjusted::of(&y, 4);
        let flat = adjusted.restore(vec![100.0; 4]);
        for (step, value) in flat.iter().enumerate() {
            let index = QUARTERS[(41 + step) % 4];
            assert!((value / 100.0 - index).abs() < 0.01, "{value}");
        }
    }

    #[test]
    fn a_trend_alone_is_not_seasonal() {
        assert!(is_seasonal(&quarterly(40), 4));
        let walk = [3.0, 5.0, 4.0, 8.0, 7.0, 6.0, 9.0, 9.0, 4.0, 2.0, 5.0, 1.0, 7.0, 3.0, 8.0, 6.0];
        assert!(!is_seasonal(&walk, 4));
        assert!(!is_seasonal(&[5.0; 40], 4), "a constant has no season");
    }

    #[test]
    fn seasonal_naive_repeats_the_last_period() {
        assert_eq!(seasonal_naive(&[1.0, 2.0, 3.0, 4.0], 2, 5), [3.0, 4.0, 3.0, 4.0, 3.0]);
        assert_eq!(seasonal_naive(&[7.0], 12, 2), [7.0, 7.0]);
    }
}
