//! The house is in order: who knows whom, how long files are, nothing left undone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates each of our crates may know.
const EDGES: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("engines", &[]),
    ("prompts", &[]),
    ("store", &["kernel"]),
    ("rag", &["kernel", "store"]),
    ("toolkit", &["kernel", "store"]),
    ("vending", &["engines", "kernel", "toolkit"]),
    ("fsq", &["engines", "kernel", "toolkit"]),
    ("library", &["kernel", "rag", "toolkit"]),
    ("tools", &["fsq", "library", "toolkit", "vending"]),
    ("orchestrator", &["kernel", "prompts", "toolkit"]),
    ("telemetry", &["kernel", "orchestrator", "store", "toolkit"]),
    (
        "server",
        &[
            "engines",
            "evals",
            "kernel",
            "orchestrator",
            "prompts",
            "rag",
            "store",
            "telemetry",
            "toolkit",
            "tools",
        ],
    ),
    ("evals", &["engines", "kernel", "orchestrator", "rag", "toolkit"]),
];

/// Who alone may know these crates of others.
const RESERVED: &[(&str, &[&str])] = &[
    ("axum", &["server"]),
    ("tower-http", &["server"]),
    ("rmcp", &["server"]),
    ("clap", &["server"]),
    ("figment", &["server"]),
    ("async-openai", &["orchestrator"]),
    ("tiktoken-rs", &["orchestrator"]),
    ("reqwest", &["orchestrator", "server"]),
    ("pglite-oxide", &["store"]),
    ("sqlx", &["fsq", "library", "rag", "store", "telemetry", "toolkit", "vending"]),
];

/// Crates that do no I/O.
const PURE: &[&str] = &["kernel", "engines", "prompts"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Direct dependencies of each of our crates, those of tests aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|it| it["kind"] != "dev")
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    };
    packages.iter().map(|it| (it["name"].as_str().unwrap().to_owned(), of(it))).collect()
}

#[test]
fn crates_know_only_whom_they_may() {
    let found = dependencies();
    let ours: BTreeSet<String> = found.keys().cloned().collect();
    let named: BTreeSet<String> = EDGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(ours, named, "a new crate needs a line in the table");
    for (name, may) in EDGES {
        let known: Vec<&String> = found[*name].intersection(&ours).collect();
        assert!(known.iter().all(|it| may.contains(&it.as_str())), "{name} knows {known:?}");
    }
}

#[test]
fn crates_of_others_stay_where_they_belong() {
    let found = dependencies();
    for (reserved, may) in RESERVED {
        for (name, known) in &found {
            let allowed = may.contains(&name.as_str()) || !known.contains(*reserved);
            assert!(allowed, "{name} knows {reserved}");
        }
    }
    for name in PURE {
        for forbidden in ["tokio", "sqlx", "reqwest", "futures"] {
            assert!(!found[*name].contains(forbidden), "{name} knows {forbidden}");
        }
    }
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&root(), "rs", &mut found);
    found.sort();
    let root = root();
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(named).collect()
}

fn is_test(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    parts.iter().any(|it| matches!(*it, "tests" | "benches" | "tests.rs" | "testing.rs"))
        || name.ends_with("_tests.rs")
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _)| !is_test(name))
        .filter_map(|(name, text)| {
            let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = code.lines().count();
            (lines > 400).then(|| format!("{name}: {lines} lines"))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_nothing_is_left_undone() {
    let undone = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "todo".to_owned() + "!("];
    let mut offenders = Vec::new();
    for (name, text) in sources() {
        if !text.starts_with("//!") && !is_test(&name) {
            offenders.push(format!("{name}: does not begin with what it is for"));
        }
        for word in undone.iter().filter(|it| text.contains(it.as_str())) {
            offenders.push(format!("{name}: {word}"));
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[test]
fn every_migration_has_a_way_back() {
    let mut found = Vec::new();
    files(&root().join("migrations"), "sql", &mut found);
    let names: BTreeSet<String> = found.iter().map(|it| it.display().to_string()).collect();
    assert!(!names.is_empty());
    for name in &names {
        let other = match name.strip_suffix(".up.sql") {
            Some(stem) => format!("{stem}.down.sql"),
            None => name.replace(".down.sql", ".up.sql"),
        };
        assert!(names.contains(&other), "{name} has no {other}");
    }
}
