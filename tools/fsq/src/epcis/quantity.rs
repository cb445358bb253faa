//! Quantities of EPCIS in the integers of the lot graph.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A quantity in milli-units of a base unit: 1.5 kg is 1,500,000 of `g`, 2 pieces are 2,000 of
/// `pcs`, 1 l is 1,000,000 of `ml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// Milli-units, rounded half up from the exact decimal.
    pub quantity: i64,
    /// `g`, `ml`, `m`, `pcs`, or the UN/CEFACT code itself when it is none of these kinds.
    pub unit: String,
}

/// UN/CEFACT Recommendation 20 codes: base unit, and milli-units per unit as a fraction.
const UNITS: [(&str, &str, i128, i128); 22] = [
    ("KGM", "g", 1_000_000, 1),
    ("GRM", "g", 1_000, 1),
    ("MGM", "g", 1, 1),
    ("TNE", "g", 1_000_000_000, 1),
    ("DTN", "g", 100_000_000, 1),
    ("LBR", "g", 45_359_237, 100),
    ("ONZ", "g", 28_349_523_125, 1_000_000),
    ("STN", "g", 90_718_474_000, 100),
    ("LTN", "g", 10_160_469_088, 10),
    ("LTR", "ml", 1_000_000, 1),
    ("DLT", "ml", 100_000, 1),
    ("CLT", "ml", 10_000, 1),
    ("MLT", "ml", 1_000, 1),
    ("HLT", "ml", 100_000_000, 1),
    ("MTQ", "ml", 1_000_000_000, 1),
    ("GLL", "ml", 3_785_411_784, 1_000),
    ("GLI", "ml", 4_546_090, 1),
    ("OZA", "ml", 295_735_295_625, 10_000_000),
    ("MTR", "m", 1_000, 1),
    ("C62", "pcs", 1_000, 1),
    ("EA", "pcs", 1_000, 1),
    ("H87", "pcs", 1_000, 1),
];

/// Turns a decimal number and a UN/CEFACT unit code into milli-units. Without a code the quantity
/// counts pieces, as EPCIS says. `None` when the number is no plain decimal or does not fit.
///
/// ```
/// # use fsq::epcis::measure;
/// let milk = measure("200.5", Some("KGM")).unwrap();
/// assert_eq!((milk.quantity, milk.unit.as_str()), (200_500_000, "g"));
/// ```
pub fn measure(number: &str, uom: Option<&str>) -> Option<Measure> {
    let (digits, scale) = decimal(number)?;
    let code = uom.unwrap_or("C62");
    let known = UNITS.iter().find(|(known, ..)| *known == code);
    let (unit, above, below) =
        known.map_or((code, 1_000, 1), |(_, unit, above, below)| (*unit, *above, *below));
    let below = below.checked_mul(10i128.checked_pow(scale)?)?;
    let exact = digits.checked_mul(above)?;
    let rounded = exact.checked_mul(2)?.checked_add(below)?.div_euclid(below.checked_mul(2)?);
    Some(Measure { quantity: i64::try_from(rounded).ok()?, unit: unit.to_owned() })
}

/// `12.50` as (1250, 2); understands an exponent, since JSON does.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    match u32::try_from(scale) {
        Ok(scale) => Some((digits, scale)),
        Err(_) => Some((digits.checked_mul(10i128.checked_pow(scale.unsigned_abs())?)?, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_exact_milli_units() {
        let read = |number, uom| measure(number, uom).map(|m| (m.quantity, m.unit));
        assert_eq!(read("150", Some("KGM")), Some((150_000_000, "g".into())));
        assert_eq!(read("10000.0", Some("KGM")), Some((10_000_000_000, "g".into())));
        assert_eq!(read("0.1", Some("GRM")), Some((100, "g".into())));
        assert_eq!(read("1", Some("LBR")), Some((453_592, "g".into())));
        assert_eq!(read("1e3", None), Some((1_000_000, "pcs".into())));
        assert_eq!(read("2.5e-1", Some("XBX")), Some((250, "XBX".into())));
        assert_eq!(read("twenty", None), None);
        assert_eq!(read("1e40", None), None);
    }

    #[test]
    fn fractions_round_half_up() {
        assert_eq!(measure("0.0005", None).unwrap().quantity, 1);
        assert_eq!(measure("0.00049", None).unwrap().quantity, 0);
    }
}
