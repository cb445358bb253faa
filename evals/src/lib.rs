//! `evals`.
