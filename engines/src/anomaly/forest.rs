//! Isolation forest: odd rows are parted from the others by few random cuts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Size and seed of a forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForestSettings {
    /// Trees; 100 after Liu, Ting & Zhou (2008).
    pub trees: u32,
    /// Rows drawn for each tree; 256 after them.
    pub sample: u32,
    /// Start of the sequence of cuts: the same seed gives the same forest.
    pub seed: u64,
}

impl Default for ForestSettings {
    fn default() -> Self {
        Self { trees: 100, sample: 256, seed: 1 }
    }
}

/// Random trees over rows of figures.
///
/// ```
/// use engines::anomaly::{Forest, ForestSettings};
///
/// let mut rows: Vec<Vec<f64>> = (0..50).map(|i| vec![f64::from(i % 7), f64::from(i % 5)]).collect();
/// rows.push(vec![40.0, 40.0]);
/// let forest = Forest::grow(&rows, &ForestSettings::default());
/// assert!(forest.score(&[40.0, 40.0]) > 0.75 && forest.score(&[3.0, 2.0]) < 0.55);
/// ```
#[derive(Clone, Debug)]
pub struct Forest {
    trees: Vec<Node>,
    expected: f64,
}

#[derive(Clone, Debug)]
enum Node {
    /// So many rows are not parted further.
    Leaf(usize),
    Cut {
        column: usize,
        at: f64,
        below: Box<Node>,
        above: Box<Node>,
    },
}

impl Forest {
    /// Grows a forest over rows of equal length.
    #[must_use]
    pub fn grow(rows: &[Vec<f64>], settings: &ForestSettings) -> Self {
        let sample = rows.len().min(settings.sample as usize);
        let depth = (sample.max(2) as f64).log2().ceil() as u32;
        let mut random = Sequence(settings.seed);
        let trees = (0..settings.trees).map(|_| {
            let mut order: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            for i in 0..sample {
                let other = i + random.below(order.len() - i);
                order.swap(i, other);
            }
            Node::grow(&mut order[..sample], depth, &mut random)
        });
        Self { trees: trees.collect(), expected: mean_path(sample) }
    }

    /// Returns how odd a row is: `2^(−mean path / expected path)`, near 1 for odd rows, about 0.5
    /// for ordinary ones.
    #[must_use]
    pub fn score(&self, row: &[f64]) -> f64 {
        if self.trees.is_empty() || self.expected <= 0.0 {
            return 0.5;
        }
        let paths: f64 = self.trees.iter().map(|tree| tree.path(row, 0.0)).sum();
        2f64.powf(-paths / self.trees.len() as f64 / self.expected)
    }
}

impl Node {
    fn grow(rows: &mut [&[f64]], depth: u32, random: &mut Sequence) -> Self {
        let width = rows.first().map_or(0, |r| r.len());
        let range = |column: usize, rows: &[&[f64]]| {
            let values = rows.iter().map(|r| r[column]);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)))
        };
        let varying: Vec<usize> = (0..width)
            .filter(|&c| {
                let (low, high) = range(c, rows);
                low < high
            })
            .collect();
        if depth == 0 || rows.len() < 2 || varying.is_empty() {
            return Self::Leaf(rows.len());
        }
        let column = varying[random.below(varying.len())];
        let (low, high) = range(column, rows);
        let at = low + (high - low) * random.share();
        rows.sort_by(|a, b| a[column].total_cmp(&b[column]));
        // At least one row stands on each side, even where the cut falls on the lowest value.
        let split = rows.partition_point(|r| r[column] <= at).clamp(1, rows.len() - 1);
        let (below, above) = rows.split_at_mut(split);
        Self::Cut {
            column,
            at,
            below: Box::new(Self::grow(below, depth - 1, random)),
            above: Box::new(Self::grow(above, depth - 1, random)),
        }
    }

    fn path(&self, row: &[f64], steps: f64) -> f64 {
        match self {
            Self::Leaf(rows) => steps + mean_path(*rows),
            Self::Cut { column, at, below, above } => {
                let next = if row[*column] <= *at { below } else { above };
                next.path(row, steps + 1.0)
            }
        }
    }
}

/// Mean path of an unsuccessful search in a binary tree of `n` rows.
fn mean_path(n: usize) -> f64 {
    match n {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let m = (n - 1) as f64;
            2.0 * (m.ln() + 0.577_215_664_901_532_9) - 2.0 * m / n as f64
        }
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014): the same seed gives the same numbers everywhere.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_splitmix64() {
        // First outputs for seed 1234567, as published with the reference implementation.
        let mut sequence = Sequence(1_234_567);
        assert_eq!(sequence.next(), 6_457_827_717_110_365_317);
        assert_eq!(sequence.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn one_seed_gives_one_forest() {
        let rows: Vec<Vec<f64>> = (0..300).map(|i| vec![f64::from(i * 31 % 97)]).collect();
        let score = |seed| {
            Forest::grow(&rows, &ForestSettings { seed, ..ForestSettings::default() })
                .score(&[50.0])
        };
        assert_eq!(score(3).to_bits(), score(3).to_bits());
        assert!((mean_path(256) - 10.24).abs() < 0.01);
    }

    #[test]
    fn no_rows_and_equal_rows_are_ordinary() {
        assert_eq!(Forest::grow(&[], &ForestSettings::default()).score(&[1.0]), 0.5);
        let equal = vec![vec![4.0]; 30];
        let score = Forest::grow(&equal, &ForestSettings::default()).score(&[4.0]);
        assert!((score - 0.5).abs() < 1e-9, "{score}");
    }
}
