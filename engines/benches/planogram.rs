//! Scores, assignments and plans of a machine of 40 slots.

use divan::{Bencher, black_box};
use engines::planogram::{Wish, assign, optimise};
use engines::score::{Board, PairScore, Placement, Product, RegretTable, Scorer};
use engines::zones::{Layout, Machine, heat_map};

fn main() {
    divan::main();
}

/// The numbers of a fixed sequence, between 0 and 1.
fn shares(count: usize) -> Vec<f64> {
    let mut state = 88_172_645_463_325_252u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(next).collect()
}

/// A full machine of 5 rows by 8 slots and every pair's affinity.
fn board() -> Board {
    let map = heat_map(&Layout::new(Machine::Generic, 5, 8)).expect("a small grid");
    let random = shares(2_000);
    let product = |i: usize| {
        let price = 150 + (random[i] * 200.0) as i64;
        let category = ["soda", "chips", "candy", "water", "bars", "gum"][i % 6];
        Product::new(&format!("p{i:02}"), "p", category, 20.0 * random[i + 40], price, 100)
    };
    let products: Vec<Product> = (0..40).map(product).collect();
    let pairs = (0..40).flat_map(|b| (0..b).map(move |a| (a, b)));
    let affinities = pairs.zip(&random[100..]).map(|((a, b), share)| PairScore {
        a: products[a].product_id.clone(),
        b: products[b].product_id.clone(),
        score: 100.0 * share,
    });
    let placed = map.zones.iter().zip(&products);
    let placed = placed.map(|(z, p)| Placement { slot: z.slot, product_id: p.product_id.clone() });
    Board {
        affinities: affinities.collect(),
        placed: placed.collect(),
        ..Board::new(map.clone(), products)
    }
}

/// 1,600 scores; divide by that for one.
#[divan::bench]
fn score_matrix_40_by_40(bencher: Bencher) {
    let board = board();
    let scorer = Scorer::new(&board).expect("a sound board");
    bencher.bench(|| black_box(&scorer).matrix());
}

#[divan::bench]
fn one_score_with_reasons(bencher: Bencher) {
    let board = board();
    let scorer = Scorer::new(&board).expect("a sound board");
    let slot = board.map.zones[10].slot;
    bencher.bench(|| scorer.explain(black_box("p05"), slot));
}

#[divan::bench]
fn board_to_one_score(bencher: Bencher) {
    let board = board();
    let slot = board.map.zones[10].slot;
    bencher.bench(|| engines::score::score(black_box(&board), "p05", slot));
}

#[divan::bench]
fn regrets_of_a_board(bencher: Bencher) {
    let board = board();
    bencher.bench(|| RegretTable::new(black_box(&board)).is_ok());
}

/// Velocity × zone with 40 % noise, the shape of a planogram.
#[divan::bench(args = [40, 100, 200])]
fn assignment(bencher: Bencher, n: usize) {
    let random = shares(n * n + 2 * n);
    let profit = |at: usize| {
        let (velocity, zone) = (10.0 * random[at / n], 0.5 + random[n + at % n]);
        velocity * zone * (0.8 + 0.4 * random[2 * n + at])
    };
    let profits: Vec<f64> = (0..n * n).map(profit).collect();
    bencher.bench(|| assign(n, black_box(&profits)).map(|a| a.total));
}

#[divan::bench]
fn plan_of_40_slots(bencher: Bencher) {
    let board = board();
    bencher.bench(|| optimise(black_box(&board), &Wish::default()).map(|p| p.cents_per_day));
}

#[divan::bench]
fn plan_with_affinity_and_20_moves(bencher: Bencher) {
    let board = board();
    let wish = Wish { adjacency_percent: 3.0, max_moves: Some(20), ..Wish::default() };
    bencher.bench(|| optimise(black_box(&board), &wish).map(|p| p.cents_per_day));
}
