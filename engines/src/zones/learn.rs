//! Sales of a machine's own slots override what was believed about them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HeatMap, POSITION_ELASTICITY, ShrunkRatio, Slot, ZoneError};

/// How many expected units the prior weighs as much as.
pub(super) const PRIOR_UNITS: f64 = 50.0;

/// What a slot sold, beside what its products sell in an average slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlotEvidence {
    /// The slot.
    pub slot: Slot,
    /// Units sold there.
    pub units: f64,
    /// Units its products would have sold in an average slot over the same days: the sum over
    /// products of units a day in an average slot times days in this one.
    pub expected_units: f64,
}

/// Returns the map with evidence taken in: per slot
/// `(50 × prior + units) / (50 + expected units)`, prior and result relative to an average slot.
///
/// `multiplier` shrinks from the multiplier of the prior, `sales_index` from its effect on sales
/// (`multiplier^0.45`); with much evidence both become what the slot really sells.
///
/// ```
/// use engines::zones::{heat_map, learn, Layout, Machine, SlotEvidence};
///
/// let prior = heat_map(&Layout::new(Machine::Snack, 5, 8)).unwrap();
/// let e1 = "E1".parse().unwrap();
/// let sold = SlotEvidence { slot: e1, units: 900.0, expected_units: 500.0 };
/// let map = learn(&prior, &[sold]).unwrap();
/// assert!(map.zone(e1).unwrap().heat > 2.0 * prior.zone(e1).unwrap().heat);
/// ```
///
/// # Errors
/// [`ZoneError`] when evidence names a slot outside the grid, or is negative or not finite.
pub fn learn(map: &HeatMap, evidence: &[SlotEvidence]) -> Result<HeatMap, ZoneError> {
    let (units, expected) = totals(map, evidence)?;
    let count = map.zones.len() as f64;
    let mean = map.zones.iter().map(|z| z.prior).sum::<f64>() / count;
    let effects = || map.zones.iter().map(|z| z.prior.powf(POSITION_ELASTICITY));
    let mean_effect = effects().sum::<f64>() / count;
    let mut learnt = map.clone();
    for (i, zone) in learnt.zones.iter_mut().enumerate() {
        let potential = ShrunkRatio::of(units[i], expected[i], zone.prior / mean, PRIOR_UNITS);
        let effect = zone.prior.powf(POSITION_ELASTICITY) / mean_effect;
        let sales = ShrunkRatio::of(units[i], expected[i], effect, PRIOR_UNITS);
        zone.multiplier = potential.mean * mean;
        zone.sales_index = sales.mean;
        zone.sales_index_low = sales.low;
        zone.sales_index_high = sales.high;
        zone.evidence_units = units[i];
    }
    learnt.rank();
    Ok(learnt)
}

/// Units and expected units of each slot, in the order of the map.
fn totals(map: &HeatMap, evidence: &[SlotEvidence]) -> Result<(Vec<f64>, Vec<f64>), ZoneError> {
    let mut units = vec![0.0; map.zones.len()];
    let mut expected = vec![0.0; map.zones.len()];
    for item in evidence {
        let at = map.position(item.slot).ok_or(ZoneError::Outside(item.slot))?;
        let counts = [item.units, item.expected_units];
        if counts.iter().any(|x| !x.is_finite() || *x < 0.0) {
            return Err(ZoneError::Units(item.slot));
        }
        units[at] += item.units;
        expected[at] += item.expected_units;
    }
    Ok((units, expected))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::zones::{Layout, Machine, heat_map};

    fn prior() -> HeatMap {
        heat_map(&Layout::new(Machine::Generic, 5, 8)).unwrap()
    }

    fn sold(slot: &str, units: f64, expected_units: f64) -> SlotEvidence {
        SlotEvidence { slot: slot.parse().unwrap(), units, expected_units }
    }

    #[test]
    fn much_evidence_wins_over_the_prior() {
        let map = learn(&prior(), &[sold("B3", 80_000.0, 100_000.0)]).unwrap();
        let zone = map.zone("B3".parse().unwrap()).unwrap();
        assert!((zone.sales_index - 0.8).abs() < 0.001);
        assert!(zone.sales_index_high - zone.sales_index_low < 0.01);
        assert_eq!(zone.evidence_units, 80_000.0);
    }

    #[test]
    fn refuses_foreign_slots_and_negative_units() {
        let foreign = learn(&prior(), &[sold("F1", 1.0, 1.0)]).unwrap_err();
        assert_eq!(foreign, ZoneError::Outside("F1".parse().unwrap()));
        assert!(learn(&prior(), &[sold("A1", -1.0, 1.0)]).is_err());
        assert!(learn(&prior(), &[sold("A1", 1.0, f64::NAN)]).is_err());
    }

    proptest! {
        #[test]
        fn posterior_lies_between_prior_and_sales(units in 0.0..500.0f64, expected in 1.0..500.0f64) {
            let before = prior();
            let d4 = "D4".parse().unwrap();
            let after = learn(&before, &[sold("D4", units, expected)]).unwrap();
            let (p, z) = (before.zone(d4).unwrap().sales_index, after.zone(d4).unwrap());
            let data = units / expected;
            prop_assert!(z.sales_index >= p.min(data) - 1e-9 && z.sales_index <= p.max(data) + 1e-9);
            prop_assert!(z.sales_index_low <= z.sales_index && z.sales_index <= z.sales_index_high);
        }

        #[test]
        fn more_sales_never_cool_a_slot(units in 0.0..500.0f64, more in 0.0..100.0f64) {
            let at = "E2".parse().unwrap();
            let heat = |u| learn(&prior(), &[sold("E2", u, 100.0)]).unwrap().zone(at).unwrap().heat;
            prop_assert!(heat(units + more) >= heat(units) - 1e-9);
        }
    }

    #[test]
    fn no_evidence_leaves_the_map_alone() {
        let map = learn(&prior(), &[]).unwrap();
        for (a, b) in map.zones.iter().zip(&prior().zones) {
            assert!(
                (a.heat - b.heat).abs() < 1e-9 && (a.sales_index - b.sales_index).abs() < 1e-12
            );
            assert_eq!(a.text, b.text);
        }
    }
}
