//! The linear assignment problem, solved exactly with its dual prices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The profit of a pair that must not be chosen.
pub const FORBIDDEN: f64 = f64::NEG_INFINITY;

/// An optimal assignment and the prices that prove it: `row_price[i] + column_price[j] ≥
/// profit[i][j]` for every pair, with equality for the chosen ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The column of each row.
    pub column: Vec<usize>,
    /// The sum of the chosen profits.
    pub total: f64,
    /// What one more row like this one would add.
    pub row_price: Vec<f64>,
    /// What one more column like this one would add; 0 for a column left over.
    pub column_price: Vec<f64>,
}

/// Why there is no assignment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// The matrix has more rows than columns, or its length is no product of both.
    #[error(
        "{rows} rows and {columns} columns of {cells} cells: give a full matrix with at least as many columns as rows"
    )]
    Shape {
        /// Rows.
        rows: usize,
        /// Columns that the length gives.
        columns: usize,
        /// Cells given.
        cells: usize,
    },
    /// A row has no allowed column left.
    #[error("row {0} finds no allowed column: allow more pairs")]
    Infeasible(usize),
    /// A profit is infinite or not a number.
    #[error("a profit is infinite or not a number: give finite profits, or `FORBIDDEN`")]
    Profit,
}

/// Assigns each row its own column so that the sum of profits is the highest possible.
///
/// `profit` is row by row, `rows × columns` with `rows ≤ columns`; [`FORBIDDEN`] pairs are never
/// chosen. Shortest augmenting paths (Jonker & Volgenant 1987) in O(rows² × columns).
///
/// ```
/// use engines::planogram::assign;
///
/// let best = assign(2, &[8.0, 5.0, 6.0, 1.0]).unwrap();
/// assert_eq!((best.column, best.total), (vec![1, 0], 11.0));
/// ```
///
/// # Errors
/// [`AssignmentError`] when the matrix is not `rows × columns`, a profit is not a number, or
/// forbidden pairs leave a row without a column.
pub fn assign(rows: usize, profit: &[f64]) -> Result<Assignment, AssignmentError> {
    let columns = profit.len().checked_div(rows).unwrap_or(0);
    if rows * columns != profit.len() || columns < rows {
        return Err(AssignmentError::Shape { rows, columns, cells: profit.len() });
    }
    if profit.iter().any(|p| p.is_nan() || *p == f64::INFINITY) {
        return Err(AssignmentError::Profit);
    }
    let mut search = Search::new(rows, columns);
    for row in 0..rows {
        let free = search.path_to_free_column(row, profit);
        search.take(row, free.ok_or(AssignmentError::Infeasible(row))?);
    }
    Ok(search.finish(profit))
}

/// No row holds the column, or no column leads to it.
const NONE: usize = usize::MAX;

/// State of the augmentation, in costs (negated profits).
struct Search {
    columns: usize,
    row_cost: Vec<f64>,
    column_cost: Vec<f64>,
    /// The row that holds each column.
    holder: Vec<usize>,
    /// Shortest distance to each column, and the column before it on the way.
    distance: Vec<f64>,
    before: Vec<usize>,
    /// Columns still open, and those whose distance is settled.
    open: Vec<u32>,
    settled: Vec<u32>,
}

impl Search {
    fn new(rows: usize, columns: usize) -> Self {
        Self {
            columns,
            row_cost: vec![0.0; rows],
            column_cost: vec![0.0; columns],
            holder: vec![NONE; columns],
            distance: vec![0.0; columns],
            before: vec![NONE; columns],
            open: Vec::with_capacity(columns),
            settled: Vec::with_capacity(columns),
        }
    }

    /// Dijkstra over reduced costs from `row` to the nearest free column; then lifts the prices
    /// of what was settled on the way.
    fn path_to_free_column(&mut self, row: usize, profit: &[f64]) -> Option<usize> {
        self.distance.fill(f64::INFINITY);
        self.open.clear();
        self.open.extend(0..self.columns as u32);
        self.settled.clear();
        let (mut from, mut via, mut base) = (row, NONE, 0.0);
        let (free, reach) = loop {
            let costs = &profit[from * self.columns..(from + 1) * self.columns];
            let shift = base - self.row_cost[from];
            let (mut nearest, mut at) = (f64::INFINITY, NONE);
            for (k, &column) in self.open.iter().enumerate() {
                let j = column as usize;
                let there = shift - costs[j] - self.column_cost[j];
                if there < self.distance[j] {
                    self.distance[j] = there;
                    self.before[j] = via;
                }
                if self.distance[j] < nearest {
                    (nearest, at) = (self.distance[j], k);
                }
            }
            if at == NONE {
                return None;
            }
            let column = self.open.swap_remove(at) as usize;
            if self.holder[column] == NONE {
                break (column, nearest);
            }
            self.settled.push(column as u32);
            (from, via, base) = (self.holder[column], column, nearest);
        };
        self.row_cost[row] += reach;
        for &column in &self.settled {
            let lift = reach - self.distance[column as usize];
            self.row_cost[self.holder[column as usize]] += lift;
            self.column_cost[column as usize] -= lift;
        }
        Some(free)
    }

    /// Hands columns over along the path that ends in `free`, so that `row` gets one.
    fn take(&mut self, row: usize, free: usize) {
        let mut column = free;
        while self.before[column] != NONE {
            self.holder[column] = self.holder[self.before[column]];
            column = self.before[column];
        }
        self.holder[column] = row;
    }

    fn finish(self, profit: &[f64]) -> Assignment {
        let mut column = vec![NONE; self.row_cost.len()];
        for (j, &row) in self.holder.iter().enumerate() {
            if row != NONE {
                column[row] = j;
            }
        }
        let total = column.iter().enumerate().map(|(i, &j)| profit[i * self.columns + j]).sum();
        let prices = |costs: Vec<f64>| costs.into_iter().map(|c| 0.0 - c).collect();
        let (row_price, column_price) = (prices(self.row_cost), prices(self.column_cost));
        Assignment { column, total, row_price, column_price }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Best total over every way to give rows distinct columns.
    fn brute(rows: usize, columns: usize, profit: &[f64], used: u32, row: usize) -> f64 {
        if row == rows {
            return 0.0;
        }
        let free = (0..columns).filter(|j| used & (1 << j) == 0);
        free.map(|j| {
            profit[row * columns + j] + brute(rows, columns, profit, used | 1 << j, row + 1)
        })
        .fold(f64::NEG_INFINITY, f64::max)
    }

    proptest! {
        #[test]
        fn equals_brute_force_and_its_prices_prove_it(
            rows in 1usize..6, more in 0usize..3, cells in prop::collection::vec(-50..50i32, 64),
            bans in prop::collection::vec(0..5u8, 64),
        ) {
            let columns = rows + more;
            let profit: Vec<f64> = cells.iter().zip(&bans).take(rows * columns)
                .map(|(&c, &ban)| if ban == 0 { FORBIDDEN } else { f64::from(c) }).collect();
            let best = brute(rows, columns, &profit, 0, 0);
            match assign(rows, &profit) {
                Err(AssignmentError::Infeasible(_)) => prop_assert_eq!(best, f64::NEG_INFINITY),
                Err(other) => prop_assert!(false, "{}", other),
                Ok(found) => {
                    prop_assert_eq!(found.total, best);
                    for i in 0..rows {
                        for j in 0..columns {
                            let slack = found.row_price[i] + found.column_price[j] - profit[i * columns + j];
                            prop_assert!(slack >= -1e-9);
                            prop_assert!(found.column[i] != j || slack.abs() < 1e-9);
                        }
                    }
                    let duals = found.row_price.iter().chain(&found.column_price).sum::<f64>();
                    prop_assert!((duals - found.total).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn refuses_shapes_and_figures() {
        assert!(matches!(assign(2, &[1.0, 2.0]), Err(AssignmentError::Shape { columns: 1, .. })));
        assert!(matches!(assign(0, &[1.0]), Err(AssignmentError::Shape { .. })));
        assert_eq!(assign(1, &[f64::NAN]), Err(AssignmentError::Profit));
        assert_eq!(assign(0, &[]).unwrap().total, 0.0);
    }
}
