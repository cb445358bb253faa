//! An output as compact text: every headline number, lists as tables.
//!
//! Some clients show their model only `content`, so it has to be complete in itself; a table in
//! CSV takes half the tokens of the same rows in JSON.

use std::fmt::Write;

use serde_json::{Map, Value};

/// Rows of a table shown at most; the count of all is always told.
const MOST_ROWS: usize = 20;
/// Characters in all at most: some 2,000 tokens.
const MOST_CHARS: usize = 6_000;

/// The output as lines `path: value` and tables.
pub(crate) fn rendered(output: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, "", output);
    if text.trim().is_empty() {
        return "(nothing found)".into();
    }
    if let Some((end, _)) = text.char_indices().nth(MOST_CHARS) {
        text.truncate(end);
        text.push_str("\n… (cut: ask for less)");
    }
    text.trim_end().to_owned()
}

fn write_value(text: &mut String, path: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                write_value(text, &path, member);
            }
        }
        Value::Array(items) if items.iter().all(is_scalar) => {
            let shown: Vec<String> = items.iter().take(MOST_ROWS).map(cell).collect();
            let _ = writeln!(text, "{}[{}]: {}", named(path), items.len(), shown.join(", "));
        }
        Value::Array(items) => write_table(text, path, items),
        Value::Null => {}
        scalar => {
            let _ = writeln!(text, "{}: {}", named(path), plain(scalar));
        }
    }
}

fn named(path: &str) -> &str {
    if path.is_empty() { "result" } else { path }
}

fn write_table(text: &mut String, path: &str, items: &[Value]) {
    let rows: Vec<Map<String, Value>> = items.iter().take(MOST_ROWS).map(flat).collect();
    let mut columns: Vec<&str> = Vec::new();
    for row in &rows {
        for name in row.keys() {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
    }
    let _ = writeln!(text, "{}[{}]:", named(path), items.len());
    let _ = writeln!(text, "{}", columns.join(","));
    for row in &rows {
        let cells: Vec<String> =
            columns.iter().map(|it| row.get(*it).map(cell).unwrap_or_default()).collect();
        let _ = writeln!(text, "{}", cells.join(","));
    }
    if items.len() > rows.len() {
        let _ = writeln!(text, "… and {} more", items.len() - rows.len());
    }
}

/// An item as one row: nested members get dotted names.
fn flat(item: &Value) -> Map<String, Value> {
    fn into(row: &mut Map<String, Value>, path: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let path =
                        if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    into(row, &path, member);
                }
            }
            other => {
                row.insert(named(path).to_owned(), other.clone());
            }
        }
    }
    let mut row = Map::new();
    into(&mut row, "", item);
    row
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A cell of a table, quoted where CSV needs it.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        other => plain(other),
    };
    match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_are_lines_and_lists_are_tables() {
        let output = json!({
            "lot": "L24-0117", "totals": { "units": 42, "risk": null },
            "codes": ["A", "B"],
            "reached": [{ "lot": "B7", "at": { "site": "Haifa, north" } }, { "lot": "B8", "units": 2 }],
        });
        let text = "lot: L24-0117\ntotals.units: 42\ncodes[2]: A, B\nreached[2]:\n\
                    lot,at.site,units\nB7,\"Haifa, north\",\nB8,,2";
        assert_eq!(rendered(&output), text);
    }

    #[test]
    fn it_is_never_empty_and_never_huge() {
        assert_eq!(rendered(&json!({})), "(nothing found)");
        assert_eq!(rendered(&json!([])), "result[0]:");
        let rows: Vec<Value> =
            (0..500).map(|it| json!({ "n": it, "text": "x".repeat(900) })).collect();
        let text = rendered(&json!({ "rows": rows }));
        assert!(text.chars().count() < MOST_CHARS + 40 && text.starts_with("rows[500]"));
    }
}
