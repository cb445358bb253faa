//! `toolkit`.
