//! The parser against real documents: `testdata/epcis/README.md` says where they are from.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use engines::trace::{Direction, LotGraph, MovementKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/epcis").join(name);
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json" || end == "jsonld"))
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn file(name: &str) -> Vec<u8> {
    folder("opentraceability").into_iter().find(|(stem, _)| stem == name).unwrap().1
}

fn rows(name: &str) -> TraceRows {
    to_trace(&check(&file(name)).unwrap())
}

fn graph(rows: &TraceRows) -> LotGraph {
    let (lots, movements) = rows.graph_rows();
    LotGraph::build(lots, movements).unwrap()
}

#[test]
fn every_valid_document_is_accepted_and_kept_whole() {
    let files = folder("openepcis/valid");
    assert_eq!(files.len(), 38);
    for (name, bytes) in files {
        let document = check(&bytes).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        let original: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(document.raw, original, "{name}");
        let list = original["epcisBody"]["eventList"].as_array().unwrap();
        let kept: Vec<&Value> = document.events.iter().map(|event| &event.raw).collect();
        assert_eq!(kept, list.iter().collect::<Vec<_>>(), "{name}");
        graph(&to_trace(&document));
    }
}

#[test]
fn every_invalid_document_is_refused_with_its_reason_and_place() {
    let expected = [
        ("Combination_of_events_with_missing_mandatory_fields", 0, "", "`action` is missing"),
        ("Combination_of_multiple_invalid_fields", 0, "/bizStep", "`transforming` is not a"),
        (
            "Combination_of_non_standard_bizStep_and_disposition",
            1,
            "/disposition",
            "`in_transport`",
        ),
        ("EPCISDocument_without_context", 9, "", "`@context` is missing"),
        ("ObjectEvent_with_ilmd_field_without_namespace", 0, "/ilmd/materialType", "namespace"),
        ("ObjectEvent_with_invalid_action", 0, "/action", "`CREATE` is not an action"),
        (
            "ObjectEvent_with_invalid_certificationInfo",
            0,
            "/certificationInfo/1/gs1:CertificationDetails/gs1:certificationAuditDate",
            "is not a date",
        ),
        (
            "ObjectEvent_with_invalid_eventTime_format",
            0,
            "/eventTime",
            "`22-07-2026` is not a time",
        ),
        ("ObjectEvent_with_non_standard_bizStep", 0, "/bizStep", "`transforming`"),
        ("ObjectEvent_with_non_standard_bizStep_in_second_event", 1, "/bizStep", "`transforming`"),
        ("ObjectEvent_with_non_standard_disposition", 0, "/disposition", "nearest: `in_transit`"),
        ("ObjectEvent_with_quantity_as_text", 0, "/quantityList/0/quantity", "found text"),
        (
            "ObjectEvent_with_unknown_field_in_quantityList",
            0,
            "/quantityList/0/weight",
            "not an EPCIS",
        ),
        ("ObjectEvent_without_action_and_eventTime", 0, "", "`eventTime` is missing"),
        ("ObjectEvent_without_identifier_list", 0, "", "no goods are named"),
    ];
    let files = folder("openepcis/invalid");
    assert_eq!(files.len(), 15);
    for ((name, bytes), (expected, event, tail, reason)) in files.iter().zip(expected) {
        assert_eq!(name, expected);
        let faults = check(bytes).expect_err(name);
        let place = match event {
            9 => String::new(),
            event => format!("/epcisBody/eventList/{event}{tail}"),
        };
        let found = faults.iter().any(|fault| {
            fault.pointer == place
                && fault.reason.contains(reason)
                && fault.event == Some(event).filter(|event| *event != 9)
                && fault.line.is_some()
        });
        assert!(found, "{name}: {faults:#?}");
    }
}

#[test]
fn all_faults_are_listed_with_their_lines() {
    let files = folder("openepcis/invalid");
    let (_, bytes) = &files[1];
    let faults = check(bytes).unwrap_err();
    let events: Vec<Option<usize>> = faults.iter().map(|fault| fault.event).collect();
    assert_eq!(events, [Some(0), Some(1), Some(2), Some(3), Some(4), Some(4)]);
    let line = String::from_utf8_lossy(bytes).lines().position(|l| l.contains("transforming"));
    assert_eq!(faults[0].line, line.map(|line| line + 1));
    let text = faults[0].to_string();
    assert!(
        text.starts_with("event 0, line 18, column 14, `/epcisBody/eventList/0/bizStep`: "),
        "{text}"
    );
}

#[test]
fn malformed_json_is_refused_with_line_and_column() {
    let faults = check(&file("malformed-query-document")).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].line, faults[0].column), (Some(1330), Some(25)));
    assert_eq!(faults[0].reason, "not JSON: trailing comma");
    for rubbish in ["", "{", "[", "null", "7", "\"x\"", "{}", "[7]", "{\"type\":\"X\"}"] {
        assert!(check(rubbish.as_bytes()).is_err(), "{rubbish}");
    }
    assert!(check(&[0xFF, 0xFE, 0x00]).is_err());
    assert!(check("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn the_whole_chain_traces_from_hatchery_to_store_and_back() {
    let document = check(&file("gdst-whole-chain")).unwrap();
    assert_eq!((document.kind, document.events.len()), (DocumentKind::Query, 31));
    let rows = to_trace(&document);
    assert_eq!((rows.events.len(), rows.remarks.len()), (31, 0));
    let graph = graph(&rows);
    let hatchery = "urn:gdst:example.org:product:lot:class:hatchery.1.tf12012021";
    let feed = "urn:gdst:example.org:product:lot:class:feedmill.1.ff11252021";
    let boat = "urn:gdst:example.org:product:lot:class:fisherman01.tuna.v1-0122-2022";
    let farmed = "urn:gdst:example.org:product:lot:class:fishfarm.1.farmed-tuna-01192022";
    let mixed = "urn:gdst:example.org:product:lot:class:processor.10.commingle-01232022";
    let can = "urn:gdst:example.org:product:lot:class:processor.2.v1-0122-2022";
    let pallet = "urn:epc:id:sscc:08600031303.0003";
    let reached = |seed: &str, direction| -> Vec<(String, bool)> {
        let trace = graph.trace(&[seed], direction).unwrap();
        trace.lots.into_iter().map(|lot| (lot.lot, lot.in_time)).collect()
    };
    let named = |codes: &[&str]| codes.iter().map(|c| ((*c).to_owned(), true)).collect::<Vec<_>>();
    assert_eq!(reached(hatchery, Direction::Forward), named(&[farmed, mixed, can, pallet]));
    let sources = named(&[pallet, mixed, boat, farmed, feed, hatchery]);
    assert_eq!(reached(can, Direction::Backward), sources);
    // The cans are seen at the importer because the pallet was.
    let can = graph.lot(can).unwrap();
    let places: BTreeSet<String> = graph
        .movements_of(can)
        .into_iter()
        .filter_map(|event| graph.movement_view(event).place.map(str::to_owned))
        .collect();
    assert!(places.contains("urn:gdst:example.org:location:loc:importer.123"), "{places:?}");
    let movements = graph.movements_of(can);
    let shipped = movements.iter().find(|e| graph.movement_view(**e).kind == MovementKind::Ship);
    let view = graph.movement_view(*shipped.unwrap());
    assert_eq!(view.party, Some("urn:gdst:example.org:party:importer.1"));
    // The other chain of the document shares a pallet with salmon, and no ingredient.
    let salmon = "urn:gdst:wholechain.com:product:lot:class:fishcompany.sal-fry.weio348";
    let salmon = reached(salmon, Direction::Forward);
    assert!(salmon.iter().all(|(code, _)| !code.contains("tuna")), "{salmon:?}");
}

#[test]
fn quantities_and_names_come_out_of_the_chain() {
    let rows = rows("gdst-with-master-data");
    assert_eq!((rows.events.len(), rows.remarks.len()), (17, 0));
    let farmed = rows.lots.iter().find(|lot| lot.code.contains("fishfarm")).unwrap();
    assert_eq!((farmed.quantity, farmed.unit.as_str()), (12_000_000_000, "g"));
    assert_eq!(farmed.lot_number.as_deref(), Some("farmed-tuna-01192022"));
    let name = |records: &[MasterRecord], id: &str| {
        records.iter().find(|record| record.id == id).map(|record| record.name.clone())
    };
    assert_eq!(name(&rows.products, &farmed.product).as_deref(), Some("Farmed Tuna"));
    let importer = "urn:gdst:example.org:location:loc:importer.123u";
    assert_eq!(name(&rows.places, importer).as_deref(), Some("Importer Warehouse"));
    assert_eq!((rows.products.len(), rows.places.len(), rows.parties.len()), (6, 8, 6));
    let trace = graph(&rows)
        .trace(
            &["urn:gdst:example.org:product:lot:class:hatchery.1u.tf12012021"],
            Direction::Forward,
        )
        .unwrap();
    assert_eq!(trace.lots.len(), 4);
    assert!(trace.lots.iter().all(|lot| lot.in_time));
}

fn object_event(extra: &Value) -> Value {
    let mut event = json!({
        "type": "ObjectEvent", "eventTime": "2026-07-22T06:45:00Z", "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE", "bizStep": "shipping", "eventID": "urn:uuid:1",
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.A1", "quantity": 5, "uom": "KGM"}]
    });
    let fields = event.as_object_mut().unwrap();
    fields.extend(extra.as_object().unwrap().clone());
    event
}

fn read(value: &Value) -> Result<Document, Vec<Rejection>> {
    check(value.to_string().as_bytes())
}

#[test]
fn an_error_declaration_voids_the_event_that_it_repeats() {
    let declared = json!({"errorDeclaration": {
        "declarationTime": "2026-07-23T00:00:00Z", "reason": "did_not_occur",
        "correctiveEventIDs": ["urn:uuid:2"]
    }});
    let both = json!([object_event(&json!({})), object_event(&declared)]);
    let rows = to_trace(&read(&both).unwrap());
    assert_eq!((rows.events.len(), rows.parts.len(), rows.voids.len()), (1, 1, 1));
    assert!(rows.events[0].voided);
    let void = &rows.voids[0];
    assert_eq!(
        (&void.event, void.corrected_by.as_slice()),
        (&rows.events[0].id, &["urn:uuid:2".to_owned()][..])
    );
    // Alone it still names its target, by content and by the author's id.
    let alone = to_trace(&read(&object_event(&declared)).unwrap());
    assert_eq!(alone.voids, rows.voids);
    let changed = json!({"bizStep": "storing"});
    let other = json!([object_event(&changed), both[1]]);
    let rows = to_trace(&read(&other).unwrap());
    assert!(rows.events.iter().all(|event| event.voided), "the author's id is enough");
}

#[test]
fn the_same_facts_twice_are_the_same_rows() {
    let event = object_event(&json!({}));
    let later = object_event(&json!({"recordTime": "2026-07-30T00:00:00Z"}));
    let once = to_trace(&read(&json!([event])).unwrap());
    assert_eq!(once, to_trace(&read(&json!([event, later])).unwrap()));
    assert_eq!(once.parts[0].quantity, 5_000_000);
    let lot = &once.lots[0];
    assert_eq!(lot.code, "https://id.gs1.org/01/04012345123456/10/A1");
}

#[test]
fn halves_of_one_transformation_are_one_movement() {
    let half = |time: &str, side: &str, lot: &str| {
        json!({
            "type": "TransformationEvent", "eventTime": time, "eventTimeZoneOffset": "+00:00",
            "transformationID": "urn:epc:id:gdti:0614141.12345.400",
            side: [{"epcClass": format!("urn:epc:class:lgtin:4012345.012345.{lot}"), "quantity": 1}]
        })
    };
    let halves = json!([
        half("2026-07-22T06:00:00Z", "inputQuantityList", "A"),
        half("2026-07-22T08:00:00Z", "outputQuantityList", "B")
    ]);
    let rows = to_trace(&read(&halves).unwrap());
    let (_, movements) = rows.graph_rows();
    assert_eq!(movements.len(), 1);
    assert_eq!(movements[0].at.unwrap() - movements[0].starts_at.unwrap(), 2 * 3_600_000);
    let trace = graph(&rows).trace(&[&rows.lots[0].code], Direction::Forward).unwrap();
    assert_eq!(trace.lots[0].lot, rows.lots[1].code);
}

#[test]
fn what_the_standard_forbids_is_refused() {
    let faulty = [
        (json!({"eventTimeZoneOffset": "+15:00"}), "offset"),
        (json!({"eventTimeZoneOffset": "2"}), "offset"),
        (json!({"eventTime": "2026-02-30T00:00:00Z"}), "not a time"),
        (json!({"eventTime": "2026-07-22T06:45:00"}), "not a time"),
        (json!({"epcList": ["7"]}), "not a URI"),
        (json!({"quantityList": [{"epcClass": "urn:a:b", "quantity": -1}]}), "below 0"),
        (json!({"quantityList": [{"epcClass": "urn:a:b", "uom": "KGM"}]}), "needs a `quantity`"),
        (json!({"quantityList": [{"quantity": 1}]}), "`epcClass` is missing"),
        (json!({"quantityList": {}}), "expected an array"),
        (json!({"ilmd": {"cbvmda:lotNumber": "1"}}), "action `ADD`"),
        (json!({"sourceList": [{"type": "owner", "source": "urn:a:b"}]}), "source type"),
        (json!({"sourceList": [{"type": "location"}]}), "`source` is missing"),
        (json!({"bizTransactionList": [{"type": "po"}]}), "`bizTransaction` is missing"),
        (json!({"errorDeclaration": {}}), "`declarationTime` is missing"),
        (json!({"acme:colour": "red"}), "not declared"),
        (json!({"readPoint": "urn:a:b"}), "expected an object"),
        (json!({"sensorElementList": [{"sensorReport": [{"value": "7"}]}]}), "expected a number"),
        (json!({"inputEPCList": []}), "not an EPCIS field here"),
        (json!({"type": "TransformationEvent"}), "no action"),
    ];
    for (extra, reason) in faulty {
        let faults = read(&object_event(&extra)).expect_err(reason);
        assert!(faults.iter().any(|f| f.reason.contains(reason)), "{extra}: {faults:#?}");
        assert!(faults.iter().all(|f| f.event == Some(0) && f.line.is_some()));
    }
    let fine = json!({"@context": {"acme": "https://acme.example/"}, "acme:colour": "red"});
    assert!(read(&object_event(&fine)).is_ok());
}

#[test]
fn products_without_a_lot_are_remarked_and_not_traced() {
    let class = json!({"quantityList": [{"epcClass": "https://id.gs1.org/01/04012345987652"}]});
    let rows = to_trace(&read(&object_event(&class)).unwrap());
    assert_eq!((rows.lots.len(), rows.parts.len(), rows.remarks.len()), (0, 0, 1));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = check(&bytes);
    }

    #[test]
    fn no_damage_to_a_document_makes_it_panic(file in 0usize..38, at in any::<usize>(), byte in any::<u8>()) {
        let (_, mut bytes) = folder("openepcis/valid").swap_remove(file);
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(document) = check(&bytes) {
            graph(&to_trace(&document));
        }
    }
}
