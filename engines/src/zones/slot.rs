//! The name of a place in a machine: a row letter and a column number, as in B3.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A slot, written "B3": row letter from the top, column number from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slot {
    row: u8,
    column: u8,
}

/// Why a text is not a slot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("slot `{0}` is not a row letter and a column number from 1 to 99: write it as `B3`")]
pub struct SlotError(String);

impl Slot {
    /// The slot of a row and column counted from 0 at the top left.
    #[must_use]
    pub const fn at(row: u8, column: u8) -> Self {
        Self { row, column }
    }

    /// Row from the top, 0 for A.
    #[must_use]
    pub const fn row(self) -> u8 {
        self.row
    }

    /// Column from the left, 0 for the first.
    #[must_use]
    pub const fn column(self) -> u8 {
        self.column
    }

    /// Steps along rows and columns from one slot to another; 1 means side by side.
    ///
    /// ```
    /// use engines::zones::Slot;
    ///
    /// let (b3, c3): (Slot, Slot) = ("B3".parse().unwrap(), "c3".parse().unwrap());
    /// assert_eq!(b3.distance(c3), 1);
    /// assert_eq!(c3.to_string(), "C3");
    /// ```
    #[must_use]
    pub fn distance(self, other: Self) -> u16 {
        u16::from(self.row.abs_diff(other.row)) + u16::from(self.column.abs_diff(other.column))
    }
}

impl FromStr for Slot {
    type Err = SlotError;

    fn from_str(text: &str) -> Result<Self, SlotError> {
        let refused = || SlotError(text.to_owned());
        let trimmed = text.trim();
        let letter = trimmed.chars().next().ok_or_else(refused)?.to_ascii_uppercase();
        if !letter.is_ascii_uppercase() {
            return Err(refused());
        }
        let digits = &trimmed[1..];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refused());
        }
        let column: u8 = digits.parse().map_err(|_| refused())?;
        if !(1..=99).contains(&column) {
            return Err(refused());
        }
        Ok(Self { row: letter as u8 - b'A', column: column - 1 })
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(b'A' + self.row), self.column + 1)
    }
}

impl TryFrom<String> for Slot {
    type Error = SlotError;

    fn try_from(text: String) -> Result<Self, SlotError> {
        text.parse()
    }
}

impl From<Slot> for String {
    fn from(slot: Slot) -> Self {
        slot.to_string()
    }
}

impl JsonSchema for Slot {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Slot".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[A-Za-z][0-9]{1,2}$",
            "description": "A slot: row letter from the top and column number from the left, as in B3"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_survives_its_own_text() {
        for row in 0..26 {
            for column in 0..99 {
                let slot = Slot::at(row, column);
                assert_eq!(slot.to_string().parse(), Ok(slot));
            }
        }
    }

    #[test]
    fn refuses_what_is_no_slot() {
        for text in ["", "B", "3", "B0", "B100", "BB3", "B-1", "é3", "B+3", "B3x"] {
            let refused = text.parse::<Slot>().unwrap_err();
            assert!(refused.to_string().contains("`B3`"), "{text}");
        }
    }

    #[test]
    fn travels_as_a_json_string() {
        let slot: Slot = serde_json::from_str("\"b12\"").unwrap();
        assert_eq!(serde_json::to_string(&slot).unwrap(), "\"B12\"");
        assert!(serde_json::from_str::<Slot>("\"12B\"").is_err());
    }
}
