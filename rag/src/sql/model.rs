//! The tenant's own embedding, stored and read back in parts.

use std::collections::BTreeMap;

use kernel::{Error, Result};
use sqlx::PgConnection;
use store::DbResult;

use crate::analyze::{Analysis, TermId};
use crate::embed::{BasisRow, Embedder, GramIdf, Lex640};

use super::rows::{column, term_id};

/// Rows of the basis written with one statement.
const BATCH: usize = 4_096;

/// The model with the rows that some texts need; before any training, one that knows nothing.
pub(super) async fn for_texts(conn: &mut PgConnection, texts: &[Analysis]) -> Result<Lex640> {
    let mut terms: Vec<i32> = texts.iter().flat_map(Lex640::basis_terms).map(column).collect();
    terms.sort_unstable();
    terms.dedup();
    let idf: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT gram_idf FROM rag_space WHERE space = 1 AND gram_idf IS NOT NULL",
    )
    .fetch_optional(&mut *conn)
    .await
    .db()?;
    let Some(idf) = idf else { return Ok(Lex640::train(&[])) };
    let idf = GramIdf::from_bytes(idf).ok_or_else(|| Error::internal("gram_idf is damaged"))?;
    let rows: Vec<(i32, Vec<u8>)> =
        sqlx::query_as("SELECT term, coords FROM rag_basis WHERE term = ANY($1)")
            .bind(terms)
            .fetch_all(conn)
            .await
            .db()?;
    let row = |(term, bytes): (i32, Vec<u8>)| -> Result<(TermId, BasisRow)> {
        let row = BasisRow::from_bytes(&bytes);
        Ok((term_id(term), row.ok_or_else(|| Error::internal("a row of rag_basis is damaged"))?))
    };
    let basis: Result<BTreeMap<_, _>> = rows.into_iter().map(row).collect();
    Ok(Lex640::from_parts(idf, basis?))
}

/// Replaces the stored model by one trained on so many passages.
pub(super) async fn replace(conn: &mut PgConnection, model: &Lex640, trained: i32) -> Result<()> {
    let (idf, basis) = model.parts();
    sqlx::query(
        "INSERT INTO rag_space (space, embedder, revision, trained, gram_idf) \
         VALUES (1, $1, $2, $3, $4) ON CONFLICT (space) DO UPDATE SET embedder = excluded.embedder, \
         revision = excluded.revision, trained = excluded.trained, gram_idf = excluded.gram_idf",
    )
    .bind(model.id())
    .bind(model.revision())
    .bind(trained)
    .bind(idf.as_bytes())
    .execute(&mut *conn)
    .await
    .db()?;
    sqlx::query("DELETE FROM rag_basis").execute(&mut *conn).await.db()?;
    let rows: Vec<(i32, Vec<u8>)> =
        basis.iter().map(|(term, row)| (column(*term), row.to_bytes())).collect();
    for batch in rows.chunks(BATCH) {
        sqlx::query(
            "INSERT INTO rag_basis (term, coords) SELECT * FROM unnest($1::int[], $2::bytea[])",
        )
        .bind(batch.iter().map(|(term, _)| *term).collect::<Vec<_>>())
        .bind(batch.iter().map(|(_, coords)| coords.as_slice()).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await
        .db()?;
    }
    Ok(())
}
