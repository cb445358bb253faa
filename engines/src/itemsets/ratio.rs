//! Shares as exact fractions: 0.8 of 5 is 4, not 4.000000000000001.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A share between 0 and 1, as a fraction of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ratio {
    /// The part.
    pub numerator: u64,
    /// The whole; not 0.
    pub denominator: u64,
}

/// Why a text is no share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no share: write a decimal from 0 to 1 with up to 9 places, as in `0.0005`")]
pub struct RatioError(String);

impl Ratio {
    /// The least whole number that is at least this share of `n`.
    ///
    /// ```
    /// use engines::itemsets::Ratio;
    ///
    /// let ratio: Ratio = "0.0005".parse().unwrap();
    /// assert_eq!(ratio.ceil_of(88_162), 45);
    /// ```
    #[must_use]
    pub fn ceil_of(self, n: u32) -> u32 {
        let product = u128::from(self.numerator) * u128::from(n);
        let whole = product.div_ceil(u128::from(self.denominator.max(1)));
        u32::try_from(whole).unwrap_or(u32::MAX)
    }

    /// Whether `part / whole` is at least this share, exactly.
    ///
    /// ```
    /// use engines::itemsets::Ratio;
    ///
    /// let ratio: Ratio = "0.8".parse().unwrap();
    /// assert!(ratio.at_most(4, 5) && !ratio.at_most(3, 4));
    /// ```
    #[must_use]
    pub fn at_most(self, part: u32, whole: u32) -> bool {
        u128::from(part) * u128::from(self.denominator)
            >= u128::from(self.numerator) * u128::from(whole)
    }
}

impl FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        let refused = || RatioError(text.to_owned());
        let (whole, places) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + places.len() == 0 || places.len() > 9 || !digits(whole) || !digits(places)
        {
            return Err(refused());
        }
        let denominator = 10u64.pow(places.len() as u32);
        let numerator: u64 = format!("0{whole}{places}").parse().map_err(|_| refused())?;
        if numerator > denominator { Err(refused()) } else { Ok(Self { numerator, denominator }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals_exactly_and_refuses_the_rest() {
        assert_eq!("0.8".parse(), Ok(Ratio { numerator: 8, denominator: 10 }));
        assert_eq!(".25".parse(), Ok(Ratio { numerator: 25, denominator: 100 }));
        assert_eq!("1".parse::<Ratio>().unwrap().ceil_of(7), 7);
        assert_eq!("0".parse::<Ratio>().unwrap().ceil_of(7), 0);
        for text in ["", ".", "1.1", "-0.1", "50%", "1e-3", "0.0123456789", "0x1"] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
    }
}
