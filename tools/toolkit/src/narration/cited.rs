//! A JSON value that knows its place in the output it came from.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value};
use serde_json::Value as Json;

/// A value of the output, found by its pointer; possibly shown in other words.
#[derive(Debug, Clone)]
pub(super) struct Cited {
    root: Arc<Json>,
    pointer: String,
    shown: Option<String>,
}

impl Cited {
    pub(super) fn root(output: Json) -> Value {
        Value::from_object(Cited { root: Arc::new(output), pointer: String::new(), shown: None })
    }

    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    pub(super) fn json(&self) -> &Json {
        self.root.pointer(&self.pointer).unwrap_or(&Json::Null)
    }

    /// The same place, shown in these words.
    pub(super) fn shown_as(&self, text: String) -> Value {
        Value::from_object(Cited { shown: Some(text), ..self.clone() })
    }

    pub(super) fn shown(&self) -> String {
        match (&self.shown, self.json()) {
            (Some(text), _) => text.clone(),
            (None, Json::String(text)) => text.clone(),
            (None, Json::Number(number)) => super::filters::plain(number),
            (None, other) => other.to_string(),
        }
    }

    fn child(&self, key: &str) -> Value {
        let pointer = format!("{}/{}", self.pointer, key.replace('~', "~0").replace('/', "~1"));
        Value::from_object(Cited { root: self.root.clone(), pointer, shown: None })
    }
}

impl Object for Cited {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.json() {
            Json::Object(_) => ObjectRepr::Map,
            Json::Array(_) => ObjectRepr::Seq,
            _ => ObjectRepr::Plain,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match self.json() {
            Json::Object(map) => {
                let key = key.as_str()?;
                map.get(key).filter(|it| !it.is_null()).map(|_| self.child(key))
            }
            Json::Array(items) => {
                let index = key.as_usize()?;
                items.get(index).map(|_| self.child(&index.to_string()))
            }
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.json() {
            Json::Object(map) => {
                Enumerator::Values(map.keys().map(|it| Value::from(it.clone())).collect())
            }
            Json::Array(items) => Enumerator::Seq(items.len()),
            _ => Enumerator::NonEnumerable,
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        match self.json() {
            Json::Null => false,
            Json::Bool(it) => *it,
            Json::Array(items) => !items.is_empty(),
            Json::Object(map) => !map.is_empty(),
            Json::Number(number) => number.as_f64() != Some(0.0),
            Json::String(text) => !text.is_empty(),
        }
    }
}
