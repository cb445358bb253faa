//! `vending`.
