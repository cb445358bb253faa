//! Making forecasts of a hierarchy add up: products to categories to plants.
//!
//! The least-squares method weighs each node by the number of leaves under it ("WLS structural",
//! Wickramasuriya, Athanasopoulos & Hyndman, 2019, JASA 114). On a tree it needs no matrix: one
//! pass up combines each node with its children, one pass down hands the difference out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ForecastError;

/// Where the truth is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coherence {
    /// Leaves stand; everything above is their sum.
    BottomUp,
    /// The roots stand; children share in proportion to their own forecasts.
    TopDown,
    /// All nodes speak, weighted by the number of leaves under them.
    LeastSquares,
}

/// A forest of nodes, each with at most one parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    children: Vec<Vec<usize>>,
    roots: Vec<usize>,
    /// Every node after its parent.
    order: Vec<usize>,
}

impl Hierarchy {
    /// Builds a hierarchy from the parent of each node.
    ///
    /// # Errors
    ///
    /// When a parent does not exist or the parents form a cycle.
    pub fn new(parents: &[Option<usize>]) -> Result<Self, ForecastError> {
        let mut children = vec![Vec::new(); parents.len()];
        for (node, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children
                    .get_mut(*parent)
                    .ok_or(ForecastError::Hierarchy("a parent is not a node: give its index"))?
                    .push(node);
            }
        }
        let roots: Vec<usize> = (0..parents.len()).filter(|n| parents[*n].is_none()).collect();
        let mut order = roots.clone();
        let mut next = 0;
        while let Some(&node) = order.get(next) {
            order.extend(&children[node]);
            next += 1;
        }
        if order.len() < parents.len() {
            return Err(ForecastError::Hierarchy("the parents form a cycle: give each node's own"));
        }
        Ok(Self { children, roots, order })
    }
}

/// Adjusts `base` (one forecast a node, all of one length) so that every node is the sum of its
/// children. Linear in the number of nodes.
///
/// # Errors
///
/// When `base` does not have one forecast a node, all of one length.
///
/// ```
/// use engines::forecast::{Coherence, Hierarchy, reconcile};
///
/// let plant = Hierarchy::new(&[None, Some(0), Some(0)])?;
/// let base = [vec![12.0], vec![4.0], vec![5.0]];
/// let coherent = reconcile(&plant, &base, Coherence::LeastSquares)?;
/// assert!((coherent[0][0] - coherent[1][0] - coherent[2][0]).abs() < 1e-12);
/// # Ok::<(), engines::forecast::ForecastError>(())
/// ```
pub fn reconcile(
    hierarchy: &Hierarchy,
    base: &[Vec<f64>],
    coherence: Coherence,
) -> Result<Vec<Vec<f64>>, ForecastError> {
    let horizon = base.first().map_or(0, Vec::len);
    if base.len() != hierarchy.children.len() || base.iter().any(|f| f.len() != horizon) {
        return Err(ForecastError::Hierarchy("give one forecast a node, all of one length"));
    }
    let mut coherent = vec![vec![0.0; horizon]; base.len()];
    for h in 0..horizon {
        let step: Vec<f64> = base.iter().map(|f| f[h]).collect();
        let adjusted = match coherence {
            Coherence::BottomUp => hierarchy.sum_up(step),
            Coherence::TopDown => hierarchy.share_out(&step),
            Coherence::LeastSquares => hierarchy.least_squares(&step),
        };
        for (node, value) in adjusted.into_iter().enumerate() {
            coherent[node][h] = value;
        }
    }
    Ok(coherent)
}

impl Hierarchy {
    fn sum_up(&self, mut values: Vec<f64>) -> Vec<f64> {
        for &node in self.order.iter().rev() {
            if !self.children[node].is_empty() {
                values[node] = self.children[node].iter().map(|c| values[*c]).sum();
            }
        }
        values
    }

    fn share_out(&self, base: &[f64]) -> Vec<f64> {
        let mut values = base.to_vec();
        for &node in &self.order {
            let children = &self.children[node];
            let total: f64 = children.iter().map(|c| base[*c]).sum();
            for &child in children {
                let even = 1.0 / children.len() as f64;
                let share = if total == 0.0 { even } else { base[child] / total };
                values[child] = values[node] * share;
            }
        }
        values
    }

    /// Up: the best estimate of each node from itself and everything below, with its variance.
    /// Down: what the parent's final value differs from its children's sum is handed out by variance.
    fn least_squares(&self, base: &[f64]) -> Vec<f64> {
        let n = base.len();
        let (mut leaves, mut best, mut variance) = (vec![1.0; n], base.to_vec(), vec![1.0; n]);
        for &node in self.order.iter().rev() {
            let children = &self.children[node];
            if children.is_empty() {
                continue;
            }
            leaves[node] = children.iter().map(|c| leaves[*c]).sum();
            let below: f64 = children.iter().map(|c| best[*c]).sum();
            let spread: f64 = children.iter().map(|c| variance[*c]).sum();
            let weight = spread / (spread + leaves[node]);
            best[node] = below + weight * (base[node] - below);
            variance[node] = (1.0 - weight) * spread;
        }
        let mut values = best.clone();
        for &node in &self.order {
            let children = &self.children[node];
            let below: f64 = children.iter().map(|c| best[*c]).sum();
            let spread: f64 = children.iter().map(|c| variance[*c]).sum();
            for &child in children {
                values[child] = best[child] + (values[node] - below) * variance[child] / spread;
            }
        }
        debug_assert!(self.roots.iter().all(|r| (values[*r] - best[*r]).abs() < 1e-9));
        values
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree() -> Hierarchy {
        Hierarchy::new(&[None, Some(0), Some(0), Some(1), Some(1), Some(1), Some(2)]).unwrap()
    }

    /// One parent, two leaves: minimise (p−12)²/2 + (a−4)² + (b−5)² with p = a + b; each leaf gets
    /// a quarter… of the gap of 3 times its variance: a = 4.75, b = 5.75, p = 10.5.
    #[test]
    fn matches_the_normal_equations() {
        let family = Hierarchy::new(&[None, Some(0), Some(0)]).unwrap();
        let base = [vec![12.0], vec![4.0], vec![5.0]];
        let found = reconcile(&family, &base, Coherence::LeastSquares).unwrap();
        for (found, exact) in found.iter().zip([10.5, 4.75, 5.75]) {
            assert!((found[0] - exact).abs() < 1e-12, "{found:?} {exact}");
        }
    }

    #[test]
    fn bottom_up_keeps_leaves_and_top_down_keeps_roots() {
        let base: Vec<Vec<f64>> = (0..7).map(|i| vec![10.0 + f64::from(i)]).collect();
        let up = reconcile(&tree(), &base, Coherence::BottomUp).unwrap();
        assert!((up[3][0] - 13.0).abs() < 1e-12 && (up[0][0] - 58.0).abs() < 1e-12, "{up:?}");
        let down = reconcile(&tree(), &base, Coherence::TopDown).unwrap();
        assert!((down[0][0] - 10.0).abs() < 1e-12, "{down:?}");
    }

    #[test]
    fn broken_hierarchies_are_refused() {
        assert!(Hierarchy::new(&[Some(1), Some(0)]).is_err());
        assert!(Hierarchy::new(&[None, Some(9)]).is_err());
        assert!(reconcile(&tree(), &[vec![1.0]], Coherence::BottomUp).is_err());
    }

    proptest! {
        #[test]
        fn parts_sum_to_their_total(base in prop::collection::vec(0.0_f64..1e4, 7)) {
            let base: Vec<Vec<f64>> = base.into_iter().map(|v| vec![v]).collect();
            for coherence in [Coherence::BottomUp, Coherence::TopDown, Coherence::LeastSquares] {
                let v = reconcile(&tree(), &base, coherence).unwrap();
                prop_assert!((v[0][0] - v[1][0] - v[2][0]).abs() < 1e-6);
                prop_assert!((v[1][0] - v[3][0] - v[4][0] - v[5][0]).abs() < 1e-6);
                prop_assert!((v[2][0] - v[6][0]).abs() < 1e-6);
            }
        }

        #[test]
        fn coherent_forecasts_stay(leaves in prop::collection::vec(0.0_f64..1e4, 4)) {
            let base = [0.0, 0.0, 0.0, leaves[0], leaves[1], leaves[2], leaves[3]];
            let base: Vec<Vec<f64>> = tree().sum_up(base.to_vec()).into_iter().map(|v| vec![v]).collect();
            let again = reconcile(&tree(), &base, Coherence::LeastSquares).unwrap();
            for (a, b) in base.iter().zip(&again) {
                prop_assert!((a[0] - b[0]).abs() < 1e-6);
            }
        }
    }
}
