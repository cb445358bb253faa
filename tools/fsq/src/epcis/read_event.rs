//! Reading one event from JSON, field by field.

use serde_json::Value;

use super::canonical::content_hash;
use super::event::{
    Action, BusinessDocument, ErrorDeclaration, Event, EventKind, Item, PartyReference, event_kind,
};
use super::reader::{Node, Reader, kind_of};
use super::vocabulary::{BIZ_STEPS, DISPOSITIONS, ERROR_REASONS, PARTY_TYPES, TRANSACTION_TYPES};
use super::{rules, sensor};

const COMMON: [&str; 18] = [
    "type",
    "@context",
    "eventTime",
    "eventTimeZoneOffset",
    "recordTime",
    "eventID",
    "certificationInfo",
    "errorDeclaration",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
    "sourceList",
    "destinationList",
    "sensorElementList",
    "action",
];

/// Reads one event; `None`, with the faults in `reader`, when it is not sound.
pub(super) fn read_event(reader: &mut Reader, value: &Value, pointer: String) -> Option<Event> {
    let faults = reader.rejections.len();
    let outer = reader.declared();
    let node = reader.object(value, pointer)?;
    if let Some(context) = node.get("@context") {
        reader.declare(context);
    }
    let event = read(reader, &node, value);
    reader.restore(outer);
    event.filter(|_| reader.rejections.len() == faults)
}

fn read(reader: &mut Reader, node: &Node<'_>, raw: &Value) -> Option<Event> {
    let kind = read_kind(reader, node);
    if let Some(kind) = kind {
        let known: Vec<&str> = COMMON.iter().chain(own_fields(kind)).copied().collect();
        reader.only(node, &known);
    }
    let at = required_time(reader, node, "eventTime");
    let zone = read_zone(reader, node);
    reader.time(node, "recordTime");
    let kind = kind?;
    let action = read_action(reader, node, kind);
    let event = Event {
        kind,
        hash: content_hash(raw),
        event_id: read_uri(reader, node, "eventID"),
        at: at.unwrap_or_default(),
        zone: zone.unwrap_or_default(),
        action,
        biz_step: read_word(reader, node, "bizStep", &BIZ_STEPS, "business step"),
        disposition: read_word(reader, node, "disposition", &DISPOSITIONS, "disposition"),
        parent: read_uri(reader, node, "parentID"),
        items: read_items(reader, node, kind),
        inputs: read_lists(reader, node, "inputEPCList", "inputQuantityList"),
        outputs: read_lists(reader, node, "outputEPCList", "outputQuantityList"),
        transformation: reader
            .text(node, "transformationID")
            .filter(|id| !id.is_empty())
            .map(str::to_owned),
        read_point: read_place(reader, node, "readPoint"),
        biz_location: read_place(reader, node, "bizLocation"),
        sources: read_parties(reader, node, "sourceList", "source"),
        destinations: read_parties(reader, node, "destinationList", "destination"),
        documents: read_documents(reader, node),
        error: read_error(reader, node),
        raw: raw.clone(),
    };
    rules::check_persistent(reader, node);
    rules::check_ilmd(reader, node, &event);
    rules::check_certification(reader, node);
    sensor::check(reader, node);
    rules::check_goods(reader, node, &event);
    Some(event)
}

fn own_fields(kind: EventKind) -> &'static [&'static str] {
    match kind {
        EventKind::Object => &["epcList", "quantityList", "ilmd"],
        EventKind::Aggregation | EventKind::Association => {
            &["parentID", "childEPCs", "childQuantityList"]
        }
        EventKind::Transaction => &["parentID", "epcList", "quantityList"],
        EventKind::Transformation => &[
            "inputEPCList",
            "inputQuantityList",
            "outputEPCList",
            "outputQuantityList",
            "transformationID",
            "ilmd",
        ],
    }
}

fn read_kind(reader: &mut Reader, node: &Node<'_>) -> Option<EventKind> {
    let text = reader.required_text(node, "type")?;
    let kind = event_kind(text);
    if kind.is_none() {
        reader.reject(node.place("type"), format!("`{text}` is not one of the five event types"));
    }
    kind
}

fn read_action(reader: &mut Reader, node: &Node<'_>, kind: EventKind) -> Option<Action> {
    if kind == EventKind::Transformation {
        if node.get("action").is_some() {
            reader.reject(node.place("action"), "a transformation has no action; leave it out");
        }
        return None;
    }
    match reader.required_text(node, "action")? {
        "ADD" => Some(Action::Add),
        "OBSERVE" => Some(Action::Observe),
        "DELETE" => Some(Action::Delete),
        other => {
            let reason = format!("`{other}` is not an action; use `ADD`, `OBSERVE` or `DELETE`");
            reader.reject(node.place("action"), reason);
            None
        }
    }
}

fn required_time(reader: &mut Reader, node: &Node<'_>, field: &str) -> Option<i64> {
    if node.get(field).is_none() {
        reader.missing(node, field);
    }
    reader.time(node, field)
}

/// `+hh:mm` or `-hh:mm`, at most 14 hours (EPCIS 2.0 §7.4.1).
fn read_zone(reader: &mut Reader, node: &Node<'_>) -> Option<String> {
    let text = reader.required_text(node, "eventTimeZoneOffset")?;
    let minutes = text.strip_prefix(['+', '-']).and_then(|rest| rest.split_once(':')).and_then(
        |(hours, minutes)| {
            let two = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            let (hours, minutes) = (two(hours).then_some(hours)?, two(minutes).then_some(minutes)?);
            let minutes: u32 = minutes.parse().ok().filter(|minutes| *minutes < 60)?;
            Some(hours.parse::<u32>().ok()? * 60 + minutes)
        },
    );
    if minutes.is_some_and(|minutes| minutes <= 14 * 60) {
        return Some(text.to_owned());
    }
    let reason = format!("`{text}` is not an offset from UTC; write it as `+02:00`");
    reader.reject(node.place("eventTimeZoneOffset"), reason);
    None
}

fn read_uri(reader: &mut Reader, node: &Node<'_>, field: &str) -> Option<String> {
    let value = node.get(field).filter(|value| value.as_str() != Some(""))?;
    reader.uri(value, &node.place(field)).map(str::to_owned)
}

fn read_word(
    reader: &mut Reader,
    node: &Node<'_>,
    field: &str,
    known: &[&str],
    what: &str,
) -> Option<String> {
    let value = node.get(field)?;
    reader.word(value, &node.place(field), known, what)
}

fn read_items(reader: &mut Reader, node: &Node<'_>, kind: EventKind) -> Vec<Item> {
    match kind {
        EventKind::Object | EventKind::Transaction => {
            read_lists(reader, node, "epcList", "quantityList")
        }
        EventKind::Aggregation | EventKind::Association => {
            read_lists(reader, node, "childEPCs", "childQuantityList")
        }
        EventKind::Transformation => Vec::new(),
    }
}

fn read_lists(reader: &mut Reader, node: &Node<'_>, epcs: &str, classes: &str) -> Vec<Item> {
    let mut items = Vec::new();
    for (value, place) in reader.array(node, epcs) {
        if let Some(identifier) = reader.uri(value, &place) {
            let identifier = identifier.to_owned();
            items.push(Item { identifier, instance: true, quantity: None, uom: None });
        }
    }
    for (value, place) in reader.array(node, classes) {
        if let Some(element) = reader.object(value, place) {
            items.extend(read_quantity(reader, &element));
        }
    }
    items
}

fn read_quantity(reader: &mut Reader, node: &Node<'_>) -> Option<Item> {
    reader.only(node, &["epcClass", "quantity", "uom"]);
    let Some(class) = node.get("epcClass") else {
        reader.missing(node, "epcClass");
        return None;
    };
    let identifier = reader.uri(class, &node.place("epcClass"))?.to_owned();
    let quantity = match node.get("quantity") {
        None => None,
        Some(Value::Number(number)) if number.as_f64().is_some_and(|n| n >= 0.0) => {
            Some(number.to_string())
        }
        Some(Value::Number(number)) => {
            reader.reject(node.place("quantity"), format!("{number} is below 0"));
            None
        }
        Some(other) => {
            let reason = format!("expected a number, found {}", kind_of(other));
            reader.reject(node.place("quantity"), reason);
            None
        }
    };
    let uom = reader.text(node, "uom").filter(|uom| !uom.is_empty());
    let code = |uom: &str| {
        (2..=3).contains(&uom.len())
            && uom.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    if let Some(uom) = uom.filter(|uom| !code(uom)) {
        let reason = format!("`{uom}` is not a UN/CEFACT unit code; use one such as `KGM`");
        reader.reject(node.place("uom"), reason);
    }
    if uom.is_some() && node.get("quantity").is_none() {
        reader.reject(node.place("uom"), "a unit needs a `quantity`");
    }
    Some(Item { identifier, instance: false, quantity, uom: uom.map(str::to_owned) })
}

fn read_place(reader: &mut Reader, node: &Node<'_>, field: &str) -> Option<String> {
    let place = reader.object(node.get(field)?, node.place(field))?;
    reader.only(&place, &["id"]);
    if place.get("id").is_none() {
        reader.missing(&place, "id");
    }
    read_uri(reader, &place, "id")
}

fn read_parties(
    reader: &mut Reader,
    node: &Node<'_>,
    list: &str,
    field: &str,
) -> Vec<PartyReference> {
    let mut parties = Vec::new();
    for (value, place) in reader.array(node, list) {
        let Some(party) = reader.object(value, place) else { continue };
        reader.only(&party, &["type", field]);
        for required in ["type", field] {
            if party.get(required).is_none() {
                reader.missing(&party, required);
            }
        }
        let what = if field == "source" { "source type" } else { "destination type" };
        let role = read_word(reader, &party, "type", &PARTY_TYPES, what);
        let id = read_uri(reader, &party, field);
        parties.extend(role.zip(id).map(|(role, id)| PartyReference { role, id }));
    }
    parties
}

fn read_documents(reader: &mut Reader, node: &Node<'_>) -> Vec<BusinessDocument> {
    let mut documents = Vec::new();
    for (value, place) in reader.array(node, "bizTransactionList") {
        let Some(document) = reader.object(value, place) else { continue };
        reader.only(&document, &["type", "bizTransaction"]);
        if document.get("bizTransaction").is_none() {
            reader.missing(&document, "bizTransaction");
        }
        let what = "business transaction type";
        let kind = read_word(reader, &document, "type", &TRANSACTION_TYPES, what);
        let id = read_uri(reader, &document, "bizTransaction");
        documents.extend(id.map(|id| BusinessDocument { kind, id }));
    }
    documents
}

fn read_error(reader: &mut Reader, node: &Node<'_>) -> Option<ErrorDeclaration> {
    let error = reader.object(node.get("errorDeclaration")?, node.place("errorDeclaration"))?;
    reader.only(&error, &["declarationTime", "reason", "correctiveEventIDs"]);
    let declared_at = required_time(reader, &error, "declarationTime");
    let reason = read_word(reader, &error, "reason", &ERROR_REASONS, "error reason");
    let mut corrected_by = Vec::new();
    for (value, place) in reader.array(&error, "correctiveEventIDs") {
        corrected_by.extend(reader.uri(value, &place).map(str::to_owned));
    }
    Some(ErrorDeclaration { declared_at: declared_at?, reason, corrected_by })
}
