//! `vending_show_heat_zones`: which slots of a machine can earn most.

use chrono::NaiveDate;
use engines::zones::{Band, Slot, Zone};
use kernel::{Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::figures::rounded;
use crate::machine::Machine;

/// Show the heat zones of a vending machine: how much revenue each slot can earn beside its best
/// slot, in five levels with colours. The figures start from the machine's type (eye level, reach,
/// door) and learn from products that stood in several of its slots.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[schemars(extend("x-slot" = "device"))]
    device: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    device_id: String,
    device_name: String,
    device_type: String,
    /// Sales up to the day before this one are taken in.
    as_of: NaiveDate,
    /// Slots whose figure rests on their own sales and not on the type alone.
    learnt_slots: usize,
    /// The hottest slots first, at most three.
    hottest: Vec<Spot>,
    /// The coldest slots first, at most three.
    coldest: Vec<Spot>,
    /// Rows from the top with their mean heat.
    rows: Vec<Row>,
    /// Every slot, row by row.
    zones: Vec<Cell>,
    /// The levels, hottest first.
    legend: Vec<Level>,
}

#[derive(Serialize, JsonSchema)]
struct Spot {
    slot: Slot,
    /// Revenue potential in percent of the best slot.
    heat_percent: f64,
    /// What stands there, by name.
    product_name: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    row: String,
    /// Top, eye level, reach or bottom.
    band: Band,
    /// Mean revenue potential of its slots, percent.
    mean_heat_percent: f64,
}

#[derive(Serialize, JsonSchema)]
struct Cell {
    slot: Slot,
    /// Revenue potential in percent of the best slot.
    heat_percent: f64,
    /// 1 (lowest) to 5 (highest).
    level: u8,
    /// The level's colour as `#rrggbb`.
    colour: String,
    /// The tooltip.
    text: String,
    /// Units sold per unit expected in an average slot; 1 is average.
    sales_index: f64,
    /// Lower end of its 90 % interval.
    sales_index_low: f64,
    /// Upper end of it.
    sales_index_high: f64,
    /// Units sold that the figures rest on; 0 when they are the type's.
    evidence_units: f64,
}

#[derive(Serialize, JsonSchema)]
struct Level {
    level: u8,
    colour: String,
    /// From this percentage on.
    from_percent: u8,
}

/// The tool.
pub(crate) struct ShowHeatZones;

impl Tool for ShowHeatZones {
    const NAME: &'static str = "vending_show_heat_zones";
    const TITLE: &'static str = "Show heat zones";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/vending/devices/{device}/zones"));
    const PHRASES: &'static [&'static str] = &[
        "(show|display) (me |)the heat (zones|map) (of|for|on) {device}",
        "(show|display) (the |)heat (zones|map)",
        "heat (map|zones) {device}",
        "heatmap (for|of) {device}",
        "which slots (earn|sell) (the most|best) in {device}",
        "what are the (best|hottest|most valuable) (slots|positions|places) (in|of) {device}",
        "which (slots|positions) are (weak|cold|the worst) in {device}",
        "where is the eye level (zone|area) of {device}",
        "revenue potential (by|per|of each) (slot|position) (in|of) {device}",
        "which rows of {device} are (hot|the most valuable)",
        "where should (bestsellers|the best products) (go|stand) in {device}",
        "(prime|premium|hot) (spots|slots|zones) in {device}",
        "how valuable is each slot of {device}",
        "(turn on|overlay) the heat (map|zones)",
        "which (shelves|shelf positions) of {device} are worth (the |)most",
        "best shelf positions (in|of) {device}",
        "הצג (את |)(מפת החום|אזורי החום) של {device}",
        "מפת חום {device}",
        "אילו תאים מוכרים הכי טוב ב{device}",
        "מה התאים הכי (טובים|חמים|שווים) ב{device}",
        "אילו שורות (חמות|קרות) ב{device}",
        "פוטנציאל הכנסה לכל תא ב{device}",
        "איפה המקומות החזקים ב{device}",
    ];
    const NARRATION: &'static str = "The best slot of {{ device_name }} ({{ device_id }}) is \
         {{ hottest[0].slot }}{% if hottest[0].product_name %}, where {{ hottest[0].product_name }} \
         stands{% endif %}. Mean revenue potential by row: {% for it in rows[:8] %}{{ it.row }} \
         {{ it.mean_heat_percent | n0 }}% ({{ it.band | words }}){% if not loop.last %}, {% endif %}\
         {% endfor %}. The weakest slots are {% for it in coldest %}{{ it.slot }} at \
         {{ it.heat_percent | n0 }}%{% if not loop.last %}, {% endif %}{% endfor %}. \
         {% if learnt_slots %}{{ learnt_slots }} slots rest on their own sales up to \
         {{ as_of | date }}, the others on what is usual for a {{ device_type }}.{% else %}All \
         figures are what is usual for a {{ device_type }}: no product stood in several slots long \
         enough to tell more.{% endif %}";
    const NARRATION_HE: &'static str = "התא הטוב ביותר במכונה {{ device_id }} הוא \
         {{ hottest[0].slot }}{% if hottest[0].product_name %}, ובו עומד \
         {{ hottest[0].product_name }}{% endif %}. פוטנציאל ההכנסה הממוצע לפי שורה: \
         {% for it in rows[:8] %}שורה {{ it.row }} – {{ it.mean_heat_percent | n0 }}%\
         {% if not loop.last %}, {% endif %}{% endfor %}. התאים החלשים ביותר: \
         {% for it in coldest %}תא {{ it.slot }} עם {{ it.heat_percent | n0 }}%\
         {% if not loop.last %}, {% endif %}{% endfor %}. {% if learnt_slots %}{{ learnt_slots }} \
         תאים נשענים על המכירות שלהם עצמם, והאחרים על המקובל במכונה מסוג זה.{% else %}כל הנתונים הם \
         המקובל במכונה מסוג זה.{% endif %}";
    const NEXT: &'static [&'static str] = &["vending_show_planogram", "vending_score_placement"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { device: "VM-001".into() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args { device }: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &device).await?;
        let there = |zone: &&Zone| machine.slots.contains_key(&zone.slot);
        let zones: Vec<&Zone> = machine.map.zones.iter().filter(there).collect();
        let mut ranked = zones.clone();
        ranked.sort_by(|a, b| b.heat.total_cmp(&a.heat).then(a.slot.cmp(&b.slot)));
        let spot = |zone: &&Zone| {
            let product = machine.planogram.placed.get(&zone.slot);
            Spot {
                slot: zone.slot,
                heat_percent: rounded(zone.heat, 1),
                product_name: product.map(|id| machine.catalogue.name_of(id).to_owned()),
            }
        };
        Ok(Output {
            device_id: machine.device.device_id.clone(),
            device_name: machine.device.name.clone(),
            device_type: machine.device.type_name.to_lowercase(),
            as_of: machine.trade.until,
            learnt_slots: zones.iter().filter(|it| it.evidence_units > 0.0).count(),
            hottest: ranked.iter().take(3).map(spot).collect(),
            coldest: ranked.iter().rev().take(3).map(spot).collect(),
            rows: rows(&zones),
            zones: zones.into_iter().map(Cell::from).collect(),
            legend: legend(),
        })
    }
}

fn rows(zones: &[&Zone]) -> Vec<Row> {
    let of_row = |row: &[&Zone]| {
        let sum: f64 = row.iter().map(|it| it.heat).sum();
        Row {
            row: row[0].slot.to_string()[..1].to_owned(),
            band: row[0].band,
            mean_heat_percent: rounded(sum / row.len() as f64, 1),
        }
    };
    zones.chunk_by(|a, b| a.slot.row() == b.slot.row()).map(of_row).collect()
}

fn legend() -> Vec<Level> {
    let levels = [
        (5, "#dc3545", 90),
        (4, "#fd7e14", 70),
        (3, "#ffc107", 50),
        (2, "#0dcaf0", 30),
        (1, "#0d6efd", 0),
    ];
    let level = |(level, colour, from_percent): (u8, &str, u8)| Level {
        level,
        colour: colour.to_owned(),
        from_percent,
    };
    levels.map(level).into()
}

impl From<&Zone> for Cell {
    fn from(zone: &Zone) -> Self {
        Self {
            slot: zone.slot,
            heat_percent: rounded(zone.heat, 1),
            level: zone.level,
            colour: zone.colour.clone(),
            text: zone.text.clone(),
            sales_index: rounded(zone.sales_index, 3),
            sales_index_low: rounded(zone.sales_index_low, 3),
            sales_index_high: rounded(zone.sales_index_high, 3),
            evidence_units: zone.evidence_units,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    fn levels(output: &Value, rows: &str) -> Vec<u64> {
        let zones = output["zones"].as_array().unwrap().iter();
        let of = zones.filter(|it| rows.contains(&it["slot"].as_str().unwrap()[..1]));
        of.map(|it| it["level"].as_u64().unwrap()).collect()
    }

    /// Story 4, tests 2 and 5.
    #[test]
    fn eye_level_is_hot_the_ends_are_cold_and_coolers_differ() {
        block_on(async {
            let bench = demo().await;
            let show = async |device: &str| {
                bench.read(ShowHeatZones::NAME, json!({ "device": device })).await.unwrap()
            };
            let station = show("VM-001").await;
            assert!(levels(&station, "BC").iter().all(|it| *it >= 4), "{station}");
            assert!(levels(&station, "AE").iter().all(|it| *it <= 2), "{station}");
            assert!(station["learnt_slots"].as_u64().unwrap() >= 6);
            let (snack, cooler) = (show("VM-002").await, show("VM-003").await);
            let contrast = |output: &Value| {
                let mean = |at: usize| output["rows"][at]["mean_heat_percent"].as_f64().unwrap();
                mean(1) / mean(4)
            };
            assert!(contrast(&cooler) > contrast(&snack));
            let [en, he] = told(ShowHeatZones::NAME, &station);
            assert!(en.contains("(eye level)"), "{en}");
            assert!(he.contains("שורה B"), "{he}");
            told(ShowHeatZones::NAME, &cooler);
        });
    }
}
