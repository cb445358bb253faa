//! JSON Schemas that every door can publish as they are.
//!
//! Model APIs, MCP clients and OpenAPI each refuse some of JSON Schema: references, a combinator
//! at the root, a missing `type`. Ours are self-contained objects, and a documented enum is a
//! plain `enum` whose values are described in its description.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// A type's schema: self-contained, without `$schema` or the Rust name, hints (`x-…`) kept.
pub fn input_schema_of<T: JsonSchema>() -> Value {
    let mut schema = schema_of::<T>();
    if let Some(object) = schema.as_object_mut() {
        object.entry("type").or_insert_with(|| json!("object"));
        object.entry("properties").or_insert_with(|| json!({}));
        object.insert("additionalProperties".into(), json!(false));
    }
    schema
}

pub(crate) fn output_schema_of<T: JsonSchema>() -> Value {
    schema_of::<T>()
}

fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|it| {
        it.inline_subschemas = true;
        it.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    simplify(&mut schema);
    schema
}

/// Drop Rust's names and number formats, and turn documented enum variants into a plain `enum`.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("title").is_some_and(Value::is_string) {
                object.remove("title");
            }
            if object.get("format").and_then(Value::as_str).is_some_and(is_rust_format) {
                object.remove("format");
            }
            flatten_enum(object);
            object.values_mut().for_each(simplify);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

fn is_rust_format(format: &str) -> bool {
    format.starts_with("uint") || format.starts_with("int") || matches!(format, "double" | "float")
}

fn flatten_enum(object: &mut Map<String, Value>) {
    let Some(variants) = object.get("oneOf").and_then(Value::as_array) else { return };
    let mut values = Vec::new();
    let mut meanings = Vec::new();
    for variant in variants {
        if let Some(value) = variant.get("const").and_then(Value::as_str) {
            values.push(json!(value));
            if let Some(meaning) = variant["description"].as_str() {
                meanings.push(format!("`{value}`: {}", meaning.trim_end_matches('.')));
            }
        } else if let Some(plain) = variant.get("enum").and_then(Value::as_array) {
            values.extend(plain.iter().cloned());
        } else {
            return;
        }
    }
    object.remove("oneOf");
    object.insert("type".into(), json!("string"));
    object.insert("enum".into(), Value::Array(values));
    if !meanings.is_empty() {
        let before = object.get("description").and_then(Value::as_str).unwrap_or_default();
        let text = format!("{before} {}.", meanings.join("; "));
        object.insert("description".into(), json!(text.trim()));
    }
}

/// The schema without the hints that only slot filling reads.
pub(crate) fn without_hints(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !key.starts_with("x-"))
            .map(|(key, value)| (key.clone(), without_hints(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(without_hints).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    /// Which way.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Way {
        /// Toward suppliers.
        Backward,
        /// Toward customers.
        Forward,
    }

    /// Follow a lot.
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Args {
        /// The lot.
        #[schemars(extend("x-slot" = "lot"))]
        lot: String,
        /// Direction of travel.
        way: Way,
        days: Option<u32>,
    }

    #[test]
    fn a_schema_is_self_contained_and_plain() {
        let schema = input_schema_of::<Args>();
        assert_eq!(schema["properties"]["way"]["enum"], json!(["backward", "forward"]));
        assert_eq!(
            schema["properties"]["way"]["description"],
            "Direction of travel. `backward`: Toward suppliers; `forward`: Toward customers."
        );
        assert_eq!(schema["properties"]["lot"]["x-slot"], "lot");
        assert_eq!(schema["additionalProperties"], false);
        let text = without_hints(&schema).to_string();
        assert!(!text.contains("$ref") && !text.contains("x-slot") && !text.contains("uint32"));
    }
}
