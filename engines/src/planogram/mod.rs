//! Planograms: which product belongs in which slot.

mod assignment;

pub use assignment::{Assignment, AssignmentError, FORBIDDEN, assign};
