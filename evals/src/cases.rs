//! Cases in files of JSON lines.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::files;

/// A phrasing and what it asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingCase {
    /// What a person says.
    pub text: String,
    /// The workspace in use, if any.
    #[serde(default)]
    pub workspace: Option<String>,
    /// The tool or recipe it asks for; `None` for what nothing here answers.
    #[serde(default)]
    pub tool: Option<String>,
    /// The arguments that the text states.
    #[serde(default)]
    pub args: Map<String, Value>,
}

/// A question asked of the whole product, and what its answer must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnCase {
    /// What a person says, one message after another in one conversation.
    pub ask: Vec<String>,
    /// The workspace in use, if any.
    #[serde(default)]
    pub workspace: Option<String>,
    /// The tools the last turn must call, in order.
    #[serde(default)]
    pub tools: Vec<String>,
    /// What the last answer must contain.
    #[serde(default)]
    pub contains: Vec<String>,
    /// What it must not contain.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// JSON pointers into the last call's output and the values there.
    #[serde(default)]
    pub values: Map<String, Value>,
    /// Whether a write must be waiting for a person.
    #[serde(default)]
    pub held: bool,
}

/// Read the cases of a file, or of every `.jsonl` file of a folder in the order of their names.
///
/// # Errors
/// Names the file and line that is no case.
pub fn read<C: DeserializeOwned>(path: &Path) -> Result<Vec<C>> {
    if path.is_dir() {
        let mut inside: Vec<_> = std::fs::read_dir(path)
            .with_context(|| format!("`{}` cannot be listed", path.display()))?
            .filter_map(|it| Some(it.ok()?.path()))
            .filter(|it| it.extension().is_some_and(|it| it == "jsonl"))
            .collect();
        inside.sort();
        let cases: Result<Vec<Vec<C>>> = inside.iter().map(|it| read(it)).collect();
        return Ok(cases?.into_iter().flatten().collect());
    }
    let text = files::read(path)?;
    let mut cases = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with("//") {
            continue;
        }
        let case = serde_json::from_str(line)
            .with_context(|| format!("`{}` line {number} is no case", path.display()))?;
        cases.push(case);
    }
    if cases.is_empty() {
        bail!("`{}` holds no case: write one JSON object a line", path.display());
    }
    Ok(cases)
}
