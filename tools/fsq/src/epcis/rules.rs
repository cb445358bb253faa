//! Rules of EPCIS 2.0 that join several fields of an event.

use serde_json::Value;

use super::event::{Action, Event, EventKind};
use super::reader::{Node, Reader};
use super::vocabulary::DISPOSITIONS;

pub(super) fn check_persistent(reader: &mut Reader, node: &Node<'_>) {
    let Some(value) = node.get("persistentDisposition") else { return };
    let Some(lists) = reader.object(value, node.place("persistentDisposition")) else { return };
    reader.only(&lists, &["set", "unset"]);
    for list in ["set", "unset"] {
        for (value, place) in reader.array(&lists, list) {
            reader.word(value, &place, &DISPOSITIONS, "disposition");
        }
    }
}

/// Instance and lot master data: only where goods come into being, every field in a namespace.
pub(super) fn check_ilmd(reader: &mut Reader, node: &Node<'_>, event: &Event) {
    let Some(value) = node.get("ilmd") else { return };
    if event.kind == EventKind::Object && event.action.is_some_and(|action| action != Action::Add) {
        reader.reject(node.place("ilmd"), "`ilmd` is for goods that come into being: action `ADD`");
    }
    if let Some(ilmd) = reader.object(value, node.place("ilmd")) {
        reader.only(&ilmd, &[]);
    }
}

/// Certificates are identifiers or objects; whatever calls itself a date in one must be a date.
pub(super) fn check_certification(reader: &mut Reader, node: &Node<'_>) {
    let Some(value) = node.get("certificationInfo") else { return };
    let place = node.place("certificationInfo");
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_certificate(reader, item, format!("{place}/{index}"));
            }
        }
        other => check_certificate(reader, other, place),
    }
}

fn check_certificate(reader: &mut Reader, value: &Value, place: String) {
    if value.is_string() {
        reader.uri(value, &place);
    } else if let Some(certificate) = reader.object(value, place) {
        reader.only(&certificate, &["id", "type"]);
        check_dates(reader, &certificate);
    }
}

fn check_dates(reader: &mut Reader, node: &Node<'_>) {
    for (field, value) in node.fields {
        let place = node.place(field);
        match value {
            Value::Object(fields) => check_dates(reader, &Node { fields, pointer: place }),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(fields) = item.as_object() {
                        check_dates(reader, &Node { fields, pointer: format!("{place}/{index}") });
                    }
                }
            }
            Value::String(text) if field.ends_with("Date") && !is_date(text) => {
                reader.reject(place, format!("`{text}` is not a date; write it as `2026-07-22`"));
            }
            _ => {}
        }
    }
}

fn is_date(text: &str) -> bool {
    text.parse::<chrono::NaiveDate>().is_ok() || chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

/// Every event must name goods, except where EPCIS 2.0 §7.4 lets it be silent: unpacking all,
/// sensor readings of a place, one half of a transformation in several parts.
pub(super) fn check_goods(reader: &mut Reader, node: &Node<'_>, event: &Event) {
    let place = node.pointer.clone();
    let deletes = event.action == Some(Action::Delete);
    match event.kind {
        EventKind::Object => {
            if event.items.is_empty() && node.get("sensorElementList").is_none() {
                let reason = "no goods are named; give `epcList`, `quantityList` or both";
                reader.reject(place, reason);
            }
        }
        EventKind::Aggregation | EventKind::Association => {
            let observes = event.action == Some(Action::Observe);
            let optional = event.kind == EventKind::Aggregation && observes;
            if event.parent.is_none() && !optional {
                reader.missing(node, "parentID");
            }
            if event.items.is_empty() && !deletes && node.get("sensorElementList").is_none() {
                let reason = "no children are named; give `childEPCs` or `childQuantityList`";
                reader.reject(place, reason);
            }
        }
        EventKind::Transaction => {
            if event.documents.is_empty() {
                reader.missing(node, "bizTransactionList");
            }
            if event.items.is_empty() && event.parent.is_none() && !deletes {
                reader.reject(place, "no goods are named; give `epcList` or `quantityList`");
            }
        }
        EventKind::Transformation => {
            let (inputs, outputs) = (!event.inputs.is_empty(), !event.outputs.is_empty());
            if !(inputs && outputs || event.transformation.is_some() && (inputs || outputs)) {
                let reason = "a transformation needs inputs and outputs, or a `transformationID` \
                              and one of them";
                reader.reject(place, reason);
            }
        }
    }
}
