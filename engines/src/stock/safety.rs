//! Safety stock: what is held against uncertain demand and uncertain lead times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StockError, at_least, probability};
use crate::forecast::Demand;

/// From this mean on demand over the lead time is close enough to normal.
const NORMAL_FROM: f64 = 30.0;

/// What safety stock is computed from. Time is in buckets of one unit (days or weeks).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyStockInput {
    /// Expected demand per bucket.
    pub demand: f64,
    /// Standard deviation of the forecast error per bucket.
    pub demand_deviation: f64,
    /// Buckets from order to arrival, the review period included.
    pub lead_time: f64,
    /// Standard deviation of the lead time in buckets.
    #[serde(default)]
    pub lead_time_deviation: f64,
    /// Wanted probability of no stock-out in a cycle.
    pub service_level: f64,
}

/// The distribution behind a stock level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DemandModel {
    Normal,
    NegativeBinomial,
}

/// Stock held against uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SafetyStock {
    /// Units beyond the expected demand.
    pub units: f64,
    /// Position at which to order: expected demand over the lead time plus the safety stock.
    pub reorder_point: f64,
    pub model: DemandModel,
    /// Expected demand over the lead time.
    pub lead_time_demand: f64,
    /// Its standard deviation.
    pub lead_time_demand_deviation: f64,
    /// The standard normal quantile of the service level.
    pub z: f64,
}

/// Safety stock `z·√(L·σ_d² + d²·σ_L²)` where demand over the lead time is at least 30 units; below
/// that the negative-binomial quantile with the same mean and variance, less the mean.
///
/// # Errors
///
/// When a quantity is negative or not finite, or the service level is no probability.
///
/// ```
/// use engines::stock::{SafetyStockInput, safety_stock};
///
/// let stock = safety_stock(&SafetyStockInput {
///     demand: 100.0, demand_deviation: 20.0, lead_time: 4.0, lead_time_deviation: 0.5, service_level: 0.95,
/// })?;
/// assert!((stock.units - 105.3).abs() < 0.1);
/// # Ok::<(), engines::stock::StockError>(())
/// ```
pub fn safety_stock(input: &SafetyStockInput) -> Result<SafetyStock, StockError> {
    at_least("demand", input.demand, 0.0)?;
    at_least("demand_deviation", input.demand_deviation, 0.0)?;
    at_least("lead_time", input.lead_time, 0.0)?;
    at_least("lead_time_deviation", input.lead_time_deviation, 0.0)?;
    probability("service_level", input.service_level)?;
    let mean = input.demand * input.lead_time;
    let variance = input.lead_time * input.demand_deviation.powi(2)
        + (input.demand * input.lead_time_deviation).powi(2);
    let z = normal_quantile(input.service_level);
    let (model, units) = if mean >= NORMAL_FROM {
        (DemandModel::Normal, z * variance.sqrt())
    } else {
        let quantile = Demand::new(mean, variance / mean.max(1e-9)).quantile(input.service_level);
        (DemandModel::NegativeBinomial, quantile - mean)
    };
    let units = units.max(0.0);
    Ok(SafetyStock {
        units,
        reorder_point: mean + units,
        model,
        lead_time_demand: mean,
        lead_time_demand_deviation: variance.sqrt(),
        z,
    })
}

/// The standard normal quantile by bisection of the distribution function, to 1e-12.
fn normal_quantile(level: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    while high - low > 1e-12 {
        let middle = f64::midpoint(low, high);
        if normal_cdf(middle) < level { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Φ by Marsaglia's series (2004, "Evaluating the normal distribution", JSS 11).
fn normal_cdf(z: f64) -> f64 {
    if z.abs() > 8.0 {
        return if z > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut term, mut sum, mut k) = (z, z, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        k += 2.0;
        term *= z * z / k;
        sum += term;
    }
    0.5 + sum * (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_are_the_tabulated_ones() {
        for (level, z) in
            [(0.5, 0.0), (0.95, 1.644_853_627), (0.975, 1.959_963_985), (0.01, -2.326_347_874)]
        {
            assert!((normal_quantile(level) - z).abs() < 1e-8, "{level}");
        }
    }

    #[test]
    fn slow_movers_get_whole_units() {
        let input = SafetyStockInput {
            demand: 0.5,
            demand_deviation: 0.9,
            lead_time: 6.0,
            lead_time_deviation: 0.0,
            service_level: 0.95,
        };
        let stock = safety_stock(&input).unwrap();
        assert_eq!(stock.model, DemandModel::NegativeBinomial);
        assert!(stock.reorder_point.fract().abs() < 1e-9 && stock.units > 0.0, "{stock:?}");
        assert!(safety_stock(&SafetyStockInput { service_level: 1.0, ..input }).is_err());
        assert!(safety_stock(&SafetyStockInput { demand: -1.0, ..input }).is_err());
    }
}
