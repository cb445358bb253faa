//! `orchestrator`.
