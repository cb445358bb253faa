//! `quartermaster key add|list|revoke`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Shared;
use super::opened::Opened;
use super::out::{complain, say};
use crate::auth::{KeyWish, issue};
use crate::clock;

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
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: Option<u16>,
    },
    /// List the tenant's keys.
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
    let done = act(&opened, args.command, clock::now()).await;
    opened.close().await;
    Ok(done?)
}

async fn act(opened: &Opened, command: KeyCommand, now: DateTime<Utc>) -> kernel::Result<()> {
    match command {
        KeyCommand::Add { label, permissions, days } => {
            let wish = KeyWish { label, permissions, days };
            let secret = match opened {
                Opened::Here(app) => issue(app, &app.config.tenant, wish, now).await?,
                Opened::There(remote) => remote.add_key(&wish).await?,
            };
            complain("this key is shown once and kept only as a hash:");
            say(&secret);
        }
        KeyCommand::List => {
            for key in keys(opened).await? {
                say(&line(&key));
            }
        }
        KeyCommand::Revoke { label } => {
            match opened {
                Opened::Here(app) => app.store.revoke_key(&app.config.tenant, &label, now).await?,
                Opened::There(remote) => remote.revoke_key(&label).await?,
            }
            complain(&format!("`{label}` no longer works"));
        }
    }
    Ok(())
}

async fn keys(opened: &Opened) -> kernel::Result<Vec<Value>> {
    let app = match opened {
        Opened::Here(app) => app,
        Opened::There(remote) => return remote.keys().await,
    };
    let keys = app.store.keys().await?.into_iter().filter(|it| it.tenant == app.config.tenant);
    let shown = keys.map(|it| {
        json!({ "label": it.label, "permissions": it.permissions, "expires_at": it.expires_at,
            "revoked_at": it.revoked_at })
    });
    Ok(shown.collect())
}

fn line(key: &Value) -> String {
    let permissions: Vec<&str> =
        key["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let state = match (key["revoked_at"].as_str(), key["expires_at"].as_str()) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "works".into(),
    };
    let label = key["label"].as_str().unwrap_or_default();
    format!("{label}\t{state}\t{}", permissions.join(","))
}
