//! Demand with many zeros: IMAPA and TSB.
//!
//! Petropoulos & Kourentzes (2015), "Forecast combinations for intermittent demand" (IMAPA), and
//! Teunter, Syntetos & Babai (2011), "Intermittent demand: linking forecasting to inventory
//! obsolescence" (TSB). On real spare parts both beat Croston and its corrections.

/// The smoothing range of the aggregated series; outside of it exponential smoothing chases noise.
const ALPHA: (f64, f64) = (0.1, 0.3);
/// Smoothing of demand size and of its probability in TSB.
const TSB_ALPHA: f64 = 0.2;

/// The mean demand per bucket by IMAPA: exponential smoothing of the series summed over 1, 2, … up
/// to the mean gap between demands, each brought back to one bucket, then averaged.
pub(super) fn imapa(y: &[f64]) -> f64 {
    let demands = y.iter().filter(|v| **v > 0.0).count();
    if demands == 0 {
        return 0.0;
    }
    let gap = (y.len() as f64 / demands as f64).round().max(1.0) as usize;
    let levels = gap.min(y.len() / 2).max(1);
    let sum: f64 = (1..=levels).map(|k| smoothed_mean(&aggregate(y, k)) / k as f64).sum();
    sum / levels as f64
}

/// Sums of `k` buckets, aligned with the end of the series; a partial first sum is left out.
fn aggregate(y: &[f64], k: usize) -> Vec<f64> {
    y[y.len() % k..].chunks(k).map(|c| c.iter().sum()).collect()
}

/// The level of simple exponential smoothing whose gain minimises the squared one-step errors.
fn smoothed_mean(y: &[f64]) -> f64 {
    let run = |alpha: f64| {
        y[1..].iter().fold((y[0], 0.0), |(level, squares), v| {
            let error = v - level;
            (level + alpha * error, squares + error * error)
        })
    };
    run(golden_section(ALPHA, |alpha| run(alpha).1)).0
}

/// The minimum of a unimodal function on an interval, to about a thousandth of its length.
fn golden_section((mut low, mut high): (f64, f64), cost: impl Fn(f64) -> f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut at_left, mut at_right) = (cost(left), cost(right));
    for _ in 0..14 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - RATIO * (high - low);
            at_left = cost(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + RATIO * (high - low);
            at_right = cost(right);
        }
    }
    0.5 * (low + high)
}

/// The mean demand per bucket by TSB: smoothed probability of demand times smoothed size. The
/// probability also falls in empty buckets, so a dead item fades. Both start at their means.
pub(super) fn tsb(y: &[f64]) -> f64 {
    let demands = y.iter().filter(|v| **v > 0.0).count() as f64;
    if demands == 0.0 {
        return 0.0;
    }
    let start = (demands / y.len() as f64, y.iter().sum::<f64>() / demands);
    let (probability, size) = y.iter().fold(start, |(p, z), v| {
        if *v > 0.0 {
            (p + TSB_ALPHA * (1.0 - p), z + TSB_ALPHA * (v - z))
        } else {
            (p - TSB_ALPHA * p, z)
        }
    });
    probability * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_gaps_give_the_mean_rate() {
        let y: Vec<f64> = (0..60).map(|t| if t % 3 == 2 { 6.0 } else { 0.0 }).collect();
        assert!((imapa(&y) - 2.0).abs() < 0.35, "{}", imapa(&y));
    }

    #[test]
    fn a_dead_item_fades() {
        let mut y = vec![4.0; 20];
        y.extend([0.0; 20]);
        assert!(tsb(&y) < 0.1, "{}", tsb(&y));
        assert!((tsb(&[4.0; 20]) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn never_sold_is_zero() {
        assert!(imapa(&[0.0; 12]).abs() < f64::EPSILON);
        assert!(tsb(&[0.0; 12]).abs() < f64::EPSILON);
    }

    #[test]
    fn golden_section_finds_a_minimum() {
        assert!((golden_section((0.0, 1.0), |x| (x - 0.3).powi(2)) - 0.3).abs() < 1e-3);
    }
}
