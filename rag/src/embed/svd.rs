//! The right singular vectors of a sparse matrix.

use super::linear::{Matrix, symmetric_eigen};

/// Columns kept beyond the rank, so that the last vectors wanted are good too.
const OVERSAMPLING: usize = 10;
const POWER_ITERATIONS: usize = 3;

/// A sparse matrix by rows.
#[derive(Debug, Clone, Default)]
pub struct SparseRows {
    cols: usize,
    rows: Vec<Vec<(u32, f32)>>,
}

impl SparseRows {
    /// A matrix with `cols` columns; each row lists (column, value).
    pub fn new(cols: usize, rows: Vec<Vec<(u32, f32)>>) -> SparseRows {
        SparseRows { cols, rows }
    }

    fn times(&self, dense: &Matrix) -> Matrix {
        let mut out = Matrix::zeros(self.rows.len(), dense.cols);
        for (i, row) in self.rows.iter().enumerate() {
            let into = out.row_mut(i);
            row.iter().for_each(|(j, value)| add_scaled(into, *value, dense.row(*j as usize)));
        }
        out
    }

    fn transposed_times(&self, dense: &Matrix) -> Matrix {
        let mut out = Matrix::zeros(self.cols, dense.cols);
        for (i, row) in self.rows.iter().enumerate() {
            let from = dense.row(i);
            row.iter().for_each(|(j, value)| add_scaled(out.row_mut(*j as usize), *value, from));
        }
        out
    }
}

/// The leading right singular vectors, `rank` numbers for each column of the matrix.
///
/// Randomized subspace iteration (Halko, Martinsson and Tropp, 2011) with a fixed start, so the
/// same matrix gives the same vectors. When the matrix has a lower rank, the rest is zero.
pub fn right_singular_vectors(a: &SparseRows, rank: usize) -> Vec<Vec<f32>> {
    let k = (rank + OVERSAMPLING).min(a.rows.len()).min(a.cols);
    if k == 0 {
        return vec![vec![0.0; rank]; a.cols];
    }
    let mut range = a.times(&signs(a.cols, k));
    range.orthonormalize();
    for _ in 0..POWER_ITERATIONS {
        range = a.times(&a.transposed_times(&range));
        range.orthonormalize();
    }
    // The second pass removes what rounding left of the first.
    range.orthonormalize();
    let projected = a.transposed_times(&range);
    let directions = symmetric_eigen(projected.gram(), k);
    let largest = directions.first().map_or(0.0, |(value, _)| *value);
    let scaled: Vec<Vec<f32>> = directions
        .into_iter()
        .take(rank)
        .map(|(value, vector)| {
            let scale = if value > 1e-9 * largest { 1.0 / value.sqrt() } else { 0.0 };
            vector.into_iter().map(|x| (x * scale) as f32).collect()
        })
        .collect();
    let project = |column: usize| -> Vec<f32> {
        let row = projected.row(column);
        let mut out: Vec<f32> = scaled.iter().map(|d| super::dot(d, row)).collect();
        out.resize(rank, 0.0);
        out
    };
    (0..a.cols).map(project).collect()
}

/// A matrix of fixed random signs.
fn signs(rows: usize, cols: usize) -> Matrix {
    let mut matrix = Matrix::zeros(rows, cols);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for value in &mut matrix.data {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *value = if state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 63 == 1 { 1.0 } else { -1.0 };
    }
    matrix
}

fn add_scaled(into: &mut [f32], scale: f32, from: &[f32]) {
    into.iter_mut().zip(from).for_each(|(x, y)| *x += scale * y);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix with known structure: two groups of rows over two groups of columns.
    fn blocks() -> SparseRows {
        let row = |from: u32, strength: f32| (from..from + 3).map(|j| (j, strength)).collect();
        SparseRows::new(6, vec![row(0, 2.0), row(0, 2.0), row(3, 1.0), row(3, 1.0)])
    }

    #[test]
    fn finds_the_blocks_and_nothing_more() {
        let vectors = right_singular_vectors(&blocks(), 3);
        let third = 1.0 / 3.0_f32.sqrt();
        assert!((vectors[0][0].abs() - third).abs() < 1e-5 && vectors[0][1].abs() < 1e-5);
        assert!((vectors[4][1].abs() - third).abs() < 1e-5 && vectors[4][0].abs() < 1e-5);
        assert!(vectors.iter().all(|v| v[2].abs() < 1e-3));
    }

    #[test]
    fn repeats_to_the_bit() {
        assert_eq!(right_singular_vectors(&blocks(), 2), right_singular_vectors(&blocks(), 2));
    }
}
