//! How much of each reached lot is really the seed's material, if every movement mixes evenly.
//!
//! The share of a movement is the quantity-weighted mean of the shares of its inputs, and the
//! share of a lot the quantity-weighted mean over the movements that made it. Loops (rework) make
//! this a system of equations; strongly connected components are found with Tarjan's algorithm
//! (SIAM J. Comput. 1, 1972) and solved one after the other, sources first, by iteration: rework is
//! less than the whole, so each round shrinks the error.

use super::graph::Flow;
use super::{Direction, EventId, LotGraph, LotId, Reach};

/// Rounds after which a loop that does not settle (a closed loop with no way in) is left as it is.
const ROUNDS: usize = 10_000;
const SETTLED: f64 = 1e-13;

impl LotGraph {
    /// Share of each lot of `reach` (same order), 0 to 1, that comes from the seeds (forward), or
    /// that went into the seeds (backward). `direction` must be the one `reach` was found in.
    pub fn shares(&self, reach: &Reach, direction: Direction) -> Vec<f64> {
        let mut mixing = Mixing::new(self, reach, direction);
        let Components { nodes, ends } = components(&mixing);
        let mut start = 0;
        for end in ends {
            match &nodes[start..end] {
                [node] => mixing.solve_one(*node as usize),
                component => mixing.solve(component),
            }
            start = end;
        }
        mixing.share.truncate(reach.lots.len());
        mixing.share
    }

    /// The whole quantity of a lot in milli-units: its own figure, else what brought it in, else
    /// at least what was drawn from it.
    pub(super) fn whole(&self, lot: LotId) -> i64 {
        let given = self.lots[lot as usize].quantity;
        let (brought, drawn) = (self.brought[lot as usize], self.mixed_out[lot as usize]);
        if given > 0 { given } else { brought.max(drawn) }
    }
}

/// The reached part of the graph. Nodes are reached lots, then reached movements.
struct Mixing<'a> {
    graph: &'a LotGraph,
    reach: &'a Reach,
    direction: Direction,
    /// Lot to its node + 1; 0 when it was not reached.
    node: Vec<u32>,
    /// Movement to its node + 1; 0 when it was not reached.
    event_node: Vec<u32>,
    share: Vec<f64>,
    /// Per lot node, material from movements already solved.
    fixed: Vec<f64>,
}

impl<'a> Mixing<'a> {
    fn new(graph: &'a LotGraph, reach: &'a Reach, direction: Direction) -> Self {
        let mut node = vec![0; graph.lots.len()];
        for (number, reached) in (1u32..).zip(&reach.lots) {
            node[reached.lot as usize] = number;
        }
        let mut event_node = vec![0; graph.events.len()];
        for (number, event) in (reach.lots.len() as u32 + 1..).zip(&reach.events) {
            event_node[*event as usize] = number;
        }
        let mut share = vec![0.0; reach.lots.len() + reach.events.len()];
        for (number, _) in reach.lots.iter().enumerate().take_while(|(_, l)| l.distance == 0) {
            share[number] = 1.0;
        }
        let fixed = vec![0.0; reach.lots.len()];
        Self { graph, reach, direction, node, event_node, share, fixed }
    }

    fn lots(&self) -> usize {
        self.reach.lots.len()
    }

    fn is_seed(&self, lot_node: usize) -> bool {
        self.reach.lots[lot_node].distance == 0
    }

    fn event(&self, node: usize) -> EventId {
        self.reach.events[node - self.lots()]
    }

    /// Parts that flow into the movement, in the direction of the trace.
    fn flows_in(&self, event: EventId) -> impl Iterator<Item = (LotId, i64)> + use<'a> {
        let mixes = self.mixes(event);
        let side = match self.direction {
            Direction::Forward => &self.graph.inputs,
            Direction::Backward => &self.graph.outputs,
        };
        side.of(event).filter(move |_| mixes)
    }

    /// Parts that flow out of it.
    fn flows_out(&self, event: EventId) -> impl Iterator<Item = (LotId, i64)> + use<'a> {
        let mixes = self.mixes(event);
        let side = match self.direction {
            Direction::Forward => &self.graph.outputs,
            Direction::Backward => &self.graph.inputs,
        };
        side.of(event).filter(move |_| mixes)
    }

    fn mixes(&self, event: EventId) -> bool {
        self.graph.events[event as usize].flow != Flow::Pass
    }

    /// Nodes that the share of `node` depends on.
    fn sources(&self, node: usize, found: &mut Vec<u32>) {
        found.clear();
        if node >= self.lots() {
            let lots = self.flows_in(self.event(node)).map(|(lot, _)| self.node[lot as usize]);
            found.extend(lots.filter(|node| *node > 0).map(|node| node - 1));
        } else if !self.is_seed(node) {
            let lot = self.reach.lots[node].lot;
            let makers = match self.direction {
                Direction::Forward => self.graph.makes.row(lot),
                Direction::Backward => self.graph.uses.row(lot),
            };
            let flowing = makers.iter().filter(|event| self.mixes(**event));
            let nodes = flowing.map(|event| self.event_node[*event as usize]);
            found.extend(nodes.filter(|node| *node > 0).map(|node| node - 1));
        }
    }

    /// A node outside any loop: its sources are solved.
    fn solve_one(&mut self, node: usize) {
        if node < self.lots() {
            self.settle_lot(node);
        } else {
            self.mix(node);
            self.pass_on(node, |_| true);
        }
    }

    /// A loop: repeated from its sources until it settles.
    fn solve(&mut self, component: &[u32]) {
        let (lots, events): (Vec<usize>, Vec<usize>) =
            component.iter().map(|node| *node as usize).partition(|node| *node < self.lots());
        let before: Vec<f64> = lots.iter().map(|lot| self.fixed[*lot]).collect();
        let inside = |node: u32| component.binary_search(&node).is_ok();
        for _ in 0..ROUNDS {
            for (lot, fixed) in lots.iter().zip(&before) {
                self.fixed[*lot] = *fixed;
            }
            for event in &events {
                self.mix(*event);
                self.pass_on(*event, inside);
            }
            let change = lots.iter().map(|lot| self.settle_lot(*lot)).fold(0.0, f64::max);
            if change < SETTLED {
                break;
            }
        }
        for event in events {
            self.pass_on(event, |node| !inside(node));
        }
    }

    fn mix(&mut self, node: usize) {
        let event = self.event(node);
        let (mut material, mut total, mut highest) = (0.0, 0.0, 0.0f64);
        for (lot, quantity) in self.flows_in(event) {
            let source = self.node[lot as usize];
            let share = if source > 0 { self.share[source as usize - 1] } else { 0.0 };
            material += share * quantity as f64;
            total += quantity as f64;
            highest = highest.max(share);
        }
        // Without quantities nobody can say how little it is, so the worst input counts.
        self.share[node] = if total > 0.0 { material / total } else { highest };
    }

    fn pass_on(&mut self, node: usize, wanted: impl Fn(u32) -> bool) {
        let event = self.event(node);
        let share = self.share[node];
        for (lot, quantity) in self.flows_out(event) {
            let target = self.node[lot as usize];
            if target > 0 && wanted(target - 1) {
                // A part without a quantity weighs as one milli-unit: almost nothing, not nothing.
                self.fixed[target as usize - 1] += share * quantity.max(1) as f64;
            }
        }
    }

    fn settle_lot(&mut self, node: usize) -> f64 {
        if self.is_seed(node) {
            return 0.0;
        }
        let lot = self.reach.lots[node].lot;
        let mixed = match self.direction {
            Direction::Forward => self.graph.mixed_in[lot as usize],
            Direction::Backward => self.graph.mixed_out[lot as usize],
        };
        let whole = self.graph.whole(lot).max(mixed).max(1) as f64;
        let share = (self.fixed[node] / whole).min(1.0);
        let change = (share - self.share[node]).abs();
        self.share[node] = share;
        change
    }
}

/// Strongly connected components end to end, each after everything it depends on, each sorted.
#[derive(Debug, Default)]
struct Components {
    nodes: Vec<u32>,
    ends: Vec<usize>,
}

fn components(mixing: &Mixing<'_>) -> Components {
    let nodes = mixing.share.len();
    let mut search =
        Search { order: vec![0; nodes], low: vec![0; nodes], next: 1, ..Search::default() };
    for root in 0..nodes as u32 {
        if search.order[root as usize] == 0 {
            search.visit(mixing, root);
        }
    }
    search.found
}

/// Tarjan's search with its call stack on the heap, since a silo's chain is years long.
#[derive(Default)]
struct Search {
    /// Visiting number, 0 when not visited, `u32::MAX` when its component is complete.
    order: Vec<u32>,
    low: Vec<u32>,
    next: u32,
    open: Vec<u32>,
    calls: Vec<(u32, usize)>,
    /// Sources of the nodes in `calls`, end to end.
    pending: Vec<u32>,
    found: Components,
}

impl Search {
    fn visit(&mut self, mixing: &Mixing<'_>, root: u32) {
        let mut sources = Vec::new();
        self.enter(mixing, root, &mut sources);
        while let Some((node, first)) = self.calls.last().copied() {
            if self.pending.len() > first {
                let source = self.pending.pop().unwrap_or(root);
                match self.order[source as usize] {
                    0 => self.enter(mixing, source, &mut sources),
                    u32::MAX => {}
                    order => {
                        let low = &mut self.low[node as usize];
                        *low = order.min(*low);
                    }
                }
            } else {
                self.leave(node);
            }
        }
    }

    fn enter(&mut self, mixing: &Mixing<'_>, node: u32, sources: &mut Vec<u32>) {
        self.order[node as usize] = self.next;
        self.low[node as usize] = self.next;
        self.next += 1;
        self.open.push(node);
        self.calls.push((node, self.pending.len()));
        mixing.sources(node as usize, sources);
        self.pending.extend_from_slice(sources);
    }

    fn leave(&mut self, node: u32) {
        self.calls.pop();
        let low = self.low[node as usize];
        if let Some((caller, _)) = self.calls.last() {
            let caller = &mut self.low[*caller as usize];
            *caller = low.min(*caller);
        }
        if low == self.order[node as usize] {
            let start = self.open.iter().rposition(|open| *open == node).unwrap_or(0);
            let first = self.found.nodes.len();
            self.found.nodes.extend(self.open.drain(start..));
            for member in &self.found.nodes[first..] {
                self.order[*member as usize] = u32::MAX;
            }
            self.found.nodes[first..].sort_unstable();
            self.found.ends.push(self.found.nodes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{graph, lot, movement};
    use super::super::{Direction, LotRow, MovementKind};

    fn share(trace: &super::super::Trace, code: &str) -> i64 {
        trace.lots.iter().find(|lot| lot.lot == code).unwrap().attributed
    }

    #[test]
    fn a_quarter_of_the_batch_is_a_quarter_of_every_carton() {
        let mix = movement("mix", MovementKind::Transform, &[("A", 25), ("B", 75)], &[("W", 80)]);
        let pack = movement("pack", MovementKind::Transform, &[("W", 80)], &[("F", 40), ("G", 40)]);
        let graph = graph(&["A", "B", "W", "F", "G"], vec![mix, pack]);
        let trace = graph.trace(&["A"], Direction::Forward).unwrap();
        assert_eq!([share(&trace, "W"), share(&trace, "F"), share(&trace, "G")], [20, 10, 10]);
        let trace = graph.trace(&["F"], Direction::Backward).unwrap();
        // Half of the batch went into F, and so did half of either ingredient.
        assert_eq!([share(&trace, "A"), share(&trace, "B")], [13, 38]);
    }

    #[test]
    fn a_rework_loop_settles_at_its_fixed_point() {
        // W = 90 of A and B each 45, plus 10 rework of F; F is all of W. f = (45 + 10 f) / 100.
        let mix = movement(
            "mix",
            MovementKind::Transform,
            &[("A", 45), ("B", 45), ("F", 10)],
            &[("W", 100)],
        );
        let pack = movement("pack", MovementKind::Transform, &[("W", 100)], &[("F", 100)]);
        let rows = ["A", "B", "W", "F"].map(|code| LotRow { quantity: 0, ..lot(code) });
        let graph = super::super::LotGraph::build(rows.to_vec(), vec![mix, pack]).unwrap();
        let reach = graph.reach(&[0], Direction::Forward, super::super::Mode::Conservative);
        let shares = graph.shares(&reach, Direction::Forward);
        assert_eq!(reach.lots.len(), 3);
        assert!(shares[1..].iter().all(|share| (share - 0.5).abs() < 1e-12), "{shares:?}");
    }
}
