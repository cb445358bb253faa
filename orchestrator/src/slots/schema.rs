//! What a JSON Schema says about an argument that an utterance may fill.

use serde_json::{Map, Value};

/// The sort of value that a property takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A record of the lexicon: its kind.
    Record(String),
    Date,
    /// `{from, to}`, under the names that the schema gives them; empty for a string `from/to`.
    DateRange {
        from: String,
        to: String,
    },
    Quantity,
    Money,
    Percent,
    /// The words themselves.
    Text,
    /// One of these, as written.
    Enum(Vec<String>),
    Integer,
    Number,
    Boolean,
    /// Nothing that an utterance is searched for.
    Other,
}

/// A property of a tool's arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Property<'a> {
    pub name: &'a str,
    pub shape: Shape,
    /// Whether it takes a list of such values.
    pub list: bool,
    pub required: bool,
    /// The property's schema, references resolved.
    pub schema: &'a Value,
    /// The schema as it stands at the property: keywords beside a reference are here.
    outer: &'a Value,
}

impl<'a> Property<'a> {
    /// A keyword of the property, from beside its reference or from behind it.
    pub fn keyword(&self, name: &str) -> Option<&'a Value> {
        self.outer.get(name).or_else(|| self.schema.get(name))
    }

    /// Whether the schema admits a value of this JSON type.
    pub fn admits(&self, json_type: &str) -> bool {
        admits(self.schema, json_type)
    }
}

/// The properties of an object schema, in its order.
pub fn properties(schema: &Value) -> Vec<Property<'_>> {
    let required = |name: &str| {
        let list = schema.get("required").and_then(Value::as_array);
        list.is_some_and(|names| names.iter().any(|other| other == name))
    };
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    properties
        .iter()
        .map(|(name, outer)| {
            let mut inner = resolve(outer, schema);
            let items = inner.get("items").filter(|_| admits(inner, "array"));
            if let Some(items) = items {
                inner = resolve(items, schema);
            }
            let slot = outer.get("x-slot").or_else(|| items?.get("x-slot"));
            let slot = slot.or_else(|| inner.get("x-slot")).and_then(Value::as_str);
            let shape = shape(inner, slot);
            Property {
                name,
                shape,
                list: items.is_some(),
                required: required(name),
                schema: inner,
                outer,
            }
        })
        .collect()
}

/// The kind of entity that fills an argument, for
/// [`crate::router::phrases::with_kinds`]; `None` where any words may stand.
pub fn kind_of(schema: &Value, argument: &str) -> Option<String> {
    let property = properties(schema).into_iter().find(|property| property.name == argument)?;
    let kind = match property.shape {
        Shape::Record(kind) => return Some(kind),
        Shape::Date => "date",
        Shape::DateRange { .. } => "date_range",
        Shape::Quantity => "quantity",
        Shape::Money => "money",
        Shape::Percent => "percent",
        Shape::Integer | Shape::Number => "number",
        Shape::Text | Shape::Enum(_) | Shape::Boolean | Shape::Other => return None,
    };
    Some(kind.to_owned())
}

fn shape(schema: &Value, slot: Option<&str>) -> Shape {
    match slot {
        Some("date") => return Shape::Date,
        Some("date_range") => return date_range(schema),
        Some("quantity") => return Shape::Quantity,
        Some("money") => return Shape::Money,
        Some("percent") => return Shape::Percent,
        Some("text") => return Shape::Text,
        Some(kind) => return Shape::Record(kind.to_owned()),
        None => {}
    }
    if let Some(values) = enumeration(schema) {
        return Shape::Enum(values);
    }
    let format = schema.get("format").and_then(Value::as_str);
    if admits(schema, "string") && matches!(format, Some("date" | "date-time")) {
        return Shape::Date;
    }
    [("integer", Shape::Integer), ("number", Shape::Number), ("boolean", Shape::Boolean)]
        .into_iter()
        .find(|(json_type, _)| admits(schema, json_type))
        .map_or(Shape::Other, |(_, shape)| shape)
}

fn date_range(schema: &Value) -> Shape {
    let names: Vec<&String> = match schema.get("properties").and_then(Value::as_object) {
        Some(properties) => properties.keys().collect(),
        None => return Shape::DateRange { from: String::new(), to: String::new() },
    };
    let named = |options: &[&str], otherwise: &str| {
        let found = names.iter().find(|name| options.contains(&name.as_str()));
        found.map_or(otherwise.to_owned(), |name| (*name).clone())
    };
    Shape::DateRange {
        from: named(&["from", "start", "since", "first", "start_date", "from_date"], "from"),
        to: named(&["to", "end", "until", "last", "end_date", "to_date"], "to"),
    }
}

/// The strings of `enum`, or of the `const`s of `oneOf`.
fn enumeration(schema: &Value) -> Option<Vec<String>> {
    let strings = |values: Vec<&Value>| -> Option<Vec<String>> {
        let strings: Vec<String> =
            values.into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
        (!strings.is_empty()).then_some(strings)
    };
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return strings(values.iter().collect());
    }
    let mut values = Vec::new();
    for choice in schema.get("oneOf").and_then(Value::as_array)? {
        match (choice.get("const"), choice.get("enum").and_then(Value::as_array)) {
            (Some(value), _) => values.push(value),
            (None, Some(several)) => values.extend(several),
            (None, None) => return None,
        }
    }
    strings(values)
}

fn admits(schema: &Value, json_type: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == json_type,
        Some(Value::Array(names)) => names.iter().any(|name| name == json_type),
        _ => false,
    }
}

/// How many references are followed before a schema is taken to be circular.
const MAX_REFERENCES: usize = 8;

/// Follows `$ref`, and `anyOf`/`oneOf`/`allOf` with one branch that is not null.
fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let mut at = schema;
    for _ in 0..MAX_REFERENCES {
        let next = reference(at, root).or_else(|| only_branch(at));
        let Some(next) = next else { break };
        at = next;
    }
    at
}

fn reference<'a>(schema: &Value, root: &'a Value) -> Option<&'a Value> {
    root.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)
}

fn only_branch(schema: &Value) -> Option<&Value> {
    let branches = ["anyOf", "allOf", "oneOf"].iter().find_map(|name| schema.get(name))?;
    let is_null = |branch: &&Value| branch.get("type").is_some_and(|name| name == "null");
    let mut rest = branches.as_array()?.iter().filter(|branch| !is_null(branch));
    let only = rest.next()?;
    (rest.next().is_none() && only.get("const").is_none()).then_some(only)
}

/// The synonyms of a property: for each value, other ways to say it.
pub(super) fn synonyms<'a>(property: &Property<'a>) -> Option<&'a Map<String, Value>> {
    property.keyword("x-synonyms").and_then(Value::as_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shapes_follow_slots_references_and_types() {
        let schema = json!({
            "type": "object",
            "required": ["lot"],
            "properties": {
                "lot": { "type": "string", "x-slot": "lot" },
                "direction": { "$ref": "#/$defs/Direction", "x-synonyms": { "backward": ["origin"] } },
                "state": { "anyOf": [{ "$ref": "#/$defs/State" }, { "type": "null" }] },
                "period": { "type": "object", "x-slot": "date_range",
                            "properties": { "start": {}, "end": {} } },
                "day": { "type": ["string", "null"], "format": "date" },
                "limit": { "type": ["integer", "null"] },
                "products": { "type": "array", "items": { "type": "string", "x-slot": "product" } },
                "loop": { "$ref": "#/properties/loop" }
            },
            "$defs": {
                "Direction": { "type": "string", "enum": ["forward", "backward"] },
                "State": { "oneOf": [{ "const": "open" }, { "const": "closed" }] }
            }
        });
        let found = properties(&schema);
        let shapes: Vec<&Shape> = found.iter().map(|property| &property.shape).collect();
        let strings = |values: &[&str]| Shape::Enum(values.iter().map(|&v| v.to_owned()).collect());
        assert_eq!(
            shapes,
            [
                &Shape::Record("lot".into()),
                &strings(&["forward", "backward"]),
                &strings(&["open", "closed"]),
                &Shape::DateRange { from: "start".into(), to: "end".into() },
                &Shape::Date,
                &Shape::Integer,
                &Shape::Record("product".into()),
                &Shape::Other,
            ]
        );
        assert!(found[0].required && !found[1].required && found[6].list);
        assert!(synonyms(&found[1]).is_some_and(|synonyms| synonyms.contains_key("backward")));
        assert_eq!(kind_of(&schema, "products").as_deref(), Some("product"));
    }
}
