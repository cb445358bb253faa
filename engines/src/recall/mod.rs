//! A mock recall: everything an auditor or a regulator asks for, from one trace.
//!
//! Which lots are affected, where they lie, who got them, how much is accounted for, what can still
//! be got back, what it would cost, and how long is left on each clock. Quantities are milli-units
//! (see [`crate::trace`]), money is in minor units of one currency, time in milliseconds since 1970.

mod clock;
mod cost;
mod pack;
mod report;

pub use clock::{Clock, clocks};
pub use cost::{Cost, CostLine, CostRates, UnitRate, UnitTally};
pub use pack::mock_recall;
pub use report::{
    AffectedLot, CustomerTotal, KindTotal, PlaceStock, RecallPack, RecallRequest, Shipment,
    StockCount, UnitBalance,
};
