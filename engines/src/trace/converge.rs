//! What a set of complaint lots has in common.
//!
//! A complaint comes from the culprit's descendants with probability `1 − ε`, each of them equally
//! likely, and from anywhere else with `ε`. An ancestor that reaches `k` of `n` complaints among
//! its `K` shipped descendants, of `N` shipped lots in all, then has the log-likelihood
//! `k·ln((1 − ε)/K + ε/N) + (n − k)·ln(ε/N)`. The best explanation reaches the complaints and
//! little else; coverage alone would blame the water.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reach::View;
use super::{Direction, LotGraph, LotId, LotKind, Mode, TraceError};

/// ε above: the share of complaints that have another cause.
const OTHER_CAUSE: f64 = 0.05;

/// The ranked common ancestors of a set of complaint lots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Convergence {
    /// The complaint lots, sorted.
    pub complaints: Vec<String>,
    /// Shipped lots in the graph, complaints included.
    pub shipped: u64,
    /// Distinct ancestors of the complaints, themselves included.
    pub ancestors: u64,
    /// The likeliest first.
    pub suspects: Vec<Suspect>,
}

/// A lot that may explain the complaints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suspect {
    /// 1 for the likeliest; lots that the records cannot tell apart share a rank.
    pub rank: u32,
    /// The lot's code.
    pub lot: String,
    /// Its product.
    pub product: String,
    /// Its kind.
    pub kind: LotKind,
    /// Who supplied it.
    pub supplier: Option<String>,
    /// Complaint lots that it reaches.
    pub reached: u64,
    /// `reached` of all complaint lots, 0 to 1.
    pub coverage: f64,
    /// Shipped lots that it reaches.
    pub descendants: u64,
    /// Chance of reaching at least as many complaints by accident: hypergeometric upper tail.
    pub p_value: f64,
    /// Log-likelihood of the complaints if this lot is the culprit; see the module.
    pub log_likelihood: f64,
    /// Fewest movements to the nearest complaint.
    pub distance: u32,
}

/// An ancestor with the complaints it reaches.
struct Candidate {
    lot: LotId,
    reached: u64,
    nearest: u32,
}

impl LotGraph {
    /// Ranks the ancestors that explain `complaints` best, at most `limit` of them, in the
    /// conservative mode. An ingredient used in one batch only explains exactly what the batch
    /// explains: such ties share a rank, the one farthest upstream first, because holding it holds
    /// the others too.
    ///
    /// # Errors
    /// [`TraceError::UnknownLot`] for a code that is not in the graph.
    pub fn converge<S: AsRef<str>>(
        &self,
        complaints: &[S],
        limit: usize,
    ) -> Result<Convergence, TraceError> {
        let found: Result<Vec<LotId>, _> =
            complaints.iter().map(|c| self.lot(c.as_ref())).collect();
        let mut complaints = found?;
        complaints.sort_unstable();
        complaints.dedup();
        let unshipped = complaints.iter().filter(|lot| !self.marketed[**lot as usize]).count();
        let shipped = self.marketed_count + unshipped as u64;
        let candidates = self.candidates(&complaints);
        let ancestors = candidates.len() as u64;
        let mut ranking = Ranking {
            graph: self,
            complaints: &complaints,
            shipped,
            counter: Counter::new(self, &complaints),
            best: vec![],
        };
        for candidate in candidates {
            ranking.consider(&candidate, limit);
        }
        let suspects = ranked(ranking.best);
        let complaints = complaints.iter().map(|lot| self.code(*lot).to_owned()).collect();
        Ok(Convergence { complaints, shipped, ancestors, suspects })
    }

    /// Ancestors, those of the most complaints first, the nearest of them first: these have the
    /// fewest descendants, and knowing a good one early lets the others be given up early.
    fn candidates(&self, complaints: &[LotId]) -> Vec<Candidate> {
        let mut met: Vec<(LotId, u32)> = Vec::new();
        for complaint in complaints {
            let reach = self.reach(&[*complaint], Direction::Backward, Mode::Conservative);
            met.extend(reach.lots.iter().map(|lot| (lot.lot, lot.distance)));
        }
        met.sort_unstable();
        let same_lot = |a: &(LotId, u32), b: &(LotId, u32)| a.0 == b.0;
        let mut candidates: Vec<Candidate> = met
            .chunk_by(same_lot)
            .map(|met| Candidate { lot: met[0].0, reached: met.len() as u64, nearest: met[0].1 })
            .collect();
        candidates.sort_by_key(|c| (u64::MAX - c.reached, c.nearest, c.lot));
        candidates
    }
}

struct Ranking<'a> {
    graph: &'a LotGraph,
    complaints: &'a [LotId],
    shipped: u64,
    counter: Counter<'a>,
    best: Vec<Suspect>,
}

impl Ranking<'_> {
    fn consider(&mut self, candidate: &Candidate, limit: usize) {
        let worst = match self.best.last() {
            Some(suspect) if self.best.len() >= limit => suspect.log_likelihood,
            _ => f64::NEG_INFINITY,
        };
        // More descendants only make a candidate less likely, so counting may stop at the bar.
        let most = self.most_descendants(candidate.reached, worst);
        let Some(descendants) = self.counter.marketed_from(candidate.lot, most) else { return };
        let suspect = self.suspect(candidate, descendants);
        let place = self.best.partition_point(|other| {
            (other.log_likelihood, other.distance) >= (suspect.log_likelihood, suspect.distance)
        });
        self.best.insert(place, suspect);
        self.best.truncate(limit);
    }

    /// The number of descendants above which the likelihood falls below `worst`.
    fn most_descendants(&self, reached: u64, worst: f64) -> u64 {
        let (mut low, mut high) = (0, self.shipped + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.likelihood(reached, middle) >= worst { low = middle + 1 } else { high = middle }
        }
        low.saturating_sub(1)
    }

    fn likelihood(&self, reached: u64, descendants: u64) -> f64 {
        let elsewhere = OTHER_CAUSE / self.shipped as f64;
        let here = (1.0 - OTHER_CAUSE) / descendants.max(1) as f64 + elsewhere;
        let missed = self.complaints.len() as u64 - reached;
        reached as f64 * here.ln() + missed as f64 * elsewhere.ln()
    }

    fn suspect(&self, candidate: &Candidate, descendants: u64) -> Suspect {
        let (graph, lot) = (self.graph, candidate.lot);
        let facts = graph.lots[lot as usize];
        let drawn = self.complaints.len() as u64;
        Suspect {
            rank: 0,
            lot: graph.code(lot).to_owned(),
            product: graph.names.get(facts.product).to_owned(),
            kind: facts.kind,
            supplier: graph.name(facts.supplier).map(str::to_owned),
            reached: candidate.reached,
            coverage: candidate.reached as f64 / drawn as f64,
            descendants,
            p_value: upper_tail(self.shipped, descendants, drawn, candidate.reached),
            log_likelihood: self.likelihood(candidate.reached, descendants),
            distance: candidate.nearest,
        }
    }
}

/// Numbers the suspects, equally likely ones alike.
fn ranked(mut suspects: Vec<Suspect>) -> Vec<Suspect> {
    let (mut rank, mut last) = (0, f64::INFINITY);
    for (place, suspect) in (1u32..).zip(&mut suspects) {
        if suspect.log_likelihood < last {
            (rank, last) = (place, suspect.log_likelihood);
        }
        suspect.rank = rank;
    }
    suspects
}

/// Counts descendants for one candidate after the other, with one allocation for all.
struct Counter<'a> {
    graph: &'a LotGraph,
    complaints: &'a [LotId],
    /// Per lot and per movement, the last round that visited it.
    lots: Vec<u32>,
    events: Vec<u32>,
    round: u32,
    queue: Vec<LotId>,
}

impl<'a> Counter<'a> {
    fn new(graph: &'a LotGraph, complaints: &'a [LotId]) -> Self {
        let (lots, events) = (vec![0; graph.lots.len()], vec![0; graph.events.len()]);
        Self { graph, complaints, lots, events, round: 0, queue: Vec::new() }
    }

    /// Marketed lots reached from `lot`, itself included; `None` once they are more than `most`.
    fn marketed_from(&mut self, lot: LotId, most: u64) -> Option<u64> {
        let view = View::new(self.graph, Direction::Forward);
        self.round += 1;
        self.queue.clear();
        self.queue.push(lot);
        self.lots[lot as usize] = self.round;
        let (mut next, mut count) = (0, 0);
        while let Some(lot) = self.queue.get(next).copied() {
            next += 1;
            let marketed = self.graph.marketed[lot as usize];
            count += u64::from(marketed || self.complaints.binary_search(&lot).is_ok());
            if count > most {
                return None;
            }
            for event in view.next(lot) {
                if std::mem::replace(&mut self.events[*event as usize], self.round) == self.round {
                    continue;
                }
                // A container is no marketed lot of its own, so it need not be counted.
                let (targets, follow) = view.targets(*event);
                for target in targets.iter().filter(|_| follow) {
                    let visited = &mut self.lots[*target as usize];
                    if std::mem::replace(visited, self.round) != self.round {
                        self.queue.push(*target);
                    }
                }
            }
        }
        Some(count)
    }
}

/// Hypergeometric `P(X ≥ at_least)`: `drawn` lots of `all` without replacement, `marked` marked.
fn upper_tail(all: u64, marked: u64, drawn: u64, at_least: u64) -> f64 {
    let ln_choose = |n: u64, k: u64| -> f64 {
        let k = k.min(n - k);
        (1..=k).map(|i| ((n - k + i) as f64 / i as f64).ln()).sum()
    };
    let marked = marked.min(all);
    let most = marked.min(drawn);
    let whole = ln_choose(all, drawn.min(all));
    let fits = |k: u64| drawn - k <= all - marked;
    let term = |k: u64| (ln_choose(marked, k) + ln_choose(all - marked, drawn - k) - whole).exp();
    (at_least..=most).filter(|k| fits(*k)).map(term).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::MovementKind;
    use super::super::testing::{graph, movement};
    use super::*;

    #[test]
    fn upper_tail_matches_counting() {
        // 10 balls, 4 marked, 3 drawn: P(X ≥ 2) = (6·6 + 4·1) / 120.
        assert!((upper_tail(10, 4, 3, 2) - 40.0 / 120.0).abs() < 1e-12);
        assert!((upper_tail(10, 4, 3, 0) - 1.0).abs() < 1e-12);
        assert!((upper_tail(5, 5, 3, 3) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_salt_is_blamed_and_not_the_water() {
        let mut movements = Vec::new();
        let mut codes = vec!["WATER".to_owned(), "SALT-1".to_owned(), "SALT-2".to_owned()];
        for batch in 0..40 {
            let (id, made) = (format!("batch {batch}"), format!("F{batch:02}"));
            let salt = if batch % 8 == 0 { "SALT-1" } else { "SALT-2" };
            let inputs = [("WATER", 10), (salt, 1)];
            movements.push(movement(&id, MovementKind::Transform, &inputs, &[(&made, 11)]));
            movements.push(movement(
                &format!("ship {batch}"),
                MovementKind::Ship,
                &[(&made, 11)],
                &[],
            ));
            codes.push(made);
        }
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let graph = graph(&codes, movements);
        let found = graph.converge(&["F00", "F16", "F32"], 5).unwrap();
        assert_eq!(found.suspects[0].lot, "SALT-1");
        assert_eq!((found.suspects[0].reached, found.suspects[0].descendants), (3, 5));
        assert_eq!(found.suspects[1].lot, "WATER");
        assert_eq!((found.shipped, found.ancestors), (40, 5));
        // One complaint from elsewhere does not save the salt.
        let found = graph.converge(&["F00", "F16", "F32", "F33"], 5).unwrap();
        assert_eq!(found.suspects[0].lot, "SALT-1");
    }

    /// Ninety days of a small plant: eight batches a day of three to six of forty ingredients, each
    /// batch packed into six lots that are shipped. Gives the graph, its ingredient lots, and a
    /// source of numbers.
    fn plant() -> (LotGraph, Vec<String>, impl FnMut(usize) -> usize) {
        let mut state = 88_172_645_463_325_252u64;
        let mut roll = move |sides: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as usize % sides
        };
        let (mut codes, mut movements, mut raw) = (Vec::new(), Vec::new(), Vec::new());
        let mut stock: Vec<String> = vec![String::new(); 40];
        for batch in 0..720 {
            for (ingredient, lot) in stock.iter_mut().enumerate() {
                if lot.is_empty() || batch % 8 == 0 && roll(4) == 0 {
                    *lot = format!("R{batch:03}-{ingredient:02}");
                    raw.push(lot.clone());
                }
            }
            let chosen: std::collections::BTreeSet<usize> =
                (0..3 + roll(4)).map(|_| roll(40) * roll(40) / 40).collect();
            let inputs: Vec<(&str, i64)> = chosen.iter().map(|i| (stock[*i].as_str(), 1)).collect();
            let made: Vec<String> = (0..6).map(|i| format!("F{batch:03}-{i}")).collect();
            let outputs: Vec<(&str, i64)> = made.iter().map(|code| (code.as_str(), 1)).collect();
            let wip = format!("W{batch:03}");
            let kind = MovementKind::Transform;
            movements.push(movement(&format!("mix {batch}"), kind, &inputs, &[(&wip, 1)]));
            movements.push(movement(&format!("pack {batch}"), kind, &[(&wip, 1)], &outputs));
            movements.push(movement(&format!("ship {batch}"), MovementKind::Ship, &outputs, &[]));
            codes.push(wip);
            codes.extend(made);
        }
        codes.extend(raw.clone());
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        (graph(&codes, movements), raw, roll)
    }

    #[test]
    fn the_culprit_of_a_thousand_simulated_outbreaks_comes_first() {
        let (graph, raw, mut roll) = plant();
        let (mut outbreaks, mut first) = (0, 0);
        while outbreaks < 1_000 {
            let culprit = &raw[roll(raw.len())];
            let trace = graph.trace(&[culprit], Direction::Forward).unwrap();
            let sold: Vec<&str> =
                trace.lots.iter().map(|l| l.lot.as_str()).filter(|c| c.starts_with('F')).collect();
            // Within one batch nothing tells its ingredients apart.
            if sold.len() < 12 {
                continue;
            }
            let mut complaints = std::collections::BTreeSet::new();
            while complaints.len() < 5 {
                complaints.insert(sold[roll(sold.len())]);
            }
            let complaints: Vec<&str> = complaints.into_iter().collect();
            let found = graph.converge(&complaints, 3).unwrap();
            outbreaks += 1;
            first += u32::from(found.suspects[0].lot == *culprit);
        }
        println!("{first} of {outbreaks} culprits are named first");
        assert!(first >= 950, "{first} of {outbreaks}");
    }
}
