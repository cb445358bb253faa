//! The rows: lots, trace events, their parts, voids and master data.
//!
//! Ids are content hashes, so that the same fact captured twice is the same row: insert with
//! `on conflict do nothing`, except that `voided` may only ever turn true. Quantities are milli-units
//! of a base unit (see [`super::Measure`]).

use std::collections::BTreeMap;

use engines::trace::{LotKind, LotRow, Movement, MovementKind, Part};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything a document adds to a tenant's trace tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceRows {
    /// Lots, items and containers, by code.
    pub lots: Vec<LotRecord>,
    /// What happened, by time and id.
    pub events: Vec<TraceEvent>,
    /// Which lots took part, by event, role and lot.
    pub parts: Vec<PartRecord>,
    /// Declarations that events were wrong.
    pub voids: Vec<VoidRecord>,
    /// Names of products.
    pub products: Vec<MasterRecord>,
    /// Names of places.
    pub places: Vec<MasterRecord>,
    /// Names of companies.
    pub parties: Vec<MasterRecord>,
    /// What could not be brought into the lot graph, and why.
    pub remarks: Vec<Remark>,
}

/// A lot, as far as the document tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LotRecord {
    /// First 32 hex digits of the SHA-256 of `code`.
    pub id: String,
    /// The one spelling of its identifier: a GS1 digital link where it has a GS1 key, else the URN.
    pub code: String,
    /// The lot number that people read on the label; none for containers.
    pub lot_number: Option<String>,
    /// The product class; empty for containers.
    pub product: String,
    /// The 14 digits of the product.
    pub gtin: Option<String>,
    /// Containers are certain. Of the others: made and used again is work in progress, made and not
    /// used is finished, the rest is raw; the tenant's product table knows better.
    pub kind: LotKind,
    /// Quantity when it came into being, in milli-units; else the largest quantity seen.
    pub quantity: i64,
    /// Base unit.
    pub unit: String,
    /// Where it was first seen.
    pub place: Option<String>,
    /// When it came into being, milliseconds since 1970.
    pub produced_at: Option<i64>,
    /// End of shelf life, milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceEvent {
    /// The event's content hash: 64 hex digits.
    pub id: String,
    /// The id that its author gave it.
    pub epcis_event_id: Option<String>,
    /// What it is to the lot graph.
    pub kind: MovementKind,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// Local offset from UTC.
    pub zone: String,
    /// Where.
    pub place: Option<String>,
    /// The customer of a shipment, the supplier of a receipt.
    pub party: Option<String>,
    /// The paper it is on.
    pub document: Option<String>,
    /// The business step, a bare CBV word or a URI.
    pub biz_step: Option<String>,
    /// The disposition, likewise.
    pub disposition: Option<String>,
    /// Events of one transformation id are parts of one transformation.
    pub transformation: Option<String>,
    /// Declared wrong in this document.
    pub voided: bool,
}

/// A lot's part in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartRecord {
    /// `<event>:<role>:<lot id>`.
    pub id: String,
    /// The event's id.
    pub event: String,
    /// The lot's code.
    pub lot: String,
    /// Went in, or came out.
    pub role: PartRole,
    /// Milli-units of `unit`; 0 when the document does not say.
    pub quantity: i64,
    /// Base unit.
    pub unit: String,
}

/// Which side of an event a lot was on. Packing takes contents in and the container out, unpacking
/// the other way round.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PartRole {
    /// Went in.
    Input,
    /// Came out.
    Output,
}

/// A declaration that an event was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VoidRecord {
    /// `<content hash of the event>:void`.
    pub id: String,
    /// Id of the event with the same content: mark it as voided.
    pub event: String,
    /// The author's id of the event: mark what carries it as voided, whatever its content.
    pub epcis_event_id: Option<String>,
    /// When it was declared, milliseconds since 1970.
    pub declared_at: i64,
    /// Why.
    pub reason: Option<String>,
    /// Author's ids of the events that stand instead.
    pub corrected_by: Vec<String>,
}

/// A name from the header's master data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MasterRecord {
    /// The identifier, products in the spelling of [`LotRecord::product`].
    pub id: String,
    /// What people call it; the identifier when it has no name.
    pub name: String,
    /// Further attributes.
    pub attributes: BTreeMap<String, String>,
}

/// Something that was captured but is not in the lot graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remark {
    /// The event's id.
    pub event: String,
    /// What and why.
    pub text: String,
}

impl TraceRows {
    /// The same as rows of the lot graph; pass them to [`engines::trace::LotGraph::build`]. Events
    /// of one transformation id become one movement that lasts from the first to the last of them.
    pub fn graph_rows(&self) -> (Vec<LotRow>, Vec<Movement>) {
        let lots = self.lots.iter().map(lot_row).collect();
        let mut parts: BTreeMap<&str, Vec<&PartRecord>> = BTreeMap::new();
        for part in &self.parts {
            parts.entry(&part.event).or_default().push(part);
        }
        let mut movements: Vec<Movement> = Vec::new();
        let mut started: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &self.events {
            let none = Vec::new();
            let own = parts.get(event.id.as_str()).unwrap_or(&none);
            let transformation = event.transformation.as_deref().filter(|_| !event.voided);
            let known = transformation.and_then(|id| started.get(id).copied());
            let index = known.unwrap_or(movements.len());
            if known.is_none() {
                started.extend(transformation.map(|id| (id, index)));
                movements.push(movement(event));
            }
            let target = &mut movements[index];
            target.starts_at = target.starts_at.min(Some(event.at));
            target.at = target.at.max(Some(event.at));
            for part in own {
                let side = match part.role {
                    PartRole::Input => &mut target.inputs,
                    PartRole::Output => &mut target.outputs,
                };
                side.push(Part::new(part.lot.clone(), part.quantity));
            }
        }
        (lots, movements)
    }
}

fn lot_row(lot: &LotRecord) -> LotRow {
    LotRow {
        code: lot.code.clone(),
        product: lot.product.clone(),
        kind: lot.kind,
        quantity: lot.quantity,
        unit: lot.unit.clone(),
        place: lot.place.clone(),
        expires_at: lot.expires_at,
        ..LotRow::default()
    }
}

fn movement(event: &TraceEvent) -> Movement {
    Movement {
        id: event.id.clone(),
        kind: event.kind,
        starts_at: Some(event.at),
        at: Some(event.at),
        place: event.place.clone(),
        party: event.party.clone(),
        document: event.document.clone(),
        voided: event.voided,
        ..Movement::default()
    }
}
