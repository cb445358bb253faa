//! Vectors of an embedding model elsewhere.
//!
//! A call over the network must not hold a connection, so its three steps are apart: read the
//! passages that are [`pending`], embed them with no transaction open, [`store_vectors`]. While
//! any passage is pending, search uses the tenant's own embedding.

use kernel::{Error, Result};
use sqlx::PgConnection;
use store::DbResult;
use uuid::Uuid;

use crate::corpus::indexed_text;
use crate::embed::{DIMS, Embedder, Scripts};

/// A passage without a vector of the configured embedder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub document_id: Uuid,
    pub ord: i32,
    /// What to embed: title, headings and text.
    pub text: String,
}

/// The vector of a question and the space it lives in.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionVector {
    pub embedder: String,
    pub revision: String,
    pub scripts: Scripts,
    /// `None` when the embedder did not answer: search then says that it is degraded.
    pub vector: Option<Vec<f32>>,
}

impl QuestionVector {
    /// Asks an embedder; its failure is logged and becomes a missing vector.
    pub async fn ask(embedder: &dyn Embedder, question: &str) -> QuestionVector {
        let vector = embedder.embed_question(question).await;
        if let Err(error) = &vector {
            tracing::warn!(embedder = embedder.id(), %error, "searching without dense vectors");
        }
        QuestionVector {
            embedder: embedder.id().to_owned(),
            revision: embedder.revision().to_owned(),
            scripts: embedder.scripts(),
            vector: vector.ok(),
        }
    }
}

/// Up to `limit` passages that the embedder has not embedded in its present revision, in order.
///
/// # Errors
///
/// The database's own.
pub async fn pending(
    conn: &mut PgConnection,
    embedder: &dyn Embedder,
    limit: i64,
) -> Result<Vec<Pending>> {
    let rows: Vec<(Uuid, i32, String, String, String)> = sqlx::query_as(
        "SELECT c.document_id, c.ord, d.title, c.heading, c.text \
         FROM rag_chunk c JOIN rag_document d USING (document_id) \
         WHERE NOT EXISTS (SELECT FROM rag_vec_2 v JOIN rag_space s \
           ON s.space = 2 AND s.embedder = $1 AND s.revision = $2 \
           WHERE v.document_id = c.document_id AND v.ord = c.ord) \
         ORDER BY c.document_id, c.ord LIMIT $3",
    )
    .bind(embedder.id())
    .bind(embedder.revision())
    .bind(limit)
    .fetch_all(conn)
    .await
    .db()?;
    let text = |title: &str, heading: &str, text: &str| indexed_text(title, heading, text);
    Ok(rows
        .into_iter()
        .map(|(document_id, ord, t, h, x)| Pending { document_id, ord, text: text(&t, &h, &x) })
        .collect())
}

/// Stores the vectors of pending passages, in their order. Those of another embedder or revision
/// are removed first; passages deleted meanwhile are left out.
///
/// # Errors
///
/// [`Error::Invalid`] when the vectors are not one per passage of [`DIMS`] numbers each.
pub async fn store_vectors(
    conn: &mut PgConnection,
    embedder: &dyn Embedder,
    passages: &[Pending],
    vectors: Vec<Vec<f32>>,
) -> Result<()> {
    if vectors.len() != passages.len() || vectors.iter().any(|vector| vector.len() != DIMS) {
        let reason = format!("must be one per passage, of {DIMS} numbers each");
        return Err(Error::invalid("vectors", reason));
    }
    sqlx::query(
        "DELETE FROM rag_vec_2 WHERE NOT EXISTS \
         (SELECT FROM rag_space WHERE space = 2 AND embedder = $1 AND revision = $2)",
    )
    .bind(embedder.id())
    .bind(embedder.revision())
    .execute(&mut *conn)
    .await
    .db()?;
    sqlx::query(
        "INSERT INTO rag_space (space, embedder, revision, trained) VALUES (2, $1, $2, 0) \
         ON CONFLICT (space) DO UPDATE SET embedder = $1, revision = $2",
    )
    .bind(embedder.id())
    .bind(embedder.revision())
    .execute(&mut *conn)
    .await
    .db()?;
    sqlx::query(
        "INSERT INTO rag_vec_2 (document_id, ord, acl_read, v) \
         SELECT n.document_id, n.ord, d.acl_read, n.v \
         FROM unnest($1::uuid[], $2::int[], $3::vector[]) AS n (document_id, ord, v) \
         JOIN rag_chunk c USING (document_id, ord) JOIN rag_document d USING (document_id) \
         ON CONFLICT (document_id, ord) DO UPDATE SET v = excluded.v",
    )
    .bind(passages.iter().map(|passage| passage.document_id).collect::<Vec<_>>())
    .bind(passages.iter().map(|passage| passage.ord).collect::<Vec<_>>())
    .bind(super::rows::vectors(vectors))
    .execute(conn)
    .await
    .db()?;
    Ok(())
}

/// Whether every passage has a vector of this embedder and revision.
pub(super) async fn complete(
    conn: &mut PgConnection,
    vector: &QuestionVector,
    chunks: i32,
) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM rag_space WHERE space = 2 AND embedder = $1 AND revision = $2) \
         AND (SELECT count(*) FROM rag_vec_2) = $3",
    )
    .bind(&vector.embedder)
    .bind(&vector.revision)
    .bind(i64::from(chunks))
    .fetch_one(conn)
    .await
    .db()
}
