//! `quartermaster receipt` and `quartermaster replay`: where a number came from, and the answer
//! made again.

use anyhow::{Result, bail};
use clap::Args;
use serde_json::Value;

use super::Shared;
use super::opened::Opened;
use super::out::{pretty, say};
use crate::{copilot, replay};

/// Which receipt.
#[derive(Debug, Args)]
pub(super) struct Receipt {
    /// As printed beside a number, e.g. `rc_0199…`.
    id: String,
    /// A JSON pointer into the output, e.g. `/devices/0/name`: print the value there.
    #[arg(long)]
    path: Option<String>,
}

impl Receipt {
    pub(super) async fn run(self, shared: &Shared) -> Result<()> {
        let opened = Opened::open(shared).await?;
        let shown = self.shown(&opened).await;
        opened.close().await;
        let shown = shown?;
        let Some(path) = &self.path else {
            say(&pretty(&shown));
            return Ok(());
        };
        let output = shown["outcome"].get("output").or(shown["outcome"].get("preview"));
        match output.and_then(|it| it.pointer(path)) {
            Some(value) => say(&value.to_string()),
            None => bail!("`{path}` leads to nothing in this receipt's output"),
        }
        Ok(())
    }

    async fn shown(&self, opened: &Opened) -> Result<Value> {
        Ok(match opened {
            Opened::Here(app) => {
                let record = copilot::receipt(app, &Opened::request(app), &self.id).await?;
                serde_json::to_value(record)?
            }
            Opened::There(remote) => remote.get(&format!("/receipts/{}", self.id)).await?,
        })
    }
}

/// Which turn.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// As printed under an answer, e.g. `run_0199…`.
    run_id: String,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
}

impl Replay {
    pub(super) async fn run(self, shared: &Shared) -> Result<()> {
        let opened = Opened::open(shared).await?;
        let found = self.found(&opened).await;
        opened.close().await;
        let found = found?;
        if self.json {
            say(&pretty(&found));
        } else {
            say(&format!("{}\n", found["replayed"].as_str().unwrap_or_default()));
            found["calls"].as_array().into_iter().flatten().for_each(|it| say(&again(it)));
        }
        match found["identical"] == true {
            true if self.json => {}
            true => say("  identical, byte for byte"),
            false => bail!("the answer came out differently from the record"),
        }
        Ok(())
    }

    async fn found(&self, opened: &Opened) -> Result<Value> {
        Ok(match opened {
            Opened::Here(app) => {
                let found = replay::replay(app, &Opened::request(app), &self.run_id).await?;
                serde_json::to_value(found)?
            }
            Opened::There(remote) => {
                remote.get(&format!("/copilot/runs/{}/replay", self.run_id)).await?
            }
        })
    }
}

/// A call that was run again.
fn again(call: &Value) -> String {
    let tool = call["tool"].as_str().unwrap_or_default();
    let same = if call["same"] == true { "the same output" } else { "another output now" };
    match call["note"].as_str() {
        Some(note) => format!("  {tool}: {same} ({note})"),
        None => format!("  {tool}: {same}"),
    }
}
