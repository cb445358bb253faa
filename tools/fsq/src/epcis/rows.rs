//! From events to rows: what each event is to the lot graph, and what is known of each lot.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime};
use engines::trace::{LotKind, MovementKind};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::document::{Document, MasterItem};
use super::event::{Action, BusinessDocument, Event, EventKind, Item, PartyReference};
use super::identifier::{Identifier, identify};
use super::quantity::{Measure, measure};
use super::records::{
    LotRecord, MasterRecord, PartRecord, PartRole, Remark, TraceEvent, TraceRows, VoidRecord,
};

/// Turns an accepted document into rows.
pub fn to_trace(document: &Document) -> TraceRows {
    let mut draft = Draft::default();
    for event in &document.events {
        draft.add(event);
    }
    draft.rows.products = names(&document.master.products, |id| match identify(id) {
        Identifier::Class { product } => product,
        _ => id.to_owned(),
    });
    draft.rows.places = names(&document.master.places, str::to_owned);
    draft.rows.parties = names(&document.master.parties, str::to_owned);
    draft.finish()
}

fn names(items: &BTreeMap<String, MasterItem>, id: impl Fn(&str) -> String) -> Vec<MasterRecord> {
    let record = |(given, item): (&String, &MasterItem)| {
        let id = id(given);
        let name = item.name.clone().unwrap_or_else(|| id.clone());
        MasterRecord { id, name, attributes: item.attributes.clone() }
    };
    items.iter().map(record).collect()
}

/// The rows while events are added.
#[derive(Default)]
struct Draft {
    rows: TraceRows,
    lots: BTreeMap<String, Lot>,
    /// Event id to its index in `rows.events`.
    known: BTreeMap<String, usize>,
}

/// What is known of a lot so far.
struct Lot {
    identifier: Identifier,
    /// Time, quantity and unit of the event that brought it into being.
    born: Option<(i64, Measure)>,
    largest: Measure,
    first: (i64, Option<String>),
    expires_at: Option<i64>,
    made: bool,
    used: bool,
}

impl Draft {
    fn add(&mut self, event: &Event) {
        let id = event.hash.clone();
        if let Some(error) = &event.error {
            self.rows.voids.push(VoidRecord {
                id: format!("{id}:void"),
                event: id.clone(),
                epcis_event_id: event.event_id.clone(),
                declared_at: error.declared_at,
                reason: error.reason.clone(),
                corrected_by: error.corrected_by.clone(),
            });
        }
        if let Some(index) = self.known.get(&id) {
            self.rows.events[*index].voided |= event.error.is_some();
            return;
        }
        self.known.insert(id.clone(), self.rows.events.len());
        let row = trace_event(event);
        let (inputs, outputs) = sides(event, row.kind);
        self.add_parts(event, &row, PartRole::Input, &inputs);
        self.add_parts(event, &row, PartRole::Output, &outputs);
        self.rows.events.push(row);
    }

    fn add_parts(&mut self, event: &Event, row: &TraceEvent, role: PartRole, items: &[Item]) {
        for item in items {
            let identifier = identify(&item.identifier);
            let Some(code) = identifier.code().map(str::to_owned) else {
                self.remark(
                    row,
                    format!("`{}` names no lot and cannot be traced", item.identifier),
                );
                continue;
            };
            let Some(amount) = amount(item) else {
                let number = item.quantity.as_deref().unwrap_or_default();
                self.remark(row, format!("the quantity {number} of `{code}` is too large"));
                continue;
            };
            self.meet(event, row, role, (identifier, &amount));
            let id = format!("{}:{}:{}", row.id, role_name(role), lot_id(&code));
            if let Some(part) =
                self.rows.parts.iter_mut().rev().take(items.len()).find(|p| p.id == id)
            {
                part.quantity = part.quantity.saturating_add(amount.quantity);
                continue;
            }
            let Measure { quantity, unit } = amount;
            let event = row.id.clone();
            self.rows.parts.push(PartRecord { id, event, lot: code, role, quantity, unit });
        }
    }

    fn meet(
        &mut self,
        event: &Event,
        row: &TraceEvent,
        role: PartRole,
        (identifier, amount): (Identifier, &Measure),
    ) {
        let Some(code) = identifier.code().map(str::to_owned) else { return };
        let added = event.action == Some(Action::Add) && event.kind == EventKind::Object;
        let made = event.kind == EventKind::Transformation && role == PartRole::Output;
        let place = (event.at, row.place.clone());
        let lot = self.lots.entry(code).or_insert_with(|| Lot {
            identifier,
            born: None,
            largest: amount.clone(),
            first: place.clone(),
            expires_at: None,
            made: false,
            used: false,
        });
        if row.voided {
            return;
        }
        if amount.quantity > lot.largest.quantity {
            lot.largest = amount.clone();
        }
        if place.0 < lot.first.0 || (lot.first.1.is_none() && place.1.is_some()) {
            lot.first = place;
        }
        if (added || made) && lot.born.as_ref().is_none_or(|(at, _)| event.at < *at) {
            lot.born = Some((event.at, amount.clone()));
        }
        if added || made {
            lot.expires_at = lot.expires_at.or_else(|| expiry(&event.raw));
        }
        lot.made |= made;
        lot.used |= event.kind == EventKind::Transformation && role == PartRole::Input;
    }

    fn remark(&mut self, row: &TraceEvent, text: String) {
        self.rows.remarks.push(Remark { event: row.id.clone(), text });
    }

    fn finish(mut self) -> TraceRows {
        let voids: BTreeSet<&str> =
            self.rows.voids.iter().filter_map(|void| void.epcis_event_id.as_deref()).collect();
        for event in &mut self.rows.events {
            event.voided |= event.epcis_event_id.as_deref().is_some_and(|id| voids.contains(id));
        }
        self.rows.lots = self.lots.into_iter().map(|(code, lot)| lot_record(code, lot)).collect();
        let units: BTreeMap<&str, &str> =
            self.rows.lots.iter().map(|lot| (lot.code.as_str(), lot.unit.as_str())).collect();
        for part in &mut self.rows.parts {
            let unit = units.get(part.lot.as_str()).copied().unwrap_or_default();
            if part.unit != unit {
                let text = format!(
                    "`{}` is counted in `{unit}`; its quantity in `{}` is not",
                    part.lot, part.unit
                );
                let remark = Remark { event: part.event.clone(), text };
                if part.quantity > 0 {
                    self.rows.remarks.push(remark);
                }
                (part.quantity, part.unit) = (0, unit.to_owned());
            }
        }
        self.rows.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        self.rows.parts.sort_by(|a, b| a.id.cmp(&b.id));
        self.rows
    }
}

fn lot_record(code: String, lot: Lot) -> LotRecord {
    let (produced_at, amount) = match lot.born {
        Some((at, amount)) => (Some(at), amount),
        None => (None, lot.largest),
    };
    let (lot_number, product, gtin) = match &lot.identifier {
        Identifier::Lot { lot, product, gtin, .. } => {
            (Some(lot.clone()), product.clone(), gtin.clone())
        }
        Identifier::Item { product, gtin, .. } => (None, product.clone(), gtin.clone()),
        Identifier::Container { .. } | Identifier::Class { .. } | Identifier::Other { .. } => {
            (None, String::new(), None)
        }
    };
    let kind = match (&lot.identifier, lot.made, lot.used) {
        (Identifier::Container { .. }, ..) => LotKind::Logistic,
        (_, true, true) => LotKind::Wip,
        (_, true, false) => LotKind::Finished,
        (_, false, _) => LotKind::Raw,
    };
    LotRecord {
        id: lot_id(&code),
        code,
        lot_number,
        product,
        gtin,
        kind,
        quantity: amount.quantity,
        unit: amount.unit,
        place: lot.first.1,
        produced_at,
        expires_at: lot.expires_at,
    }
}

fn trace_event(event: &Event) -> TraceEvent {
    let kind = movement_kind(event);
    let parties = match kind {
        MovementKind::Ship => &event.destinations,
        _ => &event.sources,
    };
    // Goods that leave were last at the gate; goods that come are afterwards in the store.
    let place = match kind {
        MovementKind::Ship => event.read_point.as_ref().or(event.biz_location.as_ref()),
        _ => event.biz_location.as_ref().or(event.read_point.as_ref()),
    };
    TraceEvent {
        id: event.hash.clone(),
        epcis_event_id: event.event_id.clone(),
        kind,
        at: event.at,
        zone: event.zone.clone(),
        place: place.cloned(),
        party: party(parties),
        document: paper(&event.documents),
        biz_step: event.biz_step.clone(),
        disposition: event.disposition.clone(),
        transformation: event.transformation.clone(),
        voided: event.error.is_some(),
    }
}

fn movement_kind(event: &Event) -> MovementKind {
    let step = event.biz_step.as_deref().unwrap_or_default();
    let returned = event.disposition.as_deref() == Some("returned");
    match (event.kind, event.action) {
        (EventKind::Transformation, _) => MovementKind::Transform,
        (EventKind::Aggregation | EventKind::Association, Some(Action::Add)) => {
            MovementKind::Aggregate
        }
        (EventKind::Aggregation | EventKind::Association, Some(Action::Delete)) => {
            MovementKind::Disaggregate
        }
        (EventKind::Aggregation | EventKind::Association | EventKind::Transaction, _) => {
            MovementKind::Move
        }
        (EventKind::Object, Some(Action::Add)) => MovementKind::Receive,
        (EventKind::Object, Some(Action::Delete)) => match step {
            "retail_selling" | "dispensing" | "shipping" => MovementKind::Ship,
            _ => MovementKind::Waste,
        },
        (EventKind::Object, _) => match step {
            "shipping" | "consigning" | "retail_selling" | "dispensing" => MovementKind::Ship,
            "void_shipping" => MovementKind::Return,
            "receiving" if returned => MovementKind::Return,
            "receiving" => MovementKind::Receive,
            _ => MovementKind::Move,
        },
    }
}

/// Goods that went in and goods that came out.
fn sides(event: &Event, kind: MovementKind) -> (Vec<Item>, Vec<Item>) {
    let parent: Vec<Item> = event.parent.as_deref().map(instance).into_iter().collect();
    let items = event.items.clone();
    match kind {
        MovementKind::Transform => (event.inputs.clone(), event.outputs.clone()),
        MovementKind::Aggregate => (items, parent),
        MovementKind::Disaggregate => (parent, items),
        MovementKind::Ship | MovementKind::Waste => (items, Vec::new()),
        MovementKind::Receive | MovementKind::Return => (Vec::new(), items),
        _ => {
            let all: Vec<Item> = parent.into_iter().chain(items).collect();
            (all.clone(), all)
        }
    }
}

fn instance(identifier: &str) -> Item {
    Item { identifier: identifier.to_owned(), instance: true, quantity: None, uom: None }
}

/// An instance is one piece; a class without a quantity is an unknown number of pieces.
fn amount(item: &Item) -> Option<Measure> {
    let unknown = if item.instance { "1" } else { "0" };
    measure(item.quantity.as_deref().unwrap_or(unknown), item.uom.as_deref())
}

fn party(parties: &[PartyReference]) -> Option<String> {
    let roles = ["owning_party", "possessing_party", "location"];
    let of_role = |role: &&str| parties.iter().find(|party| party.role == *role);
    let found = roles.iter().find_map(of_role).or_else(|| parties.first());
    found.map(|party| party.id.clone())
}

/// The paper that people look a movement up by: the delivery note before the order.
fn paper(documents: &[BusinessDocument]) -> Option<String> {
    let kinds = ["desadv", "bol", "inv", "prodorder", "po"];
    let of_kind = |kind: &&str| documents.iter().find(|d| d.kind.as_deref() == Some(*kind));
    let found = kinds.iter().find_map(of_kind).or_else(|| documents.first());
    found.map(|document| document.id.clone())
}

/// The last millisecond (UTC) of the day until which the lot may be used.
fn expiry(event: &Value) -> Option<i64> {
    let ilmd = event.get("ilmd")?.as_object()?;
    let names = ["itemExpirationDate", "bestBeforeDate", "sellByDate"];
    let dated = |name: &&str| {
        let local = |key: &String| key.rsplit([':', '#', '/']).next() == Some(*name);
        let value = ilmd.iter().find(|(key, _)| local(key))?.1.as_str()?;
        value.get(..10)?.parse::<NaiveDate>().ok()
    };
    let next = names.iter().find_map(dated)?.succ_opt()?;
    Some(next.and_time(NaiveTime::MIN).and_utc().timestamp_millis() - 1)
}

fn role_name(role: PartRole) -> &'static str {
    match role {
        PartRole::Input => "in",
        PartRole::Output => "out",
    }
}

fn lot_id(code: &str) -> String {
    let mut id = hex::encode(Sha256::digest(code));
    id.truncate(32);
    id
}
