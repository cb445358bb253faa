//! The planner that needs no model.

pub struct LocalPlanner;
