//! What goes into a mock recall, and what comes out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Clock, Cost, CostRates};
use crate::trace::{LotKind, LotStatus, Mode, MovementGap, MovementKind};

/// What to recall, and what is known beside the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecallRequest {
    /// Codes of the lots to recall.
    pub lots: Vec<String>,
    /// Conservative unless the recorded times are trusted.
    pub mode: Mode,
    /// When the recall began, milliseconds since 1970.
    pub started_at: i64,
    /// The present instant.
    pub now: i64,
    /// Stock counts; a lot without one is taken to have what the books say.
    pub counts: Vec<StockCount>,
    /// Rates for the cost; without them there is none.
    pub rates: Option<CostRates>,
}

/// What a count found of a lot at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StockCount {
    /// The lot's code.
    pub lot: String,
    /// The place.
    pub place: String,
    /// Milli-units found.
    pub quantity: i64,
}

/// A complete mock recall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecallPack {
    /// The recalled lots' codes, sorted.
    pub seeds: Vec<String>,
    /// The mode it was traced in.
    pub mode: Mode,
    /// Every affected lot, the recalled ones first, then nearest first.
    pub lots: Vec<AffectedLot>,
    /// The same by kind, status and unit.
    pub by_kind: Vec<KindTotal>,
    /// What is on hand, by place and lot.
    pub on_hand: Vec<PlaceStock>,
    /// What left for customers, by customer and unit.
    pub customers: Vec<CustomerTotal>,
    /// Every shipment line of an affected lot, oldest first.
    pub shipments: Vec<Shipment>,
    /// The mass balance over all affected lots, by unit.
    pub balance: Vec<UnitBalance>,
    /// Share of everything that came in that is accounted for, in millionths; the lowest of the
    /// units.
    pub accounted_ppm: u32,
    /// Movements that explain what is not accounted for.
    pub gaps: Vec<MovementGap>,
    /// What it would cost.
    pub cost: Option<Cost>,
    /// The clocks, the tightest first.
    pub clocks: Vec<Clock>,
}

/// One affected lot, quantities in milli-units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AffectedLot {
    /// The lot's code.
    pub lot: String,
    /// Its product.
    pub product: String,
    /// Its kind.
    pub kind: LotKind,
    /// Its status.
    pub status: LotStatus,
    /// Its supplier.
    pub supplier: Option<String>,
    /// Movements between it and a recalled lot; 0 for a recalled lot.
    pub distance: u32,
    /// Its whole quantity.
    pub exposed: i64,
    /// The part that comes from the recalled lots if every movement mixes evenly.
    pub attributed: i64,
    /// On hand.
    pub on_hand: i64,
    /// With customers: shipped less returned.
    pub shipped: i64,
    /// Went into other lots.
    pub consumed: i64,
    /// What the books cannot explain.
    pub unaccounted: i64,
    /// On hand, and with customers if its shelf life has not ended.
    pub recoverable: i64,
    /// Its unit.
    pub unit: String,
}

/// Affected lots of one kind, status and unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KindTotal {
    /// The kind.
    pub kind: LotKind,
    /// The status.
    pub status: LotStatus,
    /// The unit.
    pub unit: String,
    /// How many.
    pub lots: u64,
    /// Their whole quantity, milli-units.
    pub exposed: i64,
    /// The attributed part of it.
    pub attributed: i64,
}

/// An affected lot at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceStock {
    /// The place; empty when nobody said.
    pub place: String,
    /// The lot's code.
    pub lot: String,
    /// Its product.
    pub product: String,
    /// Its status.
    pub status: LotStatus,
    /// Milli-units there.
    pub quantity: i64,
    /// Its unit.
    pub unit: String,
    /// A count found it; `false` means the books say so.
    pub counted: bool,
}

/// What a customer got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerTotal {
    /// The customer; empty when nobody said.
    pub customer: String,
    /// The unit.
    pub unit: String,
    /// Distinct affected lots.
    pub lots: u64,
    /// Milli-units shipped.
    pub shipped: i64,
    /// Milli-units that came back.
    pub returned: i64,
    /// First shipment, milliseconds since 1970.
    pub first_at: Option<i64>,
    /// Last shipment.
    pub last_at: Option<i64>,
}

/// One lot of one shipment or return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shipment {
    /// The movement's id.
    pub movement: String,
    /// `ship` or `return`.
    pub kind: MovementKind,
    /// When, milliseconds since 1970.
    pub at: Option<i64>,
    /// The customer; empty when nobody said.
    pub customer: String,
    /// Where it left from, or came back to.
    pub place: Option<String>,
    /// The delivery note.
    pub document: Option<String>,
    /// The lot's code.
    pub lot: String,
    /// Its product.
    pub product: String,
    /// Milli-units.
    pub quantity: i64,
    /// Its unit.
    pub unit: String,
}

/// The mass balance in one unit, milli-units: `came_in = consumed + shipped + wasted + on_hand +
/// unaccounted + adjusted_out`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitBalance {
    /// The unit.
    pub unit: String,
    /// Everything that came in.
    pub came_in: i64,
    /// Went into other lots.
    pub consumed: i64,
    /// Left for customers.
    pub shipped: i64,
    /// Thrown away.
    pub wasted: i64,
    /// Taken off the books or lost on moves.
    pub adjusted_out: i64,
    /// On hand.
    pub on_hand: i64,
    /// Lost when positive, unexplained when negative. Losses and surpluses of different lots do
    /// not cancel in `accounted_ppm`.
    pub unaccounted: i64,
    /// Share accounted for, in millionths.
    pub accounted_ppm: u32,
}
