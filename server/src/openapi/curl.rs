//! A tool's example as a command that can be pasted.

use serde_json::Value;
use toolkit::{Method, ToolSpec};

use super::document::names_in;

/// The example through the tool's own route if it has one, otherwise by its name.
pub(super) fn curl(spec: &ToolSpec, server: &str) -> String {
    let Some(route) = spec.route else {
        return posted(&format!("{server}/api/v1/tools/{}", spec.name), &spec.example);
    };
    let mut path = route.path.to_owned();
    let mut rest = spec.example.as_object().cloned().unwrap_or_default();
    for name in names_in(route.path) {
        let value = rest.shift_remove(name).map(|it| encoded(&plain(&it))).unwrap_or_default();
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    rest.retain(|_, value| !value.is_null());
    let url = format!("{server}/api{path}");
    match route.method {
        Method::Post => posted(&url, &Value::Object(rest)),
        Method::Get if rest.is_empty() => format!("curl -s '{url}'"),
        Method::Get => {
            let query: Vec<String> = rest
                .iter()
                .map(|(name, value)| format!("{}={}", encoded(name), encoded(&plain(value))))
                .collect();
            format!("curl -s '{url}?{}'", query.join("&"))
        }
    }
}

fn posted(url: &str, body: &Value) -> String {
    let body = body.to_string().replace('\'', "'\\''");
    format!("curl -s '{url}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'")
}

/// A value as it stands in a query.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|it| !it.is_object() && !it.is_array()) => {
            items.iter().map(plain).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// Percent-encoding of RFC 3986.
fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                encoded.push(char::from(byte));
            }
            other => {
                let _ = write!(encoded, "%{other:02X}");
            }
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_characters_are_encoded() {
        assert_eq!(encoded("L24-0117"), "L24-0117");
        assert_eq!(encoded("a b/ל'"), "a%20b%2F%D7%9C%27");
    }
}
