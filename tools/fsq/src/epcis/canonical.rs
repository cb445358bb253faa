//! One text for one fact: the canonical form of an event, and its hash.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What a capture adds or may change without telling a new fact.
const LEFT_OUT: [&str; 6] =
    ["recordTime", "eventID", "errorDeclaration", "@context", "hash", "eventHash"];

/// Lists whose order means nothing.
const SETS: [&str; 13] = [
    "epcList",
    "quantityList",
    "childEPCs",
    "childQuantityList",
    "inputEPCList",
    "inputQuantityList",
    "outputEPCList",
    "outputQuantityList",
    "bizTransactionList",
    "sourceList",
    "destinationList",
    "set",
    "unset",
];

/// SHA-256, in hex, of the event's content in canonical form.
///
/// Left out are `recordTime`, `eventID`, `errorDeclaration` and hashes: an event captured twice, or
/// repeated to declare it wrong, has one hash. Keys are sorted, lists that are sets too, empty
/// lists and texts count as absent, times are written in UTC with milliseconds and numbers in their
/// shortest form. The choice of fields follows the pre-hash string of CBV 2.0 §8.9; the text form
/// is our own, so the value is no `ni:` event id.
pub fn content_hash(event: &Value) -> String {
    let mut text = String::new();
    let top = event.as_object().into_iter().flatten();
    let kept = top.filter(|(key, _)| !LEFT_OUT.contains(&key.as_str()));
    write_object(kept, &mut text);
    hex::encode(Sha256::digest(text))
}

fn write(key: &str, value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => write_object(fields.iter(), text),
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(|item| written(key, item)).collect();
            if SETS.contains(&key) {
                items.sort();
            }
            text.push('[');
            text.push_str(&items.join(","));
            text.push(']');
        }
        Value::String(given) => {
            let time = key.to_ascii_lowercase().ends_with("time");
            let instant = DateTime::parse_from_rfc3339(given).ok().filter(|_| time);
            let plain = instant.map_or_else(
                || given.clone(),
                |time| time.to_utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            );
            text.push_str(&Value::String(plain).to_string());
        }
        Value::Number(number) => match number.as_f64().filter(|n| n.fract() == 0.0) {
            Some(whole) if whole.abs() < 9e15 => text.push_str(&(whole as i64).to_string()),
            _ => text.push_str(&number.to_string()),
        },
        Value::Bool(_) | Value::Null => text.push_str(&value.to_string()),
    }
}

fn written(key: &str, value: &Value) -> String {
    let mut text = String::new();
    write(key, value, &mut text);
    text
}

fn write_object<'v>(fields: impl Iterator<Item = (&'v String, &'v Value)>, text: &mut String) {
    let fields: BTreeMap<&String, &Value> = fields.filter(|(_, value)| !is_empty(value)).collect();
    text.push('{');
    for (index, (key, value)) in fields.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&Value::String(key.clone()).to_string());
        text.push(':');
        write(key, value, text);
    }
    text.push('}');
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_fact_has_one_hash_however_it_is_written() {
        let one = json!({
            "type": "ObjectEvent", "eventTime": "2026-07-22T06:45:00+02:00", "epcList": ["a:1", "a:2"],
            "quantityList": [{"epcClass": "c:1", "quantity": 10.0}], "recordTime": "2026-07-23T00:00:00Z",
            "childEPCs": [], "eventID": "urn:uuid:1"
        });
        let other = json!({
            "epcList": ["a:2", "a:1"], "eventTime": "2026-07-22T04:45:00.000Z", "type": "ObjectEvent",
            "quantityList": [{"quantity": 10, "epcClass": "c:1"}],
            "errorDeclaration": {"declarationTime": "2026-07-24T00:00:00Z"}
        });
        assert_eq!(content_hash(&one), content_hash(&other));
    }

    #[test]
    fn another_fact_has_another_hash() {
        let event = |quantity: f64, step: &str| {
            content_hash(&json!({"type": "ObjectEvent", "bizStep": step, "q": quantity}))
        };
        assert_ne!(event(1.0, "shipping"), event(2.0, "shipping"));
        assert_ne!(event(1.0, "shipping"), event(1.0, "receiving"));
        let order = |list: Value| content_hash(&json!({"ext:steps": list}));
        assert_ne!(order(json!([1, 2])), order(json!([2, 1])), "an unknown list may be ordered");
    }
}
