//! Rows in, graph out: validation, voids, numbering, adjacency.

use std::collections::BTreeSet;

use super::contain;
use super::graph::{Csr, EventFacts, Flow, LotFacts, LotGraph, Parts};
use super::intern::{Interner, NO_NAME};
use super::{LotKind, LotRow, Movement, MovementKind, Part, TraceError};

impl LotGraph {
    /// Builds the graph. Rows may come in any order.
    ///
    /// # Errors
    /// A duplicate lot or movement, a part without a lot row, a negative quantity, or sums that do
    /// not fit 64 bits: see [`TraceError`].
    ///
    /// ```
    /// use engines::trace::{Direction, LotGraph, LotRow, Movement, MovementKind, Part};
    /// let lot = |code: &str| LotRow { code: code.into(), quantity: 5_000, ..LotRow::default() };
    /// let batch = Movement {
    ///     id: "batch 7".into(),
    ///     kind: MovementKind::Transform,
    ///     inputs: vec![Part::new("MILK-1", 5_000)],
    ///     outputs: vec![Part::new("YOG-1", 5_000)],
    ///     ..Movement::default()
    /// };
    /// let graph = LotGraph::build(vec![lot("MILK-1"), lot("YOG-1")], vec![batch]).unwrap();
    /// let trace = graph.trace(&["MILK-1"], Direction::Forward).unwrap();
    /// assert_eq!(trace.lots[0].lot, "YOG-1");
    /// ```
    pub fn build(lots: Vec<LotRow>, movements: Vec<Movement>) -> Result<Self, TraceError> {
        let mut names = Interner::default();
        let (codes, facts) = number_lots(&lots, &mut names)?;
        let mut draft = Draft::new(codes, names, movements.len());
        let (ids, voided) = find_voided(&movements)?;
        for (number, movement) in movements.iter().enumerate() {
            if voided.binary_search(&(number as u32)).is_err() {
                draft.add(number as u32, movement)?;
            }
        }
        drop((lots, movements));
        draft.check_sums(&facts)?;
        contain::resolve(&mut draft);
        separate_passing(&mut draft);
        Ok(draft.finish(facts, ids.into_texts(), voided))
    }
}

/// One lot on one side of one movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) event: u32,
    pub(super) lot: u32,
    pub(super) quantity: i64,
}

/// The graph while it is put together: edges as lists, not yet grouped.
#[derive(Debug)]
pub(super) struct Draft {
    codes: Interner,
    names: Interner,
    pub(super) events: Vec<EventFacts>,
    pub(super) times: Vec<(i64, i64)>,
    pub(super) inputs: Vec<Link>,
    pub(super) outputs: Vec<Link>,
}

impl Draft {
    fn new(codes: Interner, names: Interner, movements: usize) -> Self {
        Self {
            codes,
            names,
            events: Vec::with_capacity(movements),
            times: Vec::with_capacity(movements),
            inputs: Vec::with_capacity(movements * 2),
            outputs: Vec::with_capacity(movements),
        }
    }

    fn add(&mut self, id: u32, movement: &Movement) -> Result<(), TraceError> {
        let event = self.events.len() as u32;
        for (parts, links) in [
            (&movement.inputs, &mut self.inputs as &mut Vec<Link>),
            (&movement.outputs, &mut self.outputs),
        ] {
            for part in parts {
                links.push(link(&self.codes, event, part, &movement.id)?);
            }
        }
        let names = &mut self.names;
        self.events.push(EventFacts {
            id,
            place: number_name(names, movement.place.as_deref())?,
            to: number_name(names, movement.to.as_deref())?,
            party: number_name(names, movement.party.as_deref())?,
            document: number_name(names, movement.document.as_deref())?,
            kind: movement.kind,
            flow: flow_of(movement.kind),
        });
        self.times.push(match movement.at {
            Some(end) => (movement.starts_at.unwrap_or(end).min(end), end),
            None => (i64::MIN, i64::MAX),
        });
        Ok(())
    }

    /// Adds a row that restates how material ran through `event`, for tracing only.
    pub(super) fn restate(&mut self, event: u32, inputs: &[Link], outputs: &[Link]) {
        let row = self.events.len() as u32;
        self.events.push(EventFacts { flow: Flow::Restated, ..self.events[event as usize] });
        self.times.push(self.times[event as usize]);
        self.inputs.extend(inputs.iter().map(|link| Link { event: row, ..*link }));
        self.outputs.extend(outputs.iter().map(|link| Link { event: row, ..*link }));
    }

    /// Proves that no later sum can overflow.
    fn check_sums(&self, lots: &[LotFacts]) -> Result<(), TraceError> {
        let parts = self.inputs.iter().chain(&self.outputs).map(|link| link.quantity);
        let all = parts.chain(lots.iter().map(|lot| lot.quantity));
        let total: i128 = all.map(i128::from).sum();
        // Contents of containers may be restated once per nesting level; 2^10 levels are ample.
        if total > i128::from(i64::MAX >> 10) { Err(TraceError::QuantityOverflow) } else { Ok(()) }
    }

    fn finish(self, lots: Vec<LotFacts>, ids: super::intern::Texts, voided: Vec<u32>) -> LotGraph {
        let Self { codes, names, events, times, inputs, outputs } = self;
        let sums = Sums::of(&lots, &events, &inputs, &outputs);
        let (mut inputs, mut outputs) = (inputs, outputs);
        for links in [&mut inputs, &mut outputs] {
            // Only contents of containers and restated rows are out of order.
            if !links.is_sorted_by_key(|link| link.event) {
                links.sort_by_key(|link| link.event);
            }
        }
        let by_event = |links: &[Link]| Parts {
            lots: Csr::group(events.len(), links.iter().map(|l| (l.event, l.lot))),
            quantities: links.iter().map(|link| link.quantity).collect(),
        };
        let by_lot =
            |links: &[Link]| Csr::group(lots.len(), links.iter().map(|l| (l.lot, l.event)));
        let (mut uses, mut makes) = (by_lot(&inputs), by_lot(&outputs));
        sort_rows(&mut uses, |event| !times[event as usize].1);
        sort_rows(&mut makes, |event| times[event as usize].0);
        LotGraph {
            codes: codes.into_texts(),
            inputs: by_event(&inputs),
            outputs: by_event(&outputs),
            instants: times.iter().all(|(start, end)| start == end),
            names: names.into_texts(),
            lots,
            ids,
            events,
            times,
            uses,
            makes,
            voided,
            brought: sums.brought,
            mixed_in: sums.mixed_in,
            mixed_out: sums.mixed_out,
            marketed_count: sums.marketed.iter().filter(|marketed| **marketed).count() as u64,
            marketed: sums.marketed,
        }
    }
}

/// Per-lot sums over the movements.
struct Sums {
    brought: Vec<i64>,
    mixed_in: Vec<i64>,
    mixed_out: Vec<i64>,
    marketed: Vec<bool>,
}

impl Sums {
    fn of(lots: &[LotFacts], events: &[EventFacts], inputs: &[Link], outputs: &[Link]) -> Self {
        let zero = || vec![0; lots.len()];
        let (mut brought, mut mixed_in, mut mixed_out) = (zero(), zero(), zero());
        let mut marketed = vec![false; lots.len()];
        for link in outputs {
            let (facts, lot) = (events[link.event as usize], link.lot as usize);
            if facts.flow != Flow::Pass {
                mixed_in[lot] += link.quantity;
            }
            if facts.kind == MovementKind::Receive || facts.flow == Flow::Mix {
                brought[lot] += link.quantity;
            }
        }
        for link in inputs {
            let (facts, lot) = (events[link.event as usize], link.lot as usize);
            if facts.flow != Flow::Pass {
                mixed_out[lot] += link.quantity;
            }
            marketed[lot] |= facts.kind == MovementKind::Ship;
        }
        let unshipped = !marketed.contains(&true);
        for (lot, marketed) in lots.iter().zip(&mut marketed) {
            *marketed |= unshipped && lot.kind == LotKind::Finished;
            *marketed &= lot.kind != LotKind::Logistic;
        }
        Self { brought, mixed_in, mixed_out, marketed }
    }
}

fn link(codes: &Interner, event: u32, part: &Part, movement: &str) -> Result<Link, TraceError> {
    if part.quantity < 0 {
        return Err(TraceError::NegativeQuantity(movement.to_owned()));
    }
    let lot = codes.find(&part.lot).ok_or_else(|| TraceError::UnknownPart {
        movement: movement.to_owned(),
        lot: part.lot.clone(),
    })?;
    Ok(Link { event, lot, quantity: part.quantity })
}

fn number_lots(
    rows: &[LotRow],
    names: &mut Interner,
) -> Result<(Interner, Vec<LotFacts>), TraceError> {
    let mut codes = Interner::with_capacity(rows.len());
    let mut facts = Vec::with_capacity(rows.len());
    for index in code_order(rows) {
        let row = &rows[index as usize];
        if row.quantity < 0 {
            return Err(TraceError::NegativeQuantity(row.code.clone()));
        }
        if !codes.add(&row.code)?.1 {
            return Err(TraceError::DuplicateLot(row.code.clone()));
        }
        facts.push(LotFacts {
            quantity: row.quantity,
            expires_at: row.expires_at,
            product: names.add(&row.product)?.0,
            unit: names.add(&row.unit)?.0,
            place: number_name(names, row.place.as_deref())?,
            supplier: number_name(names, row.supplier.as_deref())?,
            kind: row.kind,
            status: row.status,
        });
    }
    Ok((codes, facts))
}

/// Indices of the rows in the order of their codes. The first 16 bytes decide nearly always, and
/// sorting them as one number spares a walk through the rows' strings.
fn code_order(rows: &[LotRow]) -> Vec<u32> {
    let key = |code: &str| {
        let mut head = [0; 16];
        let length = code.len().min(16);
        head[..length].copy_from_slice(&code.as_bytes()[..length]);
        u128::from_be_bytes(head)
    };
    let mut order: Vec<(u128, u32)> = (0u32..).zip(rows).map(|(i, r)| (key(&r.code), i)).collect();
    order.sort_unstable_by(|a, b| {
        let code = |index: u32| rows[index as usize].code.as_str();
        a.0.cmp(&b.0).then_with(|| code(a.1).cmp(code(b.1)))
    });
    order.into_iter().map(|(_, index)| index).collect()
}

fn number_name(names: &mut Interner, name: Option<&str>) -> Result<u32, TraceError> {
    name.map_or(Ok(NO_NAME), |name| Ok(names.add(name)?.0))
}

/// Numbers the movement ids and finds those declared wrong, sorted. A declaration that is itself
/// declared wrong has no effect; two that declare each other wrong both stand, so that a muddle
/// never hides material.
fn find_voided(movements: &[Movement]) -> Result<(Interner, Vec<u32>), TraceError> {
    let mut ids = Interner::with_capacity(movements.len());
    for movement in movements {
        if !ids.add(&movement.id)?.1 {
            return Err(TraceError::DuplicateMovement(movement.id.clone()));
        }
    }
    let mut open: Vec<(u32, u32)> = Vec::new();
    for (by, movement) in movements.iter().enumerate() {
        let targets = movement.voids.iter().filter_map(|id| ids.find(id));
        open.extend(targets.map(|target| (target, by as u32)));
    }
    open.sort_unstable();
    let numbers = 0..movements.len() as u32;
    let mut voided: BTreeSet<u32> = numbers.filter(|n| movements[*n as usize].voided).collect();
    // Settle what can be settled: a declaration counts once nothing open disputes its author.
    loop {
        let disputed = |by: u32| open.binary_search_by_key(&by, |(target, _)| *target).is_ok();
        let (unsettled, settled): (Vec<_>, Vec<_>) =
            open.iter().copied().partition(|(_, by)| disputed(*by));
        if settled.is_empty() {
            break;
        }
        let standing: Vec<_> = settled.iter().filter(|(_, by)| !voided.contains(by)).collect();
        voided.extend(standing.into_iter().map(|(target, _)| target));
        open = unsettled;
    }
    Ok((ids, voided.into_iter().collect()))
}

fn flow_of(kind: MovementKind) -> Flow {
    match kind {
        MovementKind::Transform | MovementKind::Split | MovementKind::Merge => Flow::Mix,
        MovementKind::Aggregate => Flow::Pack,
        MovementKind::Disaggregate => Flow::Unpack,
        MovementKind::Receive
        | MovementKind::Move
        | MovementKind::Ship
        | MovementKind::Return
        | MovementKind::Adjust
        | MovementKind::Waste
        | MovementKind::Void => Flow::Pass,
    }
}

/// A truck that carries two lots does not mix them: a lot on both sides of such a movement passes
/// through. Where a code appears on one side only, goods were renamed, and a restated row says so.
fn separate_passing(draft: &mut Draft) {
    let events = draft.events.len();
    let inputs = Csr::group(events, (0u32..).zip(&draft.inputs).map(|(i, l)| (l.event, i)));
    let outputs = Csr::group(events, (0u32..).zip(&draft.outputs).map(|(i, l)| (l.event, i)));
    for event in 0..events as u32 {
        let (ins, outs) = (inputs.row(event), outputs.row(event));
        if draft.events[event as usize].flow != Flow::Pass || ins.is_empty() || outs.is_empty() {
            continue;
        }
        let ins: Vec<Link> = ins.iter().map(|i| draft.inputs[*i as usize]).collect();
        let outs: Vec<Link> = outs.iter().map(|i| draft.outputs[*i as usize]).collect();
        let without = |links: &[Link], others: &[Link]| -> Vec<Link> {
            links.iter().filter(|l| others.iter().all(|o| o.lot != l.lot)).copied().collect()
        };
        let renamed = without(&outs, &ins);
        if renamed.is_empty() {
            continue;
        }
        let gone = without(&ins, &outs);
        draft.restate(event, if gone.is_empty() { &ins } else { &gone }, &renamed);
    }
}

fn sort_rows<K: Ord>(csr: &mut Csr, key: impl Fn(u32) -> K) {
    for row in 0..csr.offsets.len() as u32 - 1 {
        let range = csr.range(row);
        if range.len() > 1 {
            csr.items[range].sort_by_key(|event| key(*event));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lot, movement};
    use super::*;

    fn void(id: &str, of: &str) -> Movement {
        Movement {
            id: id.into(),
            kind: MovementKind::Void,
            voids: vec![of.into()],
            ..Movement::default()
        }
    }

    fn voided(movements: &[Movement]) -> Vec<u32> {
        find_voided(movements).unwrap().1
    }

    #[test]
    fn a_voided_void_has_no_effect() {
        let base = movement("e", MovementKind::Move, &[], &[]);
        assert_eq!(voided(&[base.clone(), void("v", "e")]), [0]);
        assert_eq!(voided(&[base.clone(), void("v", "e"), void("w", "v")]), [1]);
        let chain = [base.clone(), void("v", "e"), void("w", "v"), void("x", "w")];
        assert_eq!(voided(&chain), [0, 2]);
        assert_eq!(voided(&[base, void("v", "w"), void("w", "v")]), [] as [u32; 0]);
    }

    #[test]
    fn faulty_rows_are_refused_with_their_name() {
        let build = LotGraph::build;
        let twice = build(vec![lot("A"), lot("A")], vec![]).unwrap_err();
        assert_eq!(twice, TraceError::DuplicateLot("A".into()));
        let stranger = movement("e", MovementKind::Ship, &[("B", 1)], &[]);
        let unknown = build(vec![lot("A")], vec![stranger]).unwrap_err();
        assert_eq!(unknown, TraceError::UnknownPart { movement: "e".into(), lot: "B".into() });
        let negative = movement("e", MovementKind::Ship, &[("A", -1)], &[]);
        let negative = build(vec![lot("A")], vec![negative]).unwrap_err();
        assert_eq!(negative, TraceError::NegativeQuantity("e".into()));
        let same = movement("e", MovementKind::Ship, &[], &[]);
        let same = build(vec![], vec![same.clone(), same]).unwrap_err();
        assert_eq!(same, TraceError::DuplicateMovement("e".into()));
        let huge = LotRow { quantity: i64::MAX, ..lot("A") };
        assert_eq!(build(vec![huge], vec![]).unwrap_err(), TraceError::QuantityOverflow);
    }
}
