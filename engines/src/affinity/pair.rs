//! What is known of one pair of products, and how it is said.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::zones::ShrunkRatio;

/// How strongly two products sell together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairAffinity {
    /// One product.
    pub a: String,
    /// The other.
    pub b: String,
    /// Baskets looked at.
    pub baskets: u32,
    /// Baskets with `a`.
    pub with_a: u32,
    /// Baskets with `b`.
    pub with_b: u32,
    /// Baskets with both.
    pub together: u32,
    /// Share of baskets with both.
    pub support: f64,
    /// Share of the baskets with `a` that also hold `b`.
    pub confidence: f64,
    /// Share of the baskets with `b` that also hold `a`.
    pub confidence_back: f64,
    /// `together × baskets / (with_a × with_b)`; 1 is chance.
    pub lift: f64,
    /// Support beyond chance.
    pub leverage: f64,
    /// The lift after shrinkage.
    pub lift_shrunk: f64,
    /// Lower end of its 90 % interval: what score and text rest on.
    pub lift_low: f64,
    /// Upper end.
    pub lift_high: f64,
    /// 0 to 100: `50 + 134 × ln(lift_low)`; 50 is chance, 87 is 32 % more likely.
    pub score: f64,
    /// Strong, moderate or weak.
    pub strength: Strength,
    /// "32% more likely to sell together".
    pub text: String,
}

/// The three badges of an affinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// 80 to 100.
    Strong,
    /// 50 to 79.
    Moderate,
    /// 0 to 49.
    Weak,
}

impl Strength {
    /// The strength of a score, taken as it is shown: rounded to a whole number.
    ///
    /// ```
    /// use engines::affinity::Strength;
    ///
    /// assert_eq!(Strength::of(79.5), Strength::Strong);
    /// assert_eq!(Strength::of(49.4), Strength::Weak);
    /// ```
    #[must_use]
    pub fn of(score: f64) -> Self {
        match score.round() {
            s if s >= 80.0 => Self::Strong,
            s if s >= 50.0 => Self::Moderate,
            _ => Self::Weak,
        }
    }
}

impl PairAffinity {
    /// `[baskets, with a, with b, together]` and the posterior of the lift.
    pub(super) fn new((a, b): (&str, &str), held: [u32; 4], lift: ShrunkRatio) -> Self {
        let [baskets, with_a, with_b, together] = held;
        let share = |part: u32, of: u32| f64::from(part) / f64::from(of.max(1));
        let (share_a, share_b) = (share(with_a, baskets), share(with_b, baskets));
        let support = share(together, baskets);
        let chance = share_a * share_b;
        let score = (50.0 + 134.0 * lift.low.ln()).clamp(0.0, 100.0);
        Self {
            a: a.to_owned(),
            b: b.to_owned(),
            baskets,
            with_a,
            with_b,
            together,
            support,
            confidence: share(together, with_a),
            confidence_back: share(together, with_b),
            lift: if chance > 0.0 { support / chance } else { 0.0 },
            leverage: support - chance,
            lift_shrunk: lift.mean,
            lift_low: lift.low,
            lift_high: lift.high,
            score,
            strength: Strength::of(score),
            text: text(lift),
        }
    }

    /// Compares raw lifts exactly, by cross-multiplying counts.
    #[must_use]
    pub fn cmp_lift(&self, other: &Self) -> Ordering {
        let left = [self.together, self.baskets, other.with_a, other.with_b];
        let right = [other.together, other.baskets, self.with_a, self.with_b];
        let product = |counts: [u32; 4]| counts.into_iter().map(u128::from).product::<u128>();
        product(left).cmp(&product(right))
    }

    /// Whether at least `numerator / denominator` of the baskets with `a` hold `b`, exactly.
    #[must_use]
    pub fn confidence_at_least(&self, numerator: u32, denominator: u32) -> bool {
        u64::from(self.together) * u64::from(denominator)
            >= u64::from(numerator) * u64::from(self.with_a)
    }

    pub(super) fn strongest_first(&self, other: &Self) -> Ordering {
        let by_score = other.score.total_cmp(&self.score);
        let by_lift = by_score.then_with(|| other.cmp_lift(self));
        by_lift.then_with(|| (&self.a, &self.b).cmp(&(&other.a, &other.b)))
    }
}

/// Says only what the interval supports: the end of it that is nearer to chance.
fn text(lift: ShrunkRatio) -> String {
    let percent = |ratio: f64| (100.0 * (ratio - 1.0).abs()).round();
    if percent(lift.low) >= 1.0 && lift.low > 1.0 {
        format!("{:.0}% more likely to sell together", percent(lift.low))
    } else if percent(lift.high) >= 1.0 && lift.high < 1.0 {
        format!("{:.0}% less likely to sell together", percent(lift.high))
    } else {
        "no clear effect on each other's sales".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(held: [u32; 4]) -> PairAffinity {
        let expected = f64::from(held[1]) * f64::from(held[2]) / f64::from(held[0]);
        PairAffinity::new(("a", "b"), held, ShrunkRatio::of(f64::from(held[3]), expected, 1.0, 8.0))
    }

    #[test]
    fn bread_basket_lifts() {
        // Public Bread Basket set: of 9,465 receipts with items, 518 have coffee and cake, lift 1.10.
        let p = pair([9_465, 4_528, 983, 518]);
        assert!((p.lift - 1.10).abs() < 0.005, "{}", p.lift);
        assert_eq!((p.confidence, p.confidence_back), (518.0 / 4528.0, 518.0 / 983.0));
    }

    #[test]
    fn confidence_of_exactly_four_fifths_counts() {
        assert!(pair([100, 10, 50, 8]).confidence_at_least(4, 5));
        assert!(!pair([100, 10, 50, 8]).confidence_at_least(81, 100));
    }

    #[test]
    fn equal_lifts_compare_equal_whatever_their_floats() {
        assert_eq!(pair([30, 10, 3, 1]).cmp_lift(&pair([300, 100, 30, 10])), Ordering::Equal);
        assert_eq!(pair([30, 10, 3, 2]).cmp_lift(&pair([30, 10, 3, 1])), Ordering::Greater);
    }

    #[test]
    fn wording_follows_the_interval() {
        assert!(pair([10_000, 2_000, 1_500, 30]).text.ends_with("% less likely to sell together"));
        let even = pair([1_000, 200, 100, 20]);
        assert_eq!(even.text, "no clear effect on each other's sales");
        assert_eq!(even.strength, Strength::Weak);
    }
}
