//! Ordinary least squares with fixed effects, by demeaning within groups.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Whose fixed effect it shares.
    pub group: u32,
    /// The response.
    pub y: f64,
    /// The regressors; as many in each row.
    pub x: Vec<f64>,
}

/// Coefficients and their errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// One for each regressor.
    pub coefficients: Vec<f64>,
    /// Standard error of each.
    pub standard_errors: Vec<f64>,
    /// Share of the variation within groups that is explained.
    pub r_squared_within: f64,
    /// Rows.
    pub observations: u32,
    /// Groups.
    pub groups: u32,
}

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegressionError {
    /// Too few rows for the regressors and groups.
    #[error("{rows} rows for {unknowns} unknowns: give more observations")]
    TooFew {
        /// Rows.
        rows: usize,
        /// Coefficients and fixed effects.
        unknowns: usize,
    },
    /// A regressor does not vary within groups, or follows from others.
    #[error("regressor {0} does not vary by itself: leave it out")]
    Collinear(usize),
    /// Rows of different lengths, or figures that are not finite.
    #[error("row {0} is not finite or has another number of regressors: correct it")]
    Row(usize),
}

/// Fits `y = effect of the group + Σ coefficient × x` by least squares.
///
/// ```
/// use engines::revenue::{within, Row};
///
/// let rows: Vec<Row> = (0..8u32)
///     .map(|i| Row { group: i % 2, y: f64::from(i % 2) * 5.0 + 3.0 * f64::from(i), x: vec![f64::from(i)] })
///     .collect();
/// let fit = within(&rows).unwrap();
/// assert!((fit.coefficients[0] - 3.0).abs() < 1e-12);
/// ```
///
/// # Errors
/// [`RegressionError`] when rows are too few, unequal or not finite, or a regressor is collinear.
pub fn within(rows: &[Row]) -> Result<Fit, RegressionError> {
    let width = rows.first().map_or(0, |r| r.x.len());
    for (i, row) in rows.iter().enumerate() {
        if row.x.len() != width || !row.y.is_finite() || !row.x.iter().all(|x| x.is_finite()) {
            return Err(RegressionError::Row(i));
        }
    }
    let (centred, groups) = demean(rows, width);
    let unknowns = width + groups;
    if rows.len() <= unknowns {
        return Err(RegressionError::TooFew { rows: rows.len(), unknowns });
    }
    let normal = Normal::of(&centred, width);
    let factor = cholesky(&normal.xx, width)?;
    let coefficients = solve(&factor, &normal.xy, width);
    let explained: f64 = coefficients.iter().zip(&normal.xy).map(|(b, v)| b * v).sum();
    let residual: f64 = centred
        .iter()
        .map(|row| {
            let fitted: f64 = row[..width].iter().zip(&coefficients).map(|(x, b)| x * b).sum();
            (row[width] - fitted).powi(2)
        })
        .sum();
    let variance = residual / (rows.len() - unknowns) as f64;
    let error = |i: usize| {
        let unit: Vec<f64> = (0..width).map(|j| f64::from(u8::from(i == j))).collect();
        (variance * solve(&factor, &unit, width)[i]).sqrt()
    };
    Ok(Fit {
        standard_errors: (0..width).map(error).collect(),
        r_squared_within: if normal.yy > 0.0 { explained / normal.yy } else { 0.0 },
        coefficients,
        observations: rows.len() as u32,
        groups: groups as u32,
    })
}

/// Rows of regressors with the response last, less the means of their group; and how many groups
/// there are.
fn demean(rows: &[Row], width: usize) -> (Vec<Vec<f64>>, usize) {
    let mut means: BTreeMap<u32, (Vec<f64>, f64)> = BTreeMap::new();
    let full = |row: &Row| row.x.iter().copied().chain([row.y]).collect::<Vec<f64>>();
    for row in rows {
        let (sums, count) = means.entry(row.group).or_insert_with(|| (vec![0.0; width + 1], 0.0));
        sums.iter_mut().zip(full(row)).for_each(|(sum, v)| *sum += v);
        *count += 1.0;
    }
    let centred = rows.iter().map(|row| {
        let (sums, count) = &means[&row.group];
        full(row).iter().zip(sums).map(|(v, sum)| v - sum / count).collect()
    });
    (centred.collect(), means.len())
}

struct Normal {
    xx: Vec<f64>,
    xy: Vec<f64>,
    yy: f64,
}

impl Normal {
    fn of(rows: &[Vec<f64>], width: usize) -> Self {
        let mut normal = Self { xx: vec![0.0; width * width], xy: vec![0.0; width], yy: 0.0 };
        for row in rows {
            for i in 0..width {
                for j in 0..=i {
                    normal.xx[i * width + j] += row[i] * row[j];
                }
                normal.xy[i] += row[i] * row[width];
            }
            normal.yy += row[width] * row[width];
        }
        normal
    }
}

/// The lower factor of a symmetric matrix given by its lower half.
fn cholesky(matrix: &[f64], n: usize) -> Result<Vec<f64>, RegressionError> {
    let mut factor = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| factor[i * n + k] * factor[j * n + k]).sum();
            let left = matrix[i * n + j] - dot;
            if i != j {
                factor[i * n + j] = left / factor[j * n + j];
            } else if left > 1e-10 * matrix[i * n + i].max(1e-12) {
                factor[i * n + i] = left.sqrt();
            } else {
                return Err(RegressionError::Collinear(i));
            }
        }
    }
    Ok(factor)
}

/// Solves `L Lᵀ x = b`.
fn solve(factor: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut x = b.to_vec();
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| factor[i * n + k] * x[k]).sum();
        x[i] = (x[i] - dot) / factor[i * n + i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| factor[k * n + i] * x[k]).sum();
        x[i] = (x[i] - dot) / factor[i * n + i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: u32, y: f64, x: &[f64]) -> Row {
        Row { group, y, x: x.to_vec() }
    }

    #[test]
    fn anscombes_line_matches_its_published_errors() {
        // Anscombe's first set (1973): slope 0.5001, standard error 0.1179, R² 0.6665.
        let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
        let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
        let rows: Vec<Row> = x.iter().zip(y).map(|(&x, y)| row(0, y, &[x])).collect();
        let fit = within(&rows).unwrap();
        assert!((fit.coefficients[0] - 0.500_090_9).abs() < 1e-6);
        assert!((fit.standard_errors[0] - 0.117_9).abs() < 1e-4);
        assert!((fit.r_squared_within - 0.666_5).abs() < 1e-4);
    }

    #[test]
    fn refuses_what_cannot_be_told_apart() {
        let twin: Vec<Row> = (0..9).map(f64::from).map(|v| row(0, v * v, &[v, 2.0 * v])).collect();
        assert_eq!(within(&twin), Err(RegressionError::Collinear(1)));
        assert!(matches!(within(&twin[..2]), Err(RegressionError::TooFew { .. })));
        assert_eq!(within(&[row(0, f64::NAN, &[1.0])]), Err(RegressionError::Row(0)));
    }
}
