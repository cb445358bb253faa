//! Frequent itemsets, rules and affinity at the sizes that the bars name. Public data sets are used where present;
//! a synthetic one of the same shape always is.

use std::path::Path;
use std::process::Command;

use divan::{Bencher, black_box};
use engines::affinity::{AffinityModel, Basket, Daypart, Season};
use engines::itemsets::{Ratio, Transactions, mine, rules};

fn main() {
    divan::main();
}

/// The text of an evaluation file, unpacked; empty when it is absent.
fn evaluation(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/baskets").join(name);
    let text = if path.extension().is_some_and(|e| e == "gz") {
        let unpacked = Command::new("gzip").arg("-dc").arg(&path).output().ok();
        unpacked.and_then(|out| String::from_utf8(out.stdout).ok())
    } else {
        std::fs::read_to_string(&path).ok()
    };
    text.unwrap_or_default()
}

/// 20,000 baskets of 1 to 20 of 1,000 items, low numbers the most popular.
fn synthetic() -> String {
    let mut state = 88_172_645_463_325_252u64;
    let mut random = move |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    let basket = |_| {
        let size = 1 + random(20);
        let items = (0..size).map(|_| (random(1_000) * random(1_000) / 1_000).to_string());
        items.collect::<Vec<_>>().join(" ")
    };
    (0..20_000).map(basket).collect::<Vec<_>>().join("\n")
}

const CASES: [(&str, &str); 8] = [
    ("synthetic", "0.001"),
    ("groceries.csv", "0.001"),
    ("groceries.csv", "0.0005"),
    ("fimi-retail.dat.gz", "0.01"),
    ("fimi-retail.dat.gz", "0.001"),
    ("fimi-retail.dat.gz", "0.0005"),
    ("fimi-retail.dat.gz", "0.0001"),
    ("t10i4d100k.dat.gz", "0.001"),
];

fn text_of(name: &str) -> String {
    if name == "synthetic" { synthetic() } else { evaluation(name) }
}

/// Mining alone, from transactions in memory.
#[divan::bench(args = CASES.map(|(name, support)| format!("{name} {support}")))]
fn mining(bencher: Bencher, case: &str) {
    let (name, support) = case.split_once(' ').expect("a name and a support");
    let transactions = Transactions::parse(&text_of(name)).expect("public data parse");
    let ratio: Ratio = support.parse().expect("a decimal");
    let min_count = ratio.ceil_of(transactions.len());
    bencher.bench(|| mine(black_box(&transactions), min_count).len());
}

/// The whole job: text to itemsets.
#[divan::bench(args = ["synthetic 0.001", "groceries.csv 0.001", "fimi-retail.dat.gz 0.0005"])]
fn text_to_itemsets(bencher: Bencher, case: &str) {
    let (name, support) = case.split_once(' ').expect("a name and a support");
    let text = text_of(name);
    let ratio: Ratio = support.parse().expect("a decimal");
    bencher.bench(|| {
        let transactions = Transactions::parse(black_box(&text)).expect("public data parse");
        mine(&transactions, ratio.ceil_of(transactions.len())).len()
    });
}

#[divan::bench]
fn groceries_rules(bencher: Bencher) {
    let transactions = Transactions::parse(&text_of("groceries.csv")).expect("public data parse");
    let found = mine(&transactions, 10);
    let half = Ratio { numerator: 1, denominator: 2 };
    bencher.bench(|| rules(black_box(&found), half).len());
}

/// Six months of 100,000 baskets of two or three of 60 products.
#[divan::bench(sample_count = 10)]
fn affinity_of_100_000_baskets(bencher: Bencher) {
    let names: Vec<String> = (0..60).map(|i| format!("product-{i:02}")).collect();
    let basket = |i: usize| Basket {
        products: [i * 7, i * i, i / 3].map(|k| names[k % 60].clone())[..2 + i % 2].to_vec(),
        season: Some(Season::Summer),
        daypart: Some(Daypart::Morning),
    };
    let baskets: Vec<Basket> = (0..100_000).map(basket).collect();
    bencher.bench(|| {
        let mut model = AffinityModel::default();
        black_box(&baskets).iter().for_each(|b| model.add(b));
        model.pairs(engines::affinity::Stratum::Overall).len()
    });
}
