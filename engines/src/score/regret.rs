//! What a placement forgoes, in money a day, beside the best plan of the machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Board, BoardError, Scorer};
use crate::planogram::{self, AssignmentError, Objective};
use crate::zones::Slot;

/// What a placement forgoes, and where the product would do better.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Regret {
    /// Margin forgone, cents a day: what the machine's best plan earns beyond the best plan that
    /// keeps this product in this slot, at the margin (the reduced cost of the pair). 0 where the
    /// placement belongs to a best plan.
    pub cents_per_day: f64,
    /// The product's slot in the best plan; absent when that plan leaves it out.
    pub best_slot: Option<Slot>,
}

/// Regrets of every product in every slot of a board.
pub struct RegretTable<'a> {
    scorer: Scorer<'a>,
    slots: usize,
    /// Product by slot, cents a day; infinite where not allowed.
    cents: Vec<f64>,
    best: Vec<Option<Slot>>,
}

impl<'a> RegretTable<'a> {
    /// Finds the best plan of the board (each product once, each slot at most once; margin a day
    /// of a product in a slot is its units in an average slot × the slot's sales index × its
    /// margin) and prices every other placement against it.
    ///
    /// ```
    /// use engines::score::{Board, Product, RegretTable};
    /// use engines::zones::{heat_map, Layout, Machine};
    ///
    /// let map = heat_map(&Layout::new(Machine::Generic, 5, 1)).unwrap();
    /// let star = Product::new("star", "Star", "drink", 10.0, 200, 100);
    /// let board = Board::new(map, vec![star]);
    /// let table = RegretTable::new(&board).unwrap();
    /// assert_eq!(table.regret("star", "B1".parse().unwrap()).unwrap().unwrap().cents_per_day, 0.0);
    /// assert!(table.regret("star", "E1".parse().unwrap()).unwrap().unwrap().cents_per_day > 200.0);
    /// ```
    ///
    /// # Errors
    /// [`BoardError`] as for [`Scorer::new`].
    pub fn new(board: &'a Board) -> Result<Self, BoardError> {
        let scorer = Scorer::new(board)?;
        let (products, slots) = (board.products.len(), board.map.zones.len());
        let profit = planogram::daily_values(&scorer, Objective::Margin);
        // Each product may also stay out: a column of its own that earns nothing.
        let columns = slots + products;
        let mut padded = vec![0.0; products * columns];
        for (row, margins) in padded.chunks_mut(columns.max(1)).zip(profit.chunks(slots.max(1))) {
            row[..slots].copy_from_slice(margins);
        }
        let plan = match planogram::assign(products, &padded) {
            Ok(plan) => plan,
            Err(AssignmentError::Profit) => return Err(BoardError::Figure("margin".to_owned())),
            Err(AssignmentError::Shape { .. } | AssignmentError::Infeasible(_)) => {
                unreachable!("each product has a column of its own")
            }
        };
        let cents = (0..products * slots)
            .map(|at| plan.row_price[at / slots] + plan.column_price[at % slots] - profit[at])
            .map(|reduced| reduced.max(0.0));
        let cents = cents.collect();
        let best = plan.column.iter().map(|&c| board.map.zones.get(c).map(|z| z.slot)).collect();
        Ok(Self { scorer, slots, cents, best })
    }

    /// The regret of a product in a slot; `None` where a constraint forbids the placement.
    ///
    /// # Errors
    /// [`BoardError`] when the board has no such product or slot.
    pub fn regret(&self, product: &str, slot: Slot) -> Result<Option<Regret>, BoardError> {
        let (p, s) = (self.scorer.indexed.product(product)?, self.scorer.indexed.slot(slot)?);
        let cents_per_day = self.cents[p * self.slots + s];
        let found = Regret { cents_per_day, best_slot: self.best[p] };
        Ok(cents_per_day.is_finite().then_some(found))
    }

    /// Scores a product in a slot, with reasons and regret.
    ///
    /// # Errors
    /// [`BoardError`] when the board has no such product or slot.
    pub fn score(&self, product: &str, slot: Slot) -> Result<super::PlacementScore, BoardError> {
        let mut placed = self.scorer.explain(product, slot)?;
        placed.regret = self.regret(product, slot)?;
        Ok(placed)
    }
}
