//! `quartermaster openapi` and `quartermaster docs`: files made from the registry.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use toolkit::Registry;

use super::out::{complain, pretty, say};
use crate::openapi::{document, markdown, mcp_list};

/// Write the files or compare them.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(super) struct DocsArgs {
    /// Fail when a file is not what it would be made to.
    #[arg(long)]
    check: bool,
    /// Write `docs/tools.md`, `docs/openapi.json` and `docs/mcp.json`.
    #[arg(long)]
    write: bool,
}

/// The address in examples.
const SERVER: &str = "http://127.0.0.1:8080";

/// The generated files: their paths from the repository's root, and their content.
///
/// # Errors
/// When a tool's schema does not read.
pub(super) fn files() -> anyhow::Result<[(PathBuf, String); 3]> {
    let registry = Registry::new(tools::WORKSPACES)?;
    let json = |value: &serde_json::Value| format!("{}\n", pretty(value));
    Ok([
        ("docs/tools.md".into(), markdown(&registry)),
        ("docs/openapi.json".into(), json(&document(&registry, SERVER))),
        ("docs/mcp.json".into(), json(&mcp_list(&registry))),
    ])
}

pub(super) fn run(args: &DocsArgs) -> anyhow::Result<()> {
    let mut stale = Vec::new();
    for (path, content) in files()? {
        if std::fs::read_to_string(&path).is_ok_and(|it| it == content) {
            continue;
        }
        let shown = path.display().to_string();
        if args.write {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, content).with_context(|| format!("`{shown}` is not writable"))?;
            complain(&format!("wrote {shown}"));
        } else {
            stale.push(shown);
        }
    }
    match stale.is_empty() {
        true => Ok(()),
        false => bail!("out of date: {}; run `quartermaster docs --write`", stale.join(", ")),
    }
}

pub(super) fn openapi() -> anyhow::Result<()> {
    let registry = Registry::new(tools::WORKSPACES)?;
    say(&pretty(&document(&registry, SERVER)));
    Ok(())
}
