//! `fsq`.

pub mod epcis;
