//! `vending_show_planogram`: what stands where in a machine.

use chrono::{DateTime, Utc};
use engines::score::RegretTable;
use engines::zones::Slot;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::figures::rounded;
use crate::machine::Machine;
use crate::{READ, affinity};

/// Show what stands in every slot of a vending machine, row by row from the top, with each
/// product's daily sales and placement score. It also names the products that would earn most by
/// standing elsewhere.
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
    location: String,
    /// The planogram in force; 0 when the machine was never filled.
    version: i32,
    /// Since when it is in force.
    effective_from: DateTime<Utc>,
    made_by: String,
    note: String,
    slot_count: usize,
    product_count: usize,
    empty_slots: Vec<Slot>,
    /// Mean placement score, 0 to 100.
    mean_score: f64,
    /// Rows from the top.
    rows: Vec<Row>,
    /// The placements that forgo the most margin beside the machine's best plan, at most five.
    misplaced: Vec<Misplaced>,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    row: String,
    slots: Vec<Stand>,
}

#[derive(Serialize, JsonSchema)]
struct Stand {
    slot: Slot,
    product_id: String,
    product_name: String,
    price_usd: f64,
    units_per_day: f64,
    /// Placement score, 0 to 100.
    score: f64,
}

#[derive(Serialize, JsonSchema)]
struct Misplaced {
    product_id: String,
    product_name: String,
    slot: Slot,
    best_slot: Slot,
    /// Margin forgone a day, US dollars.
    forgone_usd_per_day: f64,
}

/// The tool.
pub(crate) struct ShowPlanogram;

impl Tool for ShowPlanogram {
    const NAME: &'static str = "vending_show_planogram";
    const TITLE: &'static str = "Show planogram";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/vending/devices/{device}/planogram"));
    const PHRASES: &'static [&'static str] = &[
        "(show|open|display) (me |)the (planogram|layout) (of|for) {device}",
        "(show|open) {device} planogram",
        "planogram {device}",
        "what (is|stands|sits) in {device}",
        "what's (in|inside) {device} (now|at the moment|)",
        "which products (are|stand) in {device}",
        "what (is|stands) where in {device}",
        "how is {device} (laid out|arranged|filled)",
        "list the slots of {device}",
        "which slots of {device} are (empty|free)",
        "what is in each (slot|row) of {device}",
        "which products are misplaced in {device}",
        "current layout of {device}",
        "(show|open) the planogram",
        "what do we have in {device}",
        "contents of {device}",
        "what is {device} (loaded|stocked|filled) with",
        "(products|items) and slots of {device}",
        "which (products|items) would be better (off|placed) elsewhere in {device}",
        "הצג (את |)(הפלנוגרמה|הסידור) של {device}",
        "פלנוגרמה {device}",
        "מה יש ב{device}",
        "מה עומד איפה ב{device}",
        "אילו מוצרים (יש|נמצאים) ב{device}",
        "אילו תאים ריקים ב{device}",
        "איך מסודרת {device}",
    ];
    const NARRATION: &'static str = "{{ device_name }} ({{ device_id }}) holds {{ product_count }} \
         products in {{ slot_count }} slots{% if empty_slots %}, {{ empty_slots | count }} of them \
         empty{% endif %}; planogram {{ version }} is in force since {{ effective_from | date }} \
         and scores {{ mean_score | n0 }} on average.\
         {% for row in rows[:6] %} Row {{ row.row }}: {% for it in row.slots[:10] %}{{ it.slot }} \
         {{ it.product_name }}{% if not loop.last %}, {% endif %}{% endfor %}.{% endfor %}\
         {% if misplaced %} Most to gain: {% for it in misplaced[:3] %}{{ it.product_name }} from \
         {{ it.slot }} to {{ it.best_slot }} ({{ it.forgone_usd_per_day | usd }} of margin a day)\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}";
    const NARRATION_HE: &'static str = "במכונה {{ device_id }} ({{ location }}) עומדים \
         {{ product_count }} מוצרים ב־{{ slot_count }} תאים{% if empty_slots %}, מהם \
         {{ empty_slots | count }} ריקים{% endif %}; פלנוגרמה {{ version }} בתוקף מאז \
         {{ effective_from | date }} והציון הממוצע שלה הוא {{ mean_score | n0 }}.\
         {% for row in rows[:6] %} שורה {{ row.row }}, עם מכירות ביום: {% for it in row.slots[:10] %}\
         {{ it.product_name }} בתא {{ it.slot }} ({{ it.units_per_day | n1 }} יחידות)\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% endfor %}\
         {% if misplaced %} הרווח הגדול ביותר: {% for it in misplaced[:3] %}העברת \
         {{ it.product_name }} מתא {{ it.slot }} לתא {{ it.best_slot }} \
         ({{ it.forgone_usd_per_day | usd }} רווח ביום){% if not loop.last %}, {% endif %}\
         {% endfor %}.{% endif %}";
    const NEXT: &'static [&'static str] =
        &["vending_show_heat_zones", "vending_forecast_demand", "vending_score_placement"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { device: "VM-001".into() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args { device }: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &device).await?;
        let affinities = affinity::model(ctx).await?;
        let board = machine.board([], |ids| affinities.pair_scores(ids, Default::default()));
        let table = RegretTable::new(&board).map_err(Error::internal)?;
        let mut stands = Vec::new();
        let mut misplaced = Vec::new();
        for (&slot, product_id) in &machine.planogram.placed {
            let Some(product) = machine.catalogue.get(product_id) else { continue };
            let placed = table.score(product_id, slot).map_err(Error::internal)?;
            stands.push(Stand {
                slot,
                product_id: product_id.clone(),
                product_name: product.name.clone(),
                price_usd: f64::from(product.price_cents) / 100.0,
                units_per_day: rounded(machine.units_of(product_id), 2),
                score: rounded(placed.score, 1),
            });
            let Some(regret) = placed.regret else { continue };
            let forgone_usd_per_day = rounded(regret.cents_per_day / 100.0, 2);
            if let Some(best_slot) = regret.best_slot
                && best_slot != slot
                && forgone_usd_per_day > 0.0
            {
                misplaced.push(Misplaced {
                    product_id: product_id.clone(),
                    product_name: product.name.clone(),
                    slot,
                    best_slot,
                    forgone_usd_per_day,
                });
            }
        }
        misplaced.sort_by(|a, b| {
            b.forgone_usd_per_day.total_cmp(&a.forgone_usd_per_day).then(a.slot.cmp(&b.slot))
        });
        misplaced.truncate(5);
        Ok(output(&machine, stands, misplaced))
    }
}

fn output(machine: &Machine, stands: Vec<Stand>, misplaced: Vec<Misplaced>) -> Output {
    let planogram = &machine.planogram;
    let mean = stands.iter().map(|it| it.score).sum::<f64>() / stands.len().max(1) as f64;
    let empty = machine.slots.keys().filter(|slot| !planogram.placed.contains_key(slot));
    let mut rows: Vec<Row> = Vec::new();
    for stand in stands {
        let letter = stand.slot.to_string()[..1].to_owned();
        match rows.last_mut().filter(|it| it.row == letter) {
            Some(row) => row.slots.push(stand),
            None => rows.push(Row { row: letter, slots: vec![stand] }),
        }
    }
    let mut products: Vec<&String> = planogram.placed.values().collect();
    products.sort_unstable();
    products.dedup();
    Output {
        device_id: machine.device.device_id.clone(),
        device_name: machine.device.name.clone(),
        location: machine.device.location.clone(),
        version: planogram.version,
        effective_from: planogram.effective_from,
        made_by: planogram.made_by.clone(),
        note: planogram.note.clone(),
        slot_count: machine.slots.len(),
        product_count: products.len(),
        empty_slots: empty.copied().collect(),
        mean_score: rounded(mean, 1),
        rows,
        misplaced,
    }
}

#[cfg(test)]
mod tests {
    use kernel::Error;
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    #[test]
    fn every_slot_is_shown_and_the_badly_placed_are_named() {
        block_on(async {
            let bench = demo().await;
            let output = bench.read(ShowPlanogram::NAME, json!({ "device": "VM-001" })).await;
            let output = output.unwrap();
            assert_eq!((&output["slot_count"], &output["version"]), (&json!(40), &json!(2)));
            let coke = &output["rows"][4]["slots"][3];
            assert_eq!((&coke["product_id"], &coke["slot"]), (&json!("coca-cola"), &json!("E4")));
            assert!(output["misplaced"][0]["forgone_usd_per_day"].as_f64().unwrap() > 0.2);
            let [en, he] = told(ShowPlanogram::NAME, &output);
            assert!(en.contains("Row E: E1 Spring Water"), "{en}");
            assert!(he.contains("שורה E"), "{he}");
        });
    }

    #[test]
    fn a_machine_is_found_by_name_and_an_unknown_one_offers_the_nearest() {
        block_on(async {
            let bench = demo().await;
            let by_name = bench.read(ShowPlanogram::NAME, json!({ "device": "harbor offices" }));
            let output = by_name.await.unwrap();
            assert_eq!(output["device_id"], "VM-002");
            assert_eq!(output["empty_slots"], json!(["E5", "E6", "E7", "E8"]));
            let refused = bench.read(ShowPlanogram::NAME, json!({ "device": "VM-01" })).await;
            let Err(Error::NotFound { what: "device", nearest, .. }) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!(nearest.as_deref(), Some("VM-001"));
        });
    }
}
