//! The engine against brute force: the same questions answered by repeating until nothing changes,
//! straight from the rows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::testing::{at, graph, lot, movement};
use super::{Direction, LotGraph, LotRow, Mode, Movement, MovementKind, Part};

/// A small generator, so that ten thousand graphs are the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// Loops, self-loops, diamonds, partial use, voids, voided voids, lasting and undated movements,
/// renames and pass-through moves; in one of three graphs also nested containers.
fn random_rows(seed: u64) -> (Vec<LotRow>, Vec<Movement>) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let lots = 2 + dice.roll(14);
    let boxes = if seed.is_multiple_of(3) { 3 } else { 0 };
    let rows: Vec<LotRow> =
        (0..lots + boxes).map(|i| lot(&format!("L{:02}", (i * 7) % 64))).collect();
    let code = |i: u64| rows[i as usize].code.clone();
    let mut movements: Vec<Movement> = Vec::new();
    for number in 0..dice.roll(3 * lots) {
        let mut some = |most: u64| -> Vec<Part> {
            let count = dice.roll(most + 1);
            (0..count).map(|_| Part::new(code(dice.roll(lots)), dice.roll(50) as i64)).collect()
        };
        let (mut inputs, mut outputs) = (some(3), some(2));
        let mut kind = match dice.roll(12) {
            0 => MovementKind::Move,
            1 => MovementKind::Ship,
            2 => MovementKind::Receive,
            3 => MovementKind::Split,
            _ => MovementKind::Transform,
        };
        if boxes > 0 && dice.roll(2) == 0 {
            let depth = dice.roll(boxes);
            let container = vec![Part::new(code(lots + depth), 1)];
            (kind, inputs, outputs) = match dice.roll(4) {
                0 => (MovementKind::Disaggregate, container, vec![]),
                1 => (MovementKind::Ship, container, vec![]),
                2 if depth > 0 => {
                    let inner = vec![Part::new(code(lots + depth - 1), 1)];
                    (MovementKind::Aggregate, inner, container)
                }
                _ => (MovementKind::Aggregate, inputs, container),
            };
        }
        // Containers are followed in time, so their graphs have one instant per movement.
        let (starts_at, at) = if boxes > 0 {
            (None, Some(number as i64 * 37 % 101))
        } else {
            let time = (dice.roll(5) > 0).then(|| dice.roll(30) as i64);
            (time.filter(|_| dice.roll(3) == 0).map(|t| t - dice.roll(8) as i64), time)
        };
        let voids = if dice.roll(10) == 0 && number > 0 {
            vec![format!("m{}", dice.roll(number))]
        } else {
            vec![]
        };
        let voided = dice.roll(15) == 0;
        let id = format!("m{number}");
        let blank = Movement::default();
        movements.push(Movement {
            id,
            kind,
            starts_at,
            at,
            voids,
            voided,
            inputs,
            outputs,
            ..blank
        });
    }
    (rows, movements)
}

/// Material may run from one lot to another, and be followed from there.
#[derive(Debug, Clone)]
struct Edge {
    from: String,
    to: String,
    start: i64,
    end: i64,
    forward: bool,
    backward: bool,
}

/// A later movement may void an earlier one only, so reading backwards settles every void.
fn live(movements: &[Movement]) -> Vec<&Movement> {
    let mut dead: BTreeSet<&str> = BTreeSet::new();
    for movement in movements.iter().rev() {
        if movement.voided || dead.contains(movement.id.as_str()) {
            dead.insert(&movement.id);
        } else {
            dead.extend(movement.voids.iter().map(String::as_str));
        }
    }
    movements.iter().filter(|movement| !dead.contains(movement.id.as_str())).collect()
}

/// What is inside a container just before `until`: packed since it was last emptied.
fn inside(live: &[&Movement], container: &str, until: i64) -> BTreeSet<String> {
    let names = |parts: &[Part]| parts.iter().any(|part| part.lot == container);
    let emptied = live
        .iter()
        .filter(|m| m.kind == MovementKind::Disaggregate && names(&m.inputs))
        .filter_map(|m| m.at.filter(|at| *at < until))
        .max();
    let packed = live.iter().filter(|m| {
        m.kind == MovementKind::Aggregate
            && names(&m.outputs)
            && m.at.is_some_and(|at| at <= until && emptied.is_none_or(|e| at > e))
    });
    let mut found = BTreeSet::new();
    for part in packed.flat_map(|m| &m.inputs) {
        found.insert(part.lot.clone());
        found.extend(inside(live, &part.lot, until));
    }
    found
}

fn edges(movements: &[Movement]) -> Vec<Edge> {
    let live = live(movements);
    let mut edges = Vec::new();
    for movement in &live {
        let end = movement.at.unwrap_or(i64::MAX);
        let start = match movement.at {
            Some(at) => movement.starts_at.unwrap_or(at).min(at),
            None => i64::MIN,
        };
        let names = |parts: &[Part]| -> BTreeSet<String> {
            parts.iter().map(|part| part.lot.clone()).collect()
        };
        let (mut from, mut to) = (names(&movement.inputs), names(&movement.outputs));
        let (mut forward, mut backward) = (true, true);
        match movement.kind {
            MovementKind::Transform | MovementKind::Split | MovementKind::Merge => {}
            MovementKind::Aggregate => {
                forward = false;
                for inner in from.clone() {
                    from.extend(inside(&live, &inner, end));
                }
            }
            MovementKind::Disaggregate => {
                backward = false;
                for container in &from {
                    to.extend(inside(&live, container, end));
                }
            }
            _ => {
                let renamed: BTreeSet<_> = to.difference(&from).cloned().collect();
                let gone: BTreeSet<_> = from.difference(&to).cloned().collect();
                (from, to) = (if gone.is_empty() { from } else { gone }, renamed);
            }
        }
        for from in &from {
            for to in &to {
                let (from, to) = (from.clone(), to.clone());
                edges.push(Edge { from, to, start, end, forward, backward });
            }
        }
    }
    edges
}

/// Distances by brute force: `known[k]` holds the earliest exposure after at most `k` movements.
fn brute(edges: &[Edge], seed: &str, direction: Direction, mode: Mode) -> BTreeMap<String, u32> {
    let edges: Vec<Edge> = edges
        .iter()
        .cloned()
        .map(|edge| match (mode, direction) {
            (Mode::Conservative, Direction::Forward) => {
                Edge { start: i64::MIN, end: i64::MAX, ..edge }
            }
            (Mode::Conservative, Direction::Backward) => Edge {
                from: edge.to,
                to: edge.from,
                start: i64::MIN,
                end: i64::MAX,
                forward: edge.backward,
                backward: edge.forward,
            },
            (Mode::TimeRespecting, Direction::Forward) => edge,
            (Mode::TimeRespecting, Direction::Backward) => Edge {
                from: edge.to,
                to: edge.from,
                start: edge.end.checked_neg().unwrap_or(i64::MAX).max(-i64::MAX),
                end: edge.start.checked_neg().unwrap_or(i64::MAX),
                forward: edge.backward,
                backward: edge.forward,
            },
        })
        .collect();
    let mut known: BTreeMap<String, i64> = BTreeMap::from([(seed.to_owned(), i64::MIN)]);
    let mut distance: BTreeMap<String, u32> = BTreeMap::from([(seed.to_owned(), 0)]);
    for hops in 1.. {
        let mut next = known.clone();
        for edge in &edges {
            let Some(since) = known.get(&edge.from).filter(|since| **since <= edge.end) else {
                continue;
            };
            distance.entry(edge.to.clone()).or_insert(hops);
            if edge.forward {
                let exposed = (*since).max(edge.start);
                let best = next.entry(edge.to.clone()).or_insert(exposed);
                *best = exposed.min(*best);
            }
        }
        if next == known {
            break;
        }
        known = next;
    }
    distance
}

/// Compares every seed, direction and mode of one graph; counts missed and extra lots.
fn compare(seed: u64) -> (usize, usize, usize) {
    let (rows, movements) = random_rows(seed);
    let edges = edges(&movements);
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    let graph = LotGraph::build(rows, movements).unwrap();
    let (mut missed, mut extra, mut reached) = (0, 0, 0);
    for code in &codes {
        let lot = graph.lot(code).unwrap();
        for direction in [Direction::Forward, Direction::Backward] {
            let mut wider: Option<BTreeSet<u32>> = None;
            for mode in [Mode::Conservative, Mode::TimeRespecting] {
                let reach = graph.reach(&[lot], direction, mode);
                let expected = brute(&edges, code, direction, mode);
                let found: BTreeMap<String, u32> = reach
                    .lots
                    .iter()
                    .map(|lot| (graph.code(lot.lot).to_owned(), lot.distance))
                    .collect();
                missed += expected.keys().filter(|code| !found.contains_key(*code)).count();
                extra += found.keys().filter(|code| !expected.contains_key(*code)).count();
                reached += found.len() - 1;
                assert_eq!(found, expected, "graph {seed} from {code} {direction:?} {mode:?}");
                assert_eq!(found.len(), reach.lots.len(), "a lot is listed twice");
                let nearest_first =
                    reach.lots.is_sorted_by_key(|l| (l.distance, graph.code(l.lot).to_owned()));
                assert!(nearest_first, "order of graph {seed}");
                let lots: BTreeSet<u32> = reach.lots.iter().map(|lot| lot.lot).collect();
                assert!(wider.as_ref().is_none_or(|wider| lots.is_subset(wider)));
                wider = Some(lots);
            }
        }
    }
    (missed, extra, reached)
}

#[test]
fn ten_thousand_random_graphs_equal_brute_force() {
    let mut sum = (0, 0, 0);
    for seed in 1..=10_000 {
        let (missed, extra, reached) = compare(seed);
        sum = (sum.0 + missed, sum.1 + extra, sum.2 + reached);
    }
    println!("10,000 graphs: {} lots reached, {} missed, {} extra", sum.2, sum.0, sum.1);
    assert!(sum.2 > 500_000, "the graphs are too thin to prove anything: {}", sum.2);
    assert_eq!((sum.0, sum.1), (0, 0));
}

proptest! {
    #[test]
    fn any_graph_equals_brute_force(seed in any::<u64>()) {
        compare(seed);
    }

    #[test]
    fn row_order_does_not_matter(seed in any::<u64>(), rotate in 0usize..40) {
        let (mut rows, mut movements) = random_rows(seed);
        let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
        let straight = LotGraph::build(rows.clone(), movements.clone()).unwrap();
        rows.reverse();
        let middle = if movements.is_empty() { 0 } else { rotate % movements.len() };
        movements.rotate_left(middle);
        let turned = LotGraph::build(rows, movements).unwrap();
        for code in codes {
            let lots = |graph: &LotGraph| -> Vec<(String, u32, i64)> {
                let trace = graph.trace(&[&code], Direction::Forward).unwrap();
                trace.lots.into_iter().map(|l| (l.lot, l.distance, l.exposed)).collect()
            };
            prop_assert_eq!(lots(&straight), lots(&turned));
        }
    }
}

#[test]
fn rework_after_the_draw_does_not_expose_what_was_drawn_before() {
    let graph = graph(
        &["BAD", "WIP", "EARLY", "LATE"],
        vec![
            at(2, movement("pack 1", MovementKind::Transform, &[("WIP", 5)], &[("EARLY", 5)])),
            at(3, movement("rework", MovementKind::Transform, &[("BAD", 1)], &[("WIP", 1)])),
            at(4, movement("pack 2", MovementKind::Transform, &[("WIP", 5)], &[("LATE", 5)])),
        ],
    );
    let trace = graph.trace(&["BAD"], Direction::Forward).unwrap();
    let seen: Vec<(&str, bool)> = trace.lots.iter().map(|l| (l.lot.as_str(), l.in_time)).collect();
    assert_eq!(seen, [("WIP", true), ("EARLY", false), ("LATE", true)]);
    assert_eq!((trace.conservative.lots, trace.time_respecting.lots), (3, 2));
}

#[test]
fn sharing_a_pallet_is_not_sharing_an_ingredient() {
    let graph = graph(
        &["A", "B", "P", "X", "Y"],
        vec![
            at(1, movement("pack", MovementKind::Aggregate, &[("A", 3), ("B", 4)], &[("P", 1)])),
            at(2, movement("ship", MovementKind::Ship, &[("P", 1)], &[])),
            at(3, movement("unpack", MovementKind::Disaggregate, &[("P", 1)], &[])),
            at(4, movement("use", MovementKind::Transform, &[("B", 4)], &[("Y", 4)])),
            at(5, movement("reuse", MovementKind::Aggregate, &[("X", 9)], &[("P", 1)])),
            at(6, movement("ship again", MovementKind::Ship, &[("P", 1)], &[])),
        ],
    );
    let reach = |code: &str, direction| -> Vec<&str> {
        let reach = graph.reach(&[graph.lot(code).unwrap()], direction, Mode::Conservative);
        reach.lots[1..].iter().map(|lot| graph.code(lot.lot)).collect()
    };
    assert_eq!(reach("A", Direction::Forward), ["P"]);
    assert_eq!(reach("Y", Direction::Backward), ["B", "P"]);
    assert_eq!(reach("P", Direction::Backward), ["A", "B", "X"]);
    let balance = graph.balance("A", None).unwrap();
    assert_eq!(balance.shipped, 3, "the shipped pallet ships what is in it");
}

#[test]
fn goods_unpacked_under_a_new_code_may_be_anything_inside() {
    let graph = graph(
        &["A", "B", "P", "NEW"],
        vec![
            at(1, movement("pack", MovementKind::Aggregate, &[("A", 3), ("B", 4)], &[("P", 1)])),
            at(2, movement("unpack", MovementKind::Disaggregate, &[("P", 1)], &[("NEW", 7)])),
        ],
    );
    let new = graph.lot("NEW").unwrap();
    let reach = graph.reach(&[new], Direction::Backward, Mode::TimeRespecting);
    let codes: Vec<&str> = reach.lots[1..].iter().map(|lot| graph.code(lot.lot)).collect();
    assert_eq!(codes, ["A", "B", "P"]);
}

#[test]
fn diamonds_do_not_multiply() {
    let mut movements = Vec::new();
    let mut codes = vec!["L0".to_owned()];
    for layer in 0..200 {
        let (here, next) = (format!("L{layer}"), format!("L{}", layer + 1));
        for side in ["a", "b"] {
            let middle = format!("M{layer}{side}");
            let (into, out) = (format!("{layer}{side} in"), format!("{layer}{side} out"));
            let kind = MovementKind::Transform;
            movements.push(movement(&into, kind, &[(&here, 1)], &[(&middle, 1)]));
            movements.push(movement(&out, kind, &[(&middle, 1)], &[(&next, 1)]));
            codes.push(middle);
        }
        codes.push(next);
    }
    movements.push(movement("rework", MovementKind::Transform, &[("L200", 1)], &[("L0", 1)]));
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let trace = graph(&codes, movements).trace(&["L0"], Direction::Forward).unwrap();
    assert_eq!(trace.lots.len(), 600);
    assert_eq!(trace.lots[599].distance, 400);
}
