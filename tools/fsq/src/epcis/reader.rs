//! Reading JSON values while collecting every fault with its place.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::{Map, Value};

use super::rejection::Rejection;
use super::vocabulary;

/// Prefixes that the standard EPCIS context declares, and URI schemes.
const KNOWN_PREFIXES: [&str; 17] = [
    "cbv", "cbvmda", "dcterms", "epcis", "gs1", "ni", "http", "https", "owl", "rdf", "rdfs",
    "schema", "tag", "urn", "xsd", "sensor", "geo",
];

/// What was found wrong so far, and which prefixes are declared.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) rejections: Vec<Rejection>,
    pub(super) event: Option<usize>,
    declared: BTreeSet<String>,
}

/// A JSON object with its place.
#[derive(Debug, Clone)]
pub(super) struct Node<'v> {
    pub(super) fields: &'v Map<String, Value>,
    pub(super) pointer: String,
}

impl<'v> Node<'v> {
    pub(super) fn get(&self, field: &str) -> Option<&'v Value> {
        self.fields.get(field)
    }

    pub(super) fn place(&self, field: &str) -> String {
        format!("{}/{}", self.pointer, field.replace('~', "~0").replace('/', "~1"))
    }
}

impl Reader {
    pub(super) fn reject(&mut self, pointer: impl Into<String>, reason: impl Into<String>) {
        let (pointer, reason) = (pointer.into(), reason.into());
        let event = self.event;
        self.rejections.push(Rejection { event, pointer, line: None, column: None, reason });
    }

    /// Takes note of the prefixes of a `@context`; says whether it names the EPCIS context.
    pub(super) fn declare(&mut self, context: &Value) -> bool {
        match context {
            Value::String(url) => url.contains("epcis-context") || url.contains("/epcis"),
            Value::Array(parts) => {
                // Every part is read, also after the one that names the context.
                let named: Vec<bool> = parts.iter().map(|part| self.declare(part)).collect();
                named.contains(&true)
            }
            Value::Object(prefixes) => {
                self.declared.extend(prefixes.keys().cloned());
                false
            }
            _ => false,
        }
    }

    /// Forgets what was declared since `before`.
    pub(super) fn restore(&mut self, before: BTreeSet<String>) {
        self.declared = before;
    }

    pub(super) fn declared(&self) -> BTreeSet<String> {
        self.declared.clone()
    }

    pub(super) fn object<'v>(&mut self, value: &'v Value, pointer: String) -> Option<Node<'v>> {
        if let Some(fields) = value.as_object() {
            return Some(Node { fields, pointer });
        }
        self.reject(pointer, format!("expected an object, found {}", kind_of(value)));
        None
    }

    /// The elements of an array field, each with its place; none when the field is absent.
    pub(super) fn array<'v>(&mut self, node: &Node<'v>, field: &str) -> Vec<(&'v Value, String)> {
        let Some(value) = node.get(field) else { return Vec::new() };
        let place = node.place(field);
        let Some(items) = value.as_array() else {
            self.reject(place, format!("expected an array, found {}", kind_of(value)));
            return Vec::new();
        };
        items.iter().enumerate().map(|(i, item)| (item, format!("{place}/{i}"))).collect()
    }

    pub(super) fn text<'v>(&mut self, node: &Node<'v>, field: &str) -> Option<&'v str> {
        let value = node.get(field)?;
        if value.is_string() {
            return value.as_str();
        }
        self.reject(node.place(field), format!("expected text, found {}", kind_of(value)));
        None
    }

    pub(super) fn required_text<'v>(&mut self, node: &Node<'v>, field: &str) -> Option<&'v str> {
        if node.get(field).is_none() {
            self.missing(node, field);
        }
        self.text(node, field)
    }

    pub(super) fn missing(&mut self, node: &Node<'_>, field: &str) {
        self.reject(node.pointer.clone(), format!("`{field}` is missing; it is required"));
    }

    /// An identifier: a URI, or a name with a declared prefix.
    pub(super) fn uri<'v>(&mut self, value: &'v Value, pointer: &str) -> Option<&'v str> {
        let Some(text) = value.as_str() else {
            self.reject(pointer, format!("expected an identifier, found {}", kind_of(value)));
            return None;
        };
        let scheme = text.split_once(':').map(|(scheme, rest)| {
            let letters = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(letters)
                && !rest.is_empty()
        });
        if scheme == Some(true) && !text.contains(char::is_whitespace) {
            return Some(text);
        }
        self.reject(pointer, format!("`{text}` is not a URI; give an EPC URN or a digital link"));
        None
    }

    /// Milliseconds since 1970 of an `xsd:dateTimeStamp`.
    pub(super) fn time(&mut self, node: &Node<'_>, field: &str) -> Option<i64> {
        let text = self.text(node, field)?;
        // RFC 3339 allows a space or a small `t` in the middle; XML Schema does not.
        let well_formed = text.as_bytes().get(10) == Some(&b'T');
        match DateTime::parse_from_rfc3339(text).ok().filter(|_| well_formed) {
            Some(time) => Some(time.timestamp_millis()),
            None => {
                self.reject(
                    node.place(field),
                    format!("`{text}` is not a time; write it as `2026-07-22T06:45:00+02:00`"),
                );
                None
            }
        }
    }

    /// A vocabulary element, as its bare word, or as the URI of somebody else's vocabulary.
    pub(super) fn word(
        &mut self,
        value: &Value,
        pointer: &str,
        known: &[&str],
        what: &str,
    ) -> Option<String> {
        let Some(text) = value.as_str() else {
            self.reject(pointer, format!("expected a {what}, found {}", kind_of(value)));
            return None;
        };
        match vocabulary::bare(text) {
            Ok(word) if known.contains(&word) => Some(word.to_owned()),
            Ok(word) => {
                let hint = vocabulary::nearest(word, known)
                    .map_or(String::new(), |near| format!(" (nearest: `{near}`)"));
                self.reject(
                    pointer,
                    format!("`{text}` is not a {what} of CBV 2.0{hint}; use one, or a URI"),
                );
                None
            }
            Err(_) => self.uri(value, pointer).map(str::to_owned),
        }
    }

    /// Refuses fields that are neither in `known` nor in a namespace.
    pub(super) fn only(&mut self, node: &Node<'_>, known: &[&str]) {
        for field in node.fields.keys().filter(|field| !known.contains(&field.as_str())) {
            self.namespaced(node, field);
        }
    }

    fn namespaced(&mut self, node: &Node<'_>, field: &str) {
        let reason = match field.split_once(':') {
            None => format!("`{field}` is not an EPCIS field here; give an extension a namespace"),
            Some((prefix, _))
                if KNOWN_PREFIXES.contains(&prefix) || self.declared.contains(prefix) =>
            {
                return;
            }
            Some((prefix, _)) => {
                format!("the prefix `{prefix}` of `{field}` is not declared in `@context`")
            }
        };
        self.reject(node.place(field), reason);
    }
}

pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
