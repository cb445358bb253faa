//! `quartermaster tools`.

use clap::Args;
use serde_json::json;
use toolkit::{Effect, ToolSpec};

use super::flags::{first_sentence, specs};
use super::out::{pretty, say};

/// Which tools, and how to print them.
#[derive(Debug, Clone, Args)]
pub(super) struct ToolsArgs {
    /// Only those of this workspace.
    #[arg(long)]
    workspace: Option<String>,
    /// Print schemas and all, as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ToolsArgs) -> anyhow::Result<()> {
    let chosen = |it: &ToolSpec| args.workspace.as_deref().is_none_or(|id| it.workspace() == id);
    let specs: Vec<ToolSpec> = specs().filter(chosen).collect();
    if specs.is_empty()
        && let Some(id) = &args.workspace
    {
        let known = tools::WORKSPACES.iter().map(|it| it.id);
        let nearest = toolkit::nearest(id, known);
        return Err(kernel::Error::NotFound { what: "workspace", id: id.clone(), nearest }.into());
    }
    if args.json {
        say(&pretty(&json!({ "tools": specs })));
        return Ok(());
    }
    let width = specs.iter().map(|it| it.name.len()).max().unwrap_or(0);
    for spec in &specs {
        let mark = match spec.effect {
            Effect::Read => ' ',
            Effect::Add => '+',
            Effect::Change => '!',
        };
        say(&format!("{mark} {:width$}  {}", spec.name, first_sentence(&spec.description)));
    }
    say(
        "\n+ adds records, ! changes them; both ask first. `quartermaster call TOOL --help` tells more.",
    );
    Ok(())
}
