//! Deterministic maths: data in, data out. No I/O, no clock, no chance.

pub mod affinity;
pub mod forecast;
pub mod planogram;
pub mod revenue;
pub mod score;
pub mod stock;
pub mod trace;
pub mod zones;
pub mod recall;
