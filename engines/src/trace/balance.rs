//! Mass balance: what came in against what went out and what is there, exact in integers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::graph::Flow;
use super::{EventId, LotGraph, LotId, MovementKind, TraceError};

/// The account of one lot, in milli-units of its unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Balance {
    /// The lot's code.
    pub lot: String,
    /// The lot's unit.
    pub unit: String,
    /// The lot's own quantity when no movement brought it in, else 0.
    pub opening: i64,
    /// Received from suppliers.
    pub received: i64,
    /// Made, split off or merged.
    pub produced: i64,
    /// Came back from customers.
    pub returned: i64,
    /// Went into other lots.
    pub consumed: i64,
    /// Left for customers.
    pub shipped: i64,
    /// Thrown away.
    pub wasted: i64,
    /// Corrections of the books, up less down.
    pub adjusted: i64,
    /// Moves, in less out; 0 unless goods were lost on the way or renamed.
    pub moved: i64,
    /// Everything that came in: opening, received, produced, returned, and what adjustments and
    /// moves added on balance.
    pub came_in: i64,
    /// What should be there: everything in less everything out; negative when overdrawn.
    pub expected: i64,
    /// What is there: the count given, else what should be.
    pub on_hand: i64,
    /// `expected − on_hand`: lost when positive, unexplained when negative.
    pub unaccounted: i64,
    /// Share accounted for in millionths: `1 − |unaccounted| / in`, never below 0.
    pub accounted_ppm: u32,
    /// Every movement of the lot, oldest first (those without a time last), with the running sum.
    pub entries: Vec<BalanceEntry>,
    /// The movements that explain a gap: those that lost material, and the first overdraft.
    pub gaps: Vec<MovementGap>,
}

/// One line of a lot's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BalanceEntry {
    /// The movement's id.
    pub movement: String,
    /// What it was.
    pub kind: MovementKind,
    /// When, milliseconds since 1970.
    pub at: Option<i64>,
    /// What it did to the lot, in milli-units.
    pub change: i64,
    /// The lot's quantity afterwards.
    pub running: i64,
}

/// A movement whose two sides do not agree, or that drew more than was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MovementGap {
    /// The movement's id.
    pub movement: String,
    /// What it was.
    pub kind: MovementKind,
    /// When, milliseconds since 1970.
    pub at: Option<i64>,
    /// What went in (of an overdraft: what was there), in milli-units.
    pub inputs: i64,
    /// What came out (of an overdraft: what was drawn), in milli-units.
    pub outputs: i64,
    /// `inputs − outputs`: lost when positive, appeared from nowhere when negative.
    pub missing: i64,
    /// It drew more of a lot than there was.
    pub overdrawn: bool,
}

impl LotGraph {
    /// The account of a lot. `counted` is what a stock count found, if there was one.
    ///
    /// # Errors
    /// [`TraceError::UnknownLot`] for a code that is not in the graph.
    pub fn balance(&self, code: &str, counted: Option<i64>) -> Result<Balance, TraceError> {
        let lot = self.lot(code)?;
        let events = self.movements_of(lot);
        let mut balance = self.account(lot, &events, counted);
        let (mut running, mut account) = (balance.opening, Account::of(self, lot));
        for event in &events {
            let facts = self.events[*event as usize];
            let change = account.book(*event);
            running += change;
            balance.entries.push(BalanceEntry {
                movement: self.movement(*event).to_owned(),
                kind: facts.kind,
                at: self.time(*event),
                change,
                running,
            });
            balance.gaps.extend(self.gap(*event));
        }
        balance.gaps.sort_by_key(|gap| gap.overdrawn);
        Ok(balance)
    }

    /// The account without its entries; of the gaps only the first overdraft.
    pub(crate) fn account(&self, lot: LotId, events: &[EventId], counted: Option<i64>) -> Balance {
        let mut account = Account::of(self, lot);
        let changes: Vec<i64> = events.iter().map(|event| account.book(*event)).collect();
        if account.brought == 0 {
            account.balance.opening = self.lots[lot as usize].quantity;
        }
        account.run(events, &changes);
        account.close(counted)
    }

    /// Every movement whose inputs and outputs differ by more than `tolerance_ppm` millionths of
    /// the inputs, ordered by time and id. Movements of mixed units are left out: their sides do
    /// not compare. A batch loses water and gains air, so give the plant's tolerance, not 0.
    pub fn gaps(&self, tolerance_ppm: u32) -> Vec<MovementGap> {
        let rows = 0..self.events.len() as u32;
        let mut gaps: Vec<MovementGap> = rows.filter_map(|event| self.gap(event)).collect();
        gaps.retain(|gap| {
            let bound = i128::from(gap.inputs) * i128::from(tolerance_ppm);
            i128::from(gap.missing).abs() * 1_000_000 > bound
        });
        gaps.sort_by(|a, b| {
            let key = |gap: &MovementGap| gap.at.unwrap_or(i64::MAX);
            key(a).cmp(&key(b)).then_with(|| a.movement.cmp(&b.movement))
        });
        gaps
    }

    pub(crate) fn gap(&self, event: EventId) -> Option<MovementGap> {
        let facts = self.events[event as usize];
        let compares = matches!(
            facts.kind,
            MovementKind::Transform
                | MovementKind::Split
                | MovementKind::Merge
                | MovementKind::Move
        );
        let mut lots = self.inputs.of(event).chain(self.outputs.of(event)).map(|part| part.0);
        let unit = self.lots[lots.next()? as usize].unit;
        if !compares
            || facts.flow == Flow::Restated
            || lots.any(|lot| self.lots[lot as usize].unit != unit)
        {
            return None;
        }
        let inputs: i64 = self.inputs.of(event).map(|part| part.1).sum();
        let outputs: i64 = self.outputs.of(event).map(|part| part.1).sum();
        (inputs != outputs).then(|| MovementGap {
            movement: self.movement(event).to_owned(),
            kind: facts.kind,
            at: self.time(event),
            inputs,
            outputs,
            missing: inputs - outputs,
            overdrawn: false,
        })
    }

    fn blank(&self, lot: LotId) -> Balance {
        Balance {
            lot: self.code(lot).to_owned(),
            unit: self.unit(lot).to_owned(),
            opening: 0,
            received: 0,
            produced: 0,
            returned: 0,
            consumed: 0,
            shipped: 0,
            wasted: 0,
            adjusted: 0,
            moved: 0,
            came_in: 0,
            expected: 0,
            on_hand: 0,
            unaccounted: 0,
            accounted_ppm: 0,
            entries: Vec::new(),
            gaps: Vec::new(),
        }
    }
}

struct Account<'a> {
    graph: &'a LotGraph,
    lot: LotId,
    balance: Balance,
    /// What brought the lot into being: receipts, batches, renames.
    brought: i64,
}

impl<'a> Account<'a> {
    fn of(graph: &'a LotGraph, lot: LotId) -> Self {
        Self { graph, lot, balance: graph.blank(lot), brought: 0 }
    }

    /// Books one movement and says what it did to the lot.
    fn book(&mut self, event: EventId) -> i64 {
        let side = |parts: &super::graph::Parts| -> i64 {
            parts.of(event).filter(|part| part.0 == self.lot).map(|part| part.1).sum()
        };
        let (drawn, added) = (side(&self.graph.inputs), side(&self.graph.outputs));
        let passes = self.graph.inputs.row(event).contains(&self.lot)
            && self.graph.outputs.row(event).contains(&self.lot);
        let balance = &mut self.balance;
        match self.graph.events[event as usize].kind {
            MovementKind::Aggregate | MovementKind::Disaggregate | MovementKind::Void => return 0,
            MovementKind::Transform | MovementKind::Split | MovementKind::Merge => {
                balance.produced += added;
                balance.consumed += drawn;
                self.brought += added;
            }
            MovementKind::Adjust => balance.adjusted += added - drawn,
            MovementKind::Waste => {
                balance.wasted += drawn;
                balance.adjusted += added;
            }
            _ if passes => balance.moved += added - drawn,
            MovementKind::Receive => {
                balance.received += added;
                balance.moved -= drawn;
                self.brought += added;
            }
            MovementKind::Return => {
                balance.returned += added;
                balance.moved -= drawn;
            }
            MovementKind::Ship => {
                balance.shipped += drawn;
                balance.moved += added;
                self.brought += added;
            }
            MovementKind::Move => {
                balance.moved += added - drawn;
                self.brought += added;
            }
        }
        added - drawn
    }

    /// Adds the changes up and notes the first movement that drew more than there was.
    fn run(&mut self, events: &[EventId], changes: &[i64]) {
        let mut running = self.balance.opening;
        for (event, change) in events.iter().zip(changes) {
            let before = running;
            running += change;
            if running < 0 && self.balance.gaps.is_empty() {
                self.balance.gaps.push(MovementGap {
                    movement: self.graph.movement(*event).to_owned(),
                    kind: self.graph.events[*event as usize].kind,
                    at: self.graph.time(*event),
                    inputs: before,
                    outputs: before - running,
                    missing: running,
                    overdrawn: true,
                });
            }
        }
        self.balance.expected = running;
    }

    fn close(mut self, counted: Option<i64>) -> Balance {
        let balance = &mut self.balance;
        balance.on_hand = counted.unwrap_or(balance.expected.max(0));
        balance.unaccounted = balance.expected - balance.on_hand;
        balance.came_in = balance.opening
            + balance.received
            + balance.produced
            + balance.returned
            + balance.adjusted.max(0)
            + balance.moved.max(0);
        balance.accounted_ppm = accounted_ppm(balance.came_in, balance.unaccounted);
        self.balance
    }
}

/// `1 − |unaccounted| / whole` in millionths, between 0 and 1,000,000; of nothing, all is accounted
/// for unless something is missing from it.
pub(crate) fn accounted_ppm(whole: i64, unaccounted: i64) -> u32 {
    let (whole, gap) = (i128::from(whole), i128::from(unaccounted).abs());
    if whole <= 0 {
        return if gap == 0 { 1_000_000 } else { 0 };
    }
    u32::try_from((1_000_000 - gap * 1_000_000 / whole).max(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, graph, lot, movement};
    use super::*;
    use crate::trace::LotRow;

    #[test]
    fn a_balanced_lot_is_fully_accounted_for() {
        let graph = graph(
            &["A", "B"],
            vec![
                at(1, movement("in", MovementKind::Receive, &[], &[("A", 1_000)])),
                at(2, movement("mix", MovementKind::Transform, &[("A", 600)], &[("B", 600)])),
                at(3, movement("scrap", MovementKind::Waste, &[("A", 50)], &[])),
                at(4, movement("out", MovementKind::Ship, &[("A", 300)], &[])),
            ],
        );
        let balance = graph.balance("A", None).unwrap();
        assert_eq!((balance.expected, balance.on_hand, balance.unaccounted), (50, 50, 0));
        assert_eq!(balance.accounted_ppm, 1_000_000);
        assert_eq!(balance.gaps, []);
        let counted = graph.balance("A", Some(49)).unwrap();
        assert_eq!((counted.unaccounted, counted.accounted_ppm), (1, 999_000));
    }

    #[test]
    fn every_injected_loss_is_found_at_its_movement() {
        for (loser, lost) in (0..20).flat_map(|e| [1, 7, 500].map(|lost| (e, lost))) {
            let mut movements = vec![movement("in", MovementKind::Receive, &[], &[("L0", 1_000)])];
            let codes: Vec<String> = (0..=20).map(|i| format!("L{i}")).collect();
            let mut quantity = 1_000;
            for step in 0..20 {
                let from = (codes[step].as_str(), quantity);
                quantity -= if step == loser { lost } else { 0 };
                let to = (codes[step + 1].as_str(), quantity);
                let id = format!("step {step}");
                movements.push(movement(&id, MovementKind::Transform, &[from], &[to]));
            }
            let lots = codes.iter().map(|code| lot(code)).collect();
            let graph = LotGraph::build(lots, movements).unwrap();
            let gaps = graph.gaps(999);
            assert_eq!(gaps.len(), usize::from(lost >= 1));
            assert_eq!(
                (gaps[0].movement.clone(), gaps[0].missing),
                (format!("step {loser}"), lost)
            );
        }
    }

    #[test]
    fn drawing_more_than_there_is_names_the_draw() {
        let rows = vec![LotRow { quantity: 100, ..lot("A") }, lot("B")];
        let draws = vec![
            at(1, movement("first", MovementKind::Transform, &[("A", 80)], &[("B", 80)])),
            at(2, movement("second", MovementKind::Ship, &[("A", 30)], &[])),
        ];
        let balance = LotGraph::build(rows, draws).unwrap().balance("A", None).unwrap();
        assert_eq!((balance.opening, balance.expected, balance.on_hand), (100, -10, 0));
        let gap = &balance.gaps[0];
        assert_eq!((gap.movement.as_str(), gap.inputs, gap.outputs), ("second", 20, 30));
        assert!(gap.overdrawn);
        assert_eq!(balance.accounted_ppm, 900_000);
    }
}
