//! Revenue: what a change of planogram, price or promotion does to it, and why margin moved.

mod accuracy;
mod change;
mod response;

pub use accuracy::{Accuracy, BASELINE_SIGMA, Checked, accuracy, baseline_sigma, conformal_scale};
pub use change::{
    BreakEven, Change, ChangeError, Direction, Effect, Factor, Interval, Line, predict_change,
};
pub use response::{FACING_ELASTICITY, shelf_effect};
