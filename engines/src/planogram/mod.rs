//! Planograms: which product belongs in which slot.
//!
//! Without adjacency a plan is a linear assignment and provably optimal. Adjacency and a limit on
//! moves make it harder: a tabu search improves on the assignment, and an upper bound from
//! Lagrange multipliers says how far from the optimum the result can be at most.

mod assignment;
mod bound;
mod problem;
mod tabu;

pub use assignment::{Assignment, AssignmentError, FORBIDDEN, assign};
pub(crate) use problem::daily_values;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::problem::Problem;
use crate::score::{Board, BoardError, Placement};
use crate::zones::Slot;

/// Returns the best plan found for a board, with a proven bound on what any plan could earn.
///
/// A product in a slot earns its units in an average slot × the slot's sales index × its price
/// or margin; the f-th facing adds `f^0.17 − (f−1)^0.17` of that. Products side by side add
/// `adjacency_percent` × (affinity − 50) / 50 of what the smaller of the two earns in an average
/// slot.
///
/// ```
/// use engines::planogram::{optimise, Wish};
/// use engines::score::{Board, Placement, Product};
/// use engines::zones::{heat_map, Layout, Machine};
///
/// let map = heat_map(&Layout::new(Machine::Generic, 5, 1)).unwrap();
/// let mut board = Board::new(map, vec![
///     Product::new("star", "Star", "soda", 10.0, 200, 100),
///     Product::new("slow", "Slow", "gum", 1.0, 150, 100),
/// ]);
/// let at = |slot: &str, id: &str| Placement { slot: slot.parse().unwrap(), product_id: id.into() };
/// board.placed = vec![at("E1", "star"), at("B1", "slow")];
/// let plan = optimise(&board, &Wish::default()).unwrap();
/// assert_eq!(plan.placed, [at("B1", "star"), at("C1", "slow")]);
/// assert!(plan.gain_percent > 30.0 && plan.gap_percent < 1e-6);
/// ```
///
/// # Errors
/// [`BoardError`] when the board contradicts itself, a locked slot is outside it, or prices are
/// not finite.
pub fn optimise(board: &Board, wish: &Wish) -> Result<Plan, BoardError> {
    let problem = Problem::new(board, wish)?;
    let (start, bound) = bound::solve(&problem, wish.max_moves);
    let best = tabu::improve(&problem, start, wish.max_moves);
    Ok(problem.plan(&best, bound))
}

/// What a plan should earn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Price less cost.
    #[default]
    Margin,
    /// Price.
    Revenue,
}

/// What is asked of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wish {
    /// What to maximise.
    #[serde(default)]
    pub objective: Objective,
    /// Slots that keep what they hold now.
    #[serde(default)]
    pub locked: Vec<Slot>,
    /// The most slots whose product may change; all of them when absent.
    #[serde(default)]
    pub max_moves: Option<u32>,
    /// The most slots that a product may have, 1 to 8.
    pub max_facings: u32,
    /// What full affinity between neighbours adds, percent; 0 ignores neighbours.
    #[serde(default)]
    pub adjacency_percent: f64,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            objective: Objective::Margin,
            locked: Vec::new(),
            max_moves: None,
            max_facings: 1,
            adjacency_percent: 0.0,
        }
    }
}

/// A plan and its proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// What stands where, by slot.
    pub placed: Vec<Placement>,
    /// What the board earns as it stands, cents a day.
    pub current_cents_per_day: f64,
    /// What the plan earns, cents a day.
    pub cents_per_day: f64,
    /// The difference in percent of the current figure.
    pub gain_percent: f64,
    /// No plan that meets the wish earns more than this, cents a day.
    pub bound_cents_per_day: f64,
    /// How far below that bound the plan is, percent; 0 proves it optimal.
    pub gap_percent: f64,
    /// Slots whose product changes, by slot.
    pub moves: Vec<SlotChange>,
}

/// A slot before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SlotChange {
    /// The slot.
    pub slot: Slot,
    /// The product in it now.
    pub before: Option<String>,
    /// The product that the plan puts there.
    pub after: Option<String>,
}

#[cfg(test)]
mod tests;
