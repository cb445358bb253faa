//! Placement score: how well a product suits a slot, 0 to 100, and why.
//!
//! Five components add up to the score: visibility of the slot (35 points), match of visibility
//! and the product's worth (40), affinity to neighbours (8), category cluster (9) and
//! temperature (8). A broken hard constraint caps it at 20.

mod board;
mod fit;
mod parts;
mod regret;
mod words;

pub(crate) use board::Indexed;
pub use board::{Board, BoardError, PairScore, Placement, Product, SlotSpec, percentiles};
pub use fit::{Size, Storage, Violation, violations};
pub use parts::{Parts, Scorer};
pub use regret::{Regret, RegretTable};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::zones::Slot;

/// The best that a placement which breaks a hard constraint can score.
pub const REFUSED_CAP: f64 = 20.0;

/// Scores one product in one slot, with reasons; whatever stands in the slot now is put aside.
///
/// ```
/// use engines::score::{score, Board, Colour, Product, SlotSpec};
/// use engines::zones::{heat_map, Layout, Machine};
///
/// let map = heat_map(&Layout::new(Machine::Generic, 5, 8)).unwrap();
/// let products = [("cola", 9.0, 200, 120), ("water", 1.0, 300, 60), ("chips", 4.0, 175, 90)]
///     .map(|(id, units, price, cost)| Product::new(id, id, "any", units, price, cost));
/// let board = Board::new(map, products.to_vec());
/// let placed = score(&board, "cola", "B3".parse().unwrap()).unwrap();
/// assert_eq!(placed.colour, Colour::Green);
/// assert!(placed.summary.contains("eye-level placement for high-velocity product"));
/// ```
///
/// # Errors
/// [`BoardError`] when the board names a slot or product twice or unknown, or the product or slot
/// asked for is not on it.
pub fn score(board: &Board, product: &str, slot: Slot) -> Result<PlacementScore, BoardError> {
    Scorer::new(board)?.explain(product, slot)
}

/// How well a product suits a slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlacementScore {
    /// The product scored.
    pub product_id: String,
    /// The slot scored.
    pub slot: Slot,
    /// 0 to 100: the sum of the points of `reasons`, at most 20 when not `allowed`.
    pub score: f64,
    /// The colour to show it in.
    pub colour: Colour,
    /// That colour as the widget paints it: "#28a745".
    pub hex: String,
    /// Whether every hard constraint holds.
    pub allowed: bool,
    /// What forbids the placement, if anything does.
    pub violations: Vec<Violation>,
    /// The one line to show below the score.
    pub summary: String,
    /// The five components, the most telling one first.
    pub reasons: Vec<Reason>,
    /// What this placement forgoes beside the best plan of the machine, and where the product
    /// would do better; absent until asked for with [`RegretTable`].
    pub regret: Option<Regret>,
}

/// Green from 80, yellow from 60, red below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// 80 to 100.
    Green,
    /// 60 to 79.
    Yellow,
    /// 0 to 59.
    Red,
}

impl Colour {
    /// The colour of a score, taken as it is shown: rounded to a whole number.
    ///
    /// ```
    /// use engines::score::Colour;
    ///
    /// assert_eq!(Colour::of(79.6), Colour::Green);
    /// assert_eq!(Colour::of(59.4).hex(), "#dc3545");
    /// ```
    #[must_use]
    pub fn of(score: f64) -> Self {
        match score.round() {
            s if s >= 80.0 => Self::Green,
            s if s >= 60.0 => Self::Yellow,
            _ => Self::Red,
        }
    }

    /// The colour as the widget paints it.
    #[must_use]
    pub const fn hex(self) -> &'static str {
        match self {
            Self::Green => "#28a745",
            Self::Yellow => "#ffc107",
            Self::Red => "#dc3545",
        }
    }
}

/// One component of a score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Which component.
    pub component: Component,
    /// Points earned.
    pub points: f64,
    /// Points that could be earned.
    pub out_of: f64,
    /// What earned or lost them, with the points: "visibility 100 % of the best slot: 35.0 of 35
    /// points".
    pub text: String,
}

/// The parts that a score is the sum of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// How visible the slot is.
    Visibility,
    /// Whether the slot is as visible as the product deserves.
    Match,
    /// Whether the neighbours sell together with it.
    Affinity,
    /// Whether the neighbours are of its category.
    Cluster,
    /// Whether the slot holds its temperature.
    Temperature,
}

impl Component {
    /// Every component, in the order of [`Parts`].
    pub const ALL: [Self; 5] =
        [Self::Visibility, Self::Match, Self::Affinity, Self::Cluster, Self::Temperature];

    /// Points that it can earn; they add up to 100.
    #[must_use]
    pub const fn out_of(self) -> f64 {
        match self {
            Self::Visibility => 35.0,
            Self::Match => 40.0,
            Self::Affinity | Self::Temperature => 8.0,
            Self::Cluster => 9.0,
        }
    }
}

#[cfg(test)]
mod tests;
