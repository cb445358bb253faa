//! Long seasons: the year in weekly or daily data, the week in hourly data.
//!
//! One index for each of 52 weeks would be noise; a few waves are not. The number of waves is chosen
//! by BIC, and a light ridge keeps them small (dynamic harmonic regression, Hyndman &
//! Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., section 10.5).

use super::season::{self, Form};

const MOST_WAVES: usize = 8;
/// The ridge, as a share of the weight of the data.
const RIDGE: f64 = 0.05;

/// A series without its long season, and that season.
pub(super) struct LongSeason {
    /// Of the history, then of the horizon.
    index: Vec<f64>,
    form: Form,
}

impl LongSeason {
    /// Looks for a season of `period` buckets on top of one of `m`. `None` where there are fewer
    /// than three of them (a single return could be chance), or the data do not speak for it.
    pub(super) fn find(y: &[f64], m: usize, period: usize, horizon: usize) -> Option<Self> {
        let form = Form::of(y);
        if period <= m || period < 4 || y.len() < 3 * period {
            return None;
        }
        let index = if m > 1 && period.is_multiple_of(m) {
            // The short season repeats within the long one: indices hold both.
            season::is_seasonal(y, period).then(|| {
                let one = season::shrunk_indices(y, period, form);
                (0..y.len() + horizon).map(|t| one[t % period]).collect()
            })?
        } else {
            waves(&deviations(y, period, form), exact(period), y.len() + horizon)?
                .into_iter()
                .map(|v| if form == Form::Multiplicative { v.exp() } else { v })
                .collect()
        };
        Some(Self { index, form })
    }

    pub(super) fn remove(&self, y: &[f64]) -> Vec<f64> {
        y.iter().zip(&self.index).map(|(v, i)| self.form.remove(*v, *i)).collect()
    }

    pub(super) fn restore(&self, mut ahead: Vec<f64>, n: usize) -> Vec<f64> {
        for (value, index) in ahead.iter_mut().zip(&self.index[n..]) {
            *value = self.form.restore(*value, *index);
        }
        ahead
    }
}

/// A calendar year is not a whole number of weeks or days.
fn exact(period: usize) -> f64 {
    match period {
        52 => 365.25 / 7.0,
        365 => 365.25,
        other => other as f64,
    }
}

/// Place and distance from the moving average over one period; ratios as logarithms.
fn deviations(y: &[f64], period: usize, form: Form) -> Vec<(usize, f64)> {
    let width = period + 1 - period % 2;
    let mut sum: f64 = y[..width.min(y.len())].iter().sum();
    let mut found = Vec::with_capacity(y.len());
    for start in 0..(y.len() + 1).saturating_sub(width) {
        let (level, t) = (sum / width as f64, start + width / 2);
        let distance = match form {
            Form::Additive => y[t] - level,
            Form::Multiplicative => (y[t] / level).ln(),
        };
        found.push((t, distance));
        sum += y.get(start + width).copied().unwrap_or(0.0) - y[start];
    }
    found
}

/// The waves that BIC asks for, over `length` buckets; `None` where it asks for none.
fn waves(deviations: &[(usize, f64)], period: f64, length: usize) -> Option<Vec<f64>> {
    let n = deviations.len() as f64;
    let most = MOST_WAVES.min((period / 4.0) as usize).max(1);
    let total: f64 = deviations.iter().map(|(_, v)| v * v).sum();
    let normal = Normal::of(deviations, period, most);
    let mut best = (n * (total / n).max(1e-300).ln(), Vec::new());
    for count in 1..=most {
        let coefficients = normal.solve(2 * count, RIDGE * n / 2.0);
        let rest = (total - normal.explained(&coefficients)).max(total * 1e-9);
        let bic = n * (rest / n).max(1e-300).ln() + n.ln() * 2.0 * count as f64;
        if bic < best.0 {
            best = (bic, coefficients);
        }
    }
    let coefficients = best.1;
    // With few years each wave is partly chance: three keep nine tenths of it, seven nearly all.
    let cycles = n / period + 1.0;
    let trust = 1.0 - 1.0 / (cycles * cycles);
    (!coefficients.is_empty()).then(|| {
        (0..length)
            .map(|t| {
                trust
                    * coefficients
                        .iter()
                        .enumerate()
                        .map(|(i, c)| c * wave(i, t, period))
                        .sum::<f64>()
            })
            .collect()
    })
}

/// Cosines and sines in turn, of rising frequency.
fn wave(i: usize, t: usize, period: f64) -> f64 {
    let angle = std::f64::consts::TAU * (i / 2 + 1) as f64 * t as f64 / period;
    if i.is_multiple_of(2) { angle.cos() } else { angle.sin() }
}

/// The normal equations of the regression on waves.
struct Normal {
    matrix: Vec<Vec<f64>>,
    right: Vec<f64>,
}

impl Normal {
    fn of(deviations: &[(usize, f64)], period: f64, most: usize) -> Self {
        let size = 2 * most;
        let (mut matrix, mut right) = (vec![vec![0.0; size]; size], vec![0.0; size]);
        let mut row = vec![0.0; size];
        for (t, value) in deviations {
            row.iter_mut().enumerate().for_each(|(i, x)| *x = wave(i, *t, period));
            for (i, line) in matrix.iter_mut().enumerate() {
                right[i] += row[i] * value;
                line.iter_mut().zip(&row).for_each(|(sum, x)| *sum += row[i] * x);
            }
        }
        Self { matrix, right }
    }

    /// The first `size` coefficients by Gaussian elimination; the ridge keeps every pivot positive.
    fn solve(&self, size: usize, ridge: f64) -> Vec<f64> {
        let mut a: Vec<Vec<f64>> = self.matrix[..size].iter().map(|r| r[..size].to_vec()).collect();
        let mut b = self.right[..size].to_vec();
        for (i, row) in a.iter_mut().enumerate() {
            row[i] += ridge;
        }
        for i in 0..size {
            let (above, below) = a.split_at_mut(i + 1);
            let pivot = &above[i];
            for (offset, row) in below.iter_mut().enumerate() {
                let factor = row[i] / pivot[i];
                row[i..].iter_mut().zip(&pivot[i..]).for_each(|(x, p)| *x -= factor * p);
                b[i + 1 + offset] -= factor * b[i];
            }
        }
        for i in (0..size).rev() {
            let known: f64 = (i + 1..size).map(|j| a[i][j] * b[j]).sum();
            b[i] = (b[i] - known) / a[i][i];
        }
        b
    }

    /// By how much the coefficients lower the sum of squares: `2·cᵀb − cᵀAc`.
    fn explained(&self, c: &[f64]) -> f64 {
        let linear: f64 = c.iter().zip(&self.right).map(|(c, b)| c * b).sum();
        let square: f64 = c
            .iter()
            .zip(&self.matrix)
            .map(|(ci, row)| ci * c.iter().zip(row).map(|(cj, a)| cj * a).sum::<f64>())
            .sum();
        2.0 * linear - square
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yearly(n: usize) -> Vec<f64> {
        let angle = |t: usize| std::f64::consts::TAU * t as f64 / (365.25 / 7.0);
        (0..n).map(|t| 100.0 * (1.0 + 0.3 * angle(t).sin()) + ((t * 37) % 11) as f64).collect()
    }

    #[test]
    fn a_year_is_found_in_weeks() {
        let y = yearly(300);
        let season = LongSeason::find(&y, 1, 52, 13).unwrap();
        let spread = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            v.iter().map(|x| (x - mean).abs()).sum::<f64>() / v.len() as f64
        };
        assert!(spread(&season.remove(&y)) < 0.35 * spread(&y));
        let ahead = season.restore(vec![100.0; 13], 300);
        let truth = |t: usize| {
            100.0 * (1.0 + 0.3 * (std::f64::consts::TAU * t as f64 * 7.0 / 365.25).sin())
        };
        for (h, value) in ahead.iter().enumerate() {
            assert!((value - truth(300 + h)).abs() < 8.0, "{value} {}", truth(300 + h));
        }
    }

    #[test]
    fn noise_has_no_year_and_two_years_are_not_enough() {
        let noise: Vec<f64> = (0..300).map(|t| 50.0 + f64::from((t * 7919) % 101)).collect();
        assert!(LongSeason::find(&noise, 1, 52, 13).is_none());
        assert!(LongSeason::find(&yearly(150), 1, 52, 13).is_none());
    }

    #[test]
    fn a_week_of_hours_keeps_its_weekend() {
        let hour = |t: usize| if t / 24 % 7 < 5 { 40.0 } else { 10.0 } + (t % 24) as f64;
        let y: Vec<f64> = (0..168 * 4).map(hour).collect();
        let season = LongSeason::find(&y, 24, 168, 168).unwrap();
        let ahead = season.restore(vec![40.0; 168], y.len());
        assert!(ahead[30] > 2.0 * ahead[24 * 5 + 6], "{} {}", ahead[30], ahead[24 * 5 + 6]);
    }
}
