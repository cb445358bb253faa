//! `prompts`.
