//! Quantities, instants and names as people read them.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

/// A quantity in the unit people say: kilograms and litres rather than thousandths of grams.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Amount {
    /// How much, to three decimals.
    pub(crate) quantity: f64,
    /// `kg`, `l`, `m`, `pcs`, or a UN/CEFACT code.
    pub(crate) unit: String,
}

/// Milli-units of a base unit as an [`Amount`].
pub(crate) fn amount(milli: i64, unit: &str) -> Amount {
    let (divisor, unit) = match unit {
        "g" => (1_000_000.0, "kg"),
        "ml" => (1_000_000.0, "l"),
        other => (1_000.0, other),
    };
    Amount { quantity: (milli as f64 / divisor * 1000.0).round() / 1000.0, unit: unit.to_owned() }
}

/// Millionths as percent, to two decimals. Only the whole is 100.
pub(crate) fn percent(ppm: u32) -> f64 {
    (f64::from(ppm) / 100.0).floor() / 100.0
}

/// Milliseconds since 1970 as an instant; `None` beyond what a calendar holds.
pub(crate) fn instant(ms: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(ms)
}

/// The part of a URN or link that people can read: what follows the last `:` or `/`.
pub(crate) fn short(id: &str) -> &str {
    let tail = id.rsplit([':', '/']).next().unwrap_or(id);
    if tail.is_empty() { id } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_units_become_the_units_people_say() {
        assert_eq!(amount(12_000_000_000, "g"), Amount { quantity: 12_000.0, unit: "kg".into() });
        assert_eq!(amount(1_500, "pcs"), Amount { quantity: 1.5, unit: "pcs".into() });
        assert_eq!(amount(250_000, "ml"), Amount { quantity: 0.25, unit: "l".into() });
        assert_eq!((percent(1_000_000), percent(999_999)), (100.0, 99.99));
        assert_eq!(short("urn:epc:id:sscc:08600031303.0003"), "08600031303.0003");
    }
}
