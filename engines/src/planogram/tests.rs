//! Plans against brute force, and what every plan must hold.

use proptest::prelude::*;

use super::*;
use crate::score::{PairScore, Product, SlotSpec, Storage};
use crate::zones::{Layout, Machine, heat_map};

/// A machine of `rows × columns` slots, filled from the top left with its products.
fn board(rows: u8, columns: u8, units: &[u32], affinities: &[u8]) -> Board {
    let map = heat_map(&Layout::new(Machine::Generic, rows, columns)).unwrap();
    let product = |(i, &u): (usize, &u32)| {
        Product::new(&format!("p{i:02}"), "p", "c", f64::from(u) / 10.0, 150 + 10 * i as i64, 100)
    };
    let products: Vec<Product> = units.iter().enumerate().map(product).collect();
    let pairs = (0..products.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    let scores = pairs.zip(affinities).map(|((a, b), &score)| PairScore {
        a: products[a].product_id.clone(),
        b: products[b].product_id.clone(),
        score: f64::from(score),
    });
    let placed = map.zones.iter().zip(&products);
    let placed = placed.map(|(z, p)| Placement { slot: z.slot, product_id: p.product_id.clone() });
    Board {
        placed: placed.collect(),
        affinities: scores.collect(),
        ..Board::new(map.clone(), products)
    }
}

/// The best total over every way to fill the slots with distinct products or nothing.
fn brute(problem: &Problem<'_>, limit: usize, layout: &mut problem::Layout) -> f64 {
    let slot = layout.len();
    if slot == problem.slots {
        let fits = bound::moves(problem, layout) <= limit;
        return if fits { problem.total(layout) } else { f64::NEG_INFINITY };
    }
    let mut best = f64::NEG_INFINITY;
    for copy in std::iter::once(None).chain((0..problem.copies.len()).map(Some)) {
        if copy.is_some() && layout.contains(&copy) {
            continue;
        }
        layout.push(copy);
        best = best.max(brute(problem, limit, layout));
        layout.pop();
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn small_plans_are_optimal_and_bounded(
        units in prop::collection::vec(1u32..100, 5), affinities in prop::collection::vec(0u8..=100, 10),
        limit in 0u32..=4, adjacency in prop::sample::select(vec![0.0, 5.0, 30.0]),
    ) {
        let board = board(2, 2, &units, &affinities);
        let wish = Wish { max_moves: Some(limit), adjacency_percent: adjacency, ..Wish::default() };
        let plan = optimise(&board, &wish).unwrap();
        let best = brute(&Problem::new(&board, &wish).unwrap(), limit as usize, &mut Vec::new());
        prop_assert!(plan.moves.len() <= limit as usize);
        prop_assert!((plan.cents_per_day - best).abs() < 1e-6, "{} {}", plan.cents_per_day, best);
        prop_assert!(plan.bound_cents_per_day >= best - 1e-6);
    }

    #[test]
    fn plans_of_a_machine_keep_their_promises(
        units in prop::collection::vec(1u32..200, 44), affinities in prop::collection::vec(0u8..=100, 946),
        limit in 0u32..=40, locked in prop::collection::btree_set(0usize..40, 0..6),
    ) {
        let mut board = board(5, 8, &units, &affinities);
        board.products[7].storage = Storage::Chilled;
        board.slots = vec![SlotSpec { storage: Storage::Chilled, ..SlotSpec::new(board.map.zones[7].slot) }];
        let locked: Vec<Slot> = locked.into_iter().map(|i| board.map.zones[i].slot).collect();
        let wish = Wish { locked: locked.clone(), max_moves: Some(limit), adjacency_percent: 3.0, ..Wish::default() };
        let plan = optimise(&board, &wish).unwrap();
        prop_assert!(plan.moves.len() <= limit as usize);
        prop_assert!(plan.moves.iter().all(|m| !locked.contains(&m.slot)));
        prop_assert!(plan.cents_per_day >= plan.current_cents_per_day - 1e-9);
        prop_assert!(plan.cents_per_day <= plan.bound_cents_per_day + 1e-9);
        let mut ids: Vec<&str> = plan.placed.iter().map(|p| p.product_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), plan.placed.len());
        let cold = plan.placed.iter().find(|p| p.product_id == "p07");
        prop_assert!(cold.is_none_or(|p| p.slot == board.map.zones[7].slot));
    }
}

#[test]
fn more_moves_never_earn_less() {
    let units: Vec<u32> = (1..=40).collect();
    let board = board(5, 8, &units, &[]);
    let earns = |limit| {
        let plan = optimise(&board, &Wish { max_moves: Some(limit), ..Wish::default() }).unwrap();
        (plan.cents_per_day, plan.gap_percent)
    };
    let totals: Vec<f64> = [0, 2, 4, 8, 16, 40].into_iter().map(|k| earns(k).0).collect();
    assert!(totals.is_sorted(), "{totals:?}");
    assert!(earns(40).1 < 1e-9 && earns(8).1 < 2.0, "{:?}", earns(8));
}

#[test]
fn facings_go_to_the_best_sellers() {
    let board = board(2, 2, &[300, 10, 10], &[]);
    let plan = optimise(&board, &Wish { max_facings: 2, ..Wish::default() }).unwrap();
    let facings = plan.placed.iter().filter(|p| p.product_id == "p00").count();
    assert_eq!((facings, plan.placed.len()), (2, 4));
}

#[test]
fn refuses_a_lock_outside_the_machine() {
    let wish = Wish { locked: vec![Slot::at(9, 9)], ..Wish::default() };
    assert!(matches!(optimise(&board(2, 2, &[1], &[]), &wish), Err(BoardError::UnknownSlot(_))));
}
