//! The engines' wording in Hebrew.

use engines::score::{Storage, Violation};

/// The headline of a score.
pub(crate) fn headline(english: &str) -> &'static str {
    match english {
        "eye-level placement for high-velocity product" => "מקום בגובה העיניים למוצר שנמכר מהר",
        "prominent placement for high-velocity product" => "מקום בולט למוצר שנמכר מהר",
        "eye-level placement for high-margin product" => "מקום בגובה העיניים למוצר רווחי",
        "prominent placement for high-margin product" => "מקום בולט למוצר רווחי",
        "prominent slot spent on a product of low velocity and margin" => {
            "מקום בולט מבוזבז על מוצר איטי ולא רווחי"
        }
        "low visibility for high-velocity product" => "מקום נסתר למוצר שנמכר מהר",
        "low visibility for high-margin product" => "מקום נסתר למוצר רווחי",
        "low-visibility slot suits a product of low velocity and margin" => {
            "מקום נסתר מתאים למוצר איטי ולא רווחי"
        }
        "slot is less visible than the product deserves" => "המקום בולט פחות משמגיע למוצר",
        "slot is more visible than the product needs" => "המקום בולט יותר משהמוצר צריך",
        _ => "הבולטות של המקום מתאימה למוצר",
    }
}

/// What forbids a placement.
pub(crate) fn violation(broken: &Violation) -> String {
    match broken {
        Violation::Temperature { needs, holds } => {
            format!("המוצר דורש אחסון {}, והתא {}", storage(*needs), storage(*holds))
        }
        Violation::Weight { grams, limit_grams } => {
            format!("הפריט שוקל {grams} גרם, והתא נושא {limit_grams} גרם")
        }
        Violation::Space { item, slot } => format!(
            "מידות הפריט {} על {} מ״מ, ובתא {} על {} מ״מ",
            item.width_mm, item.height_mm, slot.width_mm, slot.height_mm
        ),
        Violation::Coil { depth_mm, pitch_mm } => {
            format!("עומק הפריט {depth_mm} מ״מ, ופסיעת הספירלה {pitch_mm} מ״מ")
        }
    }
}

fn storage(it: Storage) -> &'static str {
    match it {
        Storage::Any | Storage::Ambient => "בטמפרטורת החדר",
        Storage::Chilled => "בקירור",
        Storage::Frozen => "בהקפאה",
        Storage::Heated => "בחימום",
    }
}
