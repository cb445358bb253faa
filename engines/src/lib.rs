//! Deterministic maths: data in, data out. No I/O, no clock, no chance.

pub mod affinity;
pub mod anomaly;
pub mod forecast;
pub mod itemsets;
pub mod planogram;
pub mod recall;
pub mod revenue;
pub mod score;
pub mod stock;
pub mod trace;
pub mod zones;
