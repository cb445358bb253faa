//! `kernel`.
