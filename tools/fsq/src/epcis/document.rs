//! A whole document: capture document, query result, or bare events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{Event, event_kind};
use super::read_event::read_event;
use super::reader::{Node, Reader, kind_of};
use super::rejection::{Rejection, locate};

/// An accepted document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// What kind of document it is.
    pub kind: DocumentKind,
    /// When it was made, milliseconds since 1970; bare events do not say.
    pub created_at: Option<i64>,
    /// The events, in the document's order.
    pub events: Vec<Event>,
    /// Names and attributes of products, places and parties.
    pub master: MasterData,
    /// The document as it came, so that nothing is lost.
    pub raw: Value,
}

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// `EPCISDocument`.
    Capture,
    /// `EPCISQueryDocument`.
    Query,
    /// One event, or an array of events, without a document around it.
    Bare,
}

/// The master data of a document's header, by identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MasterData {
    /// Product classes.
    pub products: BTreeMap<String, MasterItem>,
    /// Places.
    pub places: BTreeMap<String, MasterItem>,
    /// Companies.
    pub parties: BTreeMap<String, MasterItem>,
}

/// Names and attributes of one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MasterItem {
    /// What people call it.
    pub name: Option<String>,
    /// Text attributes by the last part of their id: `countryCode`, `city`, `tradeItemConditionCode`.
    pub attributes: BTreeMap<String, String>,
}

const DOCUMENT_FIELDS: [&str; 10] = [
    "@context",
    "id",
    "type",
    "schemaVersion",
    "creationDate",
    "instanceIdentifier",
    "sender",
    "receiver",
    "epcisHeader",
    "epcisBody",
];

/// Parses and validates the bytes of an EPCIS 2.0 JSON-LD document: an `EPCISDocument`, an
/// `EPCISQueryDocument`, one event, or an array of events.
///
/// # Errors
/// Every fault with its place. Malformed JSON gives one rejection with its line and column; a
/// sound text with faults gives all of them, in the document's order.
pub fn check(bytes: &[u8]) -> Result<Document, Vec<Rejection>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| vec![malformed(&error)])?;
    let mut reader = Reader::default();
    let document = read(&mut reader, &value);
    let mut rejections = reader.rejections;
    match document {
        Some(document) if rejections.is_empty() => Ok(Document { raw: value, ..document }),
        _ => {
            let text = String::from_utf8_lossy(bytes);
            for rejection in &mut rejections {
                let (line, column) = locate(&text, &rejection.pointer);
                (rejection.line, rejection.column) = (Some(line), Some(column));
            }
            Err(rejections)
        }
    }
}

fn malformed(error: &serde_json::Error) -> Rejection {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    Rejection {
        event: None,
        pointer: String::new(),
        line: Some(error.line()),
        column: Some(error.column()),
        reason: format!("not JSON: {reason}"),
    }
}

fn read(reader: &mut Reader, value: &Value) -> Option<Document> {
    if let Value::Array(events) = value {
        let events = read_events(reader, events, "");
        return Some(bare(events));
    }
    let node = reader.object(value, String::new())?;
    let kind = match reader.required_text(&node, "type")? {
        "EPCISDocument" => DocumentKind::Capture,
        "EPCISQueryDocument" => DocumentKind::Query,
        other if event_kind(other).is_some() => {
            reader.event = Some(0);
            let event = read_event(reader, value, String::new());
            return Some(bare(event.into_iter().collect()));
        }
        other => {
            let reason = format!("`{other}` is neither an EPCIS document nor an event");
            reader.reject("/type", reason);
            return None;
        }
    };
    let created_at = read_head(reader, &node);
    let master = read_master(reader, &node);
    let events = find_events(reader, &node, kind)
        .map(|(events, place)| read_events(reader, &events, &place))
        .unwrap_or_default();
    Some(Document { kind, created_at, events, master, raw: Value::Null })
}

fn bare(events: Vec<Event>) -> Document {
    Document {
        kind: DocumentKind::Bare,
        created_at: None,
        events,
        master: MasterData::default(),
        raw: Value::Null,
    }
}

fn read_head(reader: &mut Reader, node: &Node<'_>) -> Option<i64> {
    match node.get("@context") {
        None => reader.missing(node, "@context"),
        Some(context) => {
            if !reader.declare(context) {
                let reason = "the EPCIS context is not named; add \
                              `https://ref.gs1.org/standards/epcis/epcis-context.jsonld`";
                reader.reject("/@context", reason);
            }
        }
    }
    reader.only(node, &DOCUMENT_FIELDS);
    if let Some(version) = reader.required_text(node, "schemaVersion")
        && version != "2"
        && !version.starts_with("2.")
    {
        let reason = format!("schema version `{version}` is not read; convert it to 2.0");
        reader.reject("/schemaVersion", reason);
    }
    if node.get("creationDate").is_none() {
        reader.missing(node, "creationDate");
    }
    reader.time(node, "creationDate")
}

/// The event list, or the one event, of a document's body.
fn find_events(
    reader: &mut Reader,
    node: &Node<'_>,
    kind: DocumentKind,
) -> Option<(Vec<Value>, String)> {
    let Some(body) = node.get("epcisBody") else {
        reader.missing(node, "epcisBody");
        return None;
    };
    let mut body = reader.object(body, node.place("epcisBody"))?;
    if kind == DocumentKind::Query {
        for field in ["queryResults", "resultsBody"] {
            let Some(inner) = body.get(field) else {
                reader.missing(&body, field);
                return None;
            };
            body = reader.object(inner, body.place(field))?;
        }
    }
    if let Some(event) = body.get("event") {
        return Some((vec![event.clone()], body.place("event")));
    }
    match body.get("eventList") {
        Some(Value::Array(events)) => Some((events.clone(), body.place("eventList"))),
        Some(other) => {
            let reason = format!("expected an array, found {}", kind_of(other));
            reader.reject(body.place("eventList"), reason);
            None
        }
        None => {
            reader.missing(&body, "eventList");
            None
        }
    }
}

fn read_events(reader: &mut Reader, events: &[Value], place: &str) -> Vec<Event> {
    let single = place.ends_with("/event");
    let mut read = Vec::new();
    for (index, value) in events.iter().enumerate() {
        reader.event = Some(index);
        let pointer = if single { place.to_owned() } else { format!("{place}/{index}") };
        read.extend(read_event(reader, value, pointer));
    }
    reader.event = None;
    read
}

fn read_master(reader: &mut Reader, node: &Node<'_>) -> MasterData {
    let mut master = MasterData::default();
    let header = node.get("epcisHeader").and_then(|header| header.get("epcisMasterData"));
    let Some(vocabularies) = header.and_then(|data| data.get("vocabularyList")) else {
        return master;
    };
    let place = "/epcisHeader/epcisMasterData/vocabularyList";
    let Some(vocabularies) = vocabularies.as_array() else {
        reader.reject(place, format!("expected an array, found {}", kind_of(vocabularies)));
        return master;
    };
    for vocabulary in vocabularies {
        let name = vocabulary.get("type").and_then(Value::as_str).unwrap_or_default();
        let target = match name.rsplit([':', '/']).next().map(str::to_ascii_lowercase).as_deref() {
            Some("epcclass") => &mut master.products,
            Some("location" | "businesslocation" | "readpoint") => &mut master.places,
            Some("party" | "sourcedest") => &mut master.parties,
            _ => continue,
        };
        let elements = vocabulary.get("vocabularyElementList").and_then(Value::as_array);
        for element in elements.into_iter().flatten() {
            if let Some(id) = element.get("id").and_then(Value::as_str) {
                target.insert(id.to_owned(), read_item(element));
            }
        }
    }
    master
}

fn read_item(element: &Value) -> MasterItem {
    let mut attributes = BTreeMap::new();
    let given = element.get("attributes").and_then(Value::as_array);
    for attribute in given.into_iter().flatten() {
        let id = attribute.get("id").and_then(Value::as_str).unwrap_or_default();
        let text = attribute.get("attribute").and_then(Value::as_str).unwrap_or_default();
        if !text.is_empty() {
            let key = id.rsplit(['#', ':', '/']).next().unwrap_or(id);
            attributes.insert(key.to_owned(), text.to_owned());
        }
    }
    let names = ["name", "descriptionShort", "functionalName", "vesselName"];
    let name = names.iter().find_map(|key| attributes.get(*key).cloned());
    MasterItem { name, attributes }
}
