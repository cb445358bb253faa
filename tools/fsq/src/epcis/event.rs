//! One event: what happened, when, where, to what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A checked event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Which of the five types it is.
    pub kind: EventKind,
    /// SHA-256 of its content; see [`super::content_hash`].
    pub hash: String,
    /// The id that its author gave it.
    pub event_id: Option<String>,
    /// When it happened, milliseconds since 1970.
    pub at: i64,
    /// The local offset from UTC where it happened.
    pub zone: String,
    /// What it says about the goods' life; no transformation has one.
    pub action: Option<Action>,
    /// The business step: the bare CBV word, or a URI.
    pub biz_step: Option<String>,
    /// The disposition: the bare CBV word, or a URI.
    pub disposition: Option<String>,
    /// The container, of an aggregation or association; the parent object of a transaction.
    pub parent: Option<String>,
    /// The goods of every type but transformations: `epcList`, `quantityList`, children.
    pub items: Vec<Item>,
    /// What went into a transformation.
    pub inputs: Vec<Item>,
    /// What came out of it.
    pub outputs: Vec<Item>,
    /// The transformation of which it may be one part of several.
    pub transformation: Option<String>,
    /// Where it was seen.
    pub read_point: Option<String>,
    /// Where the goods are afterwards.
    pub biz_location: Option<String>,
    /// Whom the goods came from.
    pub sources: Vec<PartyReference>,
    /// Whom they went to.
    pub destinations: Vec<PartyReference>,
    /// Orders, delivery notes and other papers.
    pub documents: Vec<BusinessDocument>,
    /// The author declares the event wrong.
    pub error: Option<ErrorDeclaration>,
    /// The event as it came.
    pub raw: Value,
}

/// The five types of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Something happened to objects.
    Object,
    /// Objects were put into or taken out of a container.
    Aggregation,
    /// Objects were linked to a business document.
    Transaction,
    /// Objects were used up and others made.
    Transformation,
    /// Objects were attached to an asset.
    Association,
}

/// What an event says about the goods' life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// They came into being, or were put in.
    Add,
    /// They were seen.
    Observe,
    /// They ceased to be, or were taken out.
    Delete,
}

/// Goods named by an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The identifier as given.
    pub identifier: String,
    /// One instance, from an EPC list; else a class with a quantity.
    pub instance: bool,
    /// How much, as a decimal number.
    pub quantity: Option<String>,
    /// UN/CEFACT unit code; none for pieces.
    pub uom: Option<String>,
}

/// Somebody or somewhere that goods came from or went to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartyReference {
    /// `owning_party`, `possessing_party`, `location`, or a URI.
    pub role: String,
    /// Who or where.
    pub id: String,
}

/// A business document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BusinessDocument {
    /// `po`, `desadv`, `inv`, ..., or a URI.
    pub kind: Option<String>,
    /// Its number.
    pub id: String,
}

/// The author's word that an event was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDeclaration {
    /// When it was declared, milliseconds since 1970.
    pub declared_at: i64,
    /// `did_not_occur`, `incorrect_data`, or a URI.
    pub reason: Option<String>,
    /// Ids of the events that stand instead.
    pub corrected_by: Vec<String>,
}

/// The type of that name; JSON-LD also allows the prefix.
pub(super) fn event_kind(text: &str) -> Option<EventKind> {
    match text.strip_prefix("epcis:").unwrap_or(text) {
        "ObjectEvent" => Some(EventKind::Object),
        "AggregationEvent" => Some(EventKind::Aggregation),
        "TransactionEvent" => Some(EventKind::Transaction),
        "TransformationEvent" => Some(EventKind::Transformation),
        "AssociationEvent" => Some(EventKind::Association),
        _ => None,
    }
}
