//! Logs: JSON lines to stderr, because stdout belongs to the MCP client or the reader.

use tracing_subscriber::EnvFilter;

/// Write logs from now on. `RUST_LOG` filters them; without it, ours from `info` on.
pub fn start(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter);
    if lines.try_init().is_err() {
        tracing::debug!("logs were set up before");
    }
}
