//! Stock: how much to hold, how likely it is to run out, how much to order.
//!
//! Demand over a restocking cycle is negative binomial ([`Demand`]); a normal approximation is used
//! only where it is good. Every result carries the terms it was computed from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::forecast::Demand;

/// From this mean on demand over the lead time is close enough to normal.
const NORMAL_FROM: f64 = 30.0;

/// Why an input was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StockError {
    #[error("`{field}` is `{value}`: give a number of at least {least}")]
    TooSmall { field: &'static str, value: f64, least: f64 },
    #[error("`{field}` is `{value}`: give a probability between 0 and 1, both excluded")]
    NotAProbability { field: &'static str, value: f64 },
}

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

/// One product to restock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplenishInput {
    pub on_hand: f64,
    /// Ordered and not yet arrived.
    pub on_order: f64,
    /// Order up to this position.
    pub par: f64,
    /// Units in a case; orders are whole cases.
    pub case_size: f64,
    /// Units that fit, stock on hand and on order included.
    pub capacity: f64,
    /// Below this many units nothing is ordered.
    #[serde(default)]
    pub minimum_order: f64,
    /// Stock-out risk of waiting; the riskiest products are loaded first.
    #[serde(default)]
    pub risk: f64,
}

/// What to order of one product.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replenishment {
    pub cases: f64,
    pub units: f64,
    /// Position after the order arrives.
    pub position: f64,
    /// Units short of par that were not ordered, for want of room.
    pub unfilled: f64,
}

/// Whole cases up to par: rounded up, then down to what fits and to nothing below the minimum order.
///
/// # Errors
///
/// When a quantity is negative or not finite, or the case is smaller than one unit.
pub fn replenish(input: &ReplenishInput) -> Result<Replenishment, StockError> {
    at_least("on_hand", input.on_hand, 0.0)?;
    at_least("on_order", input.on_order, 0.0)?;
    at_least("par", input.par, 0.0)?;
    at_least("case_size", input.case_size, 1.0)?;
    at_least("capacity", input.capacity, 0.0)?;
    at_least("minimum_order", input.minimum_order, 0.0)?;
    let fitting = ((input.capacity - input.on_hand - input.on_order) / input.case_size).floor();
    let wanted = (input.missing() / input.case_size).ceil();
    let cases = wanted.min(fitting).max(0.0);
    let cases = if cases * input.case_size < input.minimum_order { 0.0 } else { cases };
    Ok(input.ordering(cases))
}

impl ReplenishInput {
    fn missing(&self) -> f64 {
        (self.par - self.on_hand - self.on_order).max(0.0)
    }

    fn ordering(&self, cases: f64) -> Replenishment {
        let units = cases * self.case_size;
        let position = self.on_hand + self.on_order + units;
        Replenishment { cases, units, position, unfilled: (self.missing() - units).max(0.0) }
    }
}

/// Replenishes products that share one truck of `truck_units`: the riskiest first, ties in the order
/// given. Results come in the order of the input.
///
/// # Errors
///
/// As [`replenish`], for any product, and when the truck's capacity is negative.
pub fn replenish_truck(
    inputs: &[ReplenishInput],
    truck_units: f64,
) -> Result<Vec<Replenishment>, StockError> {
    at_least("truck_units", truck_units, 0.0)?;
    let mut orders: Vec<Replenishment> = inputs.iter().map(replenish).collect::<Result<_, _>>()?;
    let mut by_risk: Vec<usize> = (0..inputs.len()).collect();
    by_risk.sort_by(|a, b| inputs[*b].risk.total_cmp(&inputs[*a].risk));
    let mut room = truck_units;
    for i in by_risk {
        let input = &inputs[i];
        let cases = orders[i].cases.min((room / input.case_size).floor());
        let cases = if cases * input.case_size < input.minimum_order { 0.0 } else { cases };
        orders[i] = input.ordering(cases);
        room -= orders[i].units;
    }
    Ok(orders)
}

fn at_least(field: &'static str, value: f64, least: f64) -> Result<(), StockError> {
    if value.is_finite() && value >= least {
        Ok(())
    } else {
        Err(StockError::TooSmall { field, value, least })
    }
}

fn probability(field: &'static str, value: f64) -> Result<(), StockError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(StockError::NotAProbability { field, value })
    }
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
    use proptest::prelude::*;

    use super::*;

    fn par(demand: f64, current: Option<f64>) -> ParInput {
        let capacity = 60.0;
        ParInput { demand, dispersion: 2.6, target_risk: 0.08, capacity, current, max_change: None }
    }

    fn order(on_hand: f64, par: f64) -> ReplenishInput {
        ReplenishInput {
            on_hand,
            on_order: 0.0,
            par,
            case_size: 12.0,
            capacity: 40.0,
            minimum_order: 0.0,
            risk: 0.0,
        }
    }

    #[test]
    fn normal_quantiles_are_the_tabulated_ones() {
        for (level, z) in
            [(0.5, 0.0), (0.95, 1.644_853_627), (0.975, 1.959_963_985), (0.01, -2.326_347_874)]
        {
            assert!((normal_quantile(level) - z).abs() < 1e-8, "{level}");
        }
    }

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

    #[test]
    fn orders_are_whole_cases_that_fit() {
        let full = replenish(&order(10.0, 30.0)).unwrap();
        assert!((full.cases - 2.0).abs() < 1e-9 && (full.position - 34.0).abs() < 1e-9);
        let tight = replenish(&order(20.0, 40.0)).unwrap();
        assert!((tight.cases - 1.0).abs() < 1e-9 && (tight.unfilled - 8.0).abs() < 1e-9);
        let small = ReplenishInput { minimum_order: 24.0, ..order(20.0, 30.0) };
        assert!(replenish(&small).unwrap().units.abs() < 1e-9);
        assert!(replenish(&ReplenishInput { case_size: 0.0, ..small }).is_err());
    }

    #[test]
    fn a_small_truck_takes_the_riskiest() {
        let inputs = [order(0.0, 24.0), ReplenishInput { risk: 0.9, ..order(0.0, 24.0) }];
        let orders = replenish_truck(&inputs, 36.0).unwrap();
        assert_eq!(orders.iter().map(|o| o.cases as i32).collect::<Vec<_>>(), [1, 2]);
    }

    proptest! {
        #[test]
        fn more_stock_never_raises_risk(mean in 0.1_f64..200.0, dispersion in 1.0_f64..6.0, k in 0_u32..300) {
            let demand = Demand::new(mean, dispersion);
            let (less, more) = (stockout_risk(&demand, f64::from(k)), stockout_risk(&demand, f64::from(k + 1)));
            prop_assert!(more.probability <= less.probability + 1e-12);
            prop_assert!(more.expected_shortfall <= less.expected_shortfall + 1e-9);
        }

        #[test]
        fn a_truck_is_never_overloaded(
            stocks in prop::collection::vec((0.0_f64..40.0, 0.0_f64..40.0, 0.0_f64..1.0), 1..20), truck in 0.0_f64..200.0,
        ) {
            let inputs: Vec<_> =
                stocks.into_iter().map(|(h, p, risk)| ReplenishInput { risk, ..order(h, p) }).collect();
            let loaded: f64 = replenish_truck(&inputs, truck).unwrap().iter().map(|o| o.units).sum();
            prop_assert!(loaded <= truck);
        }
    }
}
