//! Finds the passage that answers a question, and quotes it.
//!
//! The core works on values and needs no database: [`analyze`] turns text into terms,
//! [`lexical`] weighs them by BM25, [`embed`] makes dense vectors without any weights,
//! [`fuse`](mod@fuse) combines the two and [`gate`] tells evidence from chance. [`corpus::Index`]
//! puts them together in memory and [`eval`] measures it.

pub mod analyze;
pub mod cite;
pub mod corpus;
pub mod embed;
pub mod eval;
pub mod fuse;
pub mod gate;
pub mod lexical;
pub mod split;
