//! `quartermaster doctor`.

use super::Shared;
use super::opened::here;
use super::out::say;
use crate::App;
use crate::config::{Config, Flags};

/// Less free disk than this is worth a word.
const LITTLE: u64 = 1 << 30;

pub(super) async fn run(shared: Shared) -> anyhow::Result<()> {
    let config = shared.settings(&Flags { demo: Some(false), ..Flags::default() })?;
    line("quartermaster", env!("CARGO_PKG_VERSION"));
    let folder = std::path::absolute(&config.data).unwrap_or_else(|_| config.data.clone());
    line("data folder", &folder.display().to_string());
    line("disk free", &disk(&config));
    line("listen", &config.listen.to_string());
    keys(&config);
    // The tenant may not exist yet: that is a finding, not a failure.
    let opened = App::open(config, crate::clock::now()).await;
    match opened {
        Ok(app) => {
            let app = std::sync::Arc::new(app);
            database(&app).await?;
            app.close().await;
            line("verdict", "ready");
            Ok(())
        }
        Err(error) => {
            line("database", &format!("{error:#}"));
            // Say what `call` and the others would say.
            here(&shared, Flags::default()).await.map(drop)
        }
    }
}

async fn database(app: &App) -> anyhow::Result<()> {
    let versions = app.store.versions();
    let kind = if versions.embedded { "embedded" } else { "server" };
    line(
        "database",
        &format!("PostgreSQL {} ({kind}), pgvector {}", versions.postgres, versions.pgvector),
    );
    line("database size", &megabytes(app.store.size_bytes().await?.unsigned_abs()));
    let tenants = app.store.tenants().await?;
    let names: Vec<&str> = tenants.iter().map(kernel::TenantId::as_str).collect();
    line("tenants", &if names.is_empty() { "none".into() } else { names.join(", ") });
    line("API keys", &app.store.keys().await?.len().to_string());
    let registry = app.executor.registry();
    let workspaces: Vec<&str> = registry.workspaces().iter().map(|it| it.id).collect();
    line("workspaces", &workspaces.join(", "));
    line("tools", &registry.specs().count().to_string());
    line("log", &format!("{} records wait for the tables", app.recorder.waiting()));
    Ok(())
}

fn keys(config: &Config) {
    let present = |it: bool| if it { "present" } else { "absent" };
    line("ANTHROPIC_API_KEY", present(config.anthropic_api_key.is_some()));
    line("OPENAI_API_KEY", present(config.openai_api_key.is_some()));
    line("OPENAI_BASE_URL", config.openai_base_url.as_deref().unwrap_or("absent"));
    let none = config.anthropic_api_key.is_none() && config.openai_api_key.is_none();
    line("planner", if none { "local: no model is needed" } else { "a model, else local" });
}

fn disk(config: &Config) -> String {
    let mut folder = std::path::absolute(&config.data).unwrap_or_else(|_| config.data.clone());
    while !folder.exists() && folder.pop() {}
    match fs4::available_space(&folder) {
        Ok(free) if free < LITTLE => format!("{}: little, free some", megabytes(free)),
        Ok(free) => megabytes(free),
        Err(error) => format!("unknown: {error}"),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes >> 20)
}

fn line(name: &str, value: &str) {
    say(&format!("{name:18} {value}"));
}
