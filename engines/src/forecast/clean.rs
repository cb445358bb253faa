//! Cleaning: missing buckets are filled with what their neighbours and their season suggest, and
//! lone spikes that nothing explains are capped.
//!
//! A stock-out day is missing, not zero: nobody knows what would have sold (Anupindi, Dada & Gupta,
//! 1998, "Estimation of consumer demand with stock-out based substitution").

/// Spikes further from their surroundings than this many robust deviations are capped.
const SPIKE: f64 = 8.0;
/// Fewer observations than this have no surroundings to speak of.
const LEAST: usize = 28;

/// A gapless series and what was done to it.
#[derive(Debug)]
pub(super) struct Clean {
    /// Every bucket filled; leading missing buckets are cut off.
    pub(super) filled: Vec<f64>,
    /// As `filled`, but with missing buckets still missing.
    pub(super) observed: Vec<Option<f64>>,
    /// Places in the original series whose value was capped.
    pub(super) capped: Vec<usize>,
}

/// Cleans a series of season `m`. `explained(t)` tells whether a regressor accounts for bucket `t`,
/// which is then left alone however high it is.
pub(super) fn clean(values: &[Option<f64>], m: usize, explained: impl Fn(usize) -> bool) -> Clean {
    let lead = values.iter().take_while(|v| v.is_none()).count();
    let mut observed = values[lead..].to_vec();
    let capped = cap_spikes(&mut observed, m, |t| explained(t + lead));
    let filled = fill(&observed, m);
    Clean { filled, observed, capped: capped.into_iter().map(|t| t + lead).collect() }
}

/// Straight lines between neighbours of the seasonally adjusted series.
fn fill(observed: &[Option<f64>], m: usize) -> Vec<f64> {
    if observed.iter().all(Option::is_some) {
        return observed.iter().flatten().copied().collect();
    }
    let offsets = phase_offsets(observed, m);
    let adjusted: Vec<Option<f64>> = observed
        .iter()
        .enumerate()
        .map(|(t, v)| v.map(|v| v - offsets[t % offsets.len()]))
        .collect();
    let low = observed.iter().flatten().copied().fold(f64::INFINITY, f64::min).min(0.0);
    let mut before: Option<(usize, f64)> = None;
    let mut filled = Vec::with_capacity(observed.len());
    for (t, value) in adjusted.iter().enumerate() {
        let level = value.unwrap_or_else(|| {
            let after = adjusted[t..].iter().position(Option::is_some).map(|d| t + d);
            between(before, after.and_then(|s| adjusted[s].map(|v| (s, v))), t)
        });
        if value.is_some() {
            before = Some((t, level));
        }
        filled.push(observed[t].unwrap_or((level + offsets[t % offsets.len()]).max(low)));
    }
    filled
}

fn between(before: Option<(usize, f64)>, after: Option<(usize, f64)>, t: usize) -> f64 {
    match (before, after) {
        (Some((s, a)), Some((u, b))) => a + (b - a) * (t - s) as f64 / (u - s) as f64,
        (Some((_, v)), None) | (None, Some((_, v))) => v,
        (None, None) => 0.0,
    }
}

/// How far the mean of each phase lies from the overall mean; zero with fewer than two whole seasons.
fn phase_offsets(observed: &[Option<f64>], m: usize) -> Vec<f64> {
    if m <= 1 || observed.len() < 2 * m {
        return vec![0.0];
    }
    let mean_of = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0usize), |(s, c), v| (s + v, c + 1));
        (count > 0).then(|| sum / count as f64)
    };
    let mean = mean_of(&mut observed.iter().flatten().copied()).unwrap_or(0.0);
    (0..m)
        .map(|p| {
            mean_of(&mut observed.iter().skip(p).step_by(m).flatten().copied())
                .map_or(0.0, |v| v - mean)
        })
        .collect()
}

/// Caps values above their surroundings (the same phase and the nearest buckets), and lists them.
fn cap_spikes(
    observed: &mut [Option<f64>],
    m: usize,
    explained: impl Fn(usize) -> bool,
) -> Vec<usize> {
    if observed.iter().flatten().count() < LEAST {
        return Vec::new();
    }
    let ceilings: Vec<Option<f64>> = (0..observed.len()).map(|t| ceiling(observed, m, t)).collect();
    let mut capped = Vec::new();
    for (t, ceiling) in ceilings.into_iter().enumerate() {
        if let (Some(value), Some(ceiling)) = (observed[t], ceiling)
            && value > ceiling
            && !explained(t)
        {
            observed[t] = Some(ceiling);
            capped.push(t);
        }
    }
    capped
}

/// The highest credible value of bucket `t`: median plus [`SPIKE`] robust deviations of the buckets
/// around it. None where the surroundings are mostly constant, as zeros are.
fn ceiling(observed: &[Option<f64>], m: usize, t: usize) -> Option<f64> {
    let near = (t.saturating_sub(7)..(t + 8).min(observed.len())).filter(|s| *s != t);
    let phases = (1..=4).flat_map(|k| [t.checked_sub(k * m), Some(t + k * m)]).flatten();
    let mut around: Vec<f64> =
        near.chain(phases).filter_map(|s| observed.get(s).copied().flatten()).collect();
    let middle = median(&mut around)?;
    let mut distances: Vec<f64> = around.iter().map(|v| (v - middle).abs()).collect();
    let deviation = 1.4826 * median(&mut distances)?;
    // A count needs room for its own Poisson noise, however calm its surroundings were.
    let room = deviation.max(middle.abs().sqrt());
    (deviation > 0.0).then_some(middle + SPIKE * room)
}

pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        _ if n.is_multiple_of(2) => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
        _ => Some(values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_takes_the_value_of_its_phase() {
        let mut y: Vec<_> = (0..28).map(|t| Some(if t % 7 == 6 { 2.0 } else { 20.0 })).collect();
        y[20] = None;
        let clean = clean(&y, 7, |_| false);
        assert!((clean.filled[20] - 2.0).abs() < 1.5, "{}", clean.filled[20]);
        assert_eq!(clean.observed[20], None);
    }

    #[test]
    fn the_lead_is_cut_off() {
        let clean = clean(&[None, None, Some(3.0), None, Some(5.0)], 1, |_| false);
        assert_eq!(clean.filled, [3.0, 4.0, 5.0]);
    }

    #[test]
    fn a_lone_spike_is_capped_unless_explained() {
        let mut y: Vec<_> = (0..60).map(|t| Some(10.0 + f64::from(t % 3))).collect();
        y[30] = Some(500.0);
        assert_eq!(clean(&y, 7, |_| false).capped, [30]);
        assert!(clean(&y, 7, |t| t == 30).capped.is_empty());
    }

    #[test]
    fn an_office_weekend_is_no_spike_and_neither_is_monday() {
        let y: Vec<_> =
            (0..60).map(|t| Some(if t % 7 < 5 { 40.0 + f64::from(t % 4) } else { 1.0 })).collect();
        assert!(clean(&y, 7, |_| false).capped.is_empty());
    }
}
