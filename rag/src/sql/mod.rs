//! The library of a tenant in Postgres: documents in, cited passages out.
//!
//! Everything runs inside the caller's transaction, whose `search_path` is the tenant's schema.
//! Ids and times come from the caller, so that a preview and its repetition do the same.

mod answer;
mod documents;
mod external;
mod found;
mod ingest;
mod model;
mod refresh;
mod retrieve;
mod rows;
mod search;

use sqlx::PgConnection;
use store::DbResult;

pub use answer::{Answer, Quote, answer};
pub use documents::{DocumentSummary, Shown, documents, open_quote, remove, set_readers};
pub use external::{Pending, QuestionVector, pending, store_vectors};
pub use found::{Found, Outcome, Passage, Position, Query};
pub use ingest::{Ingested, NewDocument, ingest};
pub use refresh::refresh;
pub use search::search;

/// The group that everyone in the tenant belongs to.
pub const EVERYONE: i32 = 0;

/// The counts that weights and thresholds depend on.
#[derive(Debug, Clone, Copy, PartialEq, sqlx::FromRow)]
struct State {
    chunks: i32,
    total_len: i64,
    lex_avg_len: f64,
    gate: f32,
    /// Passages that the trained embedding knows; 0 when there is none.
    trained: i32,
}

impl State {
    async fn load(conn: &mut PgConnection) -> kernel::Result<State> {
        sqlx::query_as(
            "SELECT chunks, total_len, lex_avg_len, gate, coalesce(trained, 0) AS trained \
             FROM rag_state LEFT JOIN rag_space ON space = 1",
        )
        .fetch_one(conn)
        .await
        .db()
    }

    /// Whether the embedding was trained on less than half of the passages, or lengths drifted.
    fn refresh_due(&self) -> bool {
        let mean = self.total_len as f64 / f64::from(self.chunks.max(1));
        let drifted = (mean - self.lex_avg_len).abs() > 0.2 * self.lex_avg_len;
        self.chunks > 0 && (self.chunks >= 2 * self.trained || drifted)
    }

    fn passages(&self) -> u32 {
        u32::try_from(self.chunks).unwrap_or(0)
    }
}

/// The caller's groups and the one that everyone is in.
fn with_everyone(groups: &[i32]) -> Vec<i32> {
    let mut all: Vec<i32> = groups.iter().copied().chain([EVERYONE]).collect();
    all.sort_unstable();
    all.dedup();
    all
}
