//! `quartermaster import <importer> FILE…`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use clap::Args;
use kernel::Error;
use toolkit::ImportReport;

use super::Shared;
use super::opened::Opened;
use super::out::{complain, pretty, say};
use crate::clock;
use crate::import::Upload;

/// Which files, read how.
#[derive(Debug, Clone, Args)]
pub(super) struct ImportArgs {
    /// What kind of files: see `--list`.
    #[arg(required_unless_present = "list")]
    importer: Option<String>,
    /// The files; gzip is unpacked.
    #[arg(required_unless_present = "list")]
    files: Vec<PathBuf>,
    /// Print the reports as JSON.
    #[arg(long)]
    json: bool,
    /// List the importers.
    #[arg(long)]
    list: bool,
}

/// Rows that could not be read are listed up to this many.
const MOST_LISTED: usize = 20;

pub(super) async fn run(shared: Shared, args: ImportArgs) -> anyhow::Result<()> {
    let Some(importer) = args.importer.as_deref().filter(|_| !args.list) else {
        for importer in tools::WORKSPACES.iter().flat_map(|it| it.importers) {
            say(&format!("{}  {}", importer.name(), importer.about()));
        }
        return Ok(());
    };
    let opened = Opened::open(&shared).await?;
    let mut done = Ok(());
    for file in &args.files {
        done = one(&opened, importer, file, args.json).await;
        if done.is_err() {
            break;
        }
    }
    opened.close().await;
    done
}

async fn one(opened: &Opened, importer: &str, file: &PathBuf, json: bool) -> anyhow::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let bytes = std::fs::read(file).map_err(|error| {
        Error::invalid("file", format!("`{}` cannot be read: {error}", file.display()))
    })?;
    let last = AtomicUsize::new(0);
    let progress = |done: usize, of: usize| {
        let tenth = (done * 10).checked_div(of).unwrap_or(0);
        if last.swap(tenth, Ordering::Relaxed) != tenth {
            complain(&format!("{name}: {done} of {of}"));
        }
    };
    let upload = Upload { name: &name, bytes: &bytes, now: clock::now(), progress: &progress };
    let report = opened.import(importer, upload).await;
    let report = report.with_context(|| format!("`{}` was not imported", file.display()))?;
    match json {
        true => say(&pretty(&serde_json::to_value(&report)?)),
        false => tell(&name, &report),
    }
    Ok(())
}

fn tell(name: &str, report: &ImportReport) {
    let ImportReport { read, added, known, quarantined } = report;
    say(&format!(
        "{name}: {read} read, {added} added, {known} known, {} could not be read",
        quarantined.len()
    ));
    for it in quarantined.iter().take(MOST_LISTED) {
        say(&format!("  {}: {}", it.place, it.reason));
    }
    if quarantined.len() > MOST_LISTED {
        say(&format!("  … and {} more", quarantined.len() - MOST_LISTED));
    }
}
