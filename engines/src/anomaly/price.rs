//! Whether a price can be right, beside its own history and other stores' prices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::median;

/// What is wrong with a price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceCheck {
    /// Robust z of its logarithm among its own past prices.
    pub z_history: Option<f64>,
    /// The same among other stores' prices.
    pub z_peers: Option<f64>,
    /// The power of ten that it seems to have slipped by: 10, 100, 1000 or their inverses.
    pub slipped_by: Option<f64>,
    /// Whether to ask somebody.
    pub suspicious: bool,
    /// Why.
    pub text: String,
}

/// Robust z beyond which a price is odd.
const LIMIT: f64 = 3.5;

/// How near a ratio must come to a power of ten, as a share.
const NEAR: f64 = 0.05;

/// Fewest prices to compare with.
const FEWEST: usize = 3;

/// Checks a price: `z = 0.6745 (ln price − median) / max(MAD, 0.01)` among its history and among
/// peers. It is suspicious when it is odd in both (in the one that is known, if only one is), or
/// when it is about 10, 100 or 1000 times too high or too low.
///
/// ```
/// use engines::anomaly::check_price;
///
/// let (history, peers) = ([4.90, 4.95, 5.00, 4.90], [4.80, 5.10, 4.95]);
/// assert!(!check_price(5.2, &history, &peers).suspicious);
/// let slip = check_price(49.0, &history, &peers);
/// assert_eq!((slip.suspicious, slip.slipped_by), (true, Some(10.0)));
/// ```
#[must_use]
pub fn check_price(price: f64, history: &[f64], peers: &[f64]) -> PriceCheck {
    let (own, others) = (logs(history), logs(peers));
    if !price.is_finite() || price <= 0.0 {
        let text = "price is not a positive number".to_owned();
        return PriceCheck {
            z_history: None,
            z_peers: None,
            slipped_by: None,
            suspicious: true,
            text,
        };
    }
    let z = |logs: &[f64]| (logs.len() >= FEWEST).then(|| z_of(price.ln(), logs));
    let (z_history, z_peers) = (z(&own), z(&others));
    let known: Vec<f64> = [z_history, z_peers].into_iter().flatten().collect();
    let odd = !known.is_empty() && known.iter().all(|z| z.abs() > LIMIT);
    let reference = if own.is_empty() { &others } else { &own };
    let slipped_by =
        (!reference.is_empty()).then(|| slip(price.ln() - median(reference))).flatten();
    let text = match (slipped_by, odd, known.is_empty()) {
        (Some(power), _, _) => {
            format!("about {power} times the usual price: a slipped decimal point?")
        }
        (None, true, _) => "far from the usual price".to_owned(),
        (None, false, true) => "too few prices to compare with".to_owned(),
        (None, false, false) => "within the usual prices".to_owned(),
    };
    PriceCheck { z_history, z_peers, slipped_by, suspicious: odd || slipped_by.is_some(), text }
}

fn logs(prices: &[f64]) -> Vec<f64> {
    prices.iter().filter(|p| p.is_finite() && **p > 0.0).map(|p| p.ln()).collect()
}

fn z_of(value: f64, others: &[f64]) -> f64 {
    let middle = median(others);
    let deviations: Vec<f64> = others.iter().map(|v| (v - middle).abs()).collect();
    0.6745 * (value - middle) / median(&deviations).max(0.01)
}

fn slip(log_ratio: f64) -> Option<f64> {
    let powers = [10.0, 100.0, 1_000.0, 0.1, 0.01, 0.001];
    powers.into_iter().find(|power: &f64| (log_ratio - power.ln()).exp_m1().abs() < NEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_in_one_place_only_is_not_suspicious() {
        let check = check_price(7.0, &[5.0, 5.0, 5.0, 5.1], &[6.8, 7.1, 7.0]);
        assert!(check.z_history.unwrap() > LIMIT && !check.suspicious);
        assert!(check_price(7.0, &[5.0, 5.0, 5.0, 5.1], &[]).suspicious);
    }

    #[test]
    fn nothing_to_compare_with_is_said() {
        let check = check_price(7.0, &[5.0], &[]);
        assert_eq!(
            (check.suspicious, check.text.as_str()),
            (false, "too few prices to compare with")
        );
        assert!(check_price(0.0, &[], &[]).suspicious);
        assert_eq!(check_price(0.05, &[5.0, 5.0], &[]).slipped_by, Some(0.01));
    }
}
