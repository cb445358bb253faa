//! Checking arguments against a tool's schema, with errors that name the field and the way out.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use kernel::{Error, Result};
use serde_json::{Map, Value};

use crate::nearest;

/// Refuse arguments that do not fit, naming the field, what was expected and the nearest value.
pub(crate) fn check(validator: &Validator, schema: &Value, arguments: &Value) -> Result<()> {
    match validator.iter_errors(arguments).next() {
        None => Ok(()),
        Some(error) => Err(explain(&error, schema, arguments)),
    }
}

fn explain(error: &ValidationError<'_>, schema: &Value, arguments: &Value) -> Error {
    let place = error.instance_path().to_string();
    let field = match place.trim_start_matches('/') {
        "" => "arguments".to_owned(),
        path => path.replace('/', "."),
    };
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let name = unexpected.first().map(String::as_str).unwrap_or_default();
            let known: Vec<&str> = properties(schema).map(|(key, _)| key.as_str()).collect();
            let hint = match nearest(name, &known) {
                Some(it) => format!("did you mean `{it}`?"),
                None if known.is_empty() => "this takes no arguments".into(),
                None => format!("the arguments are {}", listed(&known)),
            };
            Error::invalid(clipped(name), format!("is not an argument: {hint}"))
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let about = schema["properties"][name]["description"].as_str().unwrap_or_default();
            Error::invalid(name, format!("is required: {}", first_sentence(about)))
        }
        Kind::Enum { options } => {
            let options: Vec<&str> =
                options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let given = arguments.pointer(&place).and_then(Value::as_str).unwrap_or_default();
            let hint = match nearest(given, &options) {
                Some(it) => format!("did you mean `{it}`?"),
                None => format!("use one of {}", listed(&options)),
            };
            Error::invalid(field, format!("cannot be `{}`: {hint}", clipped(given)))
        }
        _ => Error::invalid(field, clipped(&error.to_string())),
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Read arguments that arrived as text (a query string, a command line, a lenient model) as the
/// schema's types. What cannot be read stays text, for the check to name.
pub fn coerce(schema: &Value, arguments: Map<String, Value>) -> Map<String, Value> {
    arguments
        .into_iter()
        .map(|(key, value)| {
            let value = coerce_value(&schema["properties"][&key], value);
            (key, value)
        })
        .collect()
}

fn coerce_value(schema: &Value, value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    let takes = |kind: &str| match &schema["type"] {
        Value::String(it) => it == kind,
        Value::Array(kinds) => kinds.iter().any(|it| it == kind),
        _ => false,
    };
    let read = if takes("string") {
        None
    } else if takes("integer") {
        text.trim().parse::<i64>().ok().map(Value::from)
    } else if takes("number") {
        text.trim().parse::<f64>().ok().filter(|it| it.is_finite()).map(Value::from)
    } else if takes("boolean") {
        text.trim().parse::<bool>().ok().map(Value::from)
    } else if takes("array") {
        let item = &schema["items"];
        let from_json = serde_json::from_str::<Vec<Value>>(text).ok();
        Some(Value::Array(from_json.unwrap_or_else(|| {
            text.split(',').map(|it| coerce_value(item, Value::from(it.trim()))).collect()
        })))
    } else if takes("object") {
        serde_json::from_str::<Map<String, Value>>(text).ok().map(Value::Object)
    } else {
        None
    };
    read.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(arguments: &Value) -> String {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["lot"],
            "properties": {
                "lot": { "type": "string", "description": "Lot code as printed. Any case." },
                "direction": { "type": "string", "enum": ["backward", "forward"] },
                "days": { "type": "integer", "minimum": 1 },
            },
        });
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        check(&validator, &schema, arguments).unwrap_err().to_string()
    }

    #[test]
    fn a_refusal_names_the_field_and_the_way_out() {
        for (arguments, expected) in [
            (json!({}), "`lot` is required: Lot code as printed"),
            (json!({"lot": "x", "dayz": 2}), "`dayz` is not an argument: did you mean `days`?"),
            (
                json!({"lot": "x", "direction": "forwards"}),
                "`direction` cannot be `forwards`: did you mean `forward`?",
            ),
            (
                json!({"lot": "x", "direction": "up"}),
                "`direction` cannot be `up`: use one of `backward`, `forward`",
            ),
            (json!({"lot": "x", "days": 0}), "`days` 0 is less than the minimum of 1"),
            (json!({"lot": 7}), "`lot` 7 is not of type \"string\""),
            (json!([]), "`arguments` [] is not of type \"object\""),
        ] {
            assert_eq!(refusal(&arguments), expected);
        }
    }

    #[test]
    fn text_is_read_as_the_schema_says() {
        let schema = json!({ "properties": {
            "days": { "type": ["integer", "null"] }, "deep": { "type": "boolean" },
            "tags": { "type": "array", "items": { "type": "number" } }, "lot": { "type": "string" },
        } });
        let given = json!({ "days": "7", "deep": "true", "tags": "1, 2.5", "lot": "12" });
        let Value::Object(given) = given else { unreachable!() };
        let read = Value::Object(coerce(&schema, given));
        assert_eq!(read, json!({ "days": 7, "deep": true, "tags": [1.0, 2.5], "lot": "12" }));
    }
}
