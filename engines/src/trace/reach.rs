//! Which lots and movements a set of lots reaches.

use super::graph::{Flow, Parts};
use super::{EventId, LotGraph, LotId};

/// Which way to look.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From ingredients to customers: where did it go?
    Forward,
    /// From customers to ingredients: where did it come from?
    Backward,
}

/// Whether time counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Whatever is connected is exposed.
    Conservative,
    /// Only what was there in time is exposed; a subset of the conservative set.
    TimeRespecting,
}

/// What was reached: sets, nearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// The seeds at distance 0, then every reached lot by distance and code.
    pub lots: Vec<Reached>,
    /// Every movement that reached material went through, ascending.
    pub events: Vec<EventId>,
}

/// One reached lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    /// Fewest movements between it and a seed.
    pub distance: u32,
    /// The lot.
    pub lot: LotId,
    /// The movement through which it was first reached; `None` for a seed.
    pub via: Option<EventId>,
    /// In the time-respecting mode, the instant since which it is exposed (backward: until which
    /// it may have contributed); `None` when that is unknown or time was ignored.
    pub since: Option<i64>,
}

impl LotGraph {
    /// The lots that `seeds` reach. Each lot and each movement is visited a bounded number of
    /// times; loops and diamonds cost nothing extra.
    pub fn reach(&self, seeds: &[LotId], direction: Direction, mode: Mode) -> Reach {
        let mut seeds = seeds.to_vec();
        seeds.sort_unstable();
        seeds.dedup();
        let view = View::new(self, direction);
        match mode {
            Mode::Conservative => connected(&view, &seeds),
            Mode::TimeRespecting => in_time(&view, &seeds),
        }
    }
}

/// The graph seen in one direction. Backward, time runs backward too: `!t` turns the order of all
/// instants around, the unknown ends included.
pub(super) struct View<'a> {
    graph: &'a LotGraph,
    direction: Direction,
    targets: &'a Parts,
}

impl<'a> View<'a> {
    pub(super) fn new(graph: &'a LotGraph, direction: Direction) -> Self {
        let targets = match direction {
            Direction::Forward => &graph.outputs,
            Direction::Backward => &graph.inputs,
        };
        Self { graph, direction, targets }
    }

    /// Movements that material of `lot` goes into, the last possible one first.
    pub(super) fn next(&self, lot: LotId) -> &'a [EventId] {
        match self.direction {
            Direction::Forward => self.graph.uses.row(lot),
            Direction::Backward => self.graph.makes.row(lot),
        }
    }

    fn times(&self, event: EventId) -> (i64, i64) {
        let (start, end) = self.graph.times[event as usize];
        match self.direction {
            Direction::Forward => (start, end),
            Direction::Backward => (!end, !start),
        }
    }

    /// The lots that a movement passes material on to, and whether they pass it on in turn.
    pub(super) fn targets(&self, event: EventId) -> (&'a [LotId], bool) {
        let row = self.targets.lots.row(event);
        match (self.graph.events[event as usize].flow, self.direction) {
            (Flow::Pass, _) => (&[], true),
            (Flow::Pack, Direction::Forward) | (Flow::Unpack, Direction::Backward) => (row, false),
            (Flow::Mix | Flow::Restated | Flow::Pack | Flow::Unpack, _) => (row, true),
        }
    }
}

/// Breadth-first search, level by level, each level in the order of the codes.
fn connected(view: &View<'_>, seeds: &[LotId]) -> Reach {
    let mut seen = Bits::new(view.graph.lots.len());
    let mut followed = Bits::new(view.graph.lots.len());
    let mut touched = Bits::new(view.graph.events.len());
    let mut reach = Reach::default();
    let (mut level, mut found) = (seeds.to_vec(), Vec::new());
    for lot in seeds {
        seen.insert(*lot);
        followed.insert(*lot);
        reach.lots.push(Reached { distance: 0, lot: *lot, via: None, since: None });
    }
    for distance in 1.. {
        let mut next = Vec::new();
        for event in level.iter().flat_map(|lot| view.next(*lot)) {
            if !touched.insert(*event) {
                continue;
            }
            reach.events.push(*event);
            let (targets, follow) = view.targets(*event);
            for lot in targets {
                if seen.insert(*lot) {
                    found.push(Reached { distance, lot: *lot, via: Some(*event), since: None });
                }
                if follow && followed.insert(*lot) {
                    next.push(*lot);
                }
            }
        }
        found.sort_unstable();
        reach.lots.append(&mut found);
        if next.is_empty() {
            break;
        }
        next.sort_unstable();
        level = next;
    }
    reach.events.sort_unstable();
    reach
}

/// A lot whose exposure was found to begin earlier than known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Exposed {
    lot: LotId,
    since: i64,
    /// Since when it was known to be exposed before; `i64::MAX` when it was not.
    before: i64,
}

/// A proposal of one movement: `lot` is exposed since `since`, or only listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Proposal {
    lot: LotId,
    since: i64,
    via: EventId,
    follow: bool,
}

/// Rounds of earliest exposure. Round `k` holds what `k` movements can expose, so the first round
/// that meets a lot is its distance; a lot that turns out to be exposed earlier is looked at again,
/// but only for the movements between the two instants.
fn in_time(view: &View<'_>, seeds: &[LotId]) -> Reach {
    let mut state = InTime {
        since: vec![0; view.graph.lots.len()],
        fired: vec![0; view.graph.events.len()],
        seen: Bits::new(view.graph.lots.len()),
        reach: Reach::default(),
    };
    let mut round = Vec::new();
    for lot in seeds {
        state.seen.insert(*lot);
        state.since[*lot as usize] = code(i64::MIN);
        state.reach.lots.push(Reached { distance: 0, lot: *lot, via: None, since: None });
        round.push(Exposed { lot: *lot, since: i64::MIN, before: i64::MAX });
    }
    let mut proposals = Vec::new();
    for distance in 1.. {
        for exposed in &round {
            state.fire(view, *exposed, &mut proposals);
        }
        proposals.sort_unstable();
        round = state.settle(&mut proposals, distance);
        if round.is_empty() {
            break;
        }
    }
    state.reach.events.sort_unstable();
    for reached in state.reach.lots.iter_mut().filter(|lot| lot.distance > 0) {
        let since = code(state.since[reached.lot as usize]);
        let instant = if view.direction == Direction::Forward { since } else { !since };
        reached.since = Some(instant).filter(|_| since > i64::MIN && since < i64::MAX - 1);
    }
    state.reach
}

struct InTime {
    /// Per lot, `code` of the instant since which it is exposed; 0 when it is not. Zero, so that
    /// the allocator hands out untouched pages and a small trace of a large graph stays small.
    since: Vec<i64>,
    /// Per movement, `code` of the earliest instant at which it exposes its targets.
    fired: Vec<i64>,
    seen: Bits,
    reach: Reach,
}

/// `i64::MAX` (never) as 0; its own inverse.
fn code(instant: i64) -> i64 {
    instant ^ i64::MAX
}

impl InTime {
    fn fire(&mut self, view: &View<'_>, exposed: Exposed, proposals: &mut Vec<Proposal>) {
        let events = view.next(exposed.lot);
        let known = if view.graph.instants && exposed.before < i64::MAX {
            events.partition_point(|event| view.times(*event).1 >= exposed.before)
        } else {
            0
        };
        for event in &events[known..] {
            let (start, end) = view.times(*event);
            if end < exposed.since {
                break;
            }
            let since = exposed.since.max(start);
            let fired = &mut self.fired[*event as usize];
            if *fired != 0 && code(*fired) <= since {
                continue;
            }
            if *fired == 0 {
                self.reach.events.push(*event);
            }
            // An instant of i64::MAX cannot be told from "never"; one millisecond earlier can.
            *fired = code(since.min(i64::MAX - 1));
            let (targets, follow) = view.targets(*event);
            let propose = |lot: &LotId| Proposal { lot: *lot, since, via: *event, follow };
            proposals.extend(targets.iter().map(propose));
        }
    }

    /// Turns the sorted proposals of a round into newly reached lots and the next round.
    fn settle(&mut self, proposals: &mut Vec<Proposal>, distance: u32) -> Vec<Exposed> {
        let first = self.reach.lots.len();
        let mut round: Vec<Exposed> = Vec::new();
        for proposal in proposals.drain(..) {
            let lot = proposal.lot;
            if self.seen.insert(lot) {
                self.reach.lots.push(Reached {
                    distance,
                    lot,
                    via: Some(proposal.via),
                    since: None,
                });
            }
            let before = code(self.since[lot as usize]);
            if proposal.follow && proposal.since < before {
                self.since[lot as usize] = code(proposal.since.min(i64::MAX - 1));
                // Sorted by lot and instant: the first proposal of a lot is its earliest.
                round.push(Exposed { lot, since: proposal.since, before });
            }
        }
        self.reach.lots[first..].sort_unstable();
        round
    }
}

/// A set of small numbers.
struct Bits(Vec<u64>);

impl Bits {
    fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    /// Adds the number; `false` when it was there.
    fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = (number as usize / 64, 1u64 << (number % 64));
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }
}
