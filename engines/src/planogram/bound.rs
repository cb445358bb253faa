//! A first plan from assignments, and a bound that no plan can pass.

use super::problem::{Layout, Problem};
use super::{FORBIDDEN, assign};

/// Halvings of the price of a move: enough to find it to a ten-thousandth.
const STEPS: usize = 24;

/// Returns the best plan that assignments alone find within the limit on moves, and an upper
/// bound on every plan within it.
///
/// Each slot that keeps its product earns a bonus λ; for any λ ≥ 0 the best total, less λ times
/// the slots that must be kept, bounds every plan that keeps them. λ is found by bisection.
pub(super) fn solve(problem: &Problem<'_>, max_moves: Option<u32>) -> (Layout, f64) {
    let ceiling = ceilings(problem);
    let all = best(problem, &ceiling, 0.0);
    let limit = max_moves.map_or(problem.slots, |m| m as usize);
    let keep = problem.slots.saturating_sub(limit) as f64;
    let mut bound = all.1;
    let start = if problem.bonus.is_empty() { all.0 } else { best(problem, &problem.value, 0.0).0 };
    if moves(problem, &start) <= limit {
        return (start, bound);
    }
    let mut found = problem.current.clone();
    let (mut low, mut high) = (0.0, 1.0 + 2.0 * ceiling.iter().copied().fold(0.0, f64::max));
    for _ in 0..STEPS {
        let price = f64::midpoint(low, high);
        bound = bound.min(best(problem, &ceiling, price).1 - price * keep);
        let (layout, _) = best(problem, &problem.value, price);
        if moves(problem, &layout) > limit {
            low = price;
            continue;
        }
        if problem.total(&layout) > problem.total(&found) {
            found = layout;
        }
        high = price;
    }
    (found, bound)
}

pub(super) fn moves(problem: &Problem<'_>, layout: &Layout) -> usize {
    (0..problem.slots).filter(|&s| problem.changes(s, layout[s])).count()
}

/// The best assignment under a table of values, where keeping a slot's product earns `price`.
fn best(problem: &Problem<'_>, values: &[f64], price: f64) -> (Layout, f64) {
    let (slots, copies) = (problem.slots, problem.copies.len());
    // One more column for each slot stands for leaving it empty, unless that cannot pay: where
    // anything may stand anywhere and nothing loses money, every slot of an optimum is filled.
    let full = price == 0.0 && copies >= slots && values.iter().all(|&v| v >= 0.0);
    let columns = if full { copies } else { copies + slots };
    let mut profit = vec![FORBIDDEN; slots * columns];
    for (s, row) in profit.chunks_mut(columns).enumerate() {
        row[..copies].copy_from_slice(&values[s * copies..(s + 1) * copies]);
        if price > 0.0 {
            for (copy, earns) in row[..copies].iter_mut().enumerate() {
                *earns += if problem.changes(s, Some(copy)) { 0.0 } else { price };
            }
        }
        if !full && (problem.current[s].is_none() || !problem.locked[s]) {
            row[copies + s] = if problem.changes(s, None) { 0.0 } else { price };
        }
    }
    match assign(slots, &profit) {
        Ok(plan) => {
            let copy = |&column: &usize| (column < copies).then_some(column);
            (plan.column.iter().map(copy).collect(), plan.total)
        }
        // What stands now always is an assignment; only its figures can be at fault.
        Err(_) => (problem.current.clone(), f64::INFINITY),
    }
}

/// Values with the most that neighbours could add: half of the best bonuses, one for each
/// neighbouring slot (each pair is counted from both of its ends).
fn ceilings(problem: &Problem<'_>) -> Vec<f64> {
    let copies = problem.copies.len();
    if problem.bonus.is_empty() {
        return problem.value.clone();
    }
    let best: Vec<Vec<f64>> = (0..copies)
        .map(|a| {
            let others = (0..copies).filter(|&b| b != a);
            let mut bonuses: Vec<f64> =
                others.map(|b| problem.bonus_of(Some(a), Some(b)).max(0.0)).collect();
            bonuses.sort_by(|x, y| y.total_cmp(x));
            bonuses
        })
        .collect();
    let raise = |(at, &value): (usize, &f64)| {
        let (slot, copy) = (at / copies, at % copies);
        value + best[copy].iter().take(problem.beside[slot].len()).sum::<f64>() / 2.0
    };
    problem.value.iter().enumerate().map(raise).collect()
}
