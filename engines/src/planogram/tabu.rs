//! Tabu search over swaps (after Taillard's robust tabu, 1991), from the assignment's plan.

use super::bound::moves;
use super::problem::{Layout, Problem};

/// Swaps tried in all; some 30 ms.
const EVALUATIONS: usize = 300_000;

/// Improves a plan by swapping slots, and slots with products that stand nowhere.
///
/// Returns the plan as it is when it is an assignment's optimum: without neighbours' bonuses and
/// within the limit on moves there is nothing to gain.
pub(super) fn improve(problem: &Problem<'_>, start: Layout, max_moves: Option<u32>) -> Layout {
    let limit = max_moves.map_or(problem.slots, |m| m as usize);
    if problem.bonus.is_empty() && limit >= problem.slots {
        return start;
    }
    let mut search = Search::new(problem, start, limit);
    let rounds = EVALUATIONS / search.pairs.len().max(1);
    for round in 1..=rounds {
        if !search.step(round) {
            break;
        }
    }
    search.best
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    /// Copy at each place; places beyond the slots hold what stands nowhere.
    held: Layout,
    pairs: Vec<(usize, usize)>,
    limit: usize,
    moved: usize,
    total: f64,
    best: Layout,
    best_total: f64,
    /// The round until which a place may not take a copy back.
    tabu: Vec<usize>,
    state: u64,
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem<'a>, start: Layout, limit: usize) -> Self {
        let slots = problem.slots;
        let mut held = start.clone();
        let mut used = vec![false; problem.copies.len()];
        start.iter().flatten().for_each(|&c| used[c] = true);
        // Only the next facing of a product can be worth adding; one empty place suffices.
        let idle = (0..used.len())
            .filter(|&c| !used[c] && (c == 0 || problem.copies[c].1 == 0 || used[c - 1]));
        held.extend(idle.map(Some));
        held.push(None);
        let open: Vec<usize> = (0..slots).filter(|&s| !problem.locked[s]).collect();
        let pairs = open.iter().enumerate().flat_map(|(k, &a)| {
            open[k + 1..].iter().copied().chain(slots..held.len()).map(move |b| (a, b))
        });
        let total = problem.total(&start);
        Self {
            pairs: pairs.collect(),
            tabu: vec![0; held.len() * (problem.copies.len() + 1)],
            moved: moves(problem, &start),
            best: start,
            best_total: total,
            state: 88_172_645_463_325_252,
            problem,
            held,
            limit,
            total,
        }
    }

    /// Makes the best swap that is not tabu, or one that beats everything so far; `false` when
    /// there is none.
    fn step(&mut self, round: usize) -> bool {
        let mut chosen: Option<(f64, usize, usize, usize)> = None;
        for &(a, b) in &self.pairs {
            let Some((gain, moved)) = self.gain(a, b) else { continue };
            let beats_all = self.total + gain > self.best_total + 1e-9;
            let banned = self.tabu[self.cell(a, self.held[b])] > round
                || self.tabu[self.cell(b, self.held[a])] > round;
            if (beats_all || !banned) && chosen.is_none_or(|(g, ..)| gain > g) {
                chosen = Some((gain, moved, a, b));
            }
        }
        let Some((gain, moved, a, b)) = chosen else { return false };
        let (leaves_a, leaves_b) = (self.cell(a, self.held[a]), self.cell(b, self.held[b]));
        let tenure = self.tenure();
        self.tabu[leaves_a] = round + tenure;
        self.tabu[leaves_b] = round + tenure;
        self.held.swap(a, b);
        self.total += gain;
        self.moved = moved;
        if self.total > self.best_total + 1e-9 {
            self.best_total = self.total;
            self.best = self.held[..self.problem.slots].to_vec();
        }
        true
    }

    /// What swapping two places adds, and how many slots would then be changed; `None` when the
    /// swap is forbidden, pointless or beyond the limit.
    fn gain(&self, a: usize, b: usize) -> Option<(f64, usize)> {
        let (here, there) = (self.held[a], self.held[b]);
        if here == there {
            return None;
        }
        let problem = self.problem;
        let slots = problem.slots;
        let mut gain = problem.value_of(a, there) - problem.value_of(a, here);
        let changes = |s: usize, copy| usize::from(problem.changes(s, copy));
        let mut moved = self.moved + changes(a, there) - changes(a, here);
        if b < slots {
            gain += problem.value_of(b, here) - problem.value_of(b, there);
            moved = moved + changes(b, here) - changes(b, there);
        }
        if moved > self.limit || gain == f64::NEG_INFINITY {
            return None;
        }
        if !problem.bonus.is_empty() {
            gain += self.bonus_gain(a, b, here, there);
            if b < slots {
                gain += self.bonus_gain(b, a, there, here);
            }
        }
        Some((gain, moved))
    }

    /// What the neighbours of `place`, other than `partner`, add when it holds `new`.
    fn bonus_gain(
        &self,
        place: usize,
        partner: usize,
        old: Option<usize>,
        new: Option<usize>,
    ) -> f64 {
        let beside = self.problem.beside[place].iter().filter(|&&s| s != partner);
        beside
            .map(|&s| {
                self.problem.bonus_of(new, self.held[s]) - self.problem.bonus_of(old, self.held[s])
            })
            .sum()
    }

    fn cell(&self, place: usize, copy: Option<usize>) -> usize {
        place * (self.problem.copies.len() + 1) + copy.map_or(0, |c| c + 1)
    }

    /// Between 0.9 and 1.1 times the number of slots, from a fixed sequence.
    fn tenure(&mut self) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let n = self.problem.slots;
        n * 9 / 10 + 1 + (self.state % (n as u64 / 5 + 4)) as usize
    }
}
