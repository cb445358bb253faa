//! `quartermaster call <tool>`.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use kernel::Error;
use serde_json::{Map, Value};
use toolkit::{Decision, HeldCall};

use super::Shared;
use super::flags;
use super::opened::{Came, Opened};
use super::out::{complain, pretty, say};

/// A tool and its arguments.
#[derive(Debug, Clone, Default)]
pub(super) struct CallArgs {
    pub(super) tool: String,
    pub(super) arguments: Map<String, Value>,
    /// Print the output as JSON.
    pub(super) json: bool,
    /// Keep a write without asking.
    pub(super) yes: bool,
}

impl Args for CallArgs {
    fn augment_args(command: Command) -> Command {
        let shared = [
            Arg::new("json")
                .long("json")
                .global(true)
                .action(ArgAction::SetTrue)
                .help("Print the output as JSON"),
            Arg::new("yes")
                .long("yes")
                .global(true)
                .action(ArgAction::SetTrue)
                .help("Keep a write without asking"),
            Arg::new("arguments")
                .long("arguments")
                .global(true)
                .value_name("JSON")
                .help("All arguments as one JSON object"),
        ];
        command
            .args(shared)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand_value_name("TOOL")
            .subcommand_help_heading("Tools")
            .subcommands(flags::specs().map(|it| flags::command(&it)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CallArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let Some((tool, given)) = matches.subcommand() else { return Ok(()) };
        let whole: Option<&String> = given.get_one("arguments");
        self.arguments = match whole.map(|it| serde_json::from_str(it)).transpose() {
            Ok(it) => it.unwrap_or_default(),
            Err(error) => {
                let text = format!("`--arguments` is not a JSON object: {error}\n");
                return Err(clap::Error::raw(clap::error::ErrorKind::ValueValidation, text));
            }
        };
        if let Some(spec) = flags::specs().find(|it| it.name == tool) {
            self.arguments.extend(flags::arguments(&spec, given));
        }
        tool.clone_into(&mut self.tool);
        self.json = given.get_flag("json");
        self.yes = given.get_flag("yes");
        Ok(())
    }
}

pub(super) async fn run(shared: Shared, args: CallArgs) -> anyhow::Result<()> {
    let opened = Opened::open(&shared).await?;
    let done = called(&opened, args).await;
    opened.close().await;
    done
}

async fn called(opened: &Opened, args: CallArgs) -> anyhow::Result<()> {
    let came = opened.call(&args.tool, Value::Object(args.arguments.clone())).await?;
    match came {
        Came::Done(output) => {
            show(opened, &args, &output);
            Ok(())
        }
        Came::Held(held) => decide(opened, &args, &held).await,
    }
}

fn show(opened: &Opened, args: &CallArgs, output: &Value) {
    match args.json {
        true => say(&pretty(output)),
        false => say(&opened.told(&args.tool, output)),
    }
}

/// A write: show what would be kept, and ask.
async fn decide(opened: &Opened, args: &CallArgs, held: &HeldCall) -> anyhow::Result<()> {
    if !args.yes {
        complain(&opened.told(&args.tool, &held.preview));
    }
    let decision = match args.yes {
        true => Decision::Confirm,
        false if std::io::stdin().is_terminal() => asked()?,
        false => {
            complain("this is a write: nothing was kept; add `--yes` to keep it");
            return Err(Error::Conflict(format!("`{}` waits for a person", held.id)).into());
        }
    };
    match opened.decide(&held.id, decision).await? {
        Some(kept) => {
            show(opened, args, &kept);
            complain("kept");
        }
        None => complain("declined: nothing was kept"),
    }
    Ok(())
}

fn asked() -> anyhow::Result<Decision> {
    let mut terminal = std::io::stderr().lock();
    write!(terminal, "\nKeep this change? [y/N] ").context("the terminal has gone")?;
    terminal.flush().context("the terminal has gone")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("no answer came")?;
    Ok(match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Decision::Confirm,
        _ => Decision::Decline,
    })
}
