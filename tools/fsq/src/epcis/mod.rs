//! EPCIS 2.0 JSON-LD: from the bytes of a document to checked events and to rows of the lot graph.
//!
//! [`check`] parses and validates; every fault is reported with its place, and a document with one
//! fault is refused whole. [`to_trace`] turns the events of an accepted document into rows with
//! stable ids, so that the same document captured twice adds nothing.
//!
//! The JSON Schema that GS1 publishes accepts documents that it should not (unknown business steps,
//! impossible times, fields without a namespace), so the rules are written out here, after EPCIS
//! 2.0 §7 and the Core Business Vocabulary 2.0 §7.

mod canonical;
mod document;
mod event;
mod identifier;
mod quantity;
mod read_event;
mod reader;
mod records;
mod rejection;
mod rows;
mod rules;
mod sensor;
mod vocabulary;

pub use canonical::content_hash;
pub use document::{Document, DocumentKind, MasterData, MasterItem, check};
pub use event::{
    Action, BusinessDocument, ErrorDeclaration, Event, EventKind, Item, PartyReference,
};
pub use identifier::{Identifier, identify};
pub use quantity::{Measure, measure};
pub use records::{
    LotRecord, MasterRecord, PartRecord, PartRole, Remark, TraceEvent, TraceRows, VoidRecord,
};
pub use rejection::Rejection;
pub use rows::to_trace;

#[cfg(test)]
mod tests;
