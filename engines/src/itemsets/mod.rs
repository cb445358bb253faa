//! Frequent itemsets and association rules, exact to the last count.
//!
//! Pattern growth by occurrence deliver (Uno, Kiyomi & Arimura 2004) on flat arrays: no tree is
//! built. Conditional databases of up to 64 items become bit masks, and those of a few items a
//! table of all their subsets, filled by one superset sum.

mod masks;
mod miner;
mod ratio;
mod rules;
mod transactions;

pub use ratio::{Ratio, RatioError};
pub use rules::{Rule, rules};
pub use transactions::{ParseError, Transactions};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Returns every set of at least one item that at least `min_count` transactions hold; a
/// `min_count` of 0 counts as 1.
///
/// ```
/// use engines::itemsets::{mine, Ratio, Transactions};
///
/// let bakery = Transactions::parse("bread,milk\nbread,milk,jam\nmilk\nbread\n").unwrap();
/// let half: Ratio = "0.5".parse().unwrap();
/// let found = mine(&bakery, half.ceil_of(bakery.len()));
/// assert_eq!(found.by_size(), [2, 1]);
/// let pair = found.iter().find(|set| set.items.len() == 2).unwrap();
/// assert_eq!((bakery.names(pair.items), pair.count), (vec!["bread".into(), "milk".into()], 2));
/// ```
#[must_use]
pub fn mine(transactions: &Transactions, min_count: u32) -> Itemsets {
    miner::mine(transactions, min_count.max(1))
}

/// Frequent itemsets, in one piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Itemsets {
    /// The items of all sets, one set after another, ascending within a set.
    items: Vec<u32>,
    /// Where each set ends in `items`.
    ends: Vec<u32>,
    /// How many transactions hold each set.
    counts: Vec<u32>,
}

/// A set of items and how many transactions hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Itemset<'a> {
    /// Item numbers, ascending; see [`Transactions::names`].
    pub items: &'a [u32],
    /// Transactions with all of them.
    pub count: u32,
}

impl Itemsets {
    /// How many sets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The sets, in the order they were found: the same for the same input.
    pub fn iter(&self) -> impl Iterator<Item = Itemset<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let spans = starts.zip(&self.ends).zip(&self.counts);
        spans.map(|((start, &end), &count)| Itemset {
            items: &self.items[start as usize..end as usize],
            count,
        })
    }

    /// How many sets there are of 1 item, of 2, and so on.
    #[must_use]
    pub fn by_size(&self) -> Vec<usize> {
        let mut sizes = Vec::new();
        for set in self.iter() {
            if sizes.len() < set.items.len() {
                sizes.resize(set.items.len(), 0);
            }
            sizes[set.items.len() - 1] += 1;
        }
        sizes
    }

    /// Adds the set of `prefix` and `more`, sorting its items.
    fn push(&mut self, prefix: &[u32], more: impl IntoIterator<Item = u32>, count: u32) {
        let start = self.items.len();
        self.items.extend_from_slice(prefix);
        self.items.extend(more);
        self.items[start..].sort_unstable();
        self.ends.push(self.items.len() as u32);
        self.counts.push(count);
    }
}

#[cfg(test)]
mod tests;
