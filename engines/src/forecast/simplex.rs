//! Nelder–Mead minimisation in at most four dimensions, without allocation.
//!
//! Fits of smoothing models need few digits: stopping early regularises them and costs a quarter
//! of the time (Nikolopoulos & Petropoulos, 2018, "Does suboptimality matter?").

/// The most parameters a member of the pool has.
pub(super) const DIMENSIONS: usize = 4;

/// A point of the parameter space; entries beyond the model's own dimensions are unused.
pub(super) type Vertex = [f64; DIMENSIONS];

/// When to stop: after `evaluations`, or when the best and worst vertex agree to `tolerance`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) evaluations: usize,
    pub(super) tolerance: f64,
}

/// Minimises `cost` from `start`, whose first simplex is `start` plus one `step` in each dimension.
///
/// Returns the best vertex. `start` and `step` have the same length, at most [`DIMENSIONS`].
pub(super) fn minimise(
    start: &[f64],
    step: &[f64],
    limit: Limit,
    mut cost: impl FnMut(&Vertex) -> f64,
) -> Vertex {
    let n = start.len().min(DIMENSIONS);
    let mut simplex = Simplex::around(start, step, n, &mut cost);
    let mut spent = n + 1;
    while spent < limit.evaluations && simplex.spread() > limit.tolerance {
        spent += simplex.move_worst(&mut cost);
    }
    simplex.vertices[simplex.best()]
}

struct Simplex {
    n: usize,
    vertices: [Vertex; DIMENSIONS + 1],
    costs: [f64; DIMENSIONS + 1],
}

impl Simplex {
    fn around(
        start: &[f64],
        step: &[f64],
        n: usize,
        cost: &mut impl FnMut(&Vertex) -> f64,
    ) -> Self {
        let mut origin = [0.0; DIMENSIONS];
        origin[..n].copy_from_slice(&start[..n]);
        let mut simplex =
            Self { n, vertices: [origin; DIMENSIONS + 1], costs: [0.0; DIMENSIONS + 1] };
        for i in 0..=n {
            if i > 0 {
                simplex.vertices[i][i - 1] += step[i - 1];
            }
            simplex.costs[i] = cost(&simplex.vertices[i]);
        }
        simplex
    }

    fn best(&self) -> usize {
        (1..=self.n).fold(0, |best, i| if self.costs[i] < self.costs[best] { i } else { best })
    }

    fn worst(&self) -> usize {
        (1..=self.n).fold(0, |worst, i| if self.costs[i] > self.costs[worst] { i } else { worst })
    }

    fn second_worst(&self, worst: usize) -> f64 {
        (0..=self.n).filter(|&i| i != worst).map(|i| self.costs[i]).fold(f64::MIN, f64::max)
    }

    /// The relative distance between the best and the worst cost.
    fn spread(&self) -> f64 {
        let (best, worst) = (self.costs[self.best()], self.costs[self.worst()]);
        (worst - best).abs() / (best.abs() + 1e-10)
    }

    /// The point `worst + factor · (centre of the others − worst)`.
    fn along(&self, worst: usize, factor: f64) -> Vertex {
        let mut point = [0.0; DIMENSIONS];
        for (j, value) in point.iter_mut().enumerate().take(self.n) {
            let others: f64 =
                (0..=self.n).filter(|&i| i != worst).map(|i| self.vertices[i][j]).sum();
            let centre = others / self.n as f64;
            *value = self.vertices[worst][j] + factor * (centre - self.vertices[worst][j]);
        }
        point
    }

    /// One step of the method; returns how often it called `cost`.
    fn move_worst(&mut self, cost: &mut impl FnMut(&Vertex) -> f64) -> usize {
        let (best, worst) = (self.best(), self.worst());
        let reflected = self.along(worst, 2.0);
        let at_reflected = cost(&reflected);
        if at_reflected < self.costs[best] {
            let expanded = self.along(worst, 3.0);
            let at_expanded = cost(&expanded);
            if at_expanded < at_reflected {
                self.replace(worst, expanded, at_expanded);
            } else {
                self.replace(worst, reflected, at_reflected);
            }
            return 2;
        }
        if at_reflected < self.second_worst(worst) {
            self.replace(worst, reflected, at_reflected);
            return 1;
        }
        let factor = if at_reflected < self.costs[worst] { 1.5 } else { 0.5 };
        let contracted = self.along(worst, factor);
        let at_contracted = cost(&contracted);
        if at_contracted < at_reflected.min(self.costs[worst]) {
            self.replace(worst, contracted, at_contracted);
            return 2;
        }
        self.shrink_towards(best, cost);
        2 + self.n
    }

    fn replace(&mut self, i: usize, vertex: Vertex, cost: f64) {
        self.vertices[i] = vertex;
        self.costs[i] = cost;
    }

    fn shrink_towards(&mut self, best: usize, cost: &mut impl FnMut(&Vertex) -> f64) {
        let anchor = self.vertices[best];
        for i in (0..=self.n).filter(|&i| i != best) {
            for (value, towards) in self.vertices[i].iter_mut().zip(anchor) {
                *value = towards + 0.5 * (*value - towards);
            }
            self.costs[i] = cost(&self.vertices[i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_minimum_of_a_bowl() {
        let limit = Limit { evaluations: 400, tolerance: 1e-14 };
        let found = minimise(&[3.0, -2.0, 0.0], &[0.5, 0.5, 0.5], limit, |x| {
            (x[0] - 1.0).powi(2) + 2.0 * (x[1] - 0.5).powi(2) + (x[2] + 4.0).powi(2) + 1.0
        });
        assert!((found[0] - 1.0).abs() < 1e-4, "{found:?}");
        assert!((found[1] - 0.5).abs() < 1e-4, "{found:?}");
        assert!((found[2] + 4.0).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn never_spends_much_more_than_its_limit() {
        let mut calls = 0;
        let limit = Limit { evaluations: 40, tolerance: 0.0 };
        minimise(&[1.0, 1.0, 1.0, 1.0], &[0.1; 4], limit, |x| {
            calls += 1;
            x.iter().map(|v| (v - 7.0).abs()).sum()
        });
        assert!(calls <= 40 + DIMENSIONS + 2, "{calls}");
    }
}
