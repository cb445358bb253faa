//! A board as a matrix: slots by copies of products, a copy for each facing.

use super::{FORBIDDEN, Objective, Plan, SlotChange, Wish};
use crate::revenue::FACING_ELASTICITY;
use crate::score::{Board, BoardError, Placement, Scorer};

/// The most facings of a product.
const MAX_FACINGS: u32 = 8;

/// Which copy each slot holds; `None` is an empty slot.
pub(super) type Layout = Vec<Option<usize>>;

/// What a plan is chosen from.
pub(super) struct Problem<'a> {
    board: &'a Board,
    pub(super) slots: usize,
    /// The product of each copy, and which facing of it the copy is, from 0.
    pub(super) copies: Vec<(usize, usize)>,
    /// Slot by copy, cents a day.
    pub(super) value: Vec<f64>,
    /// Slots beside each slot.
    pub(super) beside: Vec<Vec<usize>>,
    /// Product by product: cents a day for standing side by side; empty when ignored.
    pub(super) bonus: Vec<f64>,
    /// What the board holds now.
    pub(super) current: Layout,
    pub(super) locked: Vec<bool>,
}

/// Cents a day of each product in each slot with one facing; [`FORBIDDEN`] where a constraint is
/// broken.
pub(crate) fn daily_values(scorer: &Scorer<'_>, objective: Objective) -> Vec<f64> {
    let board = scorer.indexed.board;
    let mut table = Vec::with_capacity(board.products.len() * board.map.zones.len());
    for (p, average) in averages(scorer, objective).into_iter().enumerate() {
        table.extend(board.map.zones.iter().enumerate().map(|(s, zone)| {
            if scorer.parts(p, s).allowed { average * zone.sales_index } else { FORBIDDEN }
        }));
    }
    table
}

/// Cents a day of each product with one facing in an average slot.
fn averages(scorer: &Scorer<'_>, objective: Objective) -> Vec<f64> {
    let board = scorer.indexed.board;
    let mut index = vec![(0.0, 0.0); board.products.len()];
    for (zone, occupant) in board.map.zones.iter().zip(&scorer.indexed.occupant) {
        if let Some(p) = *occupant {
            index[p].0 += zone.sales_index;
            index[p].1 += 1.0;
        }
    }
    let units = board.products.iter().zip(index).map(|(product, (sum, facings))| {
        let here =
            if facings > 0.0 { sum / facings * facings.powf(FACING_ELASTICITY) } else { 1.0 };
        let money = match objective {
            Objective::Margin => product.margin_cents(),
            Objective::Revenue => product.price_cents,
        };
        product.units_per_day / here * money as f64
    });
    units.collect()
}

/// What facing `f`, from 0, adds to sales, as a share of the first.
fn facing_share(f: usize) -> f64 {
    let upto = |n: usize| if n == 0 { 0.0 } else { (n as f64).powf(FACING_ELASTICITY) };
    upto(f + 1) - upto(f)
}

impl<'a> Problem<'a> {
    pub(super) fn new(board: &'a Board, wish: &Wish) -> Result<Self, BoardError> {
        let scorer = Scorer::new(board)?;
        let (products, slots) = (board.products.len(), board.map.zones.len());
        let mut locked = vec![false; slots];
        for &slot in &wish.locked {
            locked[scorer.indexed.slot(slot)?] = true;
        }
        let mut held = vec![0; products];
        scorer.indexed.occupant.iter().flatten().for_each(|&p| held[p] += 1);
        let facings = wish.max_facings.clamp(1, MAX_FACINGS) as usize;
        let copies: Vec<(usize, usize)> =
            (0..products).flat_map(|p| (0..facings.max(held[p])).map(move |f| (p, f))).collect();
        let mut problem = Self {
            board,
            slots,
            value: values(&scorer, wish, &copies, &locked),
            beside: beside(board),
            bonus: bonuses(&scorer, wish),
            current: Vec::new(),
            copies,
            locked,
        };
        problem.current = problem.numbered(&scorer.indexed.occupant);
        Ok(problem)
    }

    pub(super) fn value_of(&self, slot: usize, copy: Option<usize>) -> f64 {
        copy.map_or(0.0, |c| self.value[slot * self.copies.len() + c])
    }

    pub(super) fn bonus_of(&self, a: Option<usize>, b: Option<usize>) -> f64 {
        match (a, b) {
            (Some(a), Some(b)) if !self.bonus.is_empty() => {
                self.bonus[self.copies[a].0 * self.board.products.len() + self.copies[b].0]
            }
            _ => 0.0,
        }
    }

    /// Whether the slot holds another product than now; facings of a product are alike.
    pub(super) fn changes(&self, slot: usize, copy: Option<usize>) -> bool {
        let product = |c: Option<usize>| c.map(|c| self.copies[c].0);
        product(copy) != product(self.current[slot])
    }

    pub(super) fn total(&self, layout: &Layout) -> f64 {
        let alone: f64 = (0..self.slots).map(|s| self.value_of(s, layout[s])).sum();
        let pairs = (0..self.slots)
            .flat_map(|s| self.beside[s].iter().filter(move |&&t| t > s).map(move |&t| (s, t)));
        alone + pairs.map(|(s, t)| self.bonus_of(layout[s], layout[t])).sum::<f64>()
    }

    /// Gives the slots of each product its copies, the first facing to the best slot.
    fn numbered(&self, occupant: &[Option<usize>]) -> Layout {
        let mut order: Vec<usize> = (0..self.slots).collect();
        let index = |s: usize| self.board.map.zones[s].sales_index;
        order.sort_by(|&a, &b| index(b).total_cmp(&index(a)).then(a.cmp(&b)));
        let mut next = vec![0; self.board.products.len()];
        let mut layout = vec![None; self.slots];
        for s in order {
            let Some(p) = occupant[s] else { continue };
            layout[s] = self.copies.iter().position(|&copy| copy == (p, next[p]));
            next[p] += 1;
        }
        layout
    }

    pub(super) fn plan(&self, layout: &Layout, bound: f64) -> Plan {
        let now = self.total(&self.current);
        let then = self.total(layout);
        let id = |copy: Option<usize>| {
            copy.map(|c| self.board.products[self.copies[c].0].product_id.clone())
        };
        let slot = |s: usize| self.board.map.zones[s].slot;
        let placed = (0..self.slots).filter_map(|s| {
            id(layout[s]).map(|product_id| Placement { slot: slot(s), product_id })
        });
        let moved = (0..self.slots).filter(|&s| self.changes(s, layout[s]));
        let moves = moved.map(|s| SlotChange {
            slot: slot(s),
            before: id(self.current[s]),
            after: id(layout[s]),
        });
        let share = |part: f64, of: f64| if of > 0.0 { 100.0 * part / of } else { 0.0 };
        let bound = bound.max(then);
        Plan {
            current_cents_per_day: now,
            cents_per_day: then,
            gain_percent: share(then - now, now),
            bound_cents_per_day: bound,
            gap_percent: share(bound - then, bound),
            placed: placed.collect(),
            moves: moves.collect(),
        }
    }
}

fn values(
    scorer: &Scorer<'_>,
    wish: &Wish,
    copies: &[(usize, usize)],
    locked: &[bool],
) -> Vec<f64> {
    let zones = &scorer.indexed.board.map.zones;
    let averages = averages(scorer, wish.objective);
    let shares: Vec<f64> = (0..=zones.len().max(MAX_FACINGS as usize)).map(facing_share).collect();
    let mut table = Vec::with_capacity(zones.len() * copies.len());
    for (s, zone) in zones.iter().enumerate() {
        for &(p, f) in copies {
            // What stands in a slot may stay there, even where it could not be placed anew.
            let holds = scorer.indexed.occupant[s] == Some(p);
            let open = if locked[s] { holds } else { holds || scorer.parts(p, s).allowed };
            let earns = averages[p] * zone.sales_index * shares[f];
            table.push(if open { earns } else { FORBIDDEN });
        }
    }
    table
}

fn beside(board: &Board) -> Vec<Vec<usize>> {
    let zones = &board.map.zones;
    let near = |s: usize| {
        (0..zones.len()).filter(|&t| zones[t].slot.distance(zones[s].slot) == 1).collect()
    };
    (0..zones.len()).map(near).collect()
}

fn bonuses(scorer: &Scorer<'_>, wish: &Wish) -> Vec<f64> {
    if wish.adjacency_percent == 0.0 {
        return Vec::new();
    }
    let worth = averages(scorer, wish.objective);
    let n = worth.len();
    let bonus = |a: usize, b: usize| {
        let affinity = 2.0 * scorer.affinity_of(a, b) - 1.0;
        let smaller = worth[a].min(worth[b]).max(0.0);
        if a == b { 0.0 } else { wish.adjacency_percent / 100.0 * affinity * smaller }
    };
    (0..n * n).map(|at| bonus(at / n, at % n)).collect()
}
