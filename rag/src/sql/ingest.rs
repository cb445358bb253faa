//! A document in: split, analysed, weighed, embedded.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use store::DbResult;
use uuid::Uuid;

use crate::analyze::{Analysis, Analyzer, TermId};
use crate::corpus::indexed_text;
use crate::embed::Lex640;
use crate::lexical::{Sparse, document_weights};
use crate::split::{Chunk, Format, SplitError, split, text_of};

use super::rows::{Key, column, sparse_column};
use super::{State, model, refresh};

/// Passages written with one statement.
const BATCH: usize = 256;
/// Up to this many passages the embedding is trained anew within the transaction that outgrew it;
/// it takes a second or two. Beyond, the caller runs [`refresh`](fn@refresh::refresh) later.
const TRAINED_AT_ONCE: i32 = 2_000;
const LARGEST_FILE: usize = 20 * 1024 * 1024;

/// A document to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    pub id: Uuid,
    pub title: String,
    /// `text/markdown`, `text/plain`, `text/csv` or `text/html`.
    pub mime: String,
    pub bytes: Vec<u8>,
    /// The groups that may read it; [`EVERYONE`](super::EVERYONE) is everyone in the tenant.
    pub acl: Vec<i32>,
    pub created_by: String,
    pub now: DateTime<Utc>,
}

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ingested {
    /// The document that holds the file: an older one when the same file was there for the same
    /// readers.
    pub document_id: Uuid,
    pub duplicate: bool,
    /// Passages it was cut into.
    pub chunks: u32,
    pub characters: u32,
    /// SHA-256 of the file, in hexadecimal.
    pub content_hash: String,
    /// Whether the tenant's embedding should be trained anew soon.
    pub refresh_due: bool,
}

/// Adds a document; the same file for the same readers is kept once.
///
/// # Errors
///
/// [`Error::Invalid`] for a file that is no Markdown, text or HTML, holds no text, or has no
/// readers; [`Error::TooLarge`] above 20 MB; the database's own.
pub async fn ingest(conn: &mut PgConnection, new: NewDocument) -> Result<Ingested> {
    let readers = readers(&new.acl)?;
    if new.title.trim().is_empty() {
        return Err(Error::invalid("title", "must not be empty: name the document"));
    }
    if new.bytes.len() > LARGEST_FILE {
        return Err(Error::TooLarge(
            "the file is above 20 MB: split it and upload the parts".into(),
        ));
    }
    let hash = Sha256::digest(&new.bytes).to_vec();
    if let Some(known) = known(conn, &hash, &readers).await? {
        return Ok(known);
    }
    let format = Format::of(&new.mime).map_err(|error| invalid("mime", &error))?;
    let text = text_of(format, &new.bytes).map_err(|error| invalid("bytes", &error))?;
    let chunks = split(format, &text);
    write_document(conn, &new, &readers, (&hash, &text, chunks.len())).await?;
    let refresh_due = index(conn, &new, &readers, &chunks).await?;
    Ok(Ingested {
        document_id: new.id,
        duplicate: false,
        chunks: count(chunks.len()),
        characters: count(text.chars().count()),
        content_hash: hex::encode(&hash),
        refresh_due,
    })
}

/// Readers in ascending order, without repeats.
///
/// # Errors
///
/// [`Error::Invalid`] when there are none: nobody could ever find the document.
pub(super) fn readers(acl: &[i32]) -> Result<Vec<i32>> {
    let mut readers = acl.to_vec();
    readers.sort_unstable();
    readers.dedup();
    if readers.is_empty() {
        let reason = "names no group: name the groups that may read it, or `0` for everyone";
        return Err(Error::invalid("acl", reason));
    }
    Ok(readers)
}

fn invalid(field: &str, error: &SplitError) -> Error {
    Error::invalid(field, format!("cannot be used: {error}"))
}

async fn known(conn: &mut PgConnection, hash: &[u8], readers: &[i32]) -> Result<Option<Ingested>> {
    let row: Option<(Uuid, i32, i32)> = sqlx::query_as(
        "SELECT document_id, chunks, char_length(text) FROM rag_document \
         WHERE content_hash = $1 AND acl_read = $2",
    )
    .bind(hash)
    .bind(readers)
    .fetch_optional(conn)
    .await
    .db()?;
    Ok(row.map(|(document_id, chunks, characters)| Ingested {
        document_id,
        duplicate: true,
        chunks: u32::try_from(chunks).unwrap_or(0),
        characters: u32::try_from(characters).unwrap_or(0),
        content_hash: hex::encode(hash),
        refresh_due: false,
    }))
}

async fn write_document(
    conn: &mut PgConnection,
    new: &NewDocument,
    readers: &[i32],
    (hash, text, chunks): (&[u8], &str, usize),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO rag_document (document_id, title, mime, text, content_hash, acl_read, chunks, \
         created_by, created_at, indexed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
    )
    .bind(new.id)
    .bind(new.title.trim())
    .bind(&new.mime)
    .bind(text)
    .bind(hash)
    .bind(readers)
    .bind(count(chunks) as i32)
    .bind(&new.created_by)
    .bind(new.now)
    .execute(conn)
    .await
    .db()?;
    Ok(())
}

/// Writes passages, weights, vectors and statistics; tells whether a refresh is still due.
async fn index(
    conn: &mut PgConnection,
    new: &NewDocument,
    readers: &[i32],
    chunks: &[Chunk],
) -> Result<bool> {
    let mut state = State::load(conn).await?;
    state.chunks += count(chunks.len()) as i32;
    let train_now = state.chunks >= 2 * state.trained && state.chunks <= TRAINED_AT_ONCE;
    let analyzer = Analyzer::default();
    let mut df: BTreeMap<TermId, i32> = BTreeMap::new();
    for batch in chunks.chunks(BATCH) {
        let analyses: Vec<Analysis> = batch
            .iter()
            .map(|c| analyzer.analyze(&indexed_text(&new.title, &c.heading, &c.text)))
            .collect();
        let len: i64 = analyses.iter().map(|a| i64::from(a.words)).sum();
        if state.lex_avg_len == 0.0 {
            state.lex_avg_len = (len as f64 / analyses.len() as f64).max(1.0);
        }
        state.total_len += len;
        analyses.iter().flat_map(|a| &a.terms).for_each(|(t, _)| *df.entry(*t).or_default() += 1);
        write_chunks(conn, new.id, batch).await?;
        let keys: Vec<Key> = batch.iter().map(|c| (new.id, c.ord as i32)).collect();
        write_weights(conn, &keys, &analyses, (readers, state.lex_avg_len)).await?;
        if state.trained > 0 && !train_now {
            let model = model::for_texts(conn, &analyses).await?;
            write_vectors(conn, &keys, &analyses, &model).await?;
        }
    }
    write_statistics(conn, &df, &state).await?;
    if train_now {
        refresh::refresh(conn).await?;
        return Ok(false);
    }
    Ok(state.refresh_due())
}

async fn write_chunks(conn: &mut PgConnection, document: Uuid, chunks: &[Chunk]) -> Result<()> {
    let numbers = |of: fn(&Chunk) -> u32| chunks.iter().map(|c| of(c) as i32).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO rag_chunk (document_id, ord, char_from, char_to, heading, text) \
         SELECT $1, * FROM unnest($2::int[], $3::int[], $4::int[], $5::text[], $6::text[])",
    )
    .bind(document)
    .bind(numbers(|chunk| chunk.ord))
    .bind(numbers(|chunk| chunk.from))
    .bind(numbers(|chunk| chunk.to))
    .bind(chunks.iter().map(|chunk| chunk.heading.as_str()).collect::<Vec<_>>())
    .bind(chunks.iter().map(|chunk| chunk.text.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await
    .db()?;
    Ok(())
}

async fn write_weights(
    conn: &mut PgConnection,
    keys: &[Key],
    analyses: &[Analysis],
    (readers, avg_len): (&[i32], f64),
) -> Result<()> {
    let weights = |a: &Analysis| -> Sparse { document_weights(&a.terms, a.words, avg_len) };
    let (documents, ords) = super::rows::split_keys(keys);
    sqlx::query(
        "INSERT INTO rag_lex (document_id, ord, acl_read, len, w) \
         SELECT n.document_id, n.ord, $5, n.len, n.w \
         FROM unnest($1::uuid[], $2::int[], $3::int[], $4::sparsevec[]) \
         AS n (document_id, ord, len, w)",
    )
    .bind(documents)
    .bind(ords)
    .bind(analyses.iter().map(|a| a.words as i32).collect::<Vec<_>>())
    .bind(analyses.iter().map(|a| sparse_column(&weights(a))).collect::<Vec<_>>())
    .bind(readers)
    .execute(conn)
    .await
    .db()?;
    Ok(())
}

/// Writes the vectors of passages, new or known.
pub(super) async fn write_vectors(
    conn: &mut PgConnection,
    keys: &[Key],
    analyses: &[Analysis],
    model: &Lex640,
) -> Result<()> {
    let vectors = analyses.iter().map(|analysis| model.embed(analysis)).collect();
    let (documents, ords) = super::rows::split_keys(keys);
    sqlx::query(
        "INSERT INTO rag_vec_1 (document_id, ord, acl_read, v) \
         SELECT n.document_id, n.ord, d.acl_read, n.v \
         FROM unnest($1::uuid[], $2::int[], $3::vector[]) AS n (document_id, ord, v) \
         JOIN rag_document d USING (document_id) \
         ON CONFLICT (document_id, ord) DO UPDATE SET v = excluded.v",
    )
    .bind(documents)
    .bind(ords)
    .bind(super::rows::vectors(vectors))
    .execute(conn)
    .await
    .db()?;
    Ok(())
}

async fn write_statistics(
    conn: &mut PgConnection,
    df: &BTreeMap<TermId, i32>,
    state: &State,
) -> Result<()> {
    let terms: Vec<i32> = df.keys().map(|term| column(*term)).collect();
    let added: Vec<i32> = df.values().copied().collect();
    sqlx::query(
        "INSERT INTO rag_term (term, df) SELECT * FROM unnest($1::int[], $2::int[]) \
         ON CONFLICT (term) DO UPDATE SET df = rag_term.df + excluded.df",
    )
    .bind(terms)
    .bind(added)
    .execute(&mut *conn)
    .await
    .db()?;
    sqlx::query("UPDATE rag_state SET chunks = $1, total_len = $2, lex_avg_len = $3")
        .bind(state.chunks)
        .bind(state.total_len)
        .bind(state.lex_avg_len)
        .execute(conn)
        .await
        .db()?;
    Ok(())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
