//! The lot graph in memory: columns and adjacency, a few tens of bytes an edge.

use super::intern::{NO_NAME, Texts};
use super::{LotKind, LotStatus, MovementKind, TraceError};

/// A lot's number in one graph; numbers follow the order of the codes.
pub type LotId = u32;

/// A movement's number in one graph.
pub type EventId = u32;

/// Lots, the movements that touch them, and who fed whom. Immutable and shareable; see the module.
#[derive(Debug, Clone)]
pub struct LotGraph {
    pub(super) codes: Texts,
    pub(super) lots: Vec<LotFacts>,
    pub(super) ids: Texts,
    pub(super) events: Vec<EventFacts>,
    /// Earliest and latest instant of each movement; the whole range of `i64` when not known.
    pub(super) times: Vec<(i64, i64)>,
    pub(super) names: Texts,
    pub(super) inputs: Parts,
    pub(super) outputs: Parts,
    /// Lot to the movements that it went into, latest first.
    pub(super) uses: Csr,
    /// Lot to the movements that it came out of, earliest first.
    pub(super) makes: Csr,
    /// Per lot, what receipts, batches and renames brought into being.
    pub(super) brought: Vec<i64>,
    /// Per lot, what came out of and what went into movements that mix.
    pub(super) mixed_in: Vec<i64>,
    pub(super) mixed_out: Vec<i64>,
    /// Per lot, whether it left for a customer; finished goods where no shipment is recorded.
    pub(super) marketed: Vec<bool>,
    pub(super) marketed_count: u64,
    /// Every movement takes no time, so each can expose its outputs at one instant only.
    pub(super) instants: bool,
    pub(super) voided: Vec<u32>,
}

/// What is known of a lot, its text as numbers into `names`.
#[derive(Debug, Clone, Copy)]
pub(super) struct LotFacts {
    pub(super) quantity: i64,
    pub(super) expires_at: Option<i64>,
    pub(super) product: u32,
    pub(super) unit: u32,
    pub(super) place: u32,
    pub(super) supplier: u32,
    pub(super) kind: LotKind,
    pub(super) status: LotStatus,
}

/// What is known of a movement.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventFacts {
    pub(super) id: u32,
    pub(super) place: u32,
    pub(super) to: u32,
    pub(super) party: u32,
    pub(super) document: u32,
    pub(super) kind: MovementKind,
    pub(super) flow: Flow,
}

/// How material runs through a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Inputs mix into outputs.
    Mix,
    /// Lots pass through unmixed; nothing runs from one to another.
    Pass,
    /// Inputs go into a container, which is listed and not followed.
    Pack,
    /// Outputs come out of a container, which is listed and not followed.
    Unpack,
    /// Mixes, and restates quantities that another row of the same movement already counts.
    Restated,
}

/// A lot as the graph knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotView<'a> {
    /// The lot's code.
    pub code: &'a str,
    /// Its product.
    pub product: &'a str,
    /// Its kind.
    pub kind: LotKind,
    /// Its status.
    pub status: LotStatus,
    /// Its whole quantity in milli-units.
    pub whole: i64,
    /// Its base unit.
    pub unit: &'a str,
    /// Where its row says it is.
    pub place: Option<&'a str>,
    /// Who supplied it.
    pub supplier: Option<&'a str>,
    /// End of shelf life, milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// A movement as the graph knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovementView<'a> {
    /// The movement's id.
    pub id: &'a str,
    /// What happened.
    pub kind: MovementKind,
    /// When it happened or ended, milliseconds since 1970.
    pub at: Option<i64>,
    /// Where.
    pub place: Option<&'a str>,
    /// Where its outputs went.
    pub to: Option<&'a str>,
    /// The customer or supplier.
    pub party: Option<&'a str>,
    /// The paper it is on.
    pub document: Option<&'a str>,
}

/// Offsets into items: `items[offsets[i]..offsets[i + 1]]` belong to row `i`.
#[derive(Debug, Clone, Default)]
pub(super) struct Csr {
    pub(super) offsets: Vec<u32>,
    pub(super) items: Vec<u32>,
}

impl Csr {
    /// Groups `(row, item)` pairs by row, keeping their order within a row.
    pub(super) fn group(rows: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut offsets = vec![0u32; rows + 1];
        for (row, _) in pairs.clone() {
            offsets[row as usize + 1] += 1;
        }
        for row in 0..rows {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut items = vec![0; offsets[rows] as usize];
        for (row, item) in pairs {
            let place = &mut next[row as usize];
            items[*place as usize] = item;
            *place += 1;
        }
        Self { offsets, items }
    }

    pub(super) fn row(&self, row: u32) -> &[u32] {
        &self.items[self.range(row)]
    }

    pub(super) fn range(&self, row: u32) -> std::ops::Range<usize> {
        self.offsets[row as usize] as usize..self.offsets[row as usize + 1] as usize
    }
}

/// The lots on one side of every movement, with their quantities.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) lots: Csr,
    pub(super) quantities: Vec<i64>,
}

impl Parts {
    pub(super) fn row(&self, event: EventId) -> &[LotId] {
        self.lots.row(event)
    }

    pub(super) fn of(&self, event: EventId) -> impl Iterator<Item = (LotId, i64)> + Clone + '_ {
        self.lots.range(event).map(|i| (self.lots.items[i], self.quantities[i]))
    }
}

impl LotGraph {
    /// How many lots it holds.
    pub fn lot_count(&self) -> usize {
        self.lots.len()
    }

    /// How many lot-to-movement edges it holds.
    pub fn edge_count(&self) -> usize {
        self.inputs.quantities.len() + self.outputs.quantities.len()
    }

    /// The lot's number.
    ///
    /// # Errors
    /// [`TraceError::UnknownLot`] when no lot carries the code.
    pub fn lot(&self, code: &str) -> Result<LotId, TraceError> {
        let (mut low, mut high) = (0, self.lots.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.codes.get(middle) < code { low = middle + 1 } else { high = middle }
        }
        let found = (low as usize) < self.lots.len() && self.codes.get(low) == code;
        found.then_some(low).ok_or_else(|| TraceError::UnknownLot(code.to_owned()))
    }

    /// The lot's code.
    pub fn code(&self, lot: LotId) -> &str {
        self.codes.get(lot)
    }

    /// The movement's id.
    pub fn movement(&self, event: EventId) -> &str {
        self.ids.get(self.events[event as usize].id)
    }

    /// The lot's kind.
    pub fn kind(&self, lot: LotId) -> LotKind {
        self.lots[lot as usize].kind
    }

    /// Ids of the movements that are declared wrong and not followed.
    pub fn voided(&self) -> impl Iterator<Item = &str> {
        self.voided.iter().map(|id| self.ids.get(*id))
    }

    /// Everything known of a lot.
    pub fn lot_view(&self, lot: LotId) -> LotView<'_> {
        let facts = &self.lots[lot as usize];
        LotView {
            code: self.code(lot),
            product: self.names.get(facts.product),
            kind: facts.kind,
            status: facts.status,
            whole: self.whole(lot),
            unit: self.unit(lot),
            place: self.name(facts.place),
            supplier: self.name(facts.supplier),
            expires_at: facts.expires_at,
        }
    }

    /// Everything known of a movement.
    pub fn movement_view(&self, event: EventId) -> MovementView<'_> {
        let facts = &self.events[event as usize];
        MovementView {
            id: self.movement(event),
            kind: facts.kind,
            at: self.time(event),
            place: self.name(facts.place),
            to: self.name(facts.to),
            party: self.name(facts.party),
            document: self.name(facts.document),
        }
    }

    /// Lots that went into a movement, contents of containers included, with milli-units.
    pub fn inputs_of(&self, event: EventId) -> impl Iterator<Item = (LotId, i64)> + '_ {
        self.inputs.of(event)
    }

    /// Lots that came out of a movement, contents of containers included, with milli-units.
    pub fn outputs_of(&self, event: EventId) -> impl Iterator<Item = (LotId, i64)> + '_ {
        self.outputs.of(event)
    }

    /// Movements that name the lot, oldest first; at one instant, what brings it in comes first.
    pub fn movements_of(&self, lot: LotId) -> Vec<EventId> {
        let named = self.makes.row(lot).iter().chain(self.uses.row(lot));
        let counted = named.filter(|e| self.events[**e as usize].flow != Flow::Restated);
        let mut events: Vec<EventId> = counted.copied().collect();
        events.sort_unstable();
        events.dedup();
        let draws = |event: EventId| self.inputs.row(event).contains(&lot);
        events.sort_by_cached_key(|event| (self.times[*event as usize].1, draws(*event)));
        events
    }

    pub(super) fn name(&self, name: u32) -> Option<&str> {
        (name != NO_NAME).then(|| self.names.get(name))
    }

    pub(super) fn unit(&self, lot: LotId) -> &str {
        self.names.get(self.lots[lot as usize].unit)
    }

    /// When the movement happened, or ended; `None` when nobody said.
    pub(super) fn time(&self, event: EventId) -> Option<i64> {
        Some(self.times[event as usize].1).filter(|end| *end != i64::MAX)
    }
}
