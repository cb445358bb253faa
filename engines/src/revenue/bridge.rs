//! The margin bridge: why margin moved from one period to the next, exact to the cent.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an item sold in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// The item.
    pub item: String,
    /// Units sold, in one base unit for all items.
    pub units: i64,
    /// Price of a unit, cents.
    pub price_cents: i64,
    /// Cost of a unit, cents.
    pub cost_cents: i64,
}

/// The steps from one period's margin to the next one's; they add up exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bridge {
    /// Margin before, cents.
    pub before_cents: i64,
    /// More or fewer units at the average margin of the continuing items.
    pub volume_cents: i64,
    /// A shift among continuing items towards richer or poorer ones.
    pub mix_cents: i64,
    /// Changed prices at the new units.
    pub price_cents: i64,
    /// Changed costs at the new units.
    pub cost_cents: i64,
    /// Items that were not sold before.
    pub new_cents: i64,
    /// Items that are no longer sold.
    pub lost_cents: i64,
    /// Margin after, cents.
    pub after_cents: i64,
}

/// Why there is no bridge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BridgeError {
    /// An item listed twice in one period.
    #[error("item `{0}` is listed twice in a period: add its sales up")]
    Repeated(String),
    /// Negative units.
    #[error("item `{0}` has negative units: net returns against sales first")]
    Negative(String),
    /// Sums beyond what cents can hold.
    #[error("margins exceed the range of cents: split the portfolio")]
    Overflow,
}

/// Explains the move of margin between two periods.
///
/// With units `q`, price `p`, cost `c`, unit margin `m`, and over items sold in both periods:
/// volume `(Q1 − Q0) × M0/Q0`, mix `Σ q1 m0 − Q1 × M0/Q0`, price `Σ q1 (p1 − p0)`, cost
/// `−Σ q1 (c1 − c0)`. Volume is rounded to a cent and mix takes the fraction, so that
/// `before + all steps = after` in integers.
///
/// ```
/// use engines::revenue::{margin_bridge, Period};
///
/// let at = |units, price_cents, cost_cents| {
///     vec![Period { item: "milk".into(), units, price_cents, cost_cents }]
/// };
/// let bridge = margin_bridge(&at(100, 150, 100), &at(120, 160, 105)).unwrap();
/// assert_eq!((bridge.volume_cents, bridge.price_cents, bridge.cost_cents), (1_000, 1_200, -600));
/// assert_eq!((bridge.before_cents, bridge.after_cents), (5_000, 6_600));
/// ```
///
/// # Errors
/// [`BridgeError`] when an item is listed twice, has negative units, or sums overflow.
pub fn margin_bridge(before: &[Period], after: &[Period]) -> Result<Bridge, BridgeError> {
    let (old, new) = (by_item(before)?, by_item(after)?);
    let margin =
        |p: &Period| i128::from(p.units) * (i128::from(p.price_cents) - i128::from(p.cost_cents));
    let total = |items: &BTreeMap<&str, &Period>| items.values().map(|p| margin(p)).sum::<i128>();
    let only = |these: &BTreeMap<&str, &Period>, those: &BTreeMap<&str, &Period>| {
        these
            .iter()
            .filter(|(item, _)| !those.contains_key(*item))
            .map(|(_, p)| margin(p))
            .sum::<i128>()
    };
    let mut kept = Kept::default();
    for (item, now) in &new {
        if let Some(then) = old.get(item) {
            kept.add(then, now, margin(then));
        }
    }
    let volume = kept.volume();
    let cents = |x: i128| i64::try_from(x).map_err(|_| BridgeError::Overflow);
    Ok(Bridge {
        before_cents: cents(total(&old))?,
        volume_cents: cents(volume)?,
        mix_cents: cents(kept.new_units_old_margin - kept.margin - volume)?,
        price_cents: cents(kept.price)?,
        cost_cents: cents(kept.cost)?,
        new_cents: cents(only(&new, &old))?,
        lost_cents: cents(-only(&old, &new))?,
        after_cents: cents(total(&new))?,
    })
}

/// Items without units are not sold.
fn by_item(periods: &[Period]) -> Result<BTreeMap<&str, &Period>, BridgeError> {
    let mut found = BTreeMap::new();
    for period in periods {
        if period.units < 0 {
            return Err(BridgeError::Negative(period.item.clone()));
        }
        if found.insert(period.item.as_str(), period).is_some() {
            return Err(BridgeError::Repeated(period.item.clone()));
        }
    }
    found.retain(|_, p| p.units > 0);
    Ok(found)
}

/// Sums over the items sold in both periods.
#[derive(Default)]
struct Kept {
    units: i128,
    new_units: i128,
    margin: i128,
    new_units_old_margin: i128,
    price: i128,
    cost: i128,
}

impl Kept {
    fn add(&mut self, then: &Period, now: &Period, margin: i128) {
        let units = i128::from(now.units);
        self.units += i128::from(then.units);
        self.new_units += units;
        self.margin += margin;
        self.new_units_old_margin +=
            units * (i128::from(then.price_cents) - i128::from(then.cost_cents));
        self.price += units * (i128::from(now.price_cents) - i128::from(then.price_cents));
        self.cost -= units * (i128::from(now.cost_cents) - i128::from(then.cost_cents));
    }

    /// `(Q1 − Q0) × M0 / Q0` to the nearest cent.
    fn volume(&self) -> i128 {
        if self.units == 0 {
            return 0;
        }
        let doubled = 2 * (self.new_units - self.units) * self.margin + self.units;
        doubled.div_euclid(2 * self.units)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn period() -> impl Strategy<Value = Vec<Period>> {
        let line = (0u8..12, 0i64..100_000, -500i64..100_000, 0i64..100_000);
        prop::collection::vec(line, 0..14).prop_map(|lines| {
            let by_item: BTreeMap<u8, Period> = lines
                .into_iter()
                .map(|(i, units, price_cents, cost_cents)| {
                    (i, Period { item: format!("i{i}"), units, price_cents, cost_cents })
                })
                .collect();
            by_item.into_values().collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn steps_add_up_to_the_cent(before in period(), after in period()) {
            let b = margin_bridge(&before, &after).unwrap();
            let steps = b.volume_cents + b.mix_cents + b.price_cents + b.cost_cents + b.new_cents + b.lost_cents;
            prop_assert_eq!(b.before_cents + steps, b.after_cents);
        }

        #[test]
        fn more_of_the_same_is_all_volume(items in period(), factor in 1i64..9) {
            let after: Vec<Period> = items.iter()
                .map(|p| Period { units: p.units * factor, ..p.clone() }).collect();
            let b = margin_bridge(&items, &after).unwrap();
            prop_assert_eq!((b.mix_cents, b.price_cents, b.cost_cents), (0, 0, 0));
        }
    }

    #[test]
    fn mix_new_and_lost_items() {
        let line = |item: &str, units, price_cents| Period {
            item: item.into(),
            units,
            price_cents,
            cost_cents: 100,
        };
        let before = [line("rich", 50, 300), line("poor", 50, 200), line("old", 10, 150)];
        let after = [line("rich", 70, 300), line("poor", 30, 200), line("new", 5, 400)];
        let b = margin_bridge(&before, &after).unwrap();
        assert_eq!(
            (b.volume_cents, b.mix_cents, b.new_cents, b.lost_cents),
            (0, 2_000, 1_500, -500)
        );
    }

    #[test]
    fn refuses_repeats_and_negatives() {
        let line = |units| Period { item: "a".into(), units, price_cents: 1, cost_cents: 0 };
        assert_eq!(margin_bridge(&[line(1), line(2)], &[]), Err(BridgeError::Repeated("a".into())));
        assert_eq!(margin_bridge(&[], &[line(-1)]), Err(BridgeError::Negative("a".into())));
        let huge = Period { price_cents: i64::MAX, ..line(i64::MAX) };
        assert_eq!(margin_bridge(&[huge], &[]), Err(BridgeError::Overflow));
    }
}
