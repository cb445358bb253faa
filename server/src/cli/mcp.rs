//! `quartermaster mcp`.

use anyhow::bail;
use clap::Args;

use super::Shared;
use super::opened::here;
use crate::config::Flags;
use crate::{logging, mcp};

/// Which tools to show.
#[derive(Debug, Clone, Args)]
pub(super) struct McpArgs {
    /// Show only tools that change nothing.
    #[arg(long)]
    read_only: bool,
}

pub(super) async fn run(shared: Shared, args: McpArgs) -> anyhow::Result<()> {
    if let Some(url) = &shared.url {
        bail!("a running server speaks MCP itself: connect to {}/mcp", url.trim_end_matches('/'));
    }
    logging::start("warn");
    let app = here(&shared, Flags::default()).await?;
    let selection = match args.read_only {
        true => mcp::Selection::Reads,
        false => mcp::Selection::All,
    };
    let drainer = app.drainer();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let draining = tokio::spawn(async move { drainer.run(async { drop(stopped.await) }).await });
    let served = mcp::serve_stdio(app.clone(), selection).await;
    drop(stop);
    draining.await?;
    app.close().await;
    served
}
