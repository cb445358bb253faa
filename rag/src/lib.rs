//! Finds the passage that answers a question, and quotes it.
//!
//! The core works on values and needs no database: [`analyze`] turns text into terms,
//! [`lexical`] weighs them by BM25, [`embed`] makes dense vectors without any weights,
//! [`fuse`](mod@fuse) combines the two and [`gate`] tells evidence from chance. [`corpus::Index`]
//! puts them together in memory and [`eval`] measures it. The same ranking over a tenant's tables
//! is [`ingest`](fn@ingest), [`search`](fn@search) and [`answer`](fn@answer).

pub mod analyze;
pub mod cite;
pub mod corpus;
pub mod embed;
pub mod eval;
pub mod fuse;
pub mod gate;
pub mod lexical;
pub mod split;
mod sql;

pub use embed::{EmbedError, Embedder};
pub use sql::{
    Answer, DocumentSummary, EVERYONE, Found, Ingested, NewDocument, Outcome, Passage, Pending,
    Position, Query, QuestionVector, Quote, Shown, answer, documents, ingest, open_quote, pending,
    refresh, remove, search, set_readers, store_vectors,
};
