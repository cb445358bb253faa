//! The documents of the library: listed, opened, shown to others, removed.

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use pgvector::SparseVector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use store::DbResult;
use uuid::Uuid;

use crate::cite::find_quote;

use super::{State, ingest, with_everyone};

/// A document without its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, sqlx::FromRow)]
pub struct DocumentSummary {
    pub document_id: Uuid,
    pub title: String,
    pub mime: String,
    /// SHA-256 of the file, in hexadecimal.
    pub content_hash: String,
    pub chunks: i32,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub indexed_at: DateTime<Utc>,
}

/// The documents that the caller may read, newest first.
///
/// # Errors
///
/// The database's own.
pub async fn documents(
    conn: &mut PgConnection,
    groups: &[i32],
    limit: i64,
) -> Result<Vec<DocumentSummary>> {
    sqlx::query_as(
        "SELECT document_id, title, mime, encode(content_hash, 'hex') AS content_hash, chunks, \
         created_by, created_at, indexed_at FROM rag_document WHERE acl_read && $1 \
         ORDER BY created_at DESC, document_id LIMIT $2",
    )
    .bind(with_everyone(groups))
    .bind(limit)
    .fetch_all(conn)
    .await
    .db()
}

/// A quote found in its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    pub title: String,
    /// Characters of the document's text: from, and one past the last.
    pub from: u32,
    pub to: u32,
    /// The document's own words.
    pub text: String,
}

/// Finds a quote in the stored text, however its white space was changed.
///
/// # Errors
///
/// [`Error::NotFound`] when the caller may not read the document, or it does not hold the quote:
/// the two cannot be told apart.
pub async fn open_quote(
    conn: &mut PgConnection,
    groups: &[i32],
    document: Uuid,
    quote: &str,
) -> Result<Shown> {
    let row: Option<(String, String)> = sqlx::query_as(
        "SELECT title, text FROM rag_document WHERE document_id = $1 AND acl_read && $2",
    )
    .bind(document)
    .bind(with_everyone(groups))
    .fetch_optional(conn)
    .await
    .db()?;
    let missing = || Error::not_found("quote", quote.chars().take(80).collect::<String>());
    let (title, text) = row.ok_or_else(missing)?;
    let range = find_quote(quote, &text).ok_or_else(missing)?;
    let characters = |text: &str| text.chars().count() as u32;
    let from = characters(&text[..range.start]);
    let text = text[range].to_owned();
    Ok(Shown { title, from, to: from + characters(&text), text })
}

/// Changes who may read a document, everywhere at once.
///
/// # Errors
///
/// [`Error::Invalid`] without any group; [`Error::NotFound`]; [`Error::Conflict`] when the same
/// file is there for these readers already.
pub async fn set_readers(conn: &mut PgConnection, document: Uuid, acl: &[i32]) -> Result<()> {
    let readers = ingest::readers(acl)?;
    let twin: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM rag_document a JOIN rag_document b USING (content_hash) \
         WHERE a.document_id = $1 AND b.document_id <> $1 AND b.acl_read = $2)",
    )
    .bind(document)
    .bind(&readers)
    .fetch_one(&mut *conn)
    .await
    .db()?;
    if twin {
        let message = "the same file is there for these readers already: remove one of the two";
        return Err(Error::Conflict(message.into()));
    }
    let changed = sqlx::query(
        "WITH lex AS (UPDATE rag_lex SET acl_read = $2 WHERE document_id = $1), \
              own AS (UPDATE rag_vec_1 SET acl_read = $2 WHERE document_id = $1), \
              configured AS (UPDATE rag_vec_2 SET acl_read = $2 WHERE document_id = $1) \
         UPDATE rag_document SET acl_read = $2 WHERE document_id = $1",
    )
    .bind(document)
    .bind(readers)
    .execute(conn)
    .await
    .db()?;
    if changed.rows_affected() == 0 {
        return Err(Error::not_found("document", document.to_string()));
    }
    Ok(())
}

/// Removes a document with its passages, and takes its words out of the statistics.
///
/// # Errors
///
/// [`Error::NotFound`].
pub async fn remove(conn: &mut PgConnection, document: Uuid) -> Result<()> {
    let rows: Vec<(i32, SparseVector)> =
        sqlx::query_as("SELECT len, w FROM rag_lex WHERE document_id = $1")
            .bind(document)
            .fetch_all(&mut *conn)
            .await
            .db()?;
    let removed = sqlx::query("DELETE FROM rag_document WHERE document_id = $1")
        .bind(document)
        .execute(&mut *conn)
        .await
        .db()?;
    if removed.rows_affected() == 0 {
        return Err(Error::not_found("document", document.to_string()));
    }
    let terms: Vec<i32> = rows.iter().flat_map(|(_, w)| w.indices()).copied().collect();
    let (terms, gone): (Vec<i32>, Vec<i32>) =
        crate::analyze::count(terms).into_iter().map(|(term, n)| (term, n as i32)).unzip();
    sqlx::query(
        "UPDATE rag_term t SET df = t.df - n.gone \
         FROM unnest($1::int[], $2::int[]) AS n (term, gone) WHERE t.term = n.term",
    )
    .bind(terms)
    .bind(gone)
    .execute(&mut *conn)
    .await
    .db()?;
    let state = State::load(conn).await?;
    let len: i64 = rows.iter().map(|(len, _)| i64::from(*len)).sum();
    sqlx::query("UPDATE rag_state SET chunks = $1, total_len = $2")
        .bind(state.chunks - rows.len() as i32)
        .bind(state.total_len - len)
        .execute(conn)
        .await
        .db()?;
    Ok(())
}
