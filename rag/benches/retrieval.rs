//! Analysis, training and search over generated passages, without a database.

use divan::{Bencher, black_box, counter::BytesCount};
use rag::analyze::{Analysis, Analyzer};
use rag::corpus::{Document, Index};
use rag::embed::Lex640;

fn main() {
    divan::main();
}

/// Passages of 120 words with Zipf-like frequencies.
fn passages(n: usize) -> Vec<String> {
    let mut state = 1_u64;
    let mut draw = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1_u64 << 24) as f64
    };
    let mut word = move || {
        let rank = (9_000.0_f64.powf(draw()) - 1.0) as usize;
        let syllables = ["ba", "cor", "den", "fil", "gra", "hum", "lit", "mo", "nar", "sto"];
        rank.to_string().bytes().map(|digit| syllables[usize::from(digit - b'0')]).collect()
    };
    (0..n).map(|_| (0..120).map(|_| word()).collect::<Vec<String>>().join(" ")).collect()
}

fn index(n: usize) -> Index {
    let document = |(n, text)| Document { id: format!("{n}"), title: format!("page {n}"), text };
    Index::new(passages(n).into_iter().enumerate().map(document).collect())
}

#[divan::bench]
fn analyze(bencher: Bencher) {
    let text = passages(1).remove(0);
    let analyzer = Analyzer::default();
    bencher.counter(BytesCount::of_str(&text)).bench(|| analyzer.analyze(black_box(&text)));
}

#[divan::bench(args = [500, 2_000], sample_count = 5, sample_size = 1)]
fn train(bencher: Bencher, n: usize) {
    let analyzer = Analyzer::default();
    let analyses: Vec<Analysis> = passages(n).iter().map(|text| analyzer.analyze(text)).collect();
    bencher.bench(|| Lex640::train(black_box(&analyses)));
}

#[divan::bench(args = [1_000, 5_000], sample_count = 50)]
fn search(bencher: Bencher, n: usize) {
    let index = index(n);
    let question =
        passages(40).pop().map(|text| text.split(' ').take(8).collect::<Vec<_>>().join(" "));
    let question = question.unwrap_or_default();
    bencher.bench(|| index.search(black_box(&question), 10));
}
