//! The little dense linear algebra that the truncated SVD needs.

/// A dense matrix by rows.
#[derive(Debug, Clone)]
pub(super) struct Matrix {
    pub(super) cols: usize,
    pub(super) data: Vec<f32>,
}

impl Matrix {
    pub(super) fn zeros(rows: usize, cols: usize) -> Matrix {
        Matrix { cols, data: vec![0.0; rows * cols] }
    }

    pub(super) fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    pub(super) fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// The inner products of the columns, in double precision: a symmetric `cols x cols` matrix.
    pub(super) fn gram(&self) -> Vec<f64> {
        let k = self.cols;
        let mut gram = vec![0.0_f64; k * k];
        let mut wide = vec![0.0_f64; k];
        for row in self.data.chunks_exact(k) {
            wide.iter_mut().zip(row).for_each(|(w, x)| *w = f64::from(*x));
            for (i, x) in wide.iter().enumerate() {
                let into = &mut gram[i * k..i * k + i + 1];
                into.iter_mut().zip(&wide).for_each(|(g, y)| *g += x * y);
            }
        }
        for i in 0..k {
            for j in 0..i {
                gram[j * k + i] = gram[i * k + j];
            }
        }
        gram
    }

    /// Makes the columns orthonormal: `Q = Y R^-1` with `R` the Cholesky factor of `Y^T Y`.
    ///
    /// The factor is computed in double precision, which holds for the condition numbers that
    /// two multiplications with a matrix of unit rows produce. Columns that depend on earlier
    /// ones become zero.
    pub(super) fn orthonormalize(&mut self) {
        let k = self.cols;
        let upper = cholesky(self.gram(), k);
        let mut wide = vec![0.0_f64; k];
        for row in self.data.chunks_exact_mut(k) {
            wide.iter_mut().zip(&*row).for_each(|(w, x)| *w = f64::from(*x));
            for l in 0..k {
                let pivot = upper[l * k + l];
                let q = if pivot > 0.0 { wide[l] / pivot } else { 0.0 };
                wide[l] = q;
                let (rest, factors) = (&mut wide[l + 1..], &upper[l * k + l + 1..(l + 1) * k]);
                rest.iter_mut().zip(factors).for_each(|(w, r)| *w -= q * r);
            }
            row.iter_mut().zip(&wide).for_each(|(x, w)| *x = *w as f32);
        }
    }
}

/// The upper factor `R` of `R^T R = gram`; a pivot that is lost in rounding makes its row zero.
fn cholesky(mut gram: Vec<f64>, k: usize) -> Vec<f64> {
    let largest = (0..k).map(|i| gram[i * k + i]).fold(0.0, f64::max);
    for l in 0..k {
        let pivot = gram[l * k + l];
        let scale = if pivot > 1e-10 * largest { 1.0 / pivot.sqrt() } else { 0.0 };
        gram[l * k + l..(l + 1) * k].iter_mut().for_each(|x| *x *= scale);
        let (above, below) = gram.split_at_mut((l + 1) * k);
        let pivot_row = &above[l * k..];
        for (i, row) in below.chunks_exact_mut(k).enumerate() {
            let factor = pivot_row[l + 1 + i];
            row.iter_mut().zip(pivot_row).for_each(|(x, p)| *x -= factor * p);
        }
    }
    gram
}

/// Eigenvalues, largest first, and eigenvectors (one per row) of a symmetric `k x k` matrix.
///
/// Cyclic Jacobi rotations: slow next to QR iteration, but accurate, short and the same on every
/// machine, since it uses no function but the square root.
pub(super) fn symmetric_eigen(mut a: Vec<f64>, k: usize) -> Vec<(f64, Vec<f64>)> {
    let mut vectors = vec![0.0; k * k];
    (0..k).for_each(|i| vectors[i * k + i] = 1.0);
    let scale: f64 = (0..k).map(|i| a[i * k + i].abs()).sum::<f64>().max(f64::MIN_POSITIVE);
    for _ in 0..30 {
        let mut largest = 0.0_f64;
        for p in 0..k {
            for q in p + 1..k {
                largest = largest.max(a[p * k + q].abs());
                if a[p * k + q].abs() > 1e-14 * scale {
                    rotate(&mut a, &mut vectors, k, (p, q));
                }
            }
        }
        if largest <= 1e-12 * scale {
            break;
        }
    }
    let mut pairs: Vec<_> =
        (0..k).map(|i| (a[i * k + i], vectors[i * k..(i + 1) * k].to_vec())).collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    pairs
}

/// Zeroes `a[p][q]` by a rotation of rows and columns `p` and `q`.
fn rotate(a: &mut [f64], vectors: &mut [f64], k: usize, (p, q): (usize, usize)) {
    let theta = (a[q * k + q] - a[p * k + p]) / (2.0 * a[p * k + q]);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for i in 0..k {
        let (x, y) = (a[i * k + p], a[i * k + q]);
        a[i * k + p] = c * x - s * y;
        a[i * k + q] = s * x + c * y;
    }
    for matrix in [a, vectors] {
        let (upper, lower) = matrix.split_at_mut(q * k);
        for (x, y) in upper[p * k..(p + 1) * k].iter_mut().zip(&mut lower[..k]) {
            (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_a_known_matrix() {
        let pairs = symmetric_eigen(vec![2.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 5.0], 3);
        let values: Vec<f64> = pairs.iter().map(|(value, _)| (value * 1e9).round() / 1e9).collect();
        assert_eq!(values, [5.0, 3.0, 1.0]);
        assert!((pairs[1].1[0] - pairs[1].1[1]).abs() < 1e-9);
    }

    #[test]
    fn columns_become_orthonormal_and_dependent_ones_vanish() {
        let data = vec![1.0, 1.0, 2.0, 0.0, 1.0, 0.0, 1.0, 0.0, 2.0];
        let mut matrix = Matrix { cols: 3, data };
        matrix.orthonormalize();
        let gram = matrix.gram();
        for (i, value) in gram.iter().enumerate() {
            let expected = if i == 0 || i == 4 { 1.0 } else { 0.0 };
            assert!((value - expected).abs() < 1e-5, "{gram:?}");
        }
    }
}
