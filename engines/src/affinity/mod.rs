//! Product affinity: which products sell together more often than chance would have it.
//!
//! Counts are integers and grow a basket at a time. The lift of a pair is shrunk towards the lift
//! of its categories, and judged by the lower end of its 90 % interval, so that a lucky week of
//! three baskets never looks strong.

mod counts;
mod model;
mod neighbours;
mod pair;

pub use model::{AffinityModel, Basket, NotCounted, Stratum};
pub use neighbours::{Neighbour, Readiness, Suggestions, suggest};
pub use pair::{PairAffinity, Strength};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Baskets with both products that it takes to say anything of a pair.
pub const MIN_TOGETHER: u32 = 10;

/// What to show for a product of which too little is known.
pub const INSUFFICIENT: &str = "Insufficient data for recommendations";

/// A quarter of the year.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Season {
    /// March to May in the north.
    Spring,
    /// June to August in the north.
    Summer,
    /// September to November in the north.
    Autumn,
    /// December to February in the north.
    Winter,
}

/// The side of the equator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hemisphere {
    /// July is summer.
    #[default]
    Northern,
    /// January is summer.
    Southern,
}

impl Season {
    /// The meteorological season of a month, 1 to 12; other numbers wrap around.
    ///
    /// ```
    /// use engines::affinity::{Hemisphere, Season};
    ///
    /// assert_eq!(Season::of_month(7, Hemisphere::Northern), Season::Summer);
    /// assert_eq!(Season::of_month(12, Hemisphere::Southern), Season::Summer);
    /// ```
    #[must_use]
    pub const fn of_month(month: u32, hemisphere: Hemisphere) -> Self {
        let shift = match hemisphere {
            Hemisphere::Northern => 0,
            Hemisphere::Southern => 6,
        };
        match (month + shift) % 12 {
            3..=5 => Self::Spring,
            6..=8 => Self::Summer,
            9..=11 => Self::Autumn,
            _ => Self::Winter,
        }
    }
}

/// A part of the day.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Daypart {
    /// 5 to 11 o'clock.
    Morning,
    /// 11 to 15 o'clock.
    Midday,
    /// 15 to 20 o'clock.
    Afternoon,
    /// 20 to 5 o'clock.
    Night,
}

impl Daypart {
    /// The part of the day that an hour, 0 to 23, belongs to.
    ///
    /// ```
    /// use engines::affinity::Daypart;
    ///
    /// assert_eq!(Daypart::of_hour(8), Daypart::Morning);
    /// assert_eq!(Daypart::of_hour(23), Daypart::Night);
    /// ```
    #[must_use]
    pub const fn of_hour(hour: u32) -> Self {
        match hour {
            5..=10 => Self::Morning,
            11..=14 => Self::Midday,
            15..=19 => Self::Afternoon,
            _ => Self::Night,
        }
    }
}

#[cfg(test)]
mod tests;
