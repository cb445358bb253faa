use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A Wednesday.
fn now() -> DateTime<Utc> {
    "2024-08-21T10:00:00Z".parse().unwrap()
}

fn lexicon() -> Lexicon {
    let entry = |kind: &str, id: &str, names: &[&str]| Entry {
        kind: kind.into(),
        id: id.into(),
        names: names.iter().map(|&name| name.into()).collect(),
    };
    Lexicon::new(vec![
        entry("product", "p-coke", &["Coca-Cola", "Coke", "קולה"]),
        entry("product", "p-straw", &["Strawberry Yoghurt"]),
        entry("product", "p-plain", &["Natural Yoghurt"]),
        entry("location", "store-7", &["Store 7", "סניף 7"]),
        entry("device", "VM-004", &["Lobby machine"]),
        entry("lot", "L24-0117", &[]),
    ])
}

fn filled(text: &str, schema: &Value, page: &Value, carried: &[Carried]) -> Filled {
    let lexicon = lexicon();
    fill(text, schema, &Sources { lexicon: &lexicon, carried, page, now: now() })
}

fn arguments(text: &str, schema: &Value) -> Value {
    Value::Object(filled(text, schema, &json!({}), &[]).arguments)
}

fn trace() -> Value {
    json!({ "type": "object", "required": ["lot"], "properties": {
        "lot": { "type": "string", "x-slot": "lot" },
        "direction": { "type": "string", "enum": ["forward", "backward"], "default": "forward",
            "x-synonyms": { "backward": ["come from", "origin", "upstream", "מאיפה"] } },
    }})
}

fn forecast() -> Value {
    json!({ "type": "object", "required": ["product"], "properties": {
        "product": { "type": "string", "x-slot": "product" },
        "location": { "type": ["string", "null"], "x-slot": "location" },
        "horizon_days": { "type": "integer", "minimum": 1, "maximum": 365 },
        "period": { "type": "object", "x-slot": "date_range", "properties": { "from": {}, "to": {} } },
    }})
}

#[test]
fn enums_are_named_by_synonyms_in_both_languages() {
    for (text, direction) in [
        ("where did lot L24-0117 go?", "forward"),
        ("where does L24-0117 come from?", "backward"),
        ("מאיפה הגיעה L24-0117", "backward"),
    ] {
        assert_eq!(
            arguments(text, &trace()),
            json!({ "lot": "L24-0117", "direction": direction }),
            "{text}"
        );
    }
}

#[test]
fn an_unknown_lot_is_passed_on_and_flagged() {
    let filled = filled("where did L24-9999 go?", &trace(), &json!({}), &[]);
    assert_eq!(filled.arguments["lot"], "L24-9999");
    assert_eq!(filled.unknown, ["lot"]);
    assert_eq!(filled.provenance["direction"].source, Source::Default);
}

#[test]
fn a_question_of_demand_is_filled_whole() {
    assert_eq!(
        arguments(
            "how much strawberry yoghurt will store 7 sell in the next 14 days?",
            &forecast()
        ),
        json!({ "product": "p-straw", "location": "store-7", "horizon_days": 14,
                "period": { "from": "2024-08-22", "to": "2024-09-04" } })
    );
    assert_eq!(
        arguments("כמה קולה נמכור בסניף 7 בשבועיים הקרובים", &forecast()),
        json!({ "product": "p-coke", "location": "store-7", "horizon_days": 14,
                "period": { "from": "2024-08-22", "to": "2024-09-04" } })
    );
}

#[test]
fn several_records_are_options_unless_the_page_tells() {
    let asked = filled("how much yoghurt next week", &forecast(), &json!({}), &[]);
    assert_eq!(asked.missing, Vec::<String>::new());
    let titles: Vec<&str> =
        asked.ambiguous[0].options.iter().map(|option| option.title.as_str()).collect();
    assert_eq!(titles, ["Natural Yoghurt", "Strawberry Yoghurt"]);
    let page = json!({ "product": { "id": "p-plain" } });
    let told = filled("how much yoghurt next week", &forecast(), &page, &[]);
    assert_eq!(told.arguments["product"], "p-plain");
    assert_eq!(told.provenance["product"].source, Source::Page);
}

#[test]
fn the_utterance_outranks_the_conversation_and_that_the_page() {
    let carried =
        [Carried { slot: "lot".into(), kind: Some("lot".into()), value: json!("L24-0500") }];
    let page = json!({ "selection": { "kind": "lot", "id": "L24-0900" } });
    let lot = |text: &str, page: &Value, carried: &[Carried]| {
        let filled = filled(text, &trace(), page, carried);
        (filled.arguments["lot"].clone(), filled.provenance["lot"].source)
    };
    assert_eq!(lot("trace L24-0117", &page, &carried), (json!("L24-0117"), Source::Utterance));
    assert_eq!(lot("trace it", &page, &carried), (json!("L24-0500"), Source::Conversation));
    assert_eq!(lot("trace it", &page, &[]), (json!("L24-0900"), Source::Page));
    assert_eq!(filled("trace it", &trace(), &json!({}), &[]).missing, ["lot"]);
}

#[test]
fn optional_slots_are_carried_into_follow_ups_only() {
    let carried = [Carried {
        slot: "location".into(),
        kind: Some("location".into()),
        value: json!("store-7"),
    }];
    let location = |text: &str| {
        filled(text, &forecast(), &json!({}), &carried).arguments.get("location").cloned()
    };
    assert_eq!(location("what about coke next week?"), Some(json!("store-7")));
    assert_eq!(location("forecast the demand for coke everywhere"), None);
}

#[test]
fn places_of_one_kind_are_told_apart_by_from_and_to() {
    let schema = json!({ "type": "object", "required": ["to_slot"], "properties": {
        "product": { "type": "string", "x-slot": "product" },
        "from_slot": { "type": "string", "x-slot": "slot_label" },
        "to_slot": { "type": "string", "x-slot": "slot_label" },
    }});
    assert_eq!(
        arguments("move Coke to B3 from A1", &schema),
        json!({ "product": "p-coke", "from_slot": "A1", "to_slot": "B3" })
    );
    assert_eq!(
        arguments("move Coke to B3", &schema),
        json!({ "product": "p-coke", "to_slot": "B3" })
    );
}

#[test]
fn amounts_fit_the_schema() {
    let schema = json!({ "type": "object", "properties": {
        "quantity": { "type": "object", "x-slot": "quantity",
                      "properties": { "amount": {}, "unit": {} } },
        "price": { "type": "number", "x-slot": "money" },
        "discount": { "type": "number", "x-slot": "percent", "maximum": 1 },
        "limit": { "type": "integer" },
    }});
    assert_eq!(
        arguments("12 cases at $3.50 with 15% off", &schema),
        json!({ "quantity": { "amount": 12, "unit": "case" }, "price": 3.5, "discount": 0.15 })
    );
    assert_eq!(
        arguments("the top 5", &json!({ "properties": { "limit": { "type": "integer" } } })),
        json!({ "limit": 5 })
    );
    let mass = json!({ "properties": { "weight": { "type": "number", "x-slot": "quantity", "x-unit": "g" } } });
    assert_eq!(arguments("3.5 kg of flour", &mass), json!({ "weight": 3500 }));
    let plain = json!({ "properties": { "n": { "type": "number", "x-slot": "quantity" } } });
    assert_eq!(arguments("two, please", &plain), json!({ "n": 2 }));
    assert_eq!(arguments("12 ארגזים", &plain), json!({ "n": 12 }));
}

#[test]
fn two_dates_are_the_ends_of_a_stretch() {
    let schema = json!({ "properties": {
        "from": { "type": "string", "format": "date" },
        "to": { "type": "string", "format": "date" },
    }});
    assert_eq!(
        arguments("revenue last week", &schema),
        json!({ "from": "2024-08-12", "to": "2024-08-18" })
    );
    assert_eq!(
        arguments("revenue yesterday", &schema),
        json!({ "from": "2024-08-20", "to": "2024-08-20" })
    );
    let due = json!({ "properties": { "due": { "type": "string", "format": "date" } } });
    assert_eq!(arguments("close it by Friday", &due), json!({ "due": "2024-08-23" }));
}

#[test]
fn text_is_what_is_left() {
    let schema = json!({ "required": ["query"], "properties": {
        "query": { "type": "string", "x-slot": "text" },
    }});
    for (text, query) in [
        ("search for cold chain limits?", "cold chain limits"),
        ("please find the allergen policy", "allergen policy"),
        ("how long may milk be unrefrigerated", "how long may milk be unrefrigerated"),
        ("search \"metal detection\" please", "metal detection"),
        ("חפש נוהל ניקיון", "נוהל ניקיון"),
    ] {
        assert_eq!(arguments(text, &schema), json!({ "query": query }), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_text_is_recognised_with_valid_places(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn words_in_any_order_are_recognised_with_valid_places(
        text in "((from|to|until|last|12|3,5|₪|%|\\$|B3|L24-0117|coke|yogurt|store|7|קולה|ב|שבוע|הבא|urn:epc:id:|\"|'|week|days|אתמול|ה|1/2/24|[\\PC]{1,3})[ ,.-]?){0,12}"
    ) {
        check(&text)?;
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    for entity in recognise(text, &lexicon(), now()) {
        prop_assert_eq!(text.get(entity.span.clone()), Some(entity.text.as_str()));
        prop_assert!(!entity.span.is_empty());
    }
    for schema in [
        trace(),
        forecast(),
        json!({ "required": ["q", "n"], "properties": {
        "q": { "x-slot": "text", "type": "string" }, "n": { "type": "integer" } } }),
    ] {
        let filled = filled(text, &schema, &json!({}), &[]);
        for provenance in filled.provenance.values() {
            if let Some(span) = &provenance.span {
                prop_assert!(text.get(span.clone()).is_some());
            }
        }
    }
    Ok(())
}
