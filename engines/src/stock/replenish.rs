//! Orders: whole cases, up to par, as far as there is room.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{StockError, at_least};

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
