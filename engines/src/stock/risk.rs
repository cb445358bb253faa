//! The chance of running out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::forecast::Demand;

/// How likely a stock-out is, in words (S0.42).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RiskBand {
    /// Below 30 %; shown green.
    Low,
    /// 30 % to 70 %; shown yellow.
    Medium,
    /// Above 70 %; shown red.
    High,
}

/// The chance that demand exceeds what is on hand.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StockoutRisk {
    /// Between 0 and 1.
    pub probability: f64,
    pub band: RiskBand,
    /// Units of demand that are expected to go unserved.
    pub expected_shortfall: f64,
}

/// The risk that `demand` until the next restock exceeds `on_hand` units.
///
/// ```
/// use engines::forecast::Demand;
/// use engines::stock::{RiskBand, stockout_risk};
///
/// let week = Demand::new(20.0, 2.6);
/// assert_eq!(stockout_risk(&week, 10.0).band, RiskBand::High);
/// assert_eq!(stockout_risk(&week, 40.0).band, RiskBand::Low);
/// ```
#[must_use]
pub fn stockout_risk(demand: &Demand, on_hand: f64) -> StockoutRisk {
    let on_hand = on_hand.max(0.0);
    let probability = demand.exceeds(on_hand);
    let band = match probability {
        p if p > 0.7 => RiskBand::High,
        p if p >= 0.3 => RiskBand::Medium,
        _ => RiskBand::Low,
    };
    StockoutRisk { probability, band, expected_shortfall: shortfall(demand, on_hand.floor()) }
}

/// `E[(D − s)⁺] = mean − s + Σ_{k<s} P(D ≤ k)`, for whole `s`.
fn shortfall(demand: &Demand, units: f64) -> f64 {
    // Far out the sum has nothing left to say; this also bounds the work.
    let end = demand.quantile(1.0 - 1e-9);
    if units >= end {
        return 0.0;
    }
    let covered: f64 = (0..units as u64).map(|k| demand.exceeds(k as f64)).sum();
    (demand.mean() - covered).max(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bands_change_at_30_and_70_percent() {
        let demand = Demand::new(20.0, 2.0);
        let bands: Vec<_> = (0..60).map(|k| stockout_risk(&demand, f64::from(k))).collect();
        for risk in &bands {
            let expected = match risk.probability {
                p if p > 0.7 => RiskBand::High,
                p if p < 0.3 => RiskBand::Low,
                _ => RiskBand::Medium,
            };
            assert_eq!(risk.band, expected);
        }
        assert!(bands.windows(2).all(|w| w[1].probability <= w[0].probability));
        assert_eq!((bands[0].band, bands[59].band), (RiskBand::High, RiskBand::Low));
    }

    #[test]
    fn the_shortfall_of_an_empty_shelf_is_all_demand() {
        let demand = Demand::new(7.5, 1.8);
        assert!((stockout_risk(&demand, 0.0).expected_shortfall - 7.5).abs() < 1e-9);
        assert!(stockout_risk(&demand, 200.0).expected_shortfall < 1e-6);
    }

    proptest! {
        #[test]
        fn more_stock_never_raises_risk(mean in 0.1_f64..200.0, dispersion in 1.0_f64..6.0, k in 0_u32..300) {
            let demand = Demand::new(mean, dispersion);
            let (less, more) = (stockout_risk(&demand, f64::from(k)), stockout_risk(&demand, f64::from(k + 1)));
            prop_assert!(more.probability <= less.probability + 1e-12);
            prop_assert!(more.expected_shortfall <= less.expected_shortfall + 1e-9);
        }
    }
}
