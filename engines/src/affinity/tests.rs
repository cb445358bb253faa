//! The acceptance tests of product affinity (seed stories' tests 1 to 5).

use std::collections::BTreeMap;

use super::*;
use crate::score::{Board, Placement, Product, SlotSpec, Storage};
use crate::zones::{Layout, Machine, Slot, heat_map};

fn basket(products: &[&str], season: Option<Season>) -> Basket {
    let products = products.iter().map(|&p| p.to_owned()).collect();
    Basket { products, season, daypart: None }
}

/// 10,000 baskets: Coca-Cola in 2,000, chips in 1,500, both in 433 (300 by chance); coffee and
/// donuts; ice cream and soda together in summer only.
fn model() -> AffinityModel {
    let mut model = AffinityModel::default();
    let mut add = |n: u32, products: &[&str], season| {
        (0..n).for_each(|_| model.add(&basket(products, season)));
    };
    add(433, &["coca-cola", "chips"], None);
    add(1_567, &["coca-cola"], None);
    add(1_067, &["chips"], None);
    add(200, &["coffee", "donut"], None);
    add(500, &["coffee"], None);
    add(300, &["donut"], None);
    add(120, &["ice-cream", "lemonade"], Some(Season::Summer));
    add(80, &["ice-cream"], Some(Season::Summer));
    add(180, &["lemonade"], Some(Season::Summer));
    add(620, &["gum"], Some(Season::Summer));
    add(10, &["ice-cream", "lemonade"], Some(Season::Winter));
    add(190, &["ice-cream"], Some(Season::Winter));
    add(290, &["lemonade"], Some(Season::Winter));
    add(510, &["gum"], Some(Season::Winter));
    add(3_933, &["gum"], None);
    model
}

fn board(placed: &[(&str, &str)]) -> Board {
    let ids = ["coca-cola", "chips", "coffee", "donut", "gum", "novelty"];
    let products = ids.map(|id| Product::new(id, id, id, 2.0, 200, 100)).to_vec();
    let map = heat_map(&Layout::new(Machine::Generic, 3, 3)).unwrap();
    let placed = placed
        .iter()
        .map(|&(slot, id)| Placement { slot: slot.parse().unwrap(), product_id: id.to_owned() });
    Board { placed: placed.collect(), ..Board::new(map, products) }
}

fn slots(names: &[&str]) -> Vec<Slot> {
    names.iter().map(|n| n.parse().unwrap()).collect()
}

#[test]
fn chips_are_a_strong_neighbour_of_coca_cola() {
    let found = suggest(&model(), &board(&[("B2", "coca-cola")]), "coca-cola", Stratum::Overall, 3);
    let chips = &found.unwrap().neighbours[0];
    assert_eq!(chips.product_id, "chips");
    assert!(chips.score >= 85.0, "{}", chips.score);
    assert_eq!(chips.text, "32% more likely to sell together");
    assert_eq!((chips.strength, chips.badge.as_str()), (Strength::Strong, "green"));
}

#[test]
fn a_donut_goes_beside_the_coffee() {
    let found =
        suggest(&model(), &board(&[("B1", "coffee")]), "coffee", Stratum::Overall, 3).unwrap();
    assert_eq!(found.neighbours[0].product_id, "donut");
    assert_eq!(found.neighbours[0].positions, slots(&["A1", "B2", "C1"]));
}

#[test]
fn a_product_without_sales_gets_no_suggestions() {
    let found = suggest(&model(), &board(&[]), "novelty", Stratum::Overall, 3).unwrap();
    assert_eq!(found.readiness, Readiness::InsufficientData);
    assert_eq!(found.message.as_deref(), Some("Insufficient data for recommendations"));
    assert!(found.neighbours.is_empty());
}

#[test]
fn only_products_that_fit_are_suggested() {
    let mut board = board(&[("A1", "coffee")]);
    board.products[3].storage = Storage::Chilled;
    let found = suggest(&model(), &board, "coffee", Stratum::Overall, 3).unwrap();
    assert_eq!(found.readiness, Readiness::NoSpace);
    board.slots = vec![SlotSpec { storage: Storage::Chilled, ..SlotSpec::new(slots(&["C3"])[0]) }];
    let found = suggest(&model(), &board, "coffee", Stratum::Overall, 3).unwrap();
    assert_eq!(found.neighbours[0].positions, slots(&["C3"]));
}

#[test]
fn in_a_full_machine_neighbours_trade_places() {
    let mut full = board(&[
        ("A1", "coffee"),
        ("A2", "gum"),
        ("A3", "gum"),
        ("B1", "gum"),
        ("B2", "gum"),
        ("B3", "gum"),
        ("C1", "gum"),
        ("C2", "gum"),
        ("C3", "donut"),
    ]);
    let found = suggest(&model(), &full, "coffee", Stratum::Overall, 3).unwrap();
    assert_eq!(found.neighbours[0].positions, slots(&["A2", "B1"]));
    full.placed.retain(|p| p.product_id != "donut");
    full.placed.push(Placement { slot: slots(&["C3"])[0], product_id: "gum".into() });
    let found = suggest(&model(), &full, "coffee", Stratum::Overall, 3).unwrap();
    assert_eq!(found.readiness, Readiness::NoSpace);
}

#[test]
fn ice_cream_has_other_friends_in_summer_than_in_winter() {
    let model = model();
    let lift = |season| model.pair("ice-cream", "lemonade", Stratum::Season(season)).unwrap();
    let (summer, winter) = (lift(Season::Summer), lift(Season::Winter));
    assert!(summer.lift > 1.9 && winter.lift < 0.2);
    assert!(summer.score > winter.score + 20.0, "{} {}", summer.score, winter.score);
}

#[test]
fn a_window_that_slides_equals_one_counted_afresh() {
    let categories = [("a", "x"), ("b", "y"), ("c", "y")];
    let categories: BTreeMap<String, String> =
        categories.iter().map(|&(p, c)| (p.to_owned(), c.to_owned())).collect();
    let days: Vec<Basket> = (0..60usize)
        .map(|i| {
            let products = ["a", "b", "c"].iter().enumerate().filter(|(k, _)| (i >> k) & 1 == 1);
            let season = Some(Season::of_month(i as u32 % 12, Hemisphere::Northern));
            let daypart = Some(Daypart::of_hour(i as u32 % 24));
            Basket { products: products.map(|(_, &p)| p.to_owned()).collect(), season, daypart }
        })
        .collect();
    let mut slid = AffinityModel::with_categories(&categories);
    days.iter().for_each(|b| slid.add(b));
    days[..20].iter().for_each(|b| slid.remove(b).unwrap());
    let mut fresh = AffinityModel::with_categories(&categories);
    days[20..].iter().for_each(|b| fresh.add(b));
    for stratum in
        [Stratum::Overall, Stratum::Season(Season::Summer), Stratum::Daypart(Daypart::Night)]
    {
        assert_eq!(slid.pairs(stratum), fresh.pairs(stratum));
        assert_eq!(slid.baskets(stratum), fresh.baskets(stratum));
    }
    assert_eq!(slid.remove(&basket(&["a", "z"], None)), Err(NotCounted));
    assert!(!slid.pairs(Stratum::Overall).is_empty());
}

#[test]
fn seldom_seen_pairs_lean_on_their_categories() {
    let categories: BTreeMap<String, String> =
        [("cola", "drink"), ("pepsi", "drink"), ("chips", "snack"), ("nuts", "snack")]
            .iter()
            .map(|&(p, c)| (p.to_owned(), c.to_owned()))
            .collect();
    let count = |mut model: AffinityModel| {
        (0..300).for_each(|_| model.add(&basket(&["cola", "chips"], None)));
        (0..12).for_each(|_| model.add(&basket(&["pepsi", "nuts"], None)));
        (0..40).for_each(|_| model.add(&basket(&["pepsi", "soap"], None)));
        (0..40).for_each(|_| model.add(&basket(&["nuts", "soap"], None)));
        (0..600).for_each(|_| model.add(&basket(&["gum"], None)));
        model.pair("pepsi", "nuts", Stratum::Overall).unwrap().lift_shrunk
    };
    let (leaning, alone) =
        (count(AffinityModel::with_categories(&categories)), count(AffinityModel::default()));
    assert!(leaning > alone + 0.3, "{leaning} {alone}");
}

#[test]
fn scores_for_a_board_come_from_pairs_with_enough_baskets() {
    let scores = model().pair_scores(&["coca-cola", "chips", "novelty"], Stratum::Overall);
    assert_eq!(scores.len(), 1);
    assert!(scores[0].score > 85.0);
}
