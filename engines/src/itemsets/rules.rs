//! Association rules: who has these items also has that one.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Itemsets, Ratio};

/// A rule with one consequent, in counts, so that it can be judged exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Items on the left, ascending.
    pub antecedent: Vec<u32>,
    /// The item on the right.
    pub consequent: u32,
    /// Transactions with all of them.
    pub count: u32,
    /// Transactions with the antecedent.
    pub antecedent_count: u32,
    /// Transactions with the consequent.
    pub consequent_count: u32,
}

impl Rule {
    /// Share of the transactions with the antecedent that also hold the consequent.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        f64::from(self.count) / f64::from(self.antecedent_count)
    }

    /// How many times more often than by chance, among `transactions`.
    #[must_use]
    pub fn lift(&self, transactions: u32) -> f64 {
        self.confidence() * f64::from(transactions) / f64::from(self.consequent_count)
    }
}

/// Returns the rules of at least `min_confidence` (compared exactly) with one item on the right
/// and at least one on the left, in the order of the itemsets.
///
/// ```
/// use engines::itemsets::{mine, rules, Transactions};
///
/// let t = Transactions::parse("1 2\n1 2\n1 2\n1 2\n1 3\n").unwrap();
/// let found = rules(&mine(&t, 1), "0.8".parse().unwrap());
/// let (from, to): (Vec<_>, Vec<_>) = found.iter().map(|r| (r.antecedent[0], r.consequent)).unzip();
/// assert_eq!((from, to), (vec![1, 2, 3], vec![2, 1, 1]));
/// ```
#[must_use]
pub fn rules(itemsets: &Itemsets, min_confidence: Ratio) -> Vec<Rule> {
    let counts: BTreeMap<&[u32], u32> = itemsets.iter().map(|s| (s.items, s.count)).collect();
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for set in itemsets.iter().filter(|s| s.items.len() >= 2) {
        // The consequents in falling order give antecedents in rising order.
        for (at, &consequent) in set.items.iter().enumerate().rev() {
            rest.clear();
            rest.extend(set.items.iter().enumerate().filter(|&(i, _)| i != at).map(|(_, &x)| x));
            let antecedent_count = counts[rest.as_slice()];
            if min_confidence.at_most(set.count, antecedent_count) {
                found.push(Rule {
                    antecedent: rest.clone(),
                    consequent,
                    count: set.count,
                    antecedent_count,
                    consequent_count: counts[[consequent].as_slice()],
                });
            }
        }
    }
    found
}
