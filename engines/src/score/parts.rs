//! The arithmetic of a score, on tables prepared once for a board.

use super::board::Indexed;
use super::{Board, BoardError, Component, PlacementScore, REFUSED_CAP, percentiles, violations};
use crate::zones::Slot;

/// Points of the five components, in the order of [`Component::ALL`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Points earned by each component.
    pub points: [f64; 5],
    /// Whether every hard constraint holds.
    pub allowed: bool,
}

impl Parts {
    /// The score: the sum of the points, at most 20 when a constraint is broken.
    #[must_use]
    pub fn score(&self) -> f64 {
        let sum = self.points.iter().sum::<f64>();
        if self.allowed { sum } else { sum.min(REFUSED_CAP) }
    }
}

/// Scores any product in any slot of one board, without allocating.
pub struct Scorer<'a> {
    pub(crate) indexed: Indexed<'a>,
    pub(super) velocity: Vec<f64>,
    pub(super) margin: Vec<f64>,
    visibility: Vec<f64>,
    value: Vec<f64>,
    category: Vec<u32>,
    neighbours: Vec<[u32; 4]>,
    /// Product by product, 0 to 1.
    affinity: Vec<f32>,
    /// Product by slot: how well the temperature suits, negative when a constraint is broken.
    suits: Vec<f32>,
}

/// Marks a missing neighbour.
const NOBODY: u32 = u32::MAX;

/// What a context without neighbours counts as, between poor (.4) and good (.9): one swallow of
/// context moves a score by a few points, never from one colour to the far one.
const NO_CONTEXT: f64 = 0.6;

/// Visibility of a slot from its heat: nothing at 30 % of the best slot, all at 100 %.
fn visibility(heat: f64) -> f64 {
    ((heat - 30.0) / 70.0).clamp(0.0, 1.0)
}

/// What a product deserves, 0 to 1: mostly the better of its velocity and margin percentiles.
fn worth(velocity: f64, margin: f64) -> f64 {
    0.8 * velocity.max(margin) + 0.2 * velocity.min(margin)
}

/// 1 when a slot is exactly as visible as the product deserves; a star that is hidden loses more
/// than a slow product that is shown.
fn matching(value: f64, visibility: f64) -> f64 {
    let gap = value - visibility;
    let loss = if gap > 0.0 { 1.15 * gap } else { 0.8 * -gap };
    (1.0 - loss).clamp(0.0, 1.0)
}

impl<'a> Scorer<'a> {
    /// Prepares the tables of a board.
    ///
    /// # Errors
    /// [`BoardError`] when the board names something twice, unknown or not finite.
    pub fn new(board: &'a Board) -> Result<Self, BoardError> {
        let indexed = board.indexed()?;
        let units: Vec<f64> = board.products.iter().map(|p| p.units_per_day).collect();
        let margins: Vec<f64> = board.products.iter().map(|p| p.margin_cents() as f64).collect();
        let (velocity, margin) = (percentiles(&units), percentiles(&margins));
        let value = velocity.iter().zip(&margin).map(|(&v, &m)| worth(v, m)).collect();
        Ok(Self {
            visibility: board.map.zones.iter().map(|z| visibility(z.heat)).collect(),
            value,
            category: categories(board),
            neighbours: neighbours(board),
            affinity: affinities(&indexed)?,
            suits: suitability(&indexed),
            indexed,
            velocity,
            margin,
        })
    }

    /// Scores product `product` in zone `slot`, both by their position in the board.
    ///
    /// # Panics
    /// When a position is outside the board.
    #[must_use]
    pub fn parts(&self, product: usize, slot: usize) -> Parts {
        let visibility = self.visibility[slot];
        let (affinity, cluster) = self.context(product, slot);
        let suits = f64::from(self.suits[product * self.visibility.len() + slot]);
        let shares = [
            visibility,
            matching(self.value[product], visibility),
            affinity,
            cluster,
            suits.max(0.0),
        ];
        let mut points = [0.0; 5];
        for ((point, share), component) in points.iter_mut().zip(shares).zip(Component::ALL) {
            *point = component.out_of() * share;
        }
        Parts { points, allowed: suits >= 0.0 }
    }

    /// Scores every product in every slot: `rows` are products, columns zones.
    #[must_use]
    pub fn matrix(&self) -> Vec<f64> {
        let slots = 0..self.visibility.len();
        let pairs = (0..self.value.len()).flat_map(|p| slots.clone().map(move |s| (p, s)));
        pairs.map(|(p, s)| self.parts(p, s).score()).collect()
    }

    /// Scores a product in a slot with its reasons.
    ///
    /// # Errors
    /// [`BoardError`] when the board has no such product or slot.
    pub fn explain(&self, product: &str, slot: Slot) -> Result<PlacementScore, BoardError> {
        let (p, s) = (self.indexed.product(product)?, self.indexed.slot(slot)?);
        let broken = violations(&self.indexed.board.products[p], &self.indexed.specs[s]);
        Ok(super::words::explain(self, (p, s), broken))
    }

    pub(super) fn visibility_of(&self, slot: usize) -> f64 {
        self.visibility[slot]
    }

    pub(super) fn value_of(&self, product: usize) -> f64 {
        self.value[product]
    }

    /// Shares of the affinity and cluster components, from the products beside the slot.
    fn context(&self, product: usize, slot: usize) -> (f64, f64) {
        let (mut affinity, mut alike, mut count) = (0.0, 0.0, 0.0);
        for &beside in &self.neighbours[slot] {
            let Some(Some(other)) = self.indexed.occupant.get(beside as usize) else { continue };
            if *other == product {
                continue;
            }
            affinity += f64::from(self.affinity[product * self.value.len() + other]);
            alike += f64::from(u8::from(self.category[*other] == self.category[product]));
            count += 1.0;
        }
        if count == 0.0 {
            return (NO_CONTEXT, NO_CONTEXT);
        }
        (0.4 + 0.5 * affinity / count, 0.4 + 0.5 * alike / count)
    }

    /// Ids of the products beside a slot, for the wording.
    pub(super) fn beside(&self, product: usize, slot: usize) -> Vec<usize> {
        let beside = self.neighbours[slot].iter();
        let occupants = beside.filter_map(|&b| *self.indexed.occupant.get(b as usize)?);
        occupants.filter(|&other| other != product).collect()
    }

    pub(crate) fn affinity_of(&self, a: usize, b: usize) -> f64 {
        f64::from(self.affinity[a * self.value.len() + b])
    }
}

/// Category of each product as a number.
fn categories(board: &Board) -> Vec<u32> {
    let mut names: Vec<&str> = board.products.iter().map(|p| p.category.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let number = |c: &str| names.binary_search(&c).map_or(NOBODY, |i| i as u32);
    board.products.iter().map(|p| number(&p.category)).collect()
}

/// Zones left of, right of, above and below each zone.
fn neighbours(board: &Board) -> Vec<[u32; 4]> {
    let at = |row: Option<u8>, column: Option<u8>| {
        let slot = row.zip(column).map(|(r, c)| Slot::at(r, c));
        slot.and_then(|s| board.map.position(s)).map_or(NOBODY, |i| i as u32)
    };
    let around = |slot: Slot| {
        let (r, c) = (slot.row(), slot.column());
        [
            at(Some(r), c.checked_sub(1)),
            at(Some(r), c.checked_add(1)),
            at(r.checked_sub(1), Some(c)),
            at(r.checked_add(1), Some(c)),
        ]
    };
    board.map.zones.iter().map(|z| around(z.slot)).collect()
}

fn affinities(indexed: &Indexed<'_>) -> Result<Vec<f32>, BoardError> {
    let n = indexed.board.products.len();
    let mut table = vec![0.5; n * n];
    // Pairs mostly come grouped by one of their products, so the last look-up is kept.
    let (mut last, mut number) = ("", None);
    for pair in &indexed.board.affinities {
        let a = indexed.product(&pair.a)?;
        let b = match number {
            Some(b) if last == pair.b => b,
            _ => indexed.product(&pair.b)?,
        };
        (last, number) = (&pair.b, Some(b));
        if !(0.0..=100.0).contains(&pair.score) {
            return Err(BoardError::Figure(pair.a.clone()));
        }
        let share = (pair.score / 100.0) as f32;
        table[a * n + b] = share;
        table[b * n + a] = share;
    }
    Ok(table)
}

fn suitability(indexed: &Indexed<'_>) -> Vec<f32> {
    let products = indexed.board.products.iter();
    let pairs = products.flat_map(|p| indexed.specs.iter().map(move |s| (p, s)));
    pairs
        .map(|(product, spec)| {
            if violations(product, spec).is_empty() {
                product.storage.suits(spec.storage) as f32
            } else {
                -1.0
            }
        })
        .collect()
}
