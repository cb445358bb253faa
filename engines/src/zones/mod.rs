//! Heat zones: how much revenue each slot of a machine can earn, relative to its best slot.
//!
//! A prior says what people who load machines believe (eye level sells, top and bottom rows do
//! not); sales of the machine's own slots override it, in proportion to how much was sold.

mod learn;
mod ratio;
mod slot;

pub use learn::{SlotEvidence, learn};
pub use ratio::ShrunkRatio;
pub use slot::{Slot, SlotError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How strongly units follow the visibility multiplier: `units ∝ multiplier^0.45`, so that a
/// product moved from the bottom row (×0.7) to eye level (×1.5) sells 41 % more. The often quoted
/// field result of worst to best height is +39 % (Drèze, Hoch & Purk 1994).
pub const POSITION_ELASTICITY: f64 = 0.45;

/// Returns the zones of a machine before any of its sales are known.
///
/// `multiplier = row × scan × centre × door × warmth`, where with `x` running from 0 at the left
/// edge to 1 at the right one, scan is `1.03 − 0.06x` and centre is `1 + 0.03(1 − |2x − 1|)`.
///
/// ```
/// use engines::zones::{heat_map, Layout, Machine};
///
/// let map = heat_map(&Layout::new(Machine::Generic, 5, 8)).unwrap();
/// assert_eq!(map.zone("B3".parse().unwrap()).unwrap().level, 5);
/// assert_eq!(map.zone("E1".parse().unwrap()).unwrap().text, "Revenue Potential: 47%");
/// ```
///
/// # Errors
/// [`ZoneError`] when the grid is empty or larger than 26 rows by 99 columns.
pub fn heat_map(layout: &Layout) -> Result<HeatMap, ZoneError> {
    if !(1..=26).contains(&layout.rows) || !(1..=99).contains(&layout.columns) {
        return Err(ZoneError::Grid { rows: layout.rows, columns: layout.columns });
    }
    let slots = (0..layout.rows).flat_map(|r| (0..layout.columns).map(move |c| Slot::at(r, c)));
    let priors: Vec<(Slot, f64)> = slots.map(|slot| (slot, layout.prior(slot))).collect();
    Ok(HeatMap::from_priors(layout.clone(), &priors))
}

/// What kind of machine it is: each has its own profile of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Machine {
    /// A combined or unknown machine.
    #[default]
    Generic,
    /// A glass-front snack machine.
    Snack,
    /// A refrigerated beverage cooler, where eye level matters most.
    Cooler,
}

/// On which side the door opens; items beside it are easier to grab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// No door in front of the slots, or unknown.
    #[default]
    None,
    /// Handle on the left.
    Left,
    /// Handle on the right.
    Right,
}

/// The grid of a machine and what is known of its surroundings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Layout {
    /// The row profile to use.
    pub machine: Machine,
    /// Rows from the top, A first; 1 to 26.
    pub rows: u8,
    /// Slots in a row; 1 to 99.
    pub columns: u8,
    /// Where the door's handle is.
    #[serde(default)]
    pub door: Door,
    /// Rows of a refrigerated machine that hold their temperature worse, from 0 at the top; their
    /// multiplier is 5 % lower.
    #[serde(default)]
    pub warm_rows: Vec<u8>,
}

/// Where a row stands for a person in front of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// The top row, above the eyes.
    Top,
    /// The second and third rows.
    EyeLevel,
    /// Rows below the eyes and above the bottom.
    Reach,
    /// The bottom row.
    Bottom,
}

/// One slot's revenue potential, and where the figure comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Zone {
    /// The slot.
    pub slot: Slot,
    /// Where its row stands.
    pub band: Band,
    /// Visibility multiplier after evidence; 1.5 at eye level before any.
    pub multiplier: f64,
    /// The multiplier before evidence.
    pub prior: f64,
    /// Units sold per unit expected in an average slot, after evidence; 1 is average.
    pub sales_index: f64,
    /// 90 % interval of `sales_index`; without evidence it is what the prior alone allows.
    pub sales_index_low: f64,
    /// Upper end of the interval.
    pub sales_index_high: f64,
    /// Units sold that the figures rest on; 0 when they are the prior.
    pub evidence_units: f64,
    /// `100 × multiplier / highest multiplier`, in percent.
    pub heat: f64,
    /// 1 (lowest) to 5 (highest).
    pub level: u8,
    /// The colour of the level.
    pub colour: String,
    /// The tooltip: "Revenue Potential: 97%".
    pub text: String,
}

/// The zones of a machine, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeatMap {
    /// The machine they belong to.
    pub layout: Layout,
    /// One for each slot, in the order of slots.
    pub zones: Vec<Zone>,
}

/// Why no zones could be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// The grid is empty or too large.
    #[error("grid of `{rows}` rows by `{columns}` columns: give 1 to 26 rows and 1 to 99 columns")]
    Grid {
        /// Rows asked for.
        rows: u8,
        /// Columns asked for.
        columns: u8,
    },
    /// Evidence names a slot outside the grid.
    #[error("slot `{0}` is outside the machine's grid: use one of its slots")]
    Outside(Slot),
    /// Evidence is negative or not finite.
    #[error("slot `{0}` has negative or infinite units: give counts of 0 or more")]
    Units(Slot),
}

/// Level, colour and lowest percentage of a heat, from the hottest down.
const LEVELS: [(u8, &str, f64); 5] = [
    (5, "#dc3545", 90.0),
    (4, "#fd7e14", 70.0),
    (3, "#ffc107", 50.0),
    (2, "#0dcaf0", 30.0),
    (1, "#0d6efd", 0.0),
];

/// Gain of the slots nearest to the handle, and loss of the farthest.
const DOOR_PREMIUM: f64 = 0.02;

const WARM_ROW: f64 = 0.95;

impl Layout {
    /// A machine of which only kind and grid are known.
    #[must_use]
    pub fn new(machine: Machine, rows: u8, columns: u8) -> Self {
        Self { machine, rows, columns, door: Door::None, warm_rows: Vec::new() }
    }

    /// Where a row stands. Machines of one or two rows are all eye level.
    #[must_use]
    pub fn band(&self, row: u8) -> Band {
        match row {
            _ if self.rows <= 2 => Band::EyeLevel,
            0 => Band::Top,
            _ if row + 1 >= self.rows => Band::Bottom,
            1 | 2 => Band::EyeLevel,
            _ => Band::Reach,
        }
    }

    fn prior(&self, slot: Slot) -> f64 {
        let x = match self.columns {
            0 | 1 => 0.0,
            n => f64::from(slot.column()) / f64::from(n - 1),
        };
        let scan = 1.03 - 0.06 * x;
        let centre = 1.0 + 0.03 * (1.0 - (2.0 * x - 1.0).abs());
        let door = match self.door {
            Door::None => 1.0,
            Door::Left => 1.0 + DOOR_PREMIUM * (1.0 - 2.0 * x),
            Door::Right => 1.0 + DOOR_PREMIUM * (2.0 * x - 1.0),
        };
        let warmth = if self.warm_rows.contains(&slot.row()) { WARM_ROW } else { 1.0 };
        self.machine.row_weight(self.band(slot.row())) * scan * centre * door * warmth
    }
}

impl Machine {
    /// The multiplier of a row. The snack machine's top row is .71, just low enough to show as
    /// less than half of its eye level.
    fn row_weight(self, band: Band) -> f64 {
        match (self, band) {
            (Self::Generic, Band::EyeLevel) => 1.5,
            (Self::Generic, Band::Reach) => 1.0,
            (Self::Generic, Band::Top | Band::Bottom) => 0.70,
            (Self::Cooler, Band::Top) => 0.62,
            (Self::Cooler, Band::EyeLevel) => 1.6,
            (Self::Cooler, Band::Reach) => 0.95,
            (Self::Cooler, Band::Bottom) => 0.55,
            (Self::Snack, Band::Top) => 0.71,
            (Self::Snack, Band::EyeLevel) => 1.45,
            (Self::Snack, Band::Reach) => 1.05,
            (Self::Snack, Band::Bottom) => 0.70,
        }
    }
}

impl HeatMap {
    /// The zone of a slot, if the grid has it.
    #[must_use]
    pub fn zone(&self, slot: Slot) -> Option<&Zone> {
        self.zones.get(self.position(slot)?)
    }

    /// Where a slot stands in `zones`, if the grid has it.
    #[must_use]
    pub fn position(&self, slot: Slot) -> Option<usize> {
        let inside = slot.row() < self.layout.rows && slot.column() < self.layout.columns;
        inside.then(|| slot.row() as usize * self.layout.columns as usize + slot.column() as usize)
    }

    fn from_priors(layout: Layout, priors: &[(Slot, f64)]) -> Self {
        let mean = priors.iter().map(|(_, m)| m.powf(POSITION_ELASTICITY)).sum::<f64>()
            / priors.len() as f64;
        let zones = priors.iter().map(|&(slot, prior)| {
            let index = prior.powf(POSITION_ELASTICITY) / mean;
            let spread = ShrunkRatio::of(0.0, 0.0, index, learn::PRIOR_UNITS);
            Zone {
                slot,
                band: layout.band(slot.row()),
                multiplier: prior,
                prior,
                sales_index: spread.mean,
                sales_index_low: spread.low,
                sales_index_high: spread.high,
                evidence_units: 0.0,
                heat: 0.0,
                level: 0,
                colour: String::new(),
                text: String::new(),
            }
        });
        let mut map = Self { zones: zones.collect(), layout };
        map.rank();
        map
    }

    /// Fills heat, level, colour and text from the multipliers.
    fn rank(&mut self) {
        let highest = self.zones.iter().map(|z| z.multiplier).fold(f64::MIN_POSITIVE, f64::max);
        for zone in &mut self.zones {
            zone.heat = 100.0 * (zone.multiplier / highest);
            let percent = zone.heat.round();
            let (level, colour, _) =
                LEVELS.into_iter().find(|&(_, _, from)| percent >= from).unwrap_or(LEVELS[4]);
            zone.level = level;
            zone.colour = colour.to_owned();
            zone.text = format!("Revenue Potential: {percent:.0}%");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(machine: Machine, row: u8) -> Vec<u8> {
        let map = heat_map(&Layout::new(machine, 5, 8)).unwrap();
        map.zones.iter().filter(|z| z.slot.row() == row).map(|z| z.level).collect()
    }

    #[test]
    fn eye_level_is_hot_and_the_ends_are_cold_on_every_machine() {
        for machine in [Machine::Generic, Machine::Snack, Machine::Cooler] {
            for row in [1, 2] {
                assert!(levels(machine, row).iter().all(|&l| l >= 4), "{machine:?} {row}");
            }
            for row in [0, 4] {
                assert!(levels(machine, row).iter().all(|&l| l <= 2), "{machine:?} {row}");
            }
        }
    }

    #[test]
    fn generic_rows_match_the_published_ranges() {
        let map = heat_map(&Layout::new(Machine::Generic, 5, 8)).unwrap();
        let range = |row| {
            let heats = map.zones.iter().filter(|z| z.slot.row() == row).map(|z| z.heat);
            heats.fold((f64::MAX, 0.0f64), |(lo, hi), h| (lo.min(h), hi.max(h)))
        };
        assert_eq!((range(1).0.round(), range(1).1.round()), (94.0, 100.0));
        assert_eq!((range(3).0.round(), range(3).1.round()), (63.0, 67.0));
        assert_eq!((range(4).0.round(), range(4).1.round()), (44.0, 47.0));
    }

    #[test]
    fn coolers_favour_eye_level_more_than_snack_machines() {
        let share = |machine| {
            let map = heat_map(&Layout::new(machine, 5, 8)).unwrap();
            map.zone(Slot::at(1, 0)).unwrap().multiplier
                / map.zone(Slot::at(4, 0)).unwrap().multiplier
        };
        assert!(share(Machine::Cooler) > share(Machine::Snack));
    }

    #[test]
    fn door_and_warm_rows_shift_the_prior() {
        let mut layout = Layout::new(Machine::Cooler, 5, 8);
        let plain = heat_map(&layout).unwrap();
        layout.door = Door::Right;
        layout.warm_rows = vec![1];
        let map = heat_map(&layout).unwrap();
        let ratio = |s: &str| {
            let s = s.parse().unwrap();
            map.zone(s).unwrap().prior / plain.zone(s).unwrap().prior
        };
        assert!((ratio("C8") - 1.02).abs() < 1e-12 && (ratio("C1") - 0.98).abs() < 1e-12);
        assert!((ratio("B8") - 1.02 * 0.95).abs() < 1e-12);
    }

    #[test]
    fn small_grids_and_refused_grids() {
        assert_eq!(heat_map(&Layout::new(Machine::Snack, 1, 1)).unwrap().zones[0].heat, 100.0);
        let refused = heat_map(&Layout::new(Machine::Snack, 0, 4)).unwrap_err();
        assert!(refused.to_string().contains("`0` rows"));
        assert!(heat_map(&Layout::new(Machine::Snack, 27, 4)).is_err());
    }
}
