//! A small hummus plant in January 2024.
//!
//! **Synthetic.** No such plant is known to us. Six ingredients are received, each working day mixes
//! one batch (`M24-0117` on 17 January), fills it into tubs (`L24-0117`), packs two pallets and ships
//! them the next day on a delivery note (`SH-0117`). What is planted, so that the tools have
//! something to find: ingredient lots are used in part and change on different days; what is left of
//! three batches goes into one rework container, `W24-01`, which goes into other batches and is
//! topped up from them, so that the chain has a loop; batch `M24-0117` lost 80 kg that nobody wrote
//! down; one shipment was recorded with the wrong customer, declared wrong and recorded again.
//! Quantities vary by a few kilograms that only the day decides.

use serde_json::{Value, json};

/// Working days of January 2024: Sunday to Thursday.
const DAYS: [u32; 15] = [7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25];

/// Lots with the day of January on which each was received.
type Receipts = &'static [(&'static str, u32)];

/// Item reference, name, lots with the day of their receipt, kilograms or pieces of each receipt.
const INGREDIENTS: [(&str, &str, Receipts, f64); 6] = [
    ("000101", "Dried Chickpeas", &[("C24-0103", 3), ("C24-0114", 14)], 4_000.0),
    ("000102", "Tahini", &[("T24-0104", 4), ("T24-0116", 16)], 2_500.0),
    ("000103", "Lemon Juice", &[("J24-0104", 4), ("J24-0111", 11), ("J24-0118", 18)], 500.0),
    ("000104", "Salt", &[("S24-0102", 2)], 500.0),
    ("000105", "Tub with Lid", &[("P24-0103", 3), ("P24-0117", 17)], 30_000.0),
    ("000106", "Garlic Puree", &[("G24-0105", 5), ("G24-0116", 16)], 300.0),
];

/// Kilograms, or pieces, that a batch takes of each.
const RECIPE: [f64; 6] = [400.0, 250.0, 60.0, 15.0, 2_400.0, 25.0];

const SUPPLIERS: [&str; 6] = ["00011", "00012", "00013", "00014", "00015", "00016"];
const PARTIES: [(&str, &str); 10] = [
    ("00011", "Jezreel Pulses"),
    ("00012", "Negev Sesame"),
    ("00013", "Sharon Citrus"),
    ("00014", "Dead Sea Salt Works"),
    ("00015", "Carmel Packaging"),
    ("00016", "Golan Gardens"),
    ("00021", "Fresh Market"),
    ("00022", "Corner Stores"),
    ("00023", "Hotel Supply"),
    ("00024", "Green Grocers"),
];
const CUSTOMERS: [&str; 4] = ["00021", "00022", "00023", "00024"];
const PLANT: &str = "urn:epc:id:sgln:7290012.00001.0";

/// Days whose leftover went into the rework container, and days that used it; kilograms.
const TO_REWORK: [(u32, f64); 3] = [(9, 60.0), (14, 45.0), (16, 30.0)];
const FROM_REWORK: [(u32, f64); 3] = [(11, 40.0), (16, 50.0), (18, 30.0)];

/// The day whose batch lost this many kilograms without a record.
const LOSS: (u32, f64) = (17, 80.0);

/// The day whose first shipment was recorded with the wrong customer.
const WRONG: u32 = 15;

/// The plant's records as an EPCIS 2.0 document.
pub(super) fn document() -> Vec<u8> {
    let mut events = receipts();
    for (index, day) in DAYS.into_iter().enumerate() {
        produce(&mut events, day);
        ship(&mut events, index, day);
    }
    let document = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2024-02-01T08:00:00Z",
        "epcisHeader": { "epcisMasterData": { "vocabularyList": master_data() } },
        "epcisBody": { "eventList": events },
    });
    document.to_string().into_bytes()
}

fn receipts() -> Vec<Value> {
    let mut events = Vec::new();
    for ((item, _, lots, quantity), supplier) in INGREDIENTS.into_iter().zip(SUPPLIERS) {
        for (lot, day) in lots {
            let mut event = object(&at(*day, 7, 30), ("ADD", "receiving"));
            event["quantityList"] = json!([part(item, lot, quantity)]);
            event["sourceList"] = json!([{ "type": "owning_party", "source": party(supplier) }]);
            events.push(event);
        }
    }
    events
}

fn produce(events: &mut Vec<Value>, day: u32) {
    let varied = f64::from(day * 7 % 5);
    let mut inputs: Vec<Value> = Vec::new();
    let mut made = 0.0;
    for (((item, _, lots, _), take), tubs) in
        INGREDIENTS.into_iter().zip(RECIPE).zip([false, false, false, false, true, false])
    {
        if !tubs && let Some(lot) = lot_on(lots, day) {
            let take = take + if item == "000101" { varied } else { 0.0 };
            inputs.push(part(item, lot, take));
            made += take;
        }
    }
    if let Some((_, rework)) = FROM_REWORK.into_iter().find(|it| it.0 == day) {
        inputs.push(part("000201", "W24-01", rework));
        made += rework;
    }
    // Cooking adds three parts of water to ten of the dry matter; it is received as no lot.
    let water = part("000107", &format!("H24-01{day:02}"), 250.0);
    events.push({
        let mut event = object(&at(day, 8, 0), ("ADD", "commissioning"));
        event["quantityList"] = json!([water]);
        event
    });
    inputs.push(water);
    made += 250.0 - if LOSS.0 == day { LOSS.1 } else { 0.0 };
    let mixed = part("000202", &format!("M24-01{day:02}"), made);
    events.push(transformation(&at(day, 9, 0), &inputs, &[mixed]));
    let left = TO_REWORK.into_iter().find(|it| it.0 == day).map_or(0.0, |it| it.1);
    if left > 0.0 {
        let (from, to) = (format!("M24-01{day:02}"), part("000201", "W24-01", left));
        events.push(transformation(&at(day, 13, 0), &[part("000202", &from, left)], &[to]));
    }
    let tubs = lot_on(INGREDIENTS[4].2, day).unwrap_or_default();
    let filled =
        [part("000202", &format!("M24-01{day:02}"), made - left), part("000105", tubs, RECIPE[4])];
    let finished = part("000301", &format!("L24-01{day:02}"), RECIPE[4]);
    events.push(transformation(&at(day, 11, 0), &filled, &[finished]));
}

fn ship(events: &mut Vec<Value>, index: usize, day: u32) {
    for pallet in 0..2_usize {
        let sscc = format!("urn:epc:id:sscc:7290012.0{:09}", 1_000 + day * 10 + pallet as u32);
        let lot = part("000301", &format!("L24-01{day:02}"), RECIPE[4] / 2.0);
        events.push(json!({
            "type": "AggregationEvent", "eventTime": at(day, 15, pallet as u32 * 10),
            "eventTimeZoneOffset": "+02:00", "parentID": sscc, "childEPCs": [],
            "childQuantityList": [lot], "action": "ADD", "bizStep": "packing",
            "bizLocation": { "id": PLANT },
        }));
        let customer = CUSTOMERS[(index + pallet) % CUSTOMERS.len()];
        let mut event = object(&at(day + 1, 6, pallet as u32 * 20), ("OBSERVE", "shipping"));
        event["epcList"] = json!([sscc]);
        event["readPoint"] = json!({ "id": PLANT });
        let note = format!("urn:epcglobal:cbv:bt:7290012000013:SH-01{day:02}");
        event["bizTransactionList"] = json!([{ "type": "desadv", "bizTransaction": note }]);
        event["destinationList"] =
            json!([{ "type": "owning_party", "destination": party(customer) }]);
        if day == WRONG && pallet == 0 {
            events.push(declared_wrong(&event));
        }
        events.push(event);
    }
}

/// The same shipment to somebody else, with the declaration that it was not so.
fn declared_wrong(event: &Value) -> Value {
    let mut wrong = event.clone();
    let other = party(CUSTOMERS[3]);
    wrong["destinationList"] = json!([{ "type": "owning_party", "destination": other }]);
    wrong["errorDeclaration"] =
        json!({ "declarationTime": "2024-01-17T09:00:00Z", "reason": "incorrect_data" });
    wrong
}

fn at(day: u32, hour: u32, minute: u32) -> String {
    format!("2024-01-{day:02}T{hour:02}:{minute:02}:00.000+02:00")
}

fn part(item: &str, lot: &str, quantity: f64) -> Value {
    let class = format!("urn:epc:class:lgtin:7290012.{item}.{lot}");
    match item {
        "000105" | "000301" => json!({ "epcClass": class, "quantity": quantity }),
        _ => json!({ "epcClass": class, "quantity": quantity, "uom": "KGM" }),
    }
}

fn party(reference: &str) -> String {
    format!("urn:epc:id:pgln:7290012.{reference}")
}

/// The newest lot that was there on a day.
fn lot_on(lots: Receipts, day: u32) -> Option<&'static str> {
    lots.iter().rev().find(|it| it.1 < day).map(|it| it.0)
}

fn object(time: &str, (action, step): (&str, &str)) -> Value {
    json!({
        "type": "ObjectEvent", "eventTime": time, "eventTimeZoneOffset": "+02:00",
        "action": action, "bizStep": step, "bizLocation": { "id": PLANT },
    })
}

fn transformation(time: &str, inputs: &[Value], outputs: &[Value]) -> Value {
    json!({
        "type": "TransformationEvent", "eventTime": time, "eventTimeZoneOffset": "+02:00",
        "inputQuantityList": inputs, "outputQuantityList": outputs, "bizStep": "commissioning",
        "bizLocation": { "id": PLANT },
    })
}

fn master_data() -> Value {
    let named = |id: String, name: &str, attribute: &str| {
        json!({ "id": id, "attributes": [
            { "id": format!("urn:epcglobal:cbv:mda#{attribute}"), "attribute": name } ] })
    };
    let own = [
        ("000107", "Process Water"),
        ("000201", "Hummus Rework"),
        ("000202", "Hummus Mix"),
        ("000301", "Hummus 400 g"),
    ];
    let products: Vec<Value> = INGREDIENTS
        .into_iter()
        .map(|it| (it.0, it.1))
        .chain(own)
        .map(|(item, name)| {
            named(format!("urn:epc:idpat:sgtin:7290012.{item}.*"), name, "descriptionShort")
        })
        .collect();
    let parties: Vec<Value> =
        PARTIES.into_iter().map(|(id, name)| named(party(id), name, "name")).collect();
    json!([
        { "type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": products },
        { "type": "urn:epcglobal:epcis:vtype:Party", "vocabularyElementList": parties },
        { "type": "urn:epcglobal:epcis:vtype:Location",
          "vocabularyElementList": [named(PLANT.to_owned(), "Galil Hummus Plant", "name")] },
    ])
}
