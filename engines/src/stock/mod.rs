//! Stock: how much to hold, how likely it is to run out, how much to order.
//!
//! Demand over a restocking cycle is negative binomial ([`Demand`](crate::forecast::Demand)); a
//! normal approximation is used only where it is good. Every result carries the terms it was
//! computed from.

mod par;
mod replenish;
mod risk;
mod safety;

pub use par::{ParInput, ParLevel, ParLimit, gradual, par_level};
pub use replenish::{ReplenishInput, Replenishment, replenish, replenish_truck};
pub use risk::{RiskBand, StockoutRisk, stockout_risk};
pub use safety::{DemandModel, SafetyStock, SafetyStockInput, safety_stock};

/// Why an input was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StockError {
    #[error("`{field}` is `{value}`: give a number of at least {least}")]
    TooSmall { field: &'static str, value: f64, least: f64 },
    #[error("`{field}` is `{value}`: give a probability between 0 and 1, both excluded")]
    NotAProbability { field: &'static str, value: f64 },
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
