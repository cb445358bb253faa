//! What a promotion really earned: uplift less what it took from elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Units of a product, one figure for each period (day or week).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Units of each period, from well before the promotion to some time after it.
    pub units: Vec<f64>,
    /// Margin of a unit without promotion, cents.
    pub margin_cents: i64,
}

/// Another product that the promotion may have touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Companion {
    /// The product.
    pub product_id: String,
    /// Why it is looked at.
    pub relation: Relation,
    /// Its sales over the same periods.
    pub series: Series,
}

/// How a product relates to the promoted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Bought instead: its dip is cannibalisation.
    Substitute,
    /// Bought along: its rise is halo.
    Complement,
}

/// A promotion to evaluate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Promotion {
    /// The promoted product.
    pub promoted: Series,
    /// First period of the promotion, from 0.
    pub start: usize,
    /// Periods that it ran.
    pub periods: usize,
    /// Periods after it to look for stocked-up shoppers; 4 weeks are usual.
    pub after: usize,
    /// Periods in a season: 7 for days, 1 for weeks.
    pub season: usize,
    /// Price cut of a unit, cents.
    pub price_cut_cents: i64,
    /// Fixed cost of the promotion, cents.
    pub fixed_cost_cents: i64,
    /// What a supplier paid towards it, cents.
    pub funding_cents: i64,
    /// Other products.
    #[serde(default)]
    pub companions: Vec<Companion>,
}

/// What a promotion earned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PromotionEffect {
    /// Units expected without it.
    pub baseline_units: f64,
    /// Units sold.
    pub actual_units: f64,
    /// The difference.
    pub uplift_units: f64,
    /// 80 % interval of the uplift, from placebo windows before the promotion.
    pub uplift_low: f64,
    /// Upper end.
    pub uplift_high: f64,
    /// Uplift in percent of the baseline.
    pub uplift_percent: f64,
    /// Placebo windows that the interval rests on.
    pub placebo_windows: u32,
    /// Units that substitutes lost.
    pub cannibalised_units: f64,
    /// Units missing after the promotion.
    pub pulled_forward_units: f64,
    /// Units that complements gained.
    pub halo_units: f64,
    /// Margin on the extra units at the promoted price, cents.
    pub uplift_margin_cents: i64,
    /// Price cut given on units that would have sold anyway, cents.
    pub subsidy_cents: i64,
    /// Margin lost on substitutes, cents.
    pub cannibalised_cents: i64,
    /// Margin lost after the promotion, cents.
    pub pulled_forward_cents: i64,
    /// Margin won on complements, cents.
    pub halo_cents: i64,
    /// What remains: uplift − subsidy − cannibalised − pulled forward + halo − cost + funding.
    pub net_cents: i64,
    /// Net as a share of what was put in (subsidy and cost, less funding); absent when nothing
    /// was.
    pub return_on_spend: Option<f64>,
}

/// Why a promotion cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromotionError {
    /// Too few periods before it.
    #[error(
        "{got} periods before the promotion, at least {needed} are needed: give a longer history"
    )]
    TooShort {
        /// Periods given.
        got: usize,
        /// Periods needed: four seasons, and two promotions.
        needed: usize,
    },
    /// The promotion is outside the series, or series differ in length.
    #[error("the promotion's periods lie outside a series: give all series the same periods")]
    Outside,
    /// A figure is negative or not finite.
    #[error("units must be finite and not negative, season and periods at least 1: correct them")]
    Figure,
}

/// Most seasons before a window that its baseline is averaged over.
const SEASONS: usize = 8;

/// Coverage of the uplift's interval.
const COVERAGE: f64 = 0.8;

/// Evaluates a promotion against a seasonal baseline of the periods before it.
///
/// The baseline of a period is the mean of the same place in the season over the last eight
/// seasons before the promotion. Its error is that of the same forecast for windows of the same
/// length before the promotion. Noise of the wrong sign counts as no cannibalisation, pull-forward
/// or halo, never as the opposite.
///
/// ```
/// use engines::revenue::{evaluate_promotion, Promotion, Series};
///
/// let mut units = vec![10.0; 24];
/// (units[16], units[17], units[18]) = (30.0, 30.0, 5.0);
/// let promotion = Promotion {
///     promoted: Series { units, margin_cents: 100 },
///     start: 16, periods: 2, after: 4, season: 1,
///     price_cut_cents: 40, fixed_cost_cents: 500, funding_cents: 0, companions: vec![],
/// };
/// let effect = evaluate_promotion(&promotion).unwrap();
/// assert_eq!((effect.uplift_units, effect.pulled_forward_units), (40.0, 5.0));
/// assert_eq!(effect.net_cents, 40 * 60 - 20 * 40 - 5 * 100 - 500);
/// ```
///
/// # Errors
/// [`PromotionError`] when the history is too short, the promotion lies outside it, or a figure
/// is not usable.
pub fn evaluate_promotion(promotion: &Promotion) -> Result<PromotionEffect, PromotionError> {
    check(promotion)?;
    let (start, end) = (promotion.start, promotion.start + promotion.periods);
    let own = Window { series: &promotion.promoted, start, end, season: promotion.season };
    let (baseline, actual) = (own.baseline(), own.actual());
    let errors = own.placebo_errors();
    let (below, above) = tails(&errors);
    let later = (end + promotion.after).min(promotion.promoted.units.len());
    let pulled = own.base(end..later) - promotion.promoted.units[end..later].iter().sum::<f64>();
    let shift = |relation: Relation| {
        let these = promotion.companions.iter().filter(move |c| c.relation == relation);
        these.map(|c| {
            let window = Window { series: &c.series, ..own };
            (window.actual() - window.baseline(), c.series.margin_cents)
        })
    };
    let taken: Vec<(f64, i64)> =
        shift(Relation::Substitute).map(|(u, m)| ((-u).max(0.0), m)).collect();
    let won: Vec<(f64, i64)> = shift(Relation::Complement).map(|(u, m)| (u.max(0.0), m)).collect();
    Ok(settle(
        promotion,
        &Units {
            baseline,
            actual,
            below,
            above,
            pulled: pulled.max(0.0),
            taken,
            won,
            placebos: errors.len() as u32,
        },
    ))
}

/// Units found, before money.
struct Units {
    baseline: f64,
    actual: f64,
    below: f64,
    above: f64,
    pulled: f64,
    taken: Vec<(f64, i64)>,
    won: Vec<(f64, i64)>,
    placebos: u32,
}

fn settle(promotion: &Promotion, units: &Units) -> PromotionEffect {
    let margin = promotion.promoted.margin_cents;
    let uplift = units.actual - units.baseline;
    let cents = |units: f64, each: i64| (units * each as f64).round() as i64;
    let sum = |parts: &[(f64, i64)]| parts.iter().map(|p| p.0).sum::<f64>();
    let money = |parts: &[(f64, i64)]| parts.iter().map(|p| cents(p.0, p.1)).sum::<i64>();
    let uplift_margin_cents = cents(uplift, margin - promotion.price_cut_cents);
    let subsidy_cents = cents(units.baseline, promotion.price_cut_cents);
    let (cannibalised_cents, halo_cents) = (money(&units.taken), money(&units.won));
    let pulled_forward_cents = cents(units.pulled, margin);
    let net_cents = uplift_margin_cents - subsidy_cents - cannibalised_cents - pulled_forward_cents
        + halo_cents
        - promotion.fixed_cost_cents
        + promotion.funding_cents;
    let spend = subsidy_cents + promotion.fixed_cost_cents - promotion.funding_cents;
    PromotionEffect {
        baseline_units: units.baseline,
        actual_units: units.actual,
        uplift_units: uplift,
        uplift_low: uplift - units.above,
        uplift_high: uplift - units.below,
        uplift_percent: if units.baseline > 0.0 { 100.0 * uplift / units.baseline } else { 0.0 },
        placebo_windows: units.placebos,
        cannibalised_units: sum(&units.taken),
        pulled_forward_units: units.pulled,
        halo_units: sum(&units.won),
        uplift_margin_cents,
        subsidy_cents,
        cannibalised_cents,
        pulled_forward_cents,
        halo_cents,
        net_cents,
        return_on_spend: (spend > 0).then(|| net_cents as f64 / spend as f64),
    }
}

fn check(promotion: &Promotion) -> Result<(), PromotionError> {
    let all = || {
        std::iter::once(&promotion.promoted).chain(promotion.companions.iter().map(|c| &c.series))
    };
    let fine = |u: &f64| u.is_finite() && *u >= 0.0;
    if promotion.season == 0 || promotion.periods == 0 || !all().all(|s| s.units.iter().all(fine)) {
        return Err(PromotionError::Figure);
    }
    let len = promotion.promoted.units.len();
    let end = promotion.start.saturating_add(promotion.periods);
    if end > len || all().any(|s| s.units.len() != len) {
        return Err(PromotionError::Outside);
    }
    let needed = (4 * promotion.season).max(2 * promotion.periods);
    if promotion.start < needed {
        return Err(PromotionError::TooShort { got: promotion.start, needed });
    }
    Ok(())
}

/// A stretch of a series, forecast from what came before it.
#[derive(Clone, Copy)]
struct Window<'a> {
    series: &'a Series,
    start: usize,
    end: usize,
    season: usize,
}

impl Window<'_> {
    fn actual(&self) -> f64 {
        self.series.units[self.start..self.end].iter().sum()
    }

    fn baseline(&self) -> f64 {
        self.base(self.start..self.end)
    }

    /// Units expected in periods at or after the start, from those before it.
    fn base(&self, periods: std::ops::Range<usize>) -> f64 {
        periods.map(|t| self.expected(t)).sum()
    }

    fn expected(&self, period: usize) -> f64 {
        let steps = (period - self.start) / self.season + 1;
        let past = (steps..steps + SEASONS).map_while(|k| period.checked_sub(k * self.season));
        let (sum, count) = past.fold((0.0, 0.0), |(s, n), t| (s + self.series.units[t], n + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// Actual less baseline of windows of the same length that end before this one, sorted. Each
    /// has four seasons before it, or two where that leaves none.
    fn placebo_errors(&self) -> Vec<f64> {
        let length = self.end - self.start;
        let of = |from: usize| -> Vec<f64> {
            let starts = from..(self.start + 1).saturating_sub(length);
            starts
                .map(|start| Window { start, end: start + length, ..*self })
                .map(|w| w.actual() - w.baseline())
                .collect()
        };
        let mut errors = of(4 * self.season);
        if errors.is_empty() {
            errors = of(2 * self.season);
        }
        errors.sort_by(f64::total_cmp);
        errors
    }
}

/// The ends of the interval that holds [`COVERAGE`] of sorted errors, by conformal ranks; the
/// extremes where errors are few.
fn tails(sorted: &[f64]) -> (f64, f64) {
    let tail = (1.0 - COVERAGE) / 2.0;
    let rank = (((sorted.len() + 1) as f64 * tail).floor() as usize).max(1);
    match sorted.len() {
        0 => (0.0, 0.0),
        n => (sorted[rank - 1], sorted[n - rank]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn promotion(units: Vec<f64>) -> Promotion {
        Promotion {
            promoted: Series { units, margin_cents: 100 },
            start: 70,
            periods: 7,
            after: 7,
            season: 7,
            price_cut_cents: 20,
            fixed_cost_cents: 0,
            funding_cents: 0,
            companions: vec![],
        }
    }

    fn weekly(t: usize) -> f64 {
        10.0 + (t % 7) as f64
    }

    #[test]
    fn a_weekly_pattern_is_no_uplift() {
        let effect = evaluate_promotion(&promotion((0..91).map(weekly).collect())).unwrap();
        assert_eq!((effect.uplift_units, effect.pulled_forward_units), (0.0, 0.0));
        assert_eq!((effect.uplift_low, effect.uplift_high), (0.0, 0.0));
        assert!(effect.placebo_windows > 30);
    }

    #[test]
    fn planted_effects_are_found() {
        let during = |t: usize| (70..77).contains(&t);
        let mut p = promotion(
            (0..91).map(|t| if during(t) { 2.0 * weekly(t) } else { weekly(t) }).collect(),
        );
        let companion = |id: &str, relation, change: f64| Companion {
            product_id: id.into(),
            relation,
            series: Series {
                units: (0..91).map(|t| if during(t) { 20.0 + change } else { 20.0 }).collect(),
                margin_cents: 50,
            },
        };
        p.companions = vec![
            companion("rival", Relation::Substitute, -2.0),
            companion("calm", Relation::Substitute, 3.0),
            companion("side", Relation::Complement, 1.0),
        ];
        (p.fixed_cost_cents, p.funding_cents) = (1_000, 400);
        let e = evaluate_promotion(&p).unwrap();
        assert_eq!((e.uplift_units, e.uplift_percent), (91.0, 100.0));
        assert_eq!((e.cannibalised_units, e.halo_units), (14.0, 7.0));
        let parts = e.uplift_margin_cents - e.subsidy_cents - e.cannibalised_cents + e.halo_cents;
        assert_eq!(parts, 91 * 80 - 91 * 20 - 700 + 350);
        assert_eq!(e.net_cents, parts - 1_000 + 400);
        assert_eq!(e.return_on_spend, Some(e.net_cents as f64 / (1_820.0 + 600.0)));
    }

    #[test]
    fn refuses_short_histories_and_foreign_periods() {
        let mut p = promotion((0..91).map(weekly).collect());
        p.start = 20;
        assert_eq!(evaluate_promotion(&p), Err(PromotionError::TooShort { got: 20, needed: 28 }));
        p.start = 88;
        assert_eq!(evaluate_promotion(&p), Err(PromotionError::Outside));
        p.season = 0;
        assert_eq!(evaluate_promotion(&p), Err(PromotionError::Figure));
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_uplift(noise in prop::collection::vec(0.0..6.0f64, 91)) {
            let e = evaluate_promotion(&promotion((0..91).map(|t| weekly(t) + noise[t]).collect())).unwrap();
            prop_assert!(e.uplift_low <= e.uplift_high);
            prop_assert!((e.baseline_units + e.uplift_units - e.actual_units).abs() < 1e-9);
        }
    }
}
