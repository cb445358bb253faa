//! Terms and weights as the columns that hold them.

use pgvector::{SparseVector, Vector};
use uuid::Uuid;

use crate::analyze::{TERM_SPACE, TermId};
use crate::lexical::Sparse;

/// A passage: its document and its place there.
pub(super) type Key = (Uuid, i32);

/// A sparse vector for `sparsevec(268435456)`.
pub(super) fn sparse_column(weights: &Sparse) -> SparseVector {
    let entries: Vec<(i32, f32)> = weights.iter().map(|(t, w)| (column(*t), *w)).collect();
    SparseVector::from_map(entries.iter().map(|(term, weight)| (term, weight)), TERM_SPACE as i32)
}

pub(super) fn from_sparse_column(column: &SparseVector) -> Sparse {
    let terms = column.indices().iter().map(|term| term_id(*term));
    terms.zip(column.values().iter().copied()).collect()
}

/// A term's number, which is below 2^28, as Postgres holds it.
pub(super) fn column(term: TermId) -> i32 {
    term.get() as i32
}

pub(super) fn term_id(column: i32) -> TermId {
    TermId::from_number(column as u32)
}

/// Keys as two arrays for `unnest`.
pub(super) fn split_keys(keys: &[Key]) -> (Vec<Uuid>, Vec<i32>) {
    keys.iter().copied().unzip()
}

pub(super) fn vectors(vectors: Vec<Vec<f32>>) -> Vec<Vector> {
    vectors.into_iter().map(Vector::from).collect()
}
