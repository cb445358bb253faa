//! Integer counts of items and pairs, grown and shrunk a basket at a time.

use std::collections::BTreeMap;

/// Items whose pairs are kept in a triangle; pairs of later items are kept in a map.
const DENSE_ITEMS: u32 = 2_048;

/// How many baskets hold each item and each pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) baskets: u32,
    single: Vec<u32>,
    /// Row by row below the diagonal, so that a new item appends a row.
    triangle: Vec<u32>,
    beyond: BTreeMap<(u32, u32), u32>,
}

impl Counts {
    pub(super) fn single(&self, item: u32) -> u32 {
        self.single.get(item as usize).copied().unwrap_or(0)
    }

    pub(super) fn pair(&self, a: u32, b: u32) -> u32 {
        let (low, high) = (a.min(b), a.max(b));
        if low == high {
            return self.single(a);
        }
        if high < DENSE_ITEMS {
            return self.triangle.get(cell(low, high)).copied().unwrap_or(0);
        }
        self.beyond.get(&(low, high)).copied().unwrap_or(0)
    }

    /// Counts a basket of distinct items.
    pub(super) fn add(&mut self, items: &[u32]) {
        self.baskets += 1;
        let Some(&last) = items.iter().max() else { return };
        if self.single.len() <= last as usize {
            self.single.resize(last as usize + 1, 0);
        }
        let dense = self.single.len().min(DENSE_ITEMS as usize);
        if self.triangle.len() < dense * dense.saturating_sub(1) / 2 {
            self.triangle.resize(dense * (dense - 1) / 2, 0);
        }
        for &item in items {
            self.single[item as usize] += 1;
        }
        for (a, b) in pairs(items) {
            *self.cell_mut(a.min(b), a.max(b)) += 1;
        }
    }

    /// Whether the counts can include a basket of these distinct items.
    pub(super) fn holds(&self, items: &[u32]) -> bool {
        self.baskets > 0
            && items.iter().all(|&i| self.single(i) > 0)
            && pairs(items).all(|(a, b)| self.pair(a, b) > 0)
    }

    /// Takes a basket back that the counts hold.
    pub(super) fn remove(&mut self, items: &[u32]) {
        self.baskets -= 1;
        for &item in items {
            self.single[item as usize] -= 1;
        }
        for (a, b) in pairs(items) {
            *self.cell_mut(a.min(b), a.max(b)) -= 1;
        }
    }

    fn cell_mut(&mut self, low: u32, high: u32) -> &mut u32 {
        if high < DENSE_ITEMS {
            &mut self.triangle[cell(low, high)]
        } else {
            self.beyond.entry((low, high)).or_default()
        }
    }
}

fn pairs(items: &[u32]) -> impl Iterator<Item = (u32, u32)> + '_ {
    items.iter().enumerate().flat_map(|(k, &b)| items[..k].iter().map(move |&a| (a, b)))
}

/// Where the pair `low < high` stands in the triangle.
fn cell(low: u32, high: u32) -> usize {
    let (low, high) = (low as usize, high as usize);
    high * (high - 1) / 2 + low
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_equal_a_recount(
            baskets in prop::collection::vec(prop::collection::btree_set(2_040u32..2_056, 0..6), 0..40),
            kept in 0usize..40,
        ) {
            let baskets: Vec<Vec<u32>> = baskets.into_iter().map(|b| b.into_iter().collect()).collect();
            let mut counts = Counts::default();
            baskets.iter().for_each(|b| counts.add(b));
            for gone in baskets.iter().skip(kept) {
                prop_assert!(counts.holds(gone));
                counts.remove(gone);
            }
            let left = &baskets[..kept.min(baskets.len())];
            prop_assert_eq!(counts.baskets as usize, left.len());
            for a in 2_040..2_056 {
                for b in 2_040..2_056 {
                    let both = left.iter().filter(|t| t.contains(&a) && t.contains(&b)).count();
                    prop_assert_eq!(counts.pair(a, b) as usize, both);
                }
            }
        }
    }

    #[test]
    fn knows_what_was_never_counted() {
        let mut counts = Counts::default();
        assert!(!counts.holds(&[]));
        counts.add(&[1, 2]);
        counts.add(&[3]);
        assert!(counts.holds(&[2, 1]) && !counts.holds(&[1, 3]) && !counts.holds(&[4]));
    }
}
