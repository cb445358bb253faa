//! The command line: `quartermaster serve`, and every tool as a sub-command.

mod ask;
mod call;
mod confirm;
mod docs;
mod doctor;
mod eval;
mod flags;
mod import;
mod key;
mod mcp;
mod opened;
mod out;
mod receipts;
mod remote;
mod serve;
mod tools;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use kernel::{Error, TenantId};

use crate::Config;
use crate::config::{Flags, Secret};

pub use opened::Opened;
pub use out::say;

/// Ask a food company's records in plain words; every number is computed, cited and replayable.
#[derive(Debug, Parser)]
#[command(name = "quartermaster", version)]
pub struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command may be told.
#[derive(Debug, Clone, Default, Args)]
pub struct Shared {
    /// A TOML file of settings.
    #[arg(long, global = true, env = "QUARTERMASTER_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder for database, log and secret [default: quartermaster-data].
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A PostgreSQL 15 or newer with pgvector, instead of the embedded one.
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Whose records [default: demo].
    #[arg(long, global = true)]
    pub tenant: Option<TenantId>,
    /// Ask a running server instead of opening the data folder.
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// The API key for that server, where it wants one.
    #[arg(long, global = true, env = "QUARTERMASTER_KEY", hide_env_values = true)]
    pub key: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the copilot, REST and MCP over HTTP (also without any command).
    Serve(serve::ServeArgs),
    /// Serve MCP on stdin and stdout, for programs that start us themselves.
    Mcp(mcp::McpArgs),
    /// Ask in your own words.
    Ask(ask::Ask),
    /// Decide about a change that waits.
    Confirm(confirm::Confirm),
    /// Show where a number came from.
    Receipt(receipts::Receipt),
    /// Make an answer again from its record, and compare.
    Replay(receipts::Replay),
    /// Measure the router, whole answers, retrieval and the engines.
    #[command(subcommand)]
    Eval(eval::Eval),
    /// Call a tool.
    Call(call::CallArgs),
    /// List the tools.
    Tools(tools::ToolsArgs),
    /// Bring files in.
    Import(import::ImportArgs),
    /// Make, list and revoke API keys.
    Key(key::KeyArgs),
    /// Tell what is installed, where it is, and what is missing.
    Doctor,
    /// Print the OpenAPI document.
    Openapi,
    /// Write or check the generated files in `docs/`.
    Docs(docs::DocsArgs),
}

impl Command {
    async fn run(self, shared: Shared) -> anyhow::Result<()> {
        match self {
            Self::Serve(args) => serve::run(shared, args).await,
            Self::Mcp(args) => mcp::run(shared, args).await,
            Self::Ask(args) => args.run(&shared).await,
            Self::Confirm(args) => args.run(&shared).await,
            Self::Receipt(args) => args.run(&shared).await,
            Self::Replay(args) => args.run(&shared).await,
            Self::Eval(args) => args.run().await,
            Self::Call(args) => call::run(shared, args).await,
            Self::Tools(args) => tools::run(&args),
            Self::Import(args) => import::run(shared, args).await,
            Self::Key(args) => key::run(shared, args).await,
            Self::Doctor => doctor::run(shared).await,
            Self::Openapi => docs::openapi(),
            Self::Docs(args) => docs::run(&args),
        }
    }
}

impl Shared {
    /// The settings these flags, the file and the environment make.
    ///
    /// # Errors
    /// Names the setting that does not read.
    pub fn settings(&self, more: &Flags) -> anyhow::Result<Config> {
        let flags = Flags {
            data: self.data.clone(),
            database_url: self.database_url.clone().map(Secret::new),
            tenant: self.tenant.clone(),
            ..more.clone()
        };
        Config::load(self.config.as_deref(), flags)
    }
}

/// Do what the arguments say. Exit codes are those of [`kernel::ErrorKind`].
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a broken pipe while printing them is none of ours.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let command = cli.command.unwrap_or_else(|| Command::Serve(serve::ServeArgs::default()));
    match command.run(cli.shared).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out::complain(&format!("error: {error:#}"));
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(|it| it.downcast_ref::<Error>()).map_or(1, |it| it.kind().exit_code)
}
