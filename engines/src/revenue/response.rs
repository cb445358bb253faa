//! How sales answer to place and number of facings.

use super::ChangeError;
use crate::zones::{HeatMap, Slot};

/// Units grow with the number of facings to this power: the mean space elasticity of 1,268
/// estimates (Eisend 2014).
pub const FACING_ELASTICITY: f64 = 0.17;

/// Returns what a product's slots multiply its sales by, 1 for one average slot: the mean sales
/// index of the slots × facings^0.17; 0 for no slot.
///
/// ```
/// use engines::revenue::shelf_effect;
/// use engines::zones::{heat_map, Layout, Machine};
///
/// let map = heat_map(&Layout::new(Machine::Generic, 5, 8)).unwrap();
/// let of = |slot: &str| shelf_effect(&map, &[slot.parse().unwrap()]).unwrap();
/// assert!((of("B1") / of("E1") - 1.409).abs() < 0.001);
/// ```
///
/// # Errors
/// [`ChangeError::UnknownSlot`] when the grid has no such slot.
pub fn shelf_effect(map: &HeatMap, slots: &[Slot]) -> Result<f64, ChangeError> {
    if slots.is_empty() {
        return Ok(0.0);
    }
    let mut sum = 0.0;
    for &slot in slots {
        sum += map.zone(slot).ok_or(ChangeError::UnknownSlot(slot))?.sales_index;
    }
    let facings = slots.len() as f64;
    Ok(sum / facings * facings.powf(FACING_ELASTICITY))
}

/// Mean of the logarithms of the slots' multipliers: what an error of the position elasticity is
/// multiplied by.
pub(super) fn mean_log(map: &HeatMap, slots: &[Slot]) -> f64 {
    let logs = slots.iter().filter_map(|&s| map.zone(s)).map(|z| z.multiplier.ln());
    if slots.is_empty() { 0.0 } else { logs.sum::<f64>() / slots.len() as f64 }
}
