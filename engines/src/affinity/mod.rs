//! Affinity.
