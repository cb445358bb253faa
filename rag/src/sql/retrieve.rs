//! The statements of retrieval. Every one of them sees only what the caller's groups may read.

use std::collections::BTreeMap;

use kernel::Result;
use pgvector::{SparseVector, Vector};
use sqlx::PgConnection;
use store::DbResult;
use uuid::Uuid;

use crate::analyze::TermId;
use crate::corpus::DEPTH;
use crate::fuse::Legs;
use crate::lexical::{FEEDBACK_PASSAGES, Sparse};

use super::rows::{Key, column, from_sparse_column, sparse_column, split_keys, term_id};

/// A passage that the first look found.
pub(super) struct TopPassage {
    pub(super) len: u32,
    pub(super) score: f32,
    pub(super) weights: Sparse,
}

/// Which vectors take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// The tenant's own, scanned exactly.
    Own,
    /// The tenant's own, by the approximate index.
    OwnApproximate,
    /// Those of the configured embedder, scanned exactly.
    Configured,
}

/// In how many passages each term occurs.
pub(super) async fn document_frequencies(
    conn: &mut PgConnection,
    terms: impl Iterator<Item = TermId>,
) -> Result<BTreeMap<TermId, u32>> {
    let mut terms: Vec<i32> = terms.map(column).collect();
    terms.sort_unstable();
    terms.dedup();
    let rows: Vec<(i32, i32)> =
        sqlx::query_as("SELECT term, df FROM rag_term WHERE term = ANY($1) AND df > 0")
            .bind(terms)
            .fetch_all(conn)
            .await
            .db()?;
    let entry = |(term, df): (i32, i32)| (term_id(term), u32::try_from(df).unwrap_or(0));
    Ok(rows.into_iter().map(entry).collect())
}

/// What BM25 finds: the keys of its candidates, and the first of them for feedback.
pub(super) struct FirstLook {
    pub(super) keys: Vec<Key>,
    pub(super) top: Vec<TopPassage>,
}

type FirstRow = (Uuid, i32, i32, f64, Option<SparseVector>);

/// The passages that BM25 puts first.
pub(super) async fn first_look(
    conn: &mut PgConnection,
    query: &Sparse,
    groups: &[i32],
) -> Result<FirstLook> {
    let rows: Vec<FirstRow> = sqlx::query_as(
        "WITH best AS MATERIALIZED ( \
           SELECT document_id, ord, -(w <#> $1) AS score FROM rag_lex WHERE acl_read && $2 \
           ORDER BY w <#> $1, document_id, ord LIMIT $3), \
         placed AS ( \
           SELECT *, row_number() OVER (ORDER BY score DESC, document_id, ord) AS place \
           FROM best WHERE score > 0) \
         SELECT document_id, ord, l.len, p.score, CASE WHEN p.place <= $4 THEN l.w END \
         FROM placed p JOIN rag_lex l USING (document_id, ord) ORDER BY p.place",
    )
    .bind(sparse_column(query))
    .bind(groups)
    .bind(DEPTH as i64)
    .bind(FEEDBACK_PASSAGES as i64)
    .fetch_all(conn)
    .await
    .db()?;
    let passage = |(_, _, len, score, w): &FirstRow| {
        Some(TopPassage {
            len: u32::try_from(*len).unwrap_or(0),
            score: *score as f32,
            weights: from_sparse_column(w.as_ref()?),
        })
    };
    let keys = rows.iter().map(|(document, ord, ..)| (*document, *ord)).collect();
    Ok(FirstLook { keys, top: rows.iter().filter_map(passage).collect() })
}

/// The passages that hold a decisive code, and how many of them each holds.
pub(super) async fn with_codes(
    conn: &mut PgConnection,
    codes: &[TermId],
    groups: &[i32],
) -> Result<BTreeMap<Key, u32>> {
    if codes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query: Sparse = codes.iter().map(|code| (*code, 1.0)).collect();
    query.sort_unstable_by_key(|(code, _)| *code);
    let rows: Vec<(Uuid, i32, SparseVector)> = sqlx::query_as(
        "SELECT document_id, ord, w FROM rag_lex WHERE acl_read && $2 AND (w <#> $1) < 0 \
         ORDER BY w <#> $1, document_id, ord LIMIT $3",
    )
    .bind(sparse_column(&query))
    .bind(groups)
    .bind(DEPTH as i64)
    .fetch_all(conn)
    .await
    .db()?;
    let held = |w: &SparseVector| {
        codes.iter().map(|code| u32::from(w.indices().binary_search(&column(*code)).is_ok())).sum()
    };
    Ok(rows.into_iter().map(|(document, ord, w)| ((document, ord), held(&w))).collect())
}

/// What is known before the dense leg proposes its own candidates.
pub(super) struct Proposal<'a> {
    /// Candidates of BM25.
    pub(super) keys: &'a [Key],
    pub(super) query: &'a Sparse,
    pub(super) feedback: &'a Sparse,
    pub(super) vector: &'a [f32],
    pub(super) codes: &'a BTreeMap<Key, u32>,
    pub(super) groups: &'a [i32],
}

/// The statement over one table of vectors; `$order` breaks ties, which forbids an index.
macro_rules! candidates {
    ($vectors:literal, $order:literal) => {
        concat!(
            "WITH den AS MATERIALIZED ( \
               SELECT document_id, ord, v <#> $3 AS d FROM ",
            $vectors,
            " WHERE acl_read && $4 ORDER BY v <#> $3",
            $order,
            " LIMIT $5), \
             proposed AS ( \
               SELECT document_id, ord FROM den WHERE d < 0 \
               UNION SELECT * FROM unnest($6::uuid[], $7::int[])) \
             SELECT document_id, ord, -(l.w <#> $1), -(l.w <#> $2), coalesce(-(v.v <#> $3), 0) \
             FROM proposed JOIN rag_lex l USING (document_id, ord) \
             LEFT JOIN ",
            $vectors,
            " v USING (document_id, ord) ORDER BY document_id, ord"
        )
    };
}

/// The candidates in the order of their keys, with the exact scores of all legs.
pub(super) async fn candidates(
    conn: &mut PgConnection,
    space: Space,
    proposal: &Proposal<'_>,
) -> Result<Vec<(Key, Legs)>> {
    let statement = match space {
        Space::Own => candidates!("rag_vec_1", ", document_id, ord"),
        Space::OwnApproximate => candidates!("rag_vec_1", ""),
        Space::Configured => candidates!("rag_vec_2", ", document_id, ord"),
    };
    let coded = proposal.codes.keys();
    let (documents, ords) =
        split_keys(&proposal.keys.iter().chain(coded).copied().collect::<Vec<_>>());
    let rows: Vec<(Uuid, i32, f64, f64, f64)> = sqlx::query_as(statement)
        .bind(sparse_column(proposal.query))
        .bind(sparse_column(proposal.feedback))
        .bind(Vector::from(proposal.vector.to_vec()))
        .bind(proposal.groups)
        .bind(DEPTH as i64)
        .bind(documents)
        .bind(ords)
        .fetch_all(conn)
        .await
        .db()?;
    let candidate = |(document, ord, bm25, feedback, dense): (Uuid, i32, f64, f64, f64)| {
        let key = (document, ord);
        let codes = proposal.codes.get(&key).copied().unwrap_or(0);
        let legs =
            Legs { bm25: bm25 as f32, feedback: feedback as f32, dense: dense as f32, codes };
        (key, legs)
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// The tenant's own vectors of some passages, in the order of their keys.
pub(super) async fn vectors(conn: &mut PgConnection, keys: &[Key]) -> Result<Vec<Vec<f32>>> {
    let (documents, ords) = split_keys(keys);
    let rows: Vec<Vector> = sqlx::query_scalar(
        "SELECT v FROM rag_vec_1 JOIN unnest($1::uuid[], $2::int[]) AS n (document_id, ord) \
         USING (document_id, ord) ORDER BY document_id, ord",
    )
    .bind(documents)
    .bind(ords)
    .fetch_all(conn)
    .await
    .db()?;
    Ok(rows.into_iter().map(Vec::from).collect())
}

/// The inner products of a vector with the tenant's own vectors of some passages.
pub(super) async fn dense(
    conn: &mut PgConnection,
    vector: Vec<f32>,
    keys: &[Key],
) -> Result<BTreeMap<Key, f32>> {
    let (documents, ords) = split_keys(keys);
    let rows: Vec<(Uuid, i32, f64)> = sqlx::query_as(
        "SELECT document_id, ord, -(v <#> $3) FROM rag_vec_1 \
         JOIN unnest($1::uuid[], $2::int[]) AS n (document_id, ord) USING (document_id, ord)",
    )
    .bind(documents)
    .bind(ords)
    .bind(Vector::from(vector))
    .fetch_all(conn)
    .await
    .db()?;
    Ok(rows.into_iter().map(|(document, ord, dot)| ((document, ord), dot as f32)).collect())
}

/// Whether the approximate index is there and worth using: for a caller who sees less than a
/// tenth of the library, an exact scan is both faster and complete.
pub(super) async fn approximate(
    conn: &mut PgConnection,
    groups: &[i32],
    chunks: i32,
) -> Result<bool> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('rag_vec_1_hnsw') IS NOT NULL")
        .fetch_one(&mut *conn)
        .await
        .db()?;
    if !there {
        return Ok(false);
    }
    let tenth = i64::from(chunks / 10);
    let visible: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT FROM rag_lex WHERE acl_read && $1 LIMIT $2) AS visible",
    )
    .bind(groups)
    .bind(tenth)
    .fetch_one(&mut *conn)
    .await
    .db()?;
    if visible < tenth {
        return Ok(false);
    }
    sqlx::query(
        "SELECT set_config('hnsw.ef_search', '100', true), \
         set_config('hnsw.iterative_scan', 'relaxed_order', true)",
    )
    .execute(conn)
    .await
    .db()?;
    Ok(true)
}
