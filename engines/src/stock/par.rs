//! Par levels: what to fill up to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StockError, at_least, probability};
use crate::forecast::Demand;

/// What a par level is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParInput {
    /// Expected units until the next restock.
    pub demand: f64,
    /// Variance of that demand over its mean.
    pub dispersion: f64,
    /// Accepted probability of a stock-out; 0.08 keeps it below 10 % after rounding (S0.46).
    pub target_risk: f64,
    /// Units that fit.
    pub capacity: f64,
    /// The par level now; it is changed gradually. `null` for a new product.
    #[serde(default)]
    pub current: Option<f64>,
    /// Largest change in one cycle as a share of the current par; 0.25 unless a person confirms more.
    #[serde(default)]
    pub max_change: Option<f64>,
}

/// What kept a par level from the one that demand asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParLimit {
    Nothing,
    Capacity,
    GradualChange,
}

/// A par level to fill up to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ParLevel {
    /// Units to set now.
    pub par: f64,
    /// Units that demand asks for, reached over the next cycles if capacity allows.
    pub wanted: f64,
    /// Probability of a stock-out with `par`.
    pub risk: f64,
    /// The same with the current par.
    pub current_risk: Option<f64>,
    pub limited_by: ParLimit,
}

/// The fewest units whose stock-out risk is at most the target, within capacity and approached
/// gradually.
///
/// # Errors
///
/// When a quantity is negative or not finite, or the risk is no probability.
pub fn par_level(input: &ParInput) -> Result<ParLevel, StockError> {
    at_least("demand", input.demand, 0.0)?;
    at_least("dispersion", input.dispersion, 0.0)?;
    at_least("capacity", input.capacity, 0.0)?;
    probability("target_risk", input.target_risk)?;
    at_least("current", input.current.unwrap_or(0.0), 0.0)?;
    let max_change = input.max_change.unwrap_or(0.25);
    at_least("max_change", max_change, 0.0)?;
    let demand = Demand::new(input.demand, input.dispersion);
    let wanted = demand.quantile(1.0 - input.target_risk);
    let fitting = wanted.min(input.capacity.floor());
    let par = input
        .current
        .map_or(fitting, |now| gradual(now, fitting, max_change))
        .min(input.capacity.floor());
    let limited_by = match par {
        _ if (par - wanted).abs() < 0.5 => ParLimit::Nothing,
        _ if (par - fitting).abs() < 0.5 => ParLimit::Capacity,
        _ => ParLimit::GradualChange,
    };
    Ok(ParLevel {
        par,
        wanted,
        risk: demand.exceeds(par),
        current_risk: input.current.map(|now| demand.exceeds(now)),
        limited_by,
    })
}

/// Moves `now` towards `target` by at most `max_change` of it, but at least one unit, in whole units.
#[must_use]
pub fn gradual(now: f64, target: f64, max_change: f64) -> f64 {
    let room = (now * max_change).floor().max(1.0);
    target.clamp(now - room, now + room).round().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn par(demand: f64, current: Option<f64>) -> ParInput {
        let capacity = 60.0;
        ParInput { demand, dispersion: 2.6, target_risk: 0.08, capacity, current, max_change: None }
    }

    /// Test 3 of story 7: with the suggested par the risk is below 10 %.
    #[test]
    fn the_suggested_par_keeps_the_promise() {
        for demand in [0.5, 3.0, 11.0, 28.0] {
            let level = par_level(&par(demand, None)).unwrap();
            assert!(level.risk <= 0.08 && level.limited_by == ParLimit::Nothing, "{level:?}");
            assert!(Demand::new(demand, 2.6).exceeds(level.par - 1.0) > 0.08, "not the smallest");
        }
    }

    #[test]
    fn par_changes_gradually_and_within_capacity() {
        let rising = par_level(&par(28.0, Some(20.0))).unwrap();
        assert!((rising.par - 25.0).abs() < 1e-9 && rising.limited_by == ParLimit::GradualChange);
        let full = par_level(&par(200.0, Some(58.0))).unwrap();
        assert!((full.par - 60.0).abs() < 1e-9 && full.limited_by == ParLimit::Capacity);
        let falling = par_level(&par(1.0, Some(40.0))).unwrap();
        assert!((falling.par - 30.0).abs() < 1e-9, "{falling:?}");
    }
}
