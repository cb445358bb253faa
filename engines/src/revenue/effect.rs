//! What a change of planogram is found to do, and how it is said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Factor;

/// What a change does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    /// Revenue a day before, cents.
    pub current_cents_per_day: i64,
    /// Revenue a day after, cents.
    pub predicted_cents_per_day: i64,
    /// The difference, cents.
    pub change_cents_per_day: i64,
    /// The difference in percent of the revenue before.
    pub change_percent: f64,
    /// Margin a day gained, cents.
    pub margin_change_cents_per_day: i64,
    /// 95 % interval of the revenue after: what to hold the prediction to later.
    pub predicted_interval: Interval,
    /// 95 % interval of the difference alone, without the noise of the baseline.
    pub change_interval: Interval,
    /// How likely the change is to raise revenue, 0 to 1.
    pub probability_of_gain: f64,
    /// 1 less the relative half-width of the interval, at least 0: how far to trust the figure.
    pub confidence: f64,
    /// Products that stand somewhere else than before.
    pub products_moved: u32,
    /// Up, down or flat.
    pub direction: Direction,
    /// When the cost of the change is earned back.
    pub break_even: BreakEven,
    /// "Break even immediately", "Break even in 12 days", "Never breaks even".
    pub break_even_text: String,
    /// Change of each moved product's own revenue, cents a day, the largest first.
    pub largest: Vec<Moved>,
    /// The factors that were applied.
    pub factors: Vec<Factor>,
}

/// A moved product's share in the change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// The product.
    pub product_id: String,
    /// Change of its own revenue before diversion, cents a day.
    pub change_cents_per_day: i64,
}

/// A range of cents a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low_cents: i64,
    /// Upper end.
    pub high_cents: i64,
}

/// Which way revenue goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Green arrow.
    Up,
    /// Red arrow.
    Down,
    /// No arrow: less than a cent.
    Flat,
}

/// When a cost is earned back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BreakEven {
    /// Nothing to earn back.
    Immediate,
    /// After so many days.
    After {
        /// Whole days, rounded up.
        days: i64,
    },
    /// The change earns nothing.
    Never,
}

impl BreakEven {
    /// When a one-off cost is earned back by a margin a day; a free change that loses nothing is
    /// so at once.
    pub(super) fn of(cost_cents: i64, margin_per_day: f64) -> Self {
        match cost_cents {
            0 if margin_per_day >= 0.0 => Self::Immediate,
            cost if margin_per_day >= 0.5 => {
                Self::After { days: (cost as f64 / margin_per_day).ceil() as i64 }
            }
            _ => Self::Never,
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Self::Immediate => "Break even immediately".to_owned(),
            Self::After { days: 1 } => "Break even in 1 day".to_owned(),
            Self::After { days } => format!("Break even in {days} days"),
            Self::Never => "Never breaks even".to_owned(),
        }
    }
}

/// Probability that a normal variable of this mean and standard deviation is above 0, by the
/// logistic approximation of Bowling et al. (2009), within 0.0002.
pub(super) fn probability_positive(mean: f64, deviation: f64) -> f64 {
    if deviation <= 0.0 {
        return match mean {
            m if m > 0.0 => 1.0,
            m if m < 0.0 => 0.0,
            _ => 0.5,
        };
    }
    let z = (mean / deviation).clamp(-8.0, 8.0);
    1.0 / (1.0 + (-(0.07056 * z.powi(3) + 1.5976 * z)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_match_the_normal_table() {
        for (z, p) in [(0.0, 0.5), (1.0, 0.8413), (1.96, 0.975), (-1.645, 0.05)] {
            assert!((probability_positive(z, 1.0) - p).abs() < 3e-4, "{z}");
        }
        assert_eq!([1.0, 0.0, -1.0].map(|m| probability_positive(m, 0.0)), [1.0, 0.5, 0.0]);
    }

    #[test]
    fn costs_are_earned_back_sooner_later_or_never() {
        let found = [(0, 0.0), (0, -1.0), (100, 0.1), (100, 100.0), (101, 100.0)];
        let texts = found.map(|(cost, margin)| BreakEven::of(cost, margin).text());
        let want = [
            "Break even immediately",
            "Never breaks even",
            "Never breaks even",
            "Break even in 1 day",
            "Break even in 2 days",
        ];
        assert_eq!(texts, want);
    }
}
