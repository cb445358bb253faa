//! `quartermaster serve`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Shared;
use super::opened::here;
use super::out::say;
use crate::config::Flags;
use crate::{App, clock, housekeeping, http, logging};

/// How to serve.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ServeArgs {
    /// Where to listen [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Make no tenant of demo records.
    #[arg(long)]
    no_demo: bool,
}

/// Requests under way when we are told to stop have this long to finish.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn run(shared: Shared, args: ServeArgs) -> anyhow::Result<()> {
    logging::start("info");
    let flags =
        Flags { listen: args.listen, demo: args.no_demo.then_some(false), ..Flags::default() };
    let config = shared.settings(&flags)?;
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on {}: is another server running?", config.listen)
    })?;
    let address = listener.local_addr()?;
    let app = here(&shared, flags).await?;
    if let Err(error) = safe(&app, address).await {
        app.close().await;
        return Err(error);
    }
    welcome(&app, address);
    until_stopped(&app, listener).await?;
    tracing::info!("stopping: everything under way has ended");
    app.close().await;
    Ok(())
}

/// The local operator exists on loopback only, so a server that others reach needs a key.
async fn safe(app: &App, address: SocketAddr) -> anyhow::Result<()> {
    let now = clock::now();
    let works = |it: &store::ApiKey| {
        it.revoked_at.is_none() && it.expires_at.is_none_or(|until| until > now)
    };
    if address.ip().is_loopback() || app.store.keys().await?.iter().any(works) {
        return Ok(());
    }
    bail!(
        "listening on {address} lets other machines in, and no API key exists for them to show: \
         make one with `quartermaster key add --tenant {} --label NAME --permissions all`, or \
         listen on 127.0.0.1",
        app.config.tenant
    )
}

fn welcome(app: &App, address: SocketAddr) {
    let base = match &app.config.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    };
    let database = app.store.versions();
    let kind = if database.embedded { "embedded" } else { "server" };
    say(&format!(
        "Quartermaster {} is ready at {base}\n  API   {base}/api/docs\n  MCP   {base}/mcp\n  \
         data  {} (PostgreSQL {}, {kind})\n\nTry:\n  quartermaster ask --url {base} \"which machine \
         earns the most?\"\n  quartermaster ask --url {base} \"where did the tuna in shipment \
         08600031303.0003 come from?\"\n  curl -s {base}/copilot -H 'content-type: \
         application/json' -d '{{\"message\": \"put premium water in B3 of VM-001\"}}'",
        env!("CARGO_PKG_VERSION"),
        app.config.data.display(),
        database.postgres,
    ));
}

async fn until_stopped(app: &Arc<App>, listener: TcpListener) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let told = |mut it: watch::Receiver<bool>| async move {
        let _ = it.wait_for(|stop| *stop).await;
    };
    let drainer = app.drainer();
    let drain_stop = told(stopped.clone());
    let draining = tokio::spawn(async move { drainer.run(drain_stop).await });
    let (house, house_stop) = (app.clone(), told(stopped.clone()));
    let keeping = tokio::spawn(async move { housekeeping::keep(&house, house_stop).await });
    let signals = tokio::spawn(signalled(stop));
    let serving = http::serve(app.clone(), listener, told(stopped.clone()));
    let late = async {
        told(stopped).await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        served = serving => served.context("the server stopped")?,
        () = late => tracing::warn!("some requests did not end in time and were cut off"),
    }
    signals.abort();
    keeping.await.context("housekeeping did not stop")?;
    draining.await.context("the record could not be moved to the tables")?;
    Ok(())
}

/// Ctrl-C, or what a service manager sends.
async fn signalled(stop: watch::Sender<bool>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            },
            Err(_) => drop(tokio::signal::ctrl_c().await),
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
    let _ = stop.send(true);
}
