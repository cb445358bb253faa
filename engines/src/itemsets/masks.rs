//! Pattern growth where each transaction is a mask of at most 64 items.

use super::Itemsets;

/// Most items that a mask holds.
pub(super) const WIDTH: usize = 64;

/// Most items whose subsets are all tabulated.
const TABLE_WIDTH: usize = 12;

/// Finds every frequent set of two or more of the labels. Bit `i` of a row stands for
/// `labels[i]`; the second part of a row is how many transactions it stands for.
pub(super) fn grow(
    min_count: u32,
    rows: &mut Vec<(u64, u32)>,
    labels: &[u32],
    prefix: &mut Vec<u32>,
    found: &mut Itemsets,
) {
    // A table costs 2^n whatever the rows, so few rows are worth only a small one.
    if labels.len() <= TABLE_WIDTH && (1 << labels.len()) <= 4 * rows.len() + 64 {
        return tabulate(min_count, rows, labels, prefix, found);
    }
    merge(rows);
    let mut counts = [0u32; WIDTH];
    let mut within = Vec::with_capacity(rows.len());
    for bit in 1..labels.len() {
        let below = (1u64 << bit) - 1;
        within.clear();
        let held = rows.iter().filter(|(mask, _)| mask >> bit & 1 == 1 && mask & below != 0);
        within.extend(held.map(|&(mask, weight)| (mask & below, weight)));
        let frequent = count_bits(min_count, &within, &mut counts[..bit]);
        if frequent == 0 {
            continue;
        }
        prefix.push(labels[bit]);
        bits_of(frequent).for_each(|b| found.push(prefix, [labels[b]], counts[b]));
        if frequent & (frequent - 1) != 0 {
            let kept: Vec<u32> = bits_of(frequent).map(|b| labels[b]).collect();
            within.retain_mut(|(mask, _)| {
                *mask = compress(*mask & frequent, frequent);
                *mask & mask.wrapping_sub(1) != 0
            });
            grow(min_count, &mut within, &kept, prefix, found);
        }
        prefix.pop();
    }
}

/// Counts every subset at once: a superset sum over the table of all masks.
fn tabulate(
    min_count: u32,
    rows: &[(u64, u32)],
    labels: &[u32],
    prefix: &[u32],
    found: &mut Itemsets,
) {
    let mut table = [0u32; 1 << TABLE_WIDTH];
    let table = &mut table[..1 << labels.len()];
    for &(mask, weight) in rows {
        table[mask as usize] += weight;
    }
    for bit in 0..labels.len() {
        for block in table.chunks_exact_mut(2 << bit) {
            let (without, with) = block.split_at_mut(1 << bit);
            without.iter_mut().zip(with).for_each(|(w, x)| *w += *x);
        }
    }
    for (mask, &count) in table.iter().enumerate().skip(3) {
        if count >= min_count && !mask.is_power_of_two() {
            found.push(prefix, bits_of(mask as u64).map(|b| labels[b]), count);
        }
    }
}

/// Adds up the weights of equal masks.
fn merge(rows: &mut Vec<(u64, u32)>) {
    rows.sort_unstable();
    rows.dedup_by(|next, kept| {
        let equal = next.0 == kept.0;
        if equal {
            kept.1 += next.1;
        }
        equal
    });
}

/// Counts each bit, and returns a mask of the frequent ones.
fn count_bits(min_count: u32, rows: &[(u64, u32)], counts: &mut [u32]) -> u64 {
    counts.fill(0);
    for &(mask, weight) in rows {
        bits_of(mask).for_each(|b| counts[b] += weight);
    }
    let frequent = counts.iter().enumerate().filter(|&(_, &n)| n >= min_count);
    frequent.fold(0, |mask, (b, _)| mask | 1 << b)
}

/// Moves the bits of `mask` that stand in `kept` together, lowest first.
fn compress(mask: u64, kept: u64) -> u64 {
    bits_of(mask).fold(0, |packed, b| packed | 1 << (kept & ((1 << b) - 1)).count_ones())
}

/// Positions of the set bits, ascending.
fn bits_of(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        if mask == 0 {
            return None;
        }
        let bit = mask.trailing_zeros() as usize;
        mask &= mask - 1;
        Some(bit)
    })
}
