//! A trace as a person reads it: both modes side by side, with quantities.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Direction, EventId, LotGraph, LotId, LotKind, LotStatus, Mode, MovementKind, Reach, Reached,
    TraceError,
};

/// Everything that a set of lots reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// Forward or backward.
    pub direction: Direction,
    /// The codes asked about, sorted.
    pub seeds: Vec<String>,
    /// The recall if time is ignored.
    pub conservative: Scope,
    /// The smallest recall that the recorded times can defend.
    pub time_respecting: Scope,
    /// Reached lots without the seeds, nearest first, equally near ones by code.
    pub lots: Vec<TracedLot>,
}

/// How far a trace goes in one mode, seeds not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// Lots reached.
    pub lots: u64,
    /// Movements that reached material went through.
    pub movements: u64,
    /// Quantities by unit. Containers are not counted: their contents are.
    pub totals: Vec<UnitTotal>,
}

/// Quantities in one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitTotal {
    /// The unit.
    pub unit: String,
    /// Whole quantity of the reached lots, in milli-units.
    pub exposed: i64,
    /// The part of it that comes from (forward) or went into (backward) the seeds if every
    /// movement mixes evenly, in milli-units.
    pub attributed: i64,
}

/// One reached lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TracedLot {
    /// The lot's code.
    pub lot: String,
    /// Its product.
    pub product: String,
    /// Its kind.
    pub kind: LotKind,
    /// Its status.
    pub status: LotStatus,
    /// Fewest movements between it and a seed, ignoring time.
    pub distance: u32,
    /// Reached by material that was there in time; `false` means only the conservative mode
    /// includes it.
    pub in_time: bool,
    /// The movement through which it was first reached.
    pub via: String,
    /// What that movement was.
    pub via_kind: MovementKind,
    /// When that movement happened, milliseconds since 1970.
    pub via_at: Option<i64>,
    /// Where that movement happened.
    pub via_place: Option<String>,
    /// The lot's whole quantity, in milli-units.
    pub exposed: i64,
    /// The part of it that comes from (forward) or went into (backward) the seeds, in milli-units.
    pub attributed: i64,
    /// The lot's unit.
    pub unit: String,
}

impl LotGraph {
    /// Traces `codes` forward or backward in both modes.
    ///
    /// # Errors
    /// [`TraceError::UnknownLot`] for a code that is not in the graph.
    pub fn trace<S: AsRef<str>>(
        &self,
        codes: &[S],
        direction: Direction,
    ) -> Result<Trace, TraceError> {
        let seeds: Result<Vec<LotId>, _> = codes.iter().map(|c| self.lot(c.as_ref())).collect();
        let seeds = seeds?;
        let all = self.reach(&seeds, direction, Mode::Conservative);
        let timed = self.reach(&seeds, direction, Mode::TimeRespecting);
        let all_shares = self.shares(&all, direction);
        let timed_shares = self.shares(&timed, direction);
        let in_time = sorted_lots(&timed);
        let seeds = all.lots.iter().take_while(|lot| lot.distance == 0);
        Ok(Trace {
            direction,
            seeds: seeds.map(|seed| self.code(seed.lot).to_owned()).collect(),
            conservative: self.scope(&all, &all_shares),
            time_respecting: self.scope(&timed, &timed_shares),
            lots: reached(&all)
                .zip(&all_shares[all.lots.len() - reached(&all).count()..])
                .filter_map(|(lot, share)| self.traced(lot, *share, &in_time))
                .collect(),
        })
    }

    fn traced(&self, reached: &Reached, share: f64, in_time: &[LotId]) -> Option<TracedLot> {
        let via = reached.via?;
        let facts = self.lots[reached.lot as usize];
        let exposed = self.whole(reached.lot);
        Some(TracedLot {
            lot: self.code(reached.lot).to_owned(),
            product: self.names.get(facts.product).to_owned(),
            kind: facts.kind,
            status: facts.status,
            distance: reached.distance,
            in_time: in_time.binary_search(&reached.lot).is_ok(),
            via: self.movement(via).to_owned(),
            via_kind: self.events[via as usize].kind,
            via_at: self.time(via),
            via_place: self.place_of(via).map(str::to_owned),
            exposed,
            attributed: part(exposed, share),
            unit: self.unit(reached.lot).to_owned(),
        })
    }

    fn scope(&self, reach: &Reach, shares: &[f64]) -> Scope {
        let mut totals: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
        for (lot, share) in reach.lots.iter().zip(shares).filter(|(lot, _)| lot.distance > 0) {
            let facts = self.lots[lot.lot as usize];
            if facts.kind != LotKind::Logistic {
                let total = totals.entry(facts.unit).or_default();
                let exposed = self.whole(lot.lot);
                total.0 += exposed;
                total.1 += part(exposed, *share);
            }
        }
        let mut totals: Vec<UnitTotal> = totals
            .into_iter()
            .map(|(unit, (exposed, attributed))| UnitTotal {
                unit: self.names.get(unit).to_owned(),
                exposed,
                attributed,
            })
            .collect();
        totals.sort_by(|a, b| a.unit.cmp(&b.unit));
        let mut movements: Vec<u32> =
            reach.events.iter().map(|event| self.events[*event as usize].id).collect();
        movements.sort_unstable();
        movements.dedup();
        Scope { lots: reached(reach).count() as u64, movements: movements.len() as u64, totals }
    }

    pub(super) fn place_of(&self, event: EventId) -> Option<&str> {
        self.name(self.events[event as usize].place)
    }
}

/// Reached lots without the seeds.
fn reached(reach: &Reach) -> impl Iterator<Item = &Reached> + Clone {
    reach.lots.iter().filter(|lot| lot.distance > 0)
}

fn sorted_lots(reach: &Reach) -> Vec<LotId> {
    let mut lots: Vec<LotId> = reach.lots.iter().map(|lot| lot.lot).collect();
    lots.sort_unstable();
    lots
}

/// `share` of `quantity`, to the nearest milli-unit.
pub(crate) fn part(quantity: i64, share: f64) -> i64 {
    (quantity as f64 * share).round() as i64
}
