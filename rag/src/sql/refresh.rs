//! Trains the tenant's embedding, weights and gate on what the library holds now.

use kernel::Result;
use sqlx::PgConnection;
use store::DbResult;
use uuid::Uuid;

use crate::analyze::{Analysis, Analyzer};
use crate::corpus::indexed_text;
use crate::embed::Trainer;
use crate::gate::Calibration;
use crate::lexical::document_weights;

use super::ingest::write_vectors;
use super::rows::{Key, sparse_column, split_keys};
use super::{State, model};

/// Passages read with one statement.
const PAGE: i64 = 256;
/// Beyond this many passages an approximate index pays for itself.
const EXACT_UP_TO: i32 = 20_000;

/// Trains on every passage, then weighs and embeds every passage anew.
///
/// [`ingest`](super::ingest()) does it by itself while a library is small; for a large one run it
/// in a transaction without time limit when [`Ingested::refresh_due`](super::Ingested) says so.
///
/// # Errors
///
/// The database's own.
pub async fn refresh(conn: &mut PgConnection) -> Result<()> {
    let state = State::load(conn).await?;
    let analyzer = Analyzer::default();
    let passages = usize::try_from(state.chunks).unwrap_or(0);
    let (mut trainer, mut calibration) = (Trainer::new(passages), Calibration::new(passages));
    let mut after = START;
    while let Some((keys, analyses)) = page(conn, &analyzer, after).await? {
        for analysis in &analyses {
            trainer.add(analysis);
            calibration.add(analysis);
        }
        after = keys.last().copied().unwrap_or(after);
    }
    let model = trainer.finish();
    model::replace(conn, &model, state.chunks).await?;
    let avg_len = (state.total_len as f64 / f64::from(state.chunks.max(1))).max(1.0);
    after = START;
    while let Some((keys, analyses)) = page(conn, &analyzer, after).await? {
        write_vectors(conn, &keys, &analyses, &model).await?;
        reweigh(conn, &keys, &analyses, avg_len).await?;
        after = keys.last().copied().unwrap_or(after);
    }
    sqlx::query("UPDATE rag_state SET lex_avg_len = $1, gate = $2")
        .bind(avg_len)
        .bind(calibration.finish().threshold)
        .execute(&mut *conn)
        .await
        .db()?;
    if state.chunks > EXACT_UP_TO { index_vectors(conn).await } else { Ok(()) }
}

/// Before the first passage.
const START: Key = (Uuid::nil(), -1);

/// The next passages after a key, analysed; `None` at the end.
async fn page(
    conn: &mut PgConnection,
    analyzer: &Analyzer,
    after: Key,
) -> Result<Option<(Vec<Key>, Vec<Analysis>)>> {
    let rows: Vec<(Uuid, i32, String, String, String)> = sqlx::query_as(
        "SELECT c.document_id, c.ord, d.title, c.heading, c.text \
         FROM rag_chunk c JOIN rag_document d USING (document_id) \
         WHERE (c.document_id, c.ord) > ($1, $2) ORDER BY c.document_id, c.ord LIMIT $3",
    )
    .bind(after.0)
    .bind(after.1)
    .bind(PAGE)
    .fetch_all(conn)
    .await
    .db()?;
    let keys: Vec<Key> = rows.iter().map(|row| (row.0, row.1)).collect();
    let analyses = rows
        .iter()
        .map(|(_, _, title, heading, text)| analyzer.analyze(&indexed_text(title, heading, text)))
        .collect();
    Ok(if keys.is_empty() { None } else { Some((keys, analyses)) })
}

async fn reweigh(
    conn: &mut PgConnection,
    keys: &[Key],
    analyses: &[Analysis],
    avg_len: f64,
) -> Result<()> {
    let weights = analyses.iter().map(|a| document_weights(&a.terms, a.words, avg_len));
    let (documents, ords) = split_keys(keys);
    sqlx::query(
        "UPDATE rag_lex l SET w = n.w \
         FROM unnest($1::uuid[], $2::int[], $3::sparsevec[]) AS n (document_id, ord, w) \
         WHERE l.document_id = n.document_id AND l.ord = n.ord",
    )
    .bind(documents)
    .bind(ords)
    .bind(weights.map(|w| sparse_column(&w)).collect::<Vec<_>>())
    .execute(conn)
    .await
    .db()?;
    Ok(())
}

/// Makes the approximate index where it can be trusted: pgvector 0.8.3 or newer on a real server.
/// Older ones may corrupt it when rows are removed, and the embedded server scans exactly.
async fn index_vectors(conn: &mut PgConnection) -> Result<()> {
    let (pgvector, server): (String, String) = sqlx::query_as(
        "SELECT (SELECT extversion FROM pg_extension WHERE extname = 'vector'), version()",
    )
    .fetch_one(&mut *conn)
    .await
    .db()?;
    let embedded = ["emscripten", "wasm", "wasi"].iter().any(|word| server.contains(word));
    let version: Vec<u32> = pgvector.split('.').filter_map(|part| part.parse().ok()).collect();
    if embedded || version < vec![0, 8, 3] {
        return Ok(());
    }
    sqlx::query(
        "CREATE INDEX IF NOT EXISTS rag_vec_1_hnsw ON rag_vec_1 \
         USING hnsw (v vector_ip_ops) WITH (m = 16, ef_construction = 200)",
    )
    .execute(conn)
    .await
    .db()?;
    Ok(())
}
