//! What a change of planogram does to a machine's daily revenue.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effect::{BreakEven, Direction, Effect, Interval, Moved, probability_positive};
use super::response::{mean_log, shelf_effect};
use crate::zones::{HeatMap, Slot};

/// Predicts a machine's daily revenue after a change of planogram.
///
/// Each product's units scale with the sales index of its slots and the number of its facings;
/// 10 % of what it gains is taken from, and of what it loses is won by, the rest of its category.
/// The interval is `1.96 σ` with `σ² = base² + common² + own²`: the noise of the baseline, the
/// error of the position elasticity (which all moves share, so it adds up), and 10 % noise of its
/// own for each moved product.
///
/// ```
/// use engines::revenue::{predict_change, BreakEven, Change, Line};
/// use engines::zones::{heat_map, Layout, Machine};
///
/// let map = heat_map(&Layout::new(Machine::Generic, 5, 8)).unwrap();
/// let (b3, e3) = ("B3".parse().unwrap(), "E3".parse().unwrap());
/// let star = Line::moved("star", "soda", 10.0, 200, (e3, b3));
/// let slow = Line::moved("slow", "gum", 1.0, 200, (b3, e3));
/// let effect = predict_change(&Change::new(map, vec![star, slow])).unwrap();
/// assert_eq!(effect.current_cents_per_day, 2_200);
/// assert!(effect.change_percent > 30.0);
/// assert_eq!(effect.break_even, BreakEven::Immediate);
/// ```
///
/// # Errors
/// [`ChangeError`] when a slot is outside the grid or given to two products, a product is listed
/// twice, or a figure is negative or not finite.
pub fn predict_change(change: &Change) -> Result<Effect, ChangeError> {
    change.check()?;
    let scale: f64 = change.factors.iter().map(|f| f.multiplier).product();
    let moves = change.lines.iter().map(|line| Move::of(change, line, scale));
    let moves: Vec<Move> = moves.collect::<Result<_, _>>()?;
    Ok(Effect::new(change, &moves))
}

/// A machine before and after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The machine's zones.
    pub map: HeatMap,
    /// Every product that stands in it before or after.
    pub lines: Vec<Line>,
    /// Season, weekday, location and the like: each multiplies revenue before and after.
    #[serde(default)]
    pub factors: Vec<Factor>,
    /// Standard error of the baseline, as a share of revenue; see
    /// [`baseline_sigma`](super::baseline_sigma).
    pub baseline_sigma: f64,
    /// Widens or narrows the interval so that it held for past predictions; 1 to leave it; see
    /// [`conformal_scale`](super::conformal_scale).
    pub interval_scale: f64,
    /// What making the change costs once, cents.
    #[serde(default)]
    pub one_off_cost_cents: i64,
}

/// One product before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// The product.
    pub product_id: String,
    /// Its category.
    pub category: String,
    /// Units a day where it stands now; in one average slot when it stands nowhere yet.
    pub units_per_day: f64,
    /// Price of a unit, cents.
    pub price_cents: i64,
    /// Cost of a unit, cents.
    pub cost_cents: i64,
    /// Its slots now.
    #[serde(default)]
    pub before: Vec<Slot>,
    /// Its slots after the change.
    #[serde(default)]
    pub after: Vec<Slot>,
}

/// Something that lifts or lowers the whole machine's sales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Factor {
    /// What it is: "season", "weekday", "location".
    pub name: String,
    /// What it multiplies sales by.
    pub multiplier: f64,
}

/// Why a change cannot be predicted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// A slot that the machine has not.
    #[error("slot `{0}` is outside the machine's grid: use one of its slots")]
    UnknownSlot(Slot),
    /// Two products in one slot.
    #[error("slot `{0}` holds two products at once: give each slot one product")]
    SharedSlot(Slot),
    /// A product listed twice.
    #[error("product `{0}` is listed twice: list it once with all of its slots")]
    RepeatedProduct(String),
    /// A figure that is negative or not finite.
    #[error("`{0}` is negative or not a finite number: give a finite figure of 0 or more")]
    Figure(String),
}

/// Standard error of the position elasticity of .45.
const ELASTICITY_ERROR: f64 = 0.12;

/// Share of a gain that is taken from the rest of the category.
const DIVERSION: f64 = 0.10;

/// Noise of one moved product's own response.
const OWN_NOISE: f64 = 0.10;

const Z_95: f64 = 1.96;

/// How many moved products are named in [`Effect::largest`].
const NAMED: usize = 5;

impl Change {
    /// A change without factors or cost, at the usual noise of a machine's baseline.
    #[must_use]
    pub fn new(map: HeatMap, lines: Vec<Line>) -> Self {
        Self {
            map,
            lines,
            factors: Vec::new(),
            baseline_sigma: super::BASELINE_SIGMA,
            interval_scale: 1.0,
            one_off_cost_cents: 0,
        }
    }

    fn check(&self) -> Result<(), ChangeError> {
        let figure = |name: &str, value: f64| {
            let fine = value.is_finite() && value >= 0.0;
            if fine { Ok(()) } else { Err(ChangeError::Figure(name.to_owned())) }
        };
        figure("baseline_sigma", self.baseline_sigma)?;
        figure("interval_scale", self.interval_scale)?;
        figure("one_off_cost_cents", self.one_off_cost_cents as f64)?;
        self.factors.iter().try_for_each(|f| figure(&f.name, f.multiplier))?;
        let mut seen = BTreeSet::new();
        for line in &self.lines {
            figure(&line.product_id, line.units_per_day)?;
            figure(&line.product_id, line.price_cents as f64)?;
            if !seen.insert(&line.product_id) {
                return Err(ChangeError::RepeatedProduct(line.product_id.clone()));
            }
        }
        alone(self.lines.iter().flat_map(|l| &l.before))?;
        alone(self.lines.iter().flat_map(|l| &l.after))
    }
}

fn alone<'a>(slots: impl Iterator<Item = &'a Slot>) -> Result<(), ChangeError> {
    let mut seen = BTreeSet::new();
    for &slot in slots {
        if !seen.insert(slot) {
            return Err(ChangeError::SharedSlot(slot));
        }
    }
    Ok(())
}

impl Line {
    /// A product that moves from one slot to another, at no cost of goods.
    #[must_use]
    pub fn moved(
        product_id: &str,
        category: &str,
        units_per_day: f64,
        price_cents: i64,
        (before, after): (Slot, Slot),
    ) -> Self {
        Self {
            product_id: product_id.to_owned(),
            category: category.to_owned(),
            units_per_day,
            price_cents,
            cost_cents: 0,
            before: vec![before],
            after: vec![after],
        }
    }

    fn stays(&self) -> bool {
        let sorted = |slots: &[Slot]| slots.iter().copied().collect::<BTreeSet<_>>();
        sorted(&self.before) == sorted(&self.after)
    }
}

/// A line's figures, cents a day.
struct Move<'a> {
    line: &'a Line,
    before: f64,
    after: f64,
    margin_share: f64,
    /// Error of the revenue after that the position elasticity brings in, as a multiple of its
    /// own error.
    leverage: f64,
    moved: bool,
}

impl<'a> Move<'a> {
    fn of(change: &Change, line: &'a Line, scale: f64) -> Result<Self, ChangeError> {
        let (from, to) =
            (shelf_effect(&change.map, &line.before)?, shelf_effect(&change.map, &line.after)?);
        let revenue = line.units_per_day * line.price_cents as f64 * scale;
        let (before, after) = if line.before.is_empty() {
            (0.0, revenue * to)
        } else if line.stays() {
            (revenue, revenue)
        } else {
            (revenue, revenue * to / from)
        };
        let from_log =
            if line.before.is_empty() { 0.0 } else { mean_log(&change.map, &line.before) };
        let leverage = after * (mean_log(&change.map, &line.after) - from_log).abs();
        let margin_share = match line.price_cents {
            0 => 0.0,
            price => (price - line.cost_cents) as f64 / price as f64,
        };
        Ok(Self { line, before, after, margin_share, leverage, moved: !line.stays() })
    }

    fn gain(&self) -> f64 {
        self.after - self.before
    }
}

/// Revenue and margin gained after diversion within categories.
fn net_gain(moves: &[Move<'_>]) -> (f64, f64) {
    let mut size: BTreeMap<&str, u32> = BTreeMap::new();
    for m in moves {
        *size.entry(&m.line.category).or_default() += 1;
    }
    let keeps = |m: &Move<'_>| {
        let alone = size.get(m.line.category.as_str()) == Some(&1);
        if alone { 1.0 } else { 1.0 - DIVERSION }
    };
    moves.iter().fold((0.0, 0.0), |(revenue, margin), m| {
        let gain = m.gain() * keeps(m);
        (revenue + gain, margin + gain * m.margin_share)
    })
}

impl Effect {
    fn new(change: &Change, moves: &[Move<'_>]) -> Self {
        let current: f64 = moves.iter().map(|m| m.before).sum();
        let (gain, margin) = net_gain(moves);
        let moved = || moves.iter().filter(|m| m.moved);
        let common = moved().map(|m| m.leverage).sum::<f64>() * ELASTICITY_ERROR;
        let own = moved().map(|m| (m.after * OWN_NOISE).powi(2)).sum::<f64>();
        let of_change = (common * common + own).sqrt();
        let of_level = (current * change.baseline_sigma).hypot(of_change);
        let half = Z_95 * change.interval_scale * of_level;
        let predicted = (current + gain).max(0.0);
        let cents = |x: f64| x.round() as i64;
        let around = |middle: f64, half: f64| Interval {
            low_cents: cents(middle - half),
            high_cents: cents(middle + half),
        };
        let change_cents_per_day = cents(predicted) - cents(current);
        let break_even = BreakEven::of(change.one_off_cost_cents, margin);
        Self {
            current_cents_per_day: cents(current),
            predicted_cents_per_day: cents(predicted),
            change_cents_per_day,
            change_percent: if current > 0.0 { 100.0 * gain / current } else { 0.0 },
            margin_change_cents_per_day: cents(margin),
            predicted_interval: around(predicted, half),
            change_interval: around(gain, Z_95 * change.interval_scale * of_change),
            probability_of_gain: probability_positive(gain, of_change),
            confidence: if predicted > 0.0 { (1.0 - half / predicted).max(0.0) } else { 0.0 },
            products_moved: moved().count() as u32,
            direction: match change_cents_per_day {
                0 => Direction::Flat,
                c if c > 0 => Direction::Up,
                _ => Direction::Down,
            },
            break_even,
            break_even_text: break_even.text(),
            largest: largest(moves),
            factors: change.factors.clone(),
        }
    }
}

fn largest(moves: &[Move<'_>]) -> Vec<Moved> {
    let mut moved: Vec<&Move<'_>> = moves.iter().filter(|m| m.moved).collect();
    moved.sort_by(|a, b| {
        let by_size = b.gain().abs().total_cmp(&a.gain().abs());
        by_size.then_with(|| a.line.product_id.cmp(&b.line.product_id))
    });
    let named = moved.into_iter().take(NAMED).map(|m| Moved {
        product_id: m.line.product_id.clone(),
        change_cents_per_day: m.gain().round() as i64,
    });
    named.collect()
}

#[cfg(test)]
mod tests;
