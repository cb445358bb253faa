//! The rows a lot graph is built from, as a table or a message would hold them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A lot: one quantity of one product that is handled as one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LotRow {
    /// The traceability lot code; unique in a graph.
    pub code: String,
    /// The product's name or number.
    pub product: String,
    /// What kind of lot it is.
    pub kind: LotKind,
    /// Whether it may be used.
    pub status: LotStatus,
    /// Quantity received or made, in milli-units of `unit`; at least 0.
    pub quantity: i64,
    /// Base unit: `g`, `ml`, `pcs`, or whatever the lot is counted in.
    pub unit: String,
    /// Where it is, when no movement says.
    pub place: Option<String>,
    /// Who supplied it.
    pub supplier: Option<String>,
    /// End of shelf life, milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// What a lot is in the plant.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LotKind {
    /// An ingredient as received.
    #[default]
    Raw,
    /// Work in progress: a batch, a silo, a tank.
    Wip,
    /// Finished goods.
    Finished,
    /// Product that goes back into a batch.
    Rework,
    /// Primary packaging.
    Packaging,
    /// A container: a carton, a pallet, a trailer.
    Logistic,
}

/// Whether a lot may be used.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LotStatus {
    /// Free to use and ship.
    #[default]
    Released,
    /// Held until somebody decides.
    Hold,
    /// Not to be used.
    Rejected,
}

/// Something that happened to lots: one hyperedge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Movement {
    /// Unique id.
    pub id: String,
    /// What happened.
    pub kind: MovementKind,
    /// When it began, for a process that lasts; ignored without `at`.
    pub starts_at: Option<i64>,
    /// When it happened, or ended; milliseconds since 1970. Without it the movement always exposes.
    pub at: Option<i64>,
    /// Where it happened, and where its inputs were.
    pub place: Option<String>,
    /// Where its outputs went, when that is elsewhere.
    pub to: Option<String>,
    /// The customer of a shipment or return, the supplier of a receipt.
    pub party: Option<String>,
    /// The paper it is on: an order, a delivery note, a batch record.
    pub document: Option<String>,
    /// Another record says that this one was wrong: it is kept and not followed.
    pub voided: bool,
    /// Ids of the movements that this one declares wrong.
    pub voids: Vec<String>,
    /// Lots that went in, with how much of each.
    pub inputs: Vec<Part>,
    /// Lots that came out, with how much of each.
    pub outputs: Vec<Part>,
}

/// What kind of movement it is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Goods came in: outputs.
    #[default]
    Receive,
    /// Inputs became outputs: a batch, a packing run.
    Transform,
    /// One lot became several of the same product.
    Split,
    /// Several lots of one product became one.
    Merge,
    /// Lots changed place, or were seen somewhere: the same lots in and out.
    Move,
    /// Goods left for a customer: inputs.
    Ship,
    /// Goods came back from a customer: outputs.
    Return,
    /// Inputs were packed into the output container.
    Aggregate,
    /// The input container was unpacked; without outputs, entirely.
    Disaggregate,
    /// A count corrected the books: down in inputs, up in outputs.
    Adjust,
    /// Inputs were thrown away.
    Waste,
    /// Nothing happened; it only declares other movements wrong.
    Void,
}

/// How much of a lot took part in a movement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The lot's code.
    pub lot: String,
    /// Milli-units of the lot's unit; at least 0.
    pub quantity: i64,
}

impl Part {
    /// `quantity` milli-units of `lot`.
    pub fn new(lot: impl Into<String>, quantity: i64) -> Self {
        Self { lot: lot.into(), quantity }
    }
}
