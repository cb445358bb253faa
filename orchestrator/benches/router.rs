//! Times of the offline router: training at boot, routing, recognising and filling.
//!
//! `cargo bench -p orchestrator --bench router`

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use orchestrator::router::{Context, Example, Router, Settings};
use orchestrator::slots::{Entry, Lexicon, Sources, fill, recognise};
use serde_json::json;

fn main() {
    divan::main();
}

const QUESTION: &str = "how much strawberry yoghurt will store 7 sell in the next 14 days?";

const VERBS: &[&str] =
    &["show", "list", "forecast", "trace", "compare", "check", "plan", "explain"];
const NOUNS: &[&str] = &[
    "devices",
    "lots",
    "suppliers",
    "deviations",
    "prices",
    "margins",
    "stock",
    "orders",
    "recalls",
    "menus",
    "routes",
    "shelves",
    "promotions",
    "recipes",
    "campaigns",
];
const TAILS: &[&str] =
    &["of {product}", "for {location}", "in {date_range}", "with the most waste", "by category"];

/// 60 tools with 100 sentences each.
fn catalogue() -> Vec<Example> {
    let mut examples = Vec::new();
    for tool in 0..60 {
        let noun = NOUNS[tool % NOUNS.len()];
        let verb = VERBS[tool / NOUNS.len() * 2 % VERBS.len()];
        for phrase in 0..10 {
            let text = format!(
                "({verb}|please {verb}|can you {verb}|I want to {verb}|let me {verb}) (the|our) {noun} {} {}",
                TAILS[phrase % TAILS.len()],
                ["now", "again and in detail"][phrase / TAILS.len()],
            );
            examples.push(Example { label: format!("tool_{tool}"), workspace: "all".into(), text });
        }
    }
    examples
}

fn lexicon() -> Lexicon {
    let entry =
        |kind: &str, id: String, name: String| Entry { kind: kind.into(), id, names: vec![name] };
    let brands = ["Alma", "Boreal", "Castel", "Dorset", "Evora", "Fjord", "Galil", "Harvest"];
    let goods = ["Yoghurt", "Milk", "Bread", "Cola", "Crisps", "Juice", "Cheese", "Biscuits"];
    let lots = (0..90_000).map(|n| entry("lot", format!("L24-{n:05}"), format!("L24-{n:05}")));
    let products = (0..9_960).map(|n| {
        let name = format!("{} {} {}", brands[n % 8], goods[n / 8 % 8], n / 64);
        entry("product", format!("p{n}"), name)
    });
    let stores = (0..40).map(|n| entry("location", format!("s{n}"), format!("Store {n}")));
    Lexicon::new(lots.chain(products).chain(stores).collect())
}

static ROUTER: LazyLock<Router> =
    LazyLock::new(|| Router::train(&catalogue(), &Settings::default()));
static LEXICON: LazyLock<Lexicon> = LazyLock::new(lexicon);

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn train_60_tools_of_100_sentences(bencher: divan::Bencher<'_, '_>) {
    let examples = catalogue();
    bencher.bench(|| Router::train(&examples, &Settings::default()));
}

#[divan::bench]
fn route(bencher: divan::Bencher<'_, '_>) {
    let router = &*ROUTER;
    let entities = recognise(QUESTION, &LEXICON, now());
    let context = Context { entities: &entities, ..Context::default() };
    bencher.bench(|| router.route(divan::black_box(QUESTION), &context));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn index_100_000_names() -> Lexicon {
    lexicon()
}

#[divan::bench]
fn recognise_among_100_000_names(bencher: divan::Bencher<'_, '_>) {
    let lexicon = &*LEXICON;
    bencher.bench(|| recognise(divan::black_box(QUESTION), lexicon, now()));
}

#[divan::bench]
fn recognise_misspelt_among_100_000_names(bencher: divan::Bencher<'_, '_>) {
    let lexicon = &*LEXICON;
    let text = "how much Borael Yogurht 12 and Havrest Biscuts 3 do we need";
    bencher.bench(|| recognise(divan::black_box(text), lexicon, now()));
}

#[divan::bench]
fn fill_a_forecast(bencher: divan::Bencher<'_, '_>) {
    let schema = json!({ "type": "object", "required": ["product"], "properties": {
        "product": { "type": "string", "x-slot": "product" },
        "location": { "type": "string", "x-slot": "location" },
        "horizon_days": { "type": "integer" },
        "period": { "type": "object", "x-slot": "date_range", "properties": { "from": {}, "to": {} } },
    }});
    let page = json!({});
    let sources = Sources { lexicon: &LEXICON, carried: &[], page: &page, now: now() };
    bencher.bench(|| fill(divan::black_box(QUESTION), &schema, &sources));
}
