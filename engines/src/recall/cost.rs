//! What a recall would cost, line by line, by rates that the caller names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every rate of the cost model. There are no defaults: published averages come from very large
/// firms and mislead a small one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CostRates {
    /// Currency code; all rates are in its minor units.
    pub currency: String,
    /// Rates by quantity, one for each unit.
    pub by_unit: Vec<UnitRate>,
    /// To tell one customer.
    pub notification_per_customer: i64,
    /// One laboratory test; every affected lot on hand is tested once.
    pub test_per_lot: i64,
    /// Costs that do not depend on quantity.
    pub fixed: i64,
}

/// Rates in minor units per 1,000 base units: per kilogram, per litre, per 1,000 pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitRate {
    /// The base unit that the rates hold for.
    pub unit: String,
    /// Credit to customers for what was shipped.
    pub credit: i64,
    /// Getting shipped goods back.
    pub reverse_logistics: i64,
    /// Destroying what comes back and what is on hand.
    pub disposal: i64,
    /// Value of what is on hand and lost.
    pub standard_cost: i64,
}

/// What the rates are applied to, in one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitTally {
    /// The unit.
    pub unit: String,
    /// Milli-units with customers.
    pub shipped: i64,
    /// Milli-units on hand.
    pub on_hand: i64,
}

/// The cost of a recall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Currency code.
    pub currency: String,
    /// Sum of the lines, minor units.
    pub total: i64,
    /// How it adds up.
    pub lines: Vec<CostLine>,
    /// Units without a rate, whose quantities are therefore not costed.
    pub unrated_units: Vec<String>,
}

/// One line: `basis` at `rate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CostLine {
    /// The parameter it comes from.
    pub name: String,
    /// The unit of `basis`: a base unit, `customers`, `lots` or `recall`.
    pub unit: String,
    /// Milli-units for quantities, a count otherwise.
    pub basis: i64,
    /// Minor units per 1,000 base units, or each.
    pub rate: i64,
    /// Minor units, rounded half up.
    pub amount: i64,
}

impl CostRates {
    /// Applies the rates.
    pub fn apply(&self, tallies: &[UnitTally], customers: i64, lots_on_hand: i64) -> Cost {
        let mut lines = Vec::new();
        let mut unrated_units = Vec::new();
        for tally in tallies.iter().filter(|tally| tally.shipped != 0 || tally.on_hand != 0) {
            match self.by_unit.iter().find(|rate| rate.unit == tally.unit) {
                Some(rate) => lines.extend(quantity_lines(rate, tally)),
                None => unrated_units.push(tally.unit.clone()),
            }
        }
        let counted = [
            ("notification_per_customer", "customers", customers, self.notification_per_customer),
            ("test_per_lot", "lots", lots_on_hand, self.test_per_lot),
            ("fixed", "recall", 1, self.fixed),
        ];
        lines.extend(counted.map(|(name, unit, basis, rate)| CostLine {
            name: name.to_owned(),
            unit: unit.to_owned(),
            basis,
            rate,
            amount: basis.saturating_mul(rate),
        }));
        let total = lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.amount));
        Cost { currency: self.currency.clone(), total, lines, unrated_units }
    }
}

fn quantity_lines(rate: &UnitRate, tally: &UnitTally) -> [CostLine; 4] {
    let line = |name: &str, basis: i64, rate: i64| CostLine {
        name: name.to_owned(),
        unit: tally.unit.clone(),
        basis,
        rate,
        amount: amount(basis, rate),
    };
    [
        line("credit", tally.shipped, rate.credit),
        line("reverse_logistics", tally.shipped, rate.reverse_logistics),
        line("disposal", tally.shipped.saturating_add(tally.on_hand), rate.disposal),
        line("standard_cost", tally.on_hand, rate.standard_cost),
    ]
}

/// `basis` milli-units at `rate` minor units per 1,000,000 milli-units, rounded half up.
fn amount(basis: i64, rate: i64) -> i64 {
    let exact = i128::from(basis) * i128::from(rate);
    i64::try_from((exact + 500_000).div_euclid(1_000_000)).unwrap_or(i64::MAX)
}
