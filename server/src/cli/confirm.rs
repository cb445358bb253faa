//! `quartermaster confirm`: a person's yes or no to a change that waits.

use anyhow::Result;
use clap::Args;
use toolkit::Decision;

use super::Shared;
use super::opened::Opened;
use super::out::{pretty, say};

/// Which change, and what to do with it.
#[derive(Debug, Args)]
pub(super) struct Confirm {
    /// As printed under the answer that proposed it, e.g. `h_0199…`.
    held_id: String,
    /// Forget it instead.
    #[arg(long)]
    decline: bool,
}

impl Confirm {
    pub(super) async fn run(self, shared: &Shared) -> Result<()> {
        let opened = Opened::open(shared).await?;
        let decision = if self.decline { Decision::Decline } else { Decision::Confirm };
        let kept = opened.decide(&self.held_id, decision).await;
        opened.close().await;
        match kept? {
            Some(kept) => say(&pretty(&kept)),
            None => say("nothing was changed"),
        }
        Ok(())
    }
}
