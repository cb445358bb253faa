//! Hard constraints: what a slot cannot hold, however well it would sell there.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Product, SlotSpec};

/// At what temperature something is kept.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// For a product: room temperature or chilled, both suit. For a slot: room temperature.
    #[default]
    Any,
    /// Room temperature.
    Ambient,
    /// 0 to 8 °C.
    Chilled,
    /// Below −18 °C.
    Frozen,
    /// Kept hot.
    Heated,
}

/// Outer measures of a product, or inner ones of a slot; the depth of a slot is the pitch of its
/// coil.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Left to right, mm.
    pub width_mm: u32,
    /// Bottom to top, mm.
    pub height_mm: u32,
    /// Front to back, mm.
    pub depth_mm: u32,
}

/// A hard constraint that a placement breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Violation {
    /// The slot does not hold the product's temperature.
    Temperature {
        /// What the product needs.
        needs: Storage,
        /// What the slot holds.
        holds: Storage,
    },
    /// One item is too heavy for the slot's motor or shelf.
    Weight {
        /// Weight of one item.
        grams: u32,
        /// The most that the slot carries.
        limit_grams: u32,
    },
    /// The item is too wide or too high for the slot.
    Space {
        /// The item.
        item: Size,
        /// The slot.
        slot: Size,
    },
    /// The item is deeper than the pitch of the coil.
    Coil {
        /// Depth of the item.
        depth_mm: u32,
        /// Pitch of the coil.
        pitch_mm: u32,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Temperature { needs, holds } => {
                write!(f, "needs {} storage, the slot is {}", needs.word(), holds.word())
            }
            Self::Weight { grams, limit_grams } => {
                write!(f, "item weighs {grams} g, the slot carries {limit_grams} g")
            }
            Self::Space { item, slot } => write!(
                f,
                "item is {} × {} mm, the slot has {} × {} mm",
                item.width_mm, item.height_mm, slot.width_mm, slot.height_mm
            ),
            Self::Coil { depth_mm, pitch_mm } => {
                write!(f, "item is {depth_mm} mm deep, the coil's pitch is {pitch_mm} mm")
            }
        }
    }
}

/// Returns every hard constraint that the product breaks in the slot; measures that are not
/// known break none.
///
/// ```
/// use engines::score::{violations, Product, SlotSpec, Violation};
///
/// let mut water = Product::new("w", "Water", "water", 3.0, 250, 80);
/// water.weight_grams = Some(1_500);
/// let mut slot = SlotSpec::new("A1".parse().unwrap());
/// slot.max_item_grams = Some(600);
/// assert_eq!(violations(&water, &slot), [Violation::Weight { grams: 1_500, limit_grams: 600 }]);
/// ```
#[must_use]
pub fn violations(product: &Product, slot: &SlotSpec) -> Vec<Violation> {
    let mut found = Vec::new();
    if product.storage.suits(slot.storage) == 0.0 {
        found.push(Violation::Temperature { needs: product.storage, holds: slot.storage });
    }
    if let (Some(grams), Some(limit_grams)) = (product.weight_grams, slot.max_item_grams)
        && grams > limit_grams
    {
        found.push(Violation::Weight { grams, limit_grams });
    }
    if let (Some(item), Some(room)) = (product.size, slot.size) {
        if item.width_mm > room.width_mm || item.height_mm > room.height_mm {
            found.push(Violation::Space { item, slot: room });
        }
        if item.depth_mm > room.depth_mm {
            found.push(Violation::Coil { depth_mm: item.depth_mm, pitch_mm: room.depth_mm });
        }
    }
    found
}

impl Storage {
    /// How well a slot that holds `slot` suits a product that needs `self`: 1 as it should be,
    /// 0.5 harmless but a waste of cold, 0 forbidden.
    #[must_use]
    pub fn suits(self, slot: Self) -> f64 {
        let held = if slot == Self::Any { Self::Ambient } else { slot };
        match (self, held) {
            (Self::Any, Self::Ambient | Self::Chilled) => 1.0,
            (Self::Ambient, Self::Chilled) => 0.5,
            (needs, holds) if needs == holds => 1.0,
            _ => 0.0,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Any | Self::Ambient => "ambient",
            Self::Chilled => "chilled",
            Self::Frozen => "frozen",
            Self::Heated => "heated",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperature_needs() {
        assert_eq!(Storage::Any.suits(Storage::Chilled), 1.0);
        assert_eq!(Storage::Ambient.suits(Storage::Chilled), 0.5);
        assert_eq!(Storage::Ambient.suits(Storage::Any), 1.0);
        assert_eq!(Storage::Chilled.suits(Storage::Any), 0.0);
        assert_eq!(Storage::Any.suits(Storage::Frozen), 0.0);
        assert_eq!(Storage::Frozen.suits(Storage::Frozen), 1.0);
    }

    #[test]
    fn every_constraint_is_named_with_its_measures() {
        let mut product = Product::new("p", "P", "c", 1.0, 100, 50);
        product.storage = Storage::Chilled;
        product.weight_grams = Some(700);
        product.size = Some(Size { width_mm: 70, height_mm: 200, depth_mm: 60 });
        let mut slot = SlotSpec::new("A1".parse().unwrap());
        slot.max_item_grams = Some(500);
        slot.size = Some(Size { width_mm: 65, height_mm: 220, depth_mm: 50 });
        let texts: Vec<String> =
            violations(&product, &slot).iter().map(Violation::to_string).collect();
        assert_eq!(
            texts,
            [
                "needs chilled storage, the slot is ambient",
                "item weighs 700 g, the slot carries 500 g",
                "item is 70 × 200 mm, the slot has 65 × 220 mm",
                "item is 60 mm deep, the coil's pitch is 50 mm",
            ]
        );
    }
}
