//! Is it any good: suites that judge the router, whole turns, retrieval and the engines, on our
//! cases or on anyone's files.
//!
//! Suites know no door: whoever runs them hands in the planner, or a [`turns::Subject`] to ask.

pub mod baseline;
pub mod cases;
pub mod engine_suites;
pub mod files;
pub mod retrieval;
pub mod routing;
pub mod turns;
