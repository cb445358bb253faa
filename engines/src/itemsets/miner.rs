//! Pattern growth over flat arrays.

use super::{Itemsets, Transactions, masks};

/// Transactions as runs of codes in one array. Codes are positions in `labels`, the most frequent
/// item first, and ascend within a run.
struct Database {
    codes: Vec<u32>,
    runs: Vec<Run>,
    /// The item that each code stands for.
    labels: Vec<u32>,
}

/// `weight` equal transactions: `codes[start..end]`.
#[derive(Clone, Copy, Default)]
struct Run {
    start: u32,
    end: u32,
    weight: u32,
}

pub(super) fn mine(transactions: &Transactions, min_count: u32) -> Itemsets {
    let mut found = Itemsets::default();
    let (database, counts) = recode(transactions, min_count);
    for (&label, &count) in database.labels.iter().zip(&counts) {
        found.push(&[], [label], count);
    }
    let mut search = Search { min_count, found, prefix: Vec::new(), bits: Vec::new() };
    search.bits.resize(database.labels.len(), 0);
    search.grow(&database);
    search.found
}

/// Drops infrequent items and numbers the others by falling frequency.
fn recode(transactions: &Transactions, min_count: u32) -> (Database, Vec<u32>) {
    let mut counts = vec![0u32; transactions.item_count()];
    transactions.all_items().iter().for_each(|&item| counts[item as usize] += 1);
    let items = 0..counts.len() as u32;
    let mut labels: Vec<u32> = items.filter(|&i| counts[i as usize] >= min_count).collect();
    labels.sort_by_key(|&i| std::cmp::Reverse(counts[i as usize]));
    let mut code_of = vec![u32::MAX; counts.len()];
    labels.iter().enumerate().for_each(|(code, &item)| code_of[item as usize] = code as u32);
    let mut codes = Vec::with_capacity(transactions.all_items().len());
    let mut runs = Vec::with_capacity(transactions.len() as usize);
    for transaction in transactions.iter() {
        let start = codes.len();
        codes.extend(transaction.iter().map(|&i| code_of[i as usize]).filter(|&c| c != u32::MAX));
        match codes.len() - start {
            0 | 1 => codes.truncate(start),
            _ => {
                codes[start..].sort_unstable();
                runs.push(Run { start: start as u32, end: codes.len() as u32, weight: 1 });
            }
        }
    }
    let kept = labels.iter().map(|&i| counts[i as usize]).collect();
    (Database { codes, runs, labels }, kept)
}

struct Search {
    min_count: u32,
    found: Itemsets,
    prefix: Vec<u32>,
    /// The bit of each code in the conditional database being turned into masks.
    bits: Vec<u64>,
}

impl Search {
    /// Finds every frequent set of two or more items of a database, on top of the prefix.
    fn grow(&mut self, database: &Database) {
        let (starts, occurrences) = deliver(database);
        let mut counts = vec![0u32; database.labels.len()];
        let mut frequent = Vec::new();
        for code in 1..database.labels.len() {
            let held = &occurrences[starts[code] as usize..starts[code + 1] as usize];
            if held.iter().map(|run| run.weight).sum::<u32>() < self.min_count {
                continue;
            }
            count_before(&database.codes, held, &mut counts[..code]);
            frequent.clear();
            let enough = |&c: &u32| counts[c as usize] >= self.min_count;
            frequent.extend((0..code as u32).filter(enough));
            if frequent.is_empty() {
                continue;
            }
            self.prefix.push(database.labels[code]);
            for &c in &frequent {
                let label = database.labels[c as usize];
                self.found.push(&self.prefix, [label], counts[c as usize]);
            }
            if frequent.len() >= 2 {
                self.descend(database, held, &frequent);
            }
            self.prefix.pop();
        }
    }

    /// Grows the transactions that hold the prefix, reduced to the items frequent among them.
    fn descend(&mut self, database: &Database, held: &[Run], frequent: &[u32]) {
        let labels: Vec<u32> = frequent.iter().map(|&c| database.labels[c as usize]).collect();
        if frequent.len() > masks::WIDTH {
            let reduced = reduce(database, held, frequent, labels);
            return self.grow(&reduced);
        }
        for (bit, &code) in frequent.iter().enumerate() {
            self.bits[code as usize] = 1 << bit;
        }
        let mut rows = Vec::with_capacity(held.len());
        for run in held {
            let codes = &database.codes[run.start as usize..run.end as usize];
            let mask = codes.iter().fold(0, |mask, &c| mask | self.bits[c as usize]);
            if mask & mask.wrapping_sub(1) != 0 {
                rows.push((mask, run.weight));
            }
        }
        frequent.iter().for_each(|&code| self.bits[code as usize] = 0);
        masks::grow(self.min_count, &mut rows, &labels, &mut self.prefix, &mut self.found);
    }
}

/// Lists, for each code, the part of every run before it: `list[starts[c]..starts[c + 1]]`.
fn deliver(database: &Database) -> (Vec<u32>, Vec<Run>) {
    let mut starts = vec![0u32; database.labels.len() + 2];
    let tails = |run: &Run| &database.codes[run.start as usize + 1..run.end as usize];
    for run in &database.runs {
        tails(run).iter().for_each(|&c| starts[c as usize + 2] += 1);
    }
    for c in 2..starts.len() {
        starts[c] += starts[c - 1];
    }
    let mut list = vec![Run::default(); starts.last().map_or(0, |&n| n as usize)];
    for run in &database.runs {
        for (before, &c) in (run.start + 1..).zip(tails(run)) {
            let next = &mut starts[c as usize + 1];
            list[*next as usize] = Run { end: before, ..*run };
            *next += 1;
        }
    }
    (starts, list)
}

/// Counts the codes of runs, whose codes all are below `counts.len()`.
fn count_before(codes: &[u32], runs: &[Run], counts: &mut [u32]) {
    counts.fill(0);
    for run in runs {
        for &code in &codes[run.start as usize..run.end as usize] {
            counts[code as usize] += run.weight;
        }
    }
}

/// The conditional database of more items than a mask is wide; equal transactions are merged.
fn reduce(database: &Database, held: &[Run], frequent: &[u32], labels: Vec<u32>) -> Database {
    let mut code_of = vec![u32::MAX; database.labels.len()];
    frequent.iter().enumerate().for_each(|(new, &old)| code_of[old as usize] = new as u32);
    let mut codes: Vec<u32> = Vec::new();
    let mut runs: Vec<Run> = Vec::with_capacity(held.len());
    for run in held {
        let start = codes.len();
        let old = &database.codes[run.start as usize..run.end as usize];
        codes.extend(old.iter().map(|&c| code_of[c as usize]).filter(|&c| c != u32::MAX));
        match codes.len() - start {
            0 | 1 => codes.truncate(start),
            _ => runs.push(Run { start: start as u32, end: codes.len() as u32, ..*run }),
        }
    }
    let content = |run: &Run| &codes[run.start as usize..run.end as usize];
    runs.sort_unstable_by(|a, b| content(a).cmp(content(b)));
    runs.dedup_by(|next, kept| {
        let equal = content(next) == content(kept);
        if equal {
            kept.weight += next.weight;
        }
        equal
    });
    Database { codes, runs, labels }
}
