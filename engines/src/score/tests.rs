//! The acceptance tests of the placement score, and its properties.

use proptest::prelude::*;

use super::*;
use crate::zones::{Layout, Machine, heat_map};

/// A machine of 5 rows and 8 slots with 40 products, Coca-Cola the fastest and premium water one
/// of the slowest and richest; every slot is filled, best sellers in the best slots.
fn vm_001(machine: Machine) -> Board {
    let map = heat_map(&Layout::new(machine, 5, 8)).unwrap();
    let mut products = vec![
        Product::new("coca-cola", "Coca-Cola", "soda", 12.0, 200, 112),
        Product::new("premium-water", "Premium Water", "water", 1.4, 350, 120),
    ];
    for i in 0..38u32 {
        let category = ["soda", "chips", "candy", "water"][i as usize % 4];
        let units = 0.5 + 10.0 / f64::from(i + 1) + if i > 26 { 0.0 } else { 1.2 };
        let margin = 50 + i64::from(i * 37 % 38) * 4;
        let id = format!("p{i:02}");
        products.push(Product::new(&id, &id, category, units, 100 + margin, 100));
    }
    let mut order: Vec<usize> = (0..40).collect();
    order.sort_by(|&a, &b| map.zones[b].heat.total_cmp(&map.zones[a].heat).then(a.cmp(&b)));
    let placed = order.iter().zip(&products).map(|(&slot, product)| Placement {
        slot: map.zones[slot].slot,
        product_id: product.product_id.clone(),
    });
    Board { placed: placed.collect(), ..Board::new(map.clone(), products) }
}

fn at(text: &str) -> Slot {
    text.parse().unwrap()
}

#[test]
fn coca_cola_at_eye_level_is_green() {
    for machine in [Machine::Generic, Machine::Snack, Machine::Cooler] {
        let placed = score(&vm_001(machine), "coca-cola", at("B3")).unwrap();
        assert!((85.0..=95.0).contains(&placed.score), "{machine:?} {}", placed.score);
        assert_eq!((placed.colour, placed.hex.as_str()), (Colour::Green, "#28a745"));
        assert_eq!(placed.summary, "eye-level placement for high-velocity product");
    }
}

#[test]
fn premium_water_on_the_bottom_row_is_red() {
    let placed = score(&vm_001(Machine::Generic), "premium-water", at("E1")).unwrap();
    assert!((30.0..=45.0).contains(&placed.score), "{}", placed.score);
    assert_eq!((placed.colour, placed.hex.as_str()), (Colour::Red, "#dc3545"));
    assert_eq!(placed.summary, "low visibility for high-margin product");
}

#[test]
fn points_add_up_to_the_score_and_stand_in_the_text() {
    let board = vm_001(Machine::Generic);
    for slot in ["A1", "B3", "D8", "E1"] {
        let placed = score(&board, "coca-cola", at(slot)).unwrap();
        let sum: f64 = placed.reasons.iter().map(|r| r.points).sum();
        assert!((sum - placed.score).abs() < 1e-9);
        for reason in &placed.reasons {
            let stated = format!(": {:.1} of {:.0} points", reason.points, reason.out_of);
            assert!(reason.text.ends_with(&stated), "{}", reason.text);
        }
    }
    assert_eq!(Component::ALL.iter().map(|c| c.out_of()).sum::<f64>(), 100.0);
}

#[test]
fn a_broken_constraint_caps_the_score_and_leads_the_wording() {
    let mut board = vm_001(Machine::Generic);
    board.products[0].storage = Storage::Chilled;
    let placed = score(&board, "coca-cola", at("B3")).unwrap();
    assert!(!placed.allowed && placed.score <= REFUSED_CAP);
    assert_eq!(placed.summary, "not allowed: needs chilled storage, the slot is ambient");
    board.slots.push(SlotSpec { storage: Storage::Chilled, ..SlotSpec::new(at("B3")) });
    assert!(score(&board, "coca-cola", at("B3")).unwrap().score > 85.0);
}

#[test]
fn neighbours_of_one_kind_and_affinity_add_points() {
    let mut board = vm_001(Machine::Generic);
    let before = score(&board, "coca-cola", at("D4")).unwrap();
    for other in board.products.iter_mut().skip(1) {
        other.category = "soda".to_owned();
    }
    let pair =
        |p: &Product| PairScore { a: "coca-cola".into(), b: p.product_id.clone(), score: 100.0 };
    board.affinities = board.products[1..].iter().map(pair).collect();
    let after = score(&board, "coca-cola", at("D4")).unwrap();
    let gained = after.score - before.score;
    assert!(gained > 3.9 && gained <= 8.5, "{gained}");
}

#[test]
fn refuses_boards_that_contradict_themselves() {
    let board = vm_001(Machine::Generic);
    assert!(matches!(score(&board, "pepsi", at("B3")), Err(BoardError::UnknownProduct(_))));
    assert!(matches!(score(&board, "p01", at("F1")), Err(BoardError::UnknownSlot(_))));
    let mut twice = board.clone();
    twice.placed.push(Placement { slot: at("A1"), product_id: "p01".into() });
    assert!(matches!(score(&twice, "p01", at("B3")), Err(BoardError::RepeatedSlot(_))));
    let mut copied = board.clone();
    copied.products.push(board.products[3].clone());
    assert!(matches!(score(&copied, "p01", at("B3")), Err(BoardError::RepeatedProduct(_))));
    let mut negative = board;
    negative.products[0].units_per_day = -1.0;
    assert!(matches!(score(&negative, "p01", at("B3")), Err(BoardError::Figure(_))));
}

#[test]
fn the_best_plan_has_no_regret_and_a_bottom_row_star_has() {
    let board = vm_001(Machine::Generic);
    let table = RegretTable::new(&board).unwrap();
    let bottom = table.score("coca-cola", at("E8")).unwrap().regret.unwrap();
    assert!(bottom.cents_per_day > 100.0, "{bottom:?}");
    let best = bottom.best_slot.unwrap();
    assert!(table.regret("coca-cola", best).unwrap().unwrap().cents_per_day < 1e-6);
}

proptest! {
    #[test]
    fn score_ignores_the_order_of_products(shift in 1usize..39, product in 0usize..40, zone in 0usize..40) {
        let board = vm_001(Machine::Snack);
        let mut turned = board.clone();
        turned.products.rotate_left(shift);
        turned.placed.rotate_right(shift);
        let (id, slot) = (&board.products[product].product_id, board.map.zones[zone].slot);
        let (a, b) = (score(&board, id, slot).unwrap(), score(&turned, id, slot).unwrap());
        prop_assert!((a.score - b.score).abs() < 1e-9);
        prop_assert_eq!(a.summary, b.summary);
    }

    #[test]
    fn every_score_is_between_0_and_100(product in 0usize..40, zone in 0usize..40) {
        let board = vm_001(Machine::Cooler);
        let parts = Scorer::new(&board).unwrap().parts(product, zone);
        prop_assert!((0.0..=100.0).contains(&parts.score()));
    }

    #[test]
    fn a_hotter_slot_never_lowers_visibility_and_match(heat in 30.0..100.0f64, more in 0.0..50.0f64) {
        let board = vm_001(Machine::Generic);
        let sum = |h: f64| {
            let mut b = board.clone();
            b.map.zones[7].heat = h.min(100.0);
            let parts = Scorer::new(&b).unwrap().parts(5, 7);
            parts.points[0] + parts.points[1]
        };
        prop_assert!(sum(heat + more) >= sum(heat) - 1e-9);
    }
}
