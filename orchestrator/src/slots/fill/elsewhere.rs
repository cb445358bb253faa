//! Arguments that earlier turns or the page hold.

use serde_json::Value;

use super::super::schema::{Property, Shape};
use super::Carried;

/// The latest slot of the same name and kind, else the latest of the same kind.
pub(super) fn carried(property: &Property<'_>, carried: &[Carried]) -> Option<Value> {
    let kind = kind(property);
    let same_kind = |slot: &&Carried| kind.is_some() && slot.kind.as_deref() == kind;
    let same_name = |slot: &&Carried| {
        slot.slot == property.name && (kind.is_none() || slot.kind.is_none() || same_kind(slot))
    };
    let found = carried.iter().find(same_name).or_else(|| carried.iter().find(same_kind))?;
    usable(&found.value, property)
}

/// What the page holds under the property's name or kind.
pub(super) fn on_page(property: &Property<'_>, page: &Value) -> Option<Value> {
    search(property, page, MAX_DEPTH)
}

/// How many objects deep the page is searched.
const MAX_DEPTH: usize = 3;

fn kind<'a>(property: &'a Property<'_>) -> Option<&'a str> {
    match &property.shape {
        Shape::Record(kind) => Some(kind),
        _ => None,
    }
}

fn search(property: &Property<'_>, page: &Value, depth: usize) -> Option<Value> {
    let object = page.as_object().filter(|_| depth > 0)?;
    let kind = kind(property);
    let names = [Some(property.name), kind].into_iter().flatten();
    for name in names {
        for key in [name.to_owned(), format!("{name}_id"), format!("{name}Id")] {
            let value = object.get(&key);
            if let Some(value) = value.and_then(|value| usable(value, property)) {
                return Some(value);
            }
        }
    }
    let says_kind =
        |key: &str| object.get(key).and_then(Value::as_str).is_some_and(|k| Some(k) == kind);
    if says_kind("kind") || says_kind("type") {
        return object.get("id").and_then(|id| usable(id, property));
    }
    object.values().find_map(|inner| search(property, inner, depth - 1))
}

/// A value that the property can hold; of a record, its id.
fn usable(value: &Value, property: &Property<'_>) -> Option<Value> {
    let plain = |value: &Value| match (&property.shape, value) {
        (_, Value::Null) => None,
        (Shape::Record(_), Value::String(_)) => Some(value.clone()),
        (Shape::Record(_), Value::Number(number)) => Some(Value::String(number.to_string())),
        (Shape::Record(_), Value::Object(record)) => {
            record.get("id").filter(|id| id.is_string()).cloned()
        }
        (Shape::Record(_), _) => None,
        (Shape::Date, Value::String(_)) => Some(value.clone()),
        (Shape::DateRange { from, .. }, Value::Object(range)) => {
            range.contains_key(from).then(|| value.clone())
        }
        (Shape::Enum(values), Value::String(text)) => values.contains(text).then(|| value.clone()),
        (Shape::Integer, Value::Number(number)) => {
            (number.is_i64() || number.is_u64()).then(|| value.clone())
        }
        (Shape::Number, Value::Number(_)) | (Shape::Boolean, Value::Bool(_)) => Some(value.clone()),
        (Shape::Quantity | Shape::Money | Shape::Percent | Shape::Text, _) => Some(value.clone()),
        _ => None,
    };
    match value {
        Value::Array(values) if property.list => {
            let values: Option<Vec<Value>> = values.iter().map(plain).collect();
            values.filter(|values| !values.is_empty()).map(Value::Array)
        }
        value if property.list => plain(value).map(|value| Value::Array(vec![value])),
        value => plain(value),
    }
}
