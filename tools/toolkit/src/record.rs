//! The record of a call: what a receipt shows.

use chrono::{DateTime, Utc};
use kernel::{Door, Problem, Result, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Everything needed to open a number's origin and run the call again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Opens the receipt: `rc_…`.
    pub receipt_id: String,
    /// Whose records were read.
    pub tenant: TenantId,
    /// Who asked.
    pub user: String,
    /// Through which door.
    pub door: Door,
    /// The request it served.
    pub request_id: String,
    /// The turn it was part of.
    pub run_id: Option<String>,
    /// Its name within the turn.
    pub call_id: String,
    /// The tool.
    pub tool: String,
    /// As validated.
    pub arguments: Value,
    /// The instant the tool saw.
    pub now: DateTime<Utc>,
    /// The version of this program.
    pub engine_version: String,
    /// The newest version of the tenant's records at the time.
    pub data_version: i64,
    /// SHA-256 over tool, arguments, instant and data version, with keys sorted.
    pub input_hash: String,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// What came of it.
    pub outcome: CallOutcome,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CallOutcome {
    /// A read was answered.
    Done {
        /// The tool's output.
        output: Value,
    },
    /// A write was previewed and undone.
    Held {
        /// What to confirm.
        held_id: String,
        /// What would be kept.
        preview: Value,
    },
    /// A held write was confirmed and kept.
    Kept {
        /// Which one.
        held_id: String,
        /// What was kept.
        output: Value,
    },
    /// It was refused or failed.
    Failed {
        /// Why.
        problem: Problem,
    },
}

/// Told of every call before its result is handed out.
pub trait Observer: Send + Sync {
    /// Keep the record.
    ///
    /// # Errors
    /// [`kernel::Error::Unavailable`] when it cannot be kept: then the call's result is withheld,
    /// because an answer without a record cannot be checked.
    fn record(&self, record: &CallRecord) -> Result<()>;
}

/// Keeps nothing: for tests of a single tool.
pub struct Unobserved;

impl Observer for Unobserved {
    fn record(&self, _: &CallRecord) -> Result<()> {
        Ok(())
    }
}

/// SHA-256 of the inputs that determine an output.
pub(crate) fn input_hash(
    tool: &str,
    arguments: &Value,
    now: DateTime<Utc>,
    data_version: i64,
) -> String {
    let mut hash = Sha256::new();
    for part in [tool, &canonical(arguments), &now.to_rfc3339(), &data_version.to_string()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// JSON with sorted keys: `serde_json` keeps insertion order here, which must not change a hash.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort();
            let members: Vec<String> = keys
                .into_iter()
                .map(|key| format!("{}:{}", Value::from(key.as_str()), canonical(&object[key])))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_hash_ignores_the_order_of_keys_and_nothing_else() {
        let at = store::testing::now();
        let hash = |arguments: &Value| input_hash("t", arguments, at, 1);
        assert_eq!(
            hash(&json!({"a": 1, "b": [2, {"c": 3, "d": 4}]})),
            hash(&json!({"b": [2, {"d": 4, "c": 3}], "a": 1}))
        );
        assert_ne!(hash(&json!({"a": 1})), hash(&json!({"a": 2})));
        assert_ne!(input_hash("t", &json!({}), at, 1), input_hash("t", &json!({}), at, 2));
    }
}
