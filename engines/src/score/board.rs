//! A machine with what stands in it and what could: the input of a score.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Size, Storage};
use crate::zones::{HeatMap, Slot};

/// A product of the machine's assortment, placed or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Its id.
    pub product_id: String,
    /// Its name, for people.
    pub name: String,
    /// Its category; neighbours of one category make a cluster.
    pub category: String,
    /// Units that it sells a day, where it stands now; in an average slot when it stands nowhere.
    pub units_per_day: f64,
    /// Price of one unit, cents.
    pub price_cents: i64,
    /// Cost of one unit, cents.
    pub cost_cents: i64,
    /// The temperature that it needs.
    #[serde(default)]
    pub storage: Storage,
    /// Weight of one item.
    #[serde(default)]
    pub weight_grams: Option<u32>,
    /// Outer measures of one item.
    #[serde(default)]
    pub size: Option<Size>,
}

impl Product {
    /// A product that suits any slot.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "six fields, in the order of the struct")]
    pub fn new(
        product_id: &str,
        name: &str,
        category: &str,
        units_per_day: f64,
        price_cents: i64,
        cost_cents: i64,
    ) -> Self {
        Self {
            product_id: product_id.to_owned(),
            name: name.to_owned(),
            category: category.to_owned(),
            units_per_day,
            price_cents,
            cost_cents,
            storage: Storage::Any,
            weight_grams: None,
            size: None,
        }
    }

    /// Price less cost of one unit, cents.
    #[must_use]
    pub const fn margin_cents(&self) -> i64 {
        self.price_cents - self.cost_cents
    }
}

/// What a slot can hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlotSpec {
    /// The slot.
    pub slot: Slot,
    /// The temperature that it holds.
    #[serde(default)]
    pub storage: Storage,
    /// The heaviest item that it carries.
    #[serde(default)]
    pub max_item_grams: Option<u32>,
    /// Inner measures; the depth is the pitch of the coil.
    #[serde(default)]
    pub size: Option<Size>,
}

impl SlotSpec {
    /// A slot at room temperature without known limits.
    #[must_use]
    pub const fn new(slot: Slot) -> Self {
        Self { slot, storage: Storage::Any, max_item_grams: None, size: None }
    }
}

/// A product in a slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The slot.
    pub slot: Slot,
    /// The product.
    pub product_id: String,
}

/// A machine with its assortment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Board {
    /// Its zones.
    pub map: HeatMap,
    /// Limits of its slots; a slot left out has none.
    #[serde(default)]
    pub slots: Vec<SlotSpec>,
    /// Every product that stands in it or is considered for it.
    pub products: Vec<Product>,
    /// What stands where.
    #[serde(default)]
    pub placed: Vec<Placement>,
    /// Affinity scores, 0 to 100, of pairs of products; a pair left out has 50 (no effect).
    #[serde(default)]
    pub affinities: Vec<PairScore>,
}

/// The affinity score of two products.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairScore {
    /// One product.
    pub a: String,
    /// The other.
    pub b: String,
    /// 0 to 100; 50 is no effect.
    pub score: f64,
}

/// Why a board cannot be scored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// A product that is not in the assortment.
    #[error("product `{0}` is not in the machine's assortment: add it to `products`")]
    UnknownProduct(String),
    /// A product listed twice.
    #[error("product `{0}` is listed twice: list each product once")]
    RepeatedProduct(String),
    /// A slot that the machine has not.
    #[error("slot `{0}` is outside the machine's grid: use one of its slots")]
    UnknownSlot(Slot),
    /// Two products in one slot, or two limits for it.
    #[error("slot `{0}` is listed twice: list each slot once")]
    RepeatedSlot(Slot),
    /// A velocity or affinity that is negative or not finite.
    #[error("product `{0}` has a negative or infinite figure: give finite figures of 0 or more")]
    Figure(String),
}

/// A board whose names are checked and turned into positions.
pub(crate) struct Indexed<'a> {
    pub(crate) board: &'a Board,
    pub(crate) products: BTreeMap<&'a str, usize>,
    /// One for each zone.
    pub(crate) specs: Vec<SlotSpec>,
    /// The product in each zone.
    pub(crate) occupant: Vec<Option<usize>>,
}

impl Board {
    /// An empty machine without limits.
    #[must_use]
    pub fn new(map: HeatMap, products: Vec<Product>) -> Self {
        Self { map, slots: Vec::new(), products, placed: Vec::new(), affinities: Vec::new() }
    }

    pub(crate) fn indexed(&self) -> Result<Indexed<'_>, BoardError> {
        let products = self.product_positions()?;
        let mut specs: Vec<SlotSpec> =
            self.map.zones.iter().map(|z| SlotSpec::new(z.slot)).collect();
        let mut seen = BTreeSet::new();
        for spec in &self.slots {
            let at = self.position(spec.slot)?;
            if !seen.insert(at) {
                return Err(BoardError::RepeatedSlot(spec.slot));
            }
            specs[at] = spec.clone();
        }
        let mut occupant = vec![None; specs.len()];
        for placement in &self.placed {
            let at = self.position(placement.slot)?;
            let id = placement.product_id.as_str();
            let product = products.get(id).ok_or_else(|| BoardError::UnknownProduct(id.into()))?;
            if occupant[at].replace(*product).is_some() {
                return Err(BoardError::RepeatedSlot(placement.slot));
            }
        }
        Ok(Indexed { board: self, products, specs, occupant })
    }

    fn product_positions(&self) -> Result<BTreeMap<&str, usize>, BoardError> {
        let mut positions = BTreeMap::new();
        for (i, product) in self.products.iter().enumerate() {
            let id = product.product_id.as_str();
            if !product.units_per_day.is_finite() || product.units_per_day < 0.0 {
                return Err(BoardError::Figure(id.to_owned()));
            }
            if positions.insert(id, i).is_some() {
                return Err(BoardError::RepeatedProduct(id.to_owned()));
            }
        }
        Ok(positions)
    }

    fn position(&self, slot: Slot) -> Result<usize, BoardError> {
        self.map.position(slot).ok_or(BoardError::UnknownSlot(slot))
    }
}

impl Indexed<'_> {
    pub(crate) fn product(&self, id: &str) -> Result<usize, BoardError> {
        self.products.get(id).copied().ok_or_else(|| BoardError::UnknownProduct(id.to_owned()))
    }

    pub(crate) fn slot(&self, slot: Slot) -> Result<usize, BoardError> {
        self.board.position(slot)
    }
}

/// Returns the mid-rank of each value among all, between 0 and 1: `(below + equal/2) / n`.
///
/// ```
/// assert_eq!(engines::score::percentiles(&[5.0, 1.0, 5.0, 9.0]), [0.5, 0.125, 0.5, 0.875]);
/// ```
#[must_use]
pub fn percentiles(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let rank = |v: f64| {
        let below = sorted.partition_point(|&x| x < v);
        let up_to = sorted.partition_point(|&x| x <= v);
        (below + up_to) as f64 / 2.0 / n
    };
    values.iter().map(|&v| rank(v)).collect()
}
