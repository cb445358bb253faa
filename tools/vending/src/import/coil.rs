//! Coil numbers, as controllers and sales reports name slots.

use engines::zones::Slot;

/// The slot that a report means: a label such as `B3`, or a coil number whose last two digits are
/// the row from 1 and the column from 0, as in 122 for B3.
pub(super) fn slot_of(coil: &str) -> Option<Slot> {
    let coil = coil.trim();
    if let Ok(slot) = coil.parse() {
        return Some(slot);
    }
    let digits = coil.bytes().all(|it| it.is_ascii_digit()) && (2..=4).contains(&coil.len());
    let last_two = coil.get(coil.len().checked_sub(2)?..).filter(|_| digits)?;
    let number: u8 = last_two.parse().ok()?;
    let (row, column) = (number / 10, number % 10);
    (row > 0).then(|| Slot::at(row - 1, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_numbers_are_read_and_nonsense_is_not() {
        let label = |coil: &str| slot_of(coil).map(|it| it.to_string());
        assert_eq!(label("148").as_deref(), Some("D9"));
        assert_eq!(label("110").as_deref(), Some("A1"));
        assert_eq!(label(" b3 ").as_deref(), Some("B3"));
        for nonsense in ["", "7", "105", "12345", "x1y", "é10"] {
            assert_eq!(label(nonsense), None, "{nonsense}");
        }
    }
}
