//! Brute force on small data, known answers on public data.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::*;

/// Every frequent set, by trying each subset of each transaction.
fn brute(transactions: &Transactions, min_count: u32) -> BTreeMap<Vec<u32>, u32> {
    let mut counts: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    for items in transactions.iter() {
        for mask in 1u32..1 << items.len() {
            let set = items.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1);
            *counts.entry(set.map(|(_, &item)| item).collect()).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count >= min_count);
    counts
}

fn mined(transactions: &Transactions, min_count: u32) -> BTreeMap<Vec<u32>, u32> {
    let found = mine(transactions, min_count);
    let sets: BTreeMap<Vec<u32>, u32> = found.iter().map(|s| (s.items.to_vec(), s.count)).collect();
    assert_eq!(sets.len(), found.len(), "no set is found twice");
    sets
}

proptest! {
    #[test]
    fn equals_brute_force(
        rows in prop::collection::vec(prop::collection::vec(0u32..14, 0..10), 0..60),
        min_count in 1u32..6,
    ) {
        let transactions = Transactions::from_items(&rows);
        prop_assert_eq!(mined(&transactions, min_count), brute(&transactions, min_count));
    }

    #[test]
    fn equals_brute_force_with_more_items_than_a_mask_is_wide(
        rows in prop::collection::vec(prop::collection::vec(0u32..90, 2..7), 1..40),
    ) {
        // One item in every transaction makes the others its conditional database.
        let rows: Vec<Vec<u32>> = rows.into_iter().map(|mut r| { r.push(90); r.push(91); r }).collect();
        let transactions = Transactions::from_items(&rows);
        prop_assert_eq!(mined(&transactions, 1), brute(&transactions, 1));
    }

    #[test]
    fn rules_have_the_confidence_asked_for(
        rows in prop::collection::vec(prop::collection::vec(0u32..8, 1..6), 1..40), percent in 1u64..100,
    ) {
        let transactions = Transactions::from_items(&rows);
        let found = mine(&transactions, 2);
        let ratio = Ratio { numerator: percent, denominator: 100 };
        let (strict, all) = (rules(&found, ratio), rules(&found, Ratio { numerator: 0, denominator: 1 }));
        let kept = all.iter().filter(|r| u64::from(r.count) * 100 >= percent * u64::from(r.antecedent_count));
        prop_assert_eq!(strict.len(), kept.count());
        let splits: usize = found.iter().map(|s| if s.items.len() > 1 { s.items.len() } else { 0 }).sum();
        prop_assert_eq!(all.len(), splits);
    }
}

#[test]
fn a_rule_states_its_lift() {
    let transactions = Transactions::parse("1 2\n1 2\n1 3\n4\n").unwrap();
    let found = rules(&mine(&transactions, 2), "0.5".parse().unwrap());
    let rule = found.iter().find(|r| r.consequent == 2).unwrap();
    assert!((rule.confidence() - 2.0 / 3.0).abs() < 1e-12);
    assert!((rule.lift(transactions.len()) - 4.0 / 3.0).abs() < 1e-12);
}

/// The text of an evaluation file, unpacked; `None`, with a line that says so, when it is absent.
fn evaluation(name: &str) -> Option<Transactions> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/baskets");
    let path = root.join(name);
    let text = if !path.exists() {
        None
    } else if path.extension().is_some_and(|e| e == "gz") {
        let unpacked = Command::new("gzip").arg("-dc").arg(&path).output().ok();
        unpacked.and_then(|out| String::from_utf8(out.stdout).ok()).filter(|t| !t.is_empty())
    } else {
        std::fs::read_to_string(&path).ok()
    };
    if text.is_none() {
        eprintln!("skipped: no evaluation data at {}", path.display());
    }
    text.map(|t| Transactions::parse(&t).unwrap())
}

fn assert_counts(transactions: &Transactions, known: &[(&str, usize)]) {
    for &(support, count) in known {
        let ratio: Ratio = support.parse().unwrap();
        let found = mine(transactions, ratio.ceil_of(transactions.len()));
        assert_eq!(found.len(), count, "at support {support}");
    }
}

/// Counts by Borgelt's fpgrowth (pyfim) on the arules data set.
#[test]
fn groceries_counts_match_fpgrowth() {
    let Some(t) = evaluation("groceries.csv") else { return };
    assert_eq!((t.len(), t.item_count(), t.all_items().len()), (9_835, 169, 43_367));
    assert_counts(
        &t,
        &[("0.1", 8), ("0.05", 31), ("0.01", 333), ("0.005", 1_001), ("0.0005", 49_580)],
    );
    assert_eq!(mine(&t, 10).by_size(), [157, 2_981, 6_831, 3_137, 376, 10]);
}

/// The 5,668, 410 and 463 rules that the tutorials of arules print.
#[test]
fn groceries_rules_match_arules() {
    let Some(t) = evaluation("groceries.csv") else { return };
    let known = [
        ("0.001", "0.5", 5_668),
        ("0.001", "0.8", 410),
        ("0.006", "0.25", 463),
        ("0.01", "0.5", 15),
        ("0.001", "0.9", 129),
    ];
    for (support, confidence, count) in known {
        let min_count = support.parse::<Ratio>().unwrap().ceil_of(t.len());
        let found = rules(&mine(&t, min_count), confidence.parse().unwrap());
        assert_eq!(found.len(), count, "{support} {confidence}");
    }
}

#[test]
fn retail_counts_match_fpgrowth() {
    let Some(t) = evaluation("fimi-retail.dat.gz") else { return };
    assert_eq!((t.len(), t.item_count()), (88_162, 16_470));
    let known = [
        ("0.01", 159),
        ("0.005", 580),
        ("0.001", 7_589),
        ("0.0005", 19_242),
        ("0.0002", 67_186),
        ("0.0001", 240_852),
    ];
    assert_counts(&t, &known);
}

#[test]
fn t10i4_counts_match_fpgrowth() {
    let Some(t) = evaluation("t10i4d100k.dat.gz") else { return };
    assert_counts(&t, &[("0.01", 385), ("0.005", 1_073), ("0.001", 27_532), ("0.0005", 53_385)]);
}
