//! The books of a recall: goods only, since a pallet is no product.

use std::collections::BTreeMap;

use engines::recall::AffectedLot;
use kernel::{Error, Result};

use super::{Balance, Gap, Stock};
use crate::chain::Chain;
use crate::figures::{amount, percent};

/// Sums in one unit, milli-units.
#[derive(Default)]
struct Sums {
    came_in: i64,
    consumed: i64,
    shipped: i64,
    wasted: i64,
    on_hand: i64,
    unaccounted: i64,
    /// Without signs: a loss here does not make up for a surplus there.
    unexplained: u64,
    gaps: i64,
}

/// Everything that came in of the affected lots against where it is, by unit. What their movements
/// lost counts as unexplained.
pub(super) fn of(chain: &Chain, lots: &[&AffectedLot], gaps: &[Gap]) -> Result<Vec<Balance>> {
    let mut units: BTreeMap<&str, Sums> = BTreeMap::new();
    for lot in lots {
        let own = chain.graph.balance(&lot.lot, None).map_err(Error::internal)?;
        let sums = units.entry(&lot.unit).or_default();
        sums.came_in += own.came_in;
        sums.consumed += own.consumed;
        sums.shipped += own.shipped;
        sums.wasted += own.wasted;
        sums.on_hand += own.on_hand;
        sums.unaccounted += own.unaccounted;
        sums.unexplained += own.unaccounted.unsigned_abs();
    }
    // An overdraft is in the lot's own account already.
    for gap in gaps.iter().filter(|it| !it.overdrawn) {
        if let Some(sums) = units.get_mut(gap.milli.1.as_str()) {
            sums.gaps += gap.milli.0;
            sums.unexplained += gap.milli.0.unsigned_abs();
        }
    }
    Ok(units.into_iter().map(|(unit, sums)| sums.told(unit)).collect())
}

impl Sums {
    fn told(&self, unit: &str) -> Balance {
        let in_unit = |milli: i64| amount(milli, unit);
        Balance {
            came_in: in_unit(self.came_in),
            consumed: in_unit(self.consumed),
            shipped: in_unit(self.shipped),
            wasted: in_unit(self.wasted),
            on_hand: in_unit(self.on_hand),
            unaccounted: in_unit(self.unaccounted),
            gaps: in_unit(self.gaps),
            accounted_percent: percent(self.accounted_ppm()),
        }
    }

    fn accounted_ppm(&self) -> u32 {
        let came_in = u128::from(self.came_in.unsigned_abs()).max(1);
        let lost = u128::from(self.unexplained).min(came_in);
        u32::try_from((came_in - lost) * 1_000_000 / came_in).unwrap_or(0)
    }
}

/// What is left by the books, at the place where each lot was last.
pub(super) fn on_hand(chain: &Chain, lots: &[&AffectedLot]) -> Result<Vec<Stock>> {
    let graph = &chain.graph;
    let mut sums: BTreeMap<(&str, &str), (usize, i64)> = BTreeMap::new();
    for lot in lots.iter().filter(|it| it.on_hand > 0) {
        let id = graph.lot(&lot.lot).map_err(Error::internal)?;
        let events = graph.movements_of(id).into_iter().rev();
        let last = events.filter_map(|it| graph.movement_view(it).place).next();
        let place = last.or(graph.lot_view(id).place).unwrap_or_default();
        let sum = sums.entry((place, &lot.unit)).or_default();
        *sum = (sum.0 + 1, sum.1 + lot.on_hand);
    }
    let stock = |((place, unit), (lots, quantity)): ((&str, &str), (usize, i64))| Stock {
        place: if place.is_empty() { "unknown place".into() } else { chain.place(place).into() },
        lots,
        on_hand: amount(quantity, unit),
    };
    Ok(sums.into_iter().map(stock).collect())
}
