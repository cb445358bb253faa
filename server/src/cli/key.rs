//! `quartermaster key add|list|revoke`.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use kernel::{Action, Permission};
use store::ApiKey;

use super::Shared;
use super::opened::Opened;
use super::out::{complain, say};
use crate::auth::NewKey;
use crate::{App, clock};

/// What to do with keys.
#[derive(Debug, Clone, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum KeyCommand {
    /// Make a key and print it, once.
    Add {
        /// What to call it, e.g. `till-3`.
        #[arg(long)]
        label: String,
        /// `all`, `read`, or a list such as `fsq:read,vending:write`.
        #[arg(long)]
        permissions: String,
        /// Stop working after so many days.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List the keys of every tenant.
    List,
    /// End a key's life, within seconds.
    Revoke {
        /// What it is called.
        #[arg(long)]
        label: String,
    },
}

pub(super) async fn run(shared: Shared, args: KeyArgs) -> anyhow::Result<()> {
    let opened = Opened::open(&shared).await?;
    let done = match opened.app() {
        Ok(app) => act(app, args.command).await,
        Err(error) => Err(error),
    };
    opened.close().await;
    done
}

async fn act(app: &App, command: KeyCommand) -> anyhow::Result<()> {
    let (tenant, now) = (app.config.tenant.clone(), clock::now());
    match command {
        KeyCommand::Add { label, permissions, days } => {
            let made = NewKey::make()?;
            let key = ApiKey {
                tenant,
                label,
                permissions: granted(app, &permissions)?,
                groups: Vec::new(),
                created_at: now,
                expires_at: days.map(|it| now + chrono::Duration::days(i64::from(it))),
                revoked_at: None,
            };
            app.store.add_key(&made.hash, &key).await?;
            complain("this key is shown once and kept only as a hash:");
            say(&made.secret);
        }
        KeyCommand::List => {
            for key in app.store.keys().await? {
                say(&line(&key));
            }
        }
        KeyCommand::Revoke { label } => {
            app.store.revoke_key(&tenant, &label, now).await?;
            complain(&format!("`{label}` no longer works"));
        }
    }
    Ok(())
}

/// The permissions a word or a list names, which must be ones there are.
fn granted(app: &App, text: &str) -> kernel::Result<BTreeSet<Permission>> {
    let all: BTreeSet<Permission> = app.all_permissions().collect();
    match text {
        "all" => return Ok(all),
        "read" => return Ok(all.into_iter().filter(|it| it.action == Action::Read).collect()),
        _ => {}
    }
    let named = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    named
        .map(|it| {
            let permission: Permission = it.parse()?;
            match all.contains(&permission) {
                true => Ok(permission),
                false => Err(kernel::Error::NotFound {
                    what: "permission",
                    id: it.to_owned(),
                    nearest: toolkit::nearest(it, all.iter().map(ToString::to_string)),
                }),
            }
        })
        .collect()
}

fn line(key: &ApiKey) -> String {
    let permissions: Vec<String> = key.permissions.iter().map(ToString::to_string).collect();
    let state = match (key.revoked_at, key.expires_at) {
        (Some(at), _) => format!("revoked {}", at.format("%Y-%m-%d")),
        (None, Some(until)) => format!("until {}", until.format("%Y-%m-%d")),
        (None, None) => "works".into(),
    };
    format!("{}\t{}\t{state}\t{}", key.tenant, key.label, permissions.join(","))
}
