//! Revenue: what a change of planogram, price or promotion does to it, and why margin moved.

mod accuracy;
mod bridge;
mod change;
mod effect;
mod elasticity;
mod promotion;
mod regression;
mod response;

pub use accuracy::{Accuracy, BASELINE_SIGMA, Checked, accuracy, baseline_sigma, conformal_scale};
pub use bridge::{Bridge, BridgeError, Period, margin_bridge};
pub use change::{Change, ChangeError, Factor, Line, predict_change};
pub use effect::{BreakEven, Direction, Effect, Interval, Moved};
pub use elasticity::{
    CATEGORY_PRIOR, Elasticity, ElasticityError, PricedSale, Shrunk, elasticity, shrink,
};
pub use promotion::{
    Companion, Promotion, PromotionEffect, PromotionError, Relation, Series, evaluate_promotion,
};
pub use regression::{Fit, RegressionError, Row, within};
pub use response::{FACING_ELASTICITY, shelf_effect};
