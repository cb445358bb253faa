//! `vending_place_product`: put a product in a slot, as a new version of the planogram.

use chrono::{DateTime, Utc};
use engines::revenue::Direction;
use engines::score::{Board, Colour, PlacementScore, Scorer};
use engines::zones::Slot;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::figures::rounded;
use crate::machine::Machine;
use crate::rearrange::{Arrangement, Moved};
use crate::records::planogram::{self, Planogram};
use crate::{WRITE, affinity, predictions};

/// Put a product in a slot of a vending machine, as a new version of its planogram. What stands
/// there trades places with it, or leaves the machine when the product is new to it. The change is
/// shown first and made only when a person confirms it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[schemars(extend("x-slot" = "device"))]
    device: String,
    /// The product: its id, name or alias.
    #[schemars(extend("x-slot" = "product"))]
    product: String,
    /// Where it goes, e.g. `B3`.
    #[schemars(extend("x-slot" = "slot_label"))]
    slot: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    device_id: String,
    product_id: String,
    product_name: String,
    slot: Slot,
    /// Every product that stands elsewhere afterwards.
    moves: Vec<Moved>,
    /// What stood in the slot, by name.
    displaced: Option<String>,
    /// Where that goes; absent when it leaves the machine.
    displaced_to: Option<Slot>,
    /// The planogram in force before.
    version_before: i32,
    /// The new one.
    version: i32,
    effective_from: DateTime<Utc>,
    /// Placement score of the product in its new slot, 0 to 100.
    score: f64,
    colour: Colour,
    /// The same where it stood; absent when it is new to the machine.
    score_before: Option<f64>,
    revenue_before_usd_per_day: f64,
    revenue_after_usd_per_day: f64,
    /// Predicted change of the machine's revenue, US dollars a day.
    revenue_change_usd_per_day: f64,
    direction: Direction,
}

/// The tool.
pub(crate) struct PlaceProduct;

impl Tool for PlaceProduct {
    const NAME: &'static str = "vending_place_product";
    const TITLE: &'static str = "Place a product";
    const EFFECT: Effect = Effect::Change;
    const PERMISSION: Permission = WRITE;
    const ROUTE: Option<Route> = Some(Route::post("/v1/vending/devices/{device}/placements"));
    const PHRASES: &'static [&'static str] = &[
        "(move|put|place) {product} (to|in|into|at) {slot} (of|on|in) {device}",
        "(move|put|place) {product} (to|in|into|at) {slot}",
        "please (move|put) {product} (to|in) {slot} (now|)",
        "assign {product} to (slot |){slot}",
        "(change|set) {slot} (of {device} |)to {product}",
        "replace (what is in |){slot} (with|by) {product}",
        "fill {slot} with {product} (in {device}|)",
        "go ahead and (move|put) {product} (to|in) {slot}",
        "apply the move of {product} to {slot}",
        "relocate {product} to {slot}",
        "make {slot} {product}",
        "add {product} to {device} in {slot}",
        "swap what stands in {slot} (for|with) {product}",
        "update the planogram (with|to have) {product} (in|at) {slot}",
        "from now on {product} stands in {slot}",
        "העבר את {product} ל{slot} (ב{device}|)",
        "שים {product} בתא {slot}",
        "הצב את {product} ב{slot} במכונה {device}",
        "תזיז את {product} ל{slot}",
        "החלף את מה שב{slot} ב{product}",
        "בצע העברה של {product} לתא {slot}",
    ];
    const NARRATION: &'static str = "{{ product_name }} goes to {{ slot }} of {{ device_id }}\
         {% if displaced %}, and {{ displaced }} {% if displaced_to %}takes {{ displaced_to }}\
         {% else %}leaves the machine{% endif %}{% endif %}: planogram {{ version }} replaces \
         {{ version_before }}. The placement scores {{ score | n0 }} ({{ colour }})\
         {% if score_before %}, before it was {{ score_before | n0 }}{% endif %}; revenue is expected \
         to {% if direction | raw == 'up' %}rise{% elif direction | raw == 'down' %}fall{% else %}\
         stay{% endif %} from {{ revenue_before_usd_per_day | usd }} to \
         {{ revenue_after_usd_per_day | usd }} a day.";
    const NARRATION_HE: &'static str = "המוצר {{ product_name }} עובר לתא {{ slot }} במכונה \
         {{ device_id }}{% if displaced %}, ו־{{ displaced }} {% if displaced_to %}עובר לתא \
         {{ displaced_to }}{% else %}יוצא מהמכונה{% endif %}{% endif %}: פלנוגרמה {{ version }} \
         מחליפה את {{ version_before }}. ציון ההצבה {{ score | n0 }}\
         {% if score_before %}, לפני כן {{ score_before | n0 }}{% endif %}; ההכנסה צפויה \
         {% if direction | raw == 'up' %}לעלות{% elif direction | raw == 'down' %}לרדת{% else %}\
         להישאר{% endif %} מ־{{ revenue_before_usd_per_day | usd }} ל־\
         {{ revenue_after_usd_per_day | usd }} ביום.";
    const NEXT: &'static [&'static str] = &["vending_show_planogram", "vending_predict_revenue"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { device: "VM-001".into(), product: "coca-cola".into(), slot: "B3".into() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &args.device).await?;
        let product = machine.catalogue.named(&args.product)?;
        let slot = machine.slot(&args.slot)?;
        let (id, now) = (product.product_id.as_str(), ctx.now());
        let mut arrangement = Arrangement::of(&machine);
        arrangement.put(product, slot)?;
        let moves = arrangement.moved();
        if moves.is_empty() {
            return Err(Error::Conflict(format!(
                "{} stands in `{slot}` already: nothing to change",
                product.name
            )));
        }
        let effect = machine.predict(&arrangement.placed, 0, 1.0)?;
        let affinities = affinity::model(ctx).await?;
        let mut board = machine.board([id], |ids| affinities.pair_scores(ids, Default::default()));
        let stood = machine.planogram.slots_of(id).first().copied();
        let before = stood.map(|old| scored(&board, id, old)).transpose()?;
        let planogram = Planogram {
            planogram_id: ctx.new_id().to_string(),
            version: machine.planogram.version + 1,
            effective_from: now,
            made_by: ctx.request.principal.user.clone(),
            note: format!("{} to {slot}", product.name),
            placed: arrangement.placed,
        };
        board.placed = planogram.placements();
        let after = scored(&board, id, slot)?;
        planogram::insert(ctx.db, &machine.device.device_id, &planogram).await?;
        predictions::keep(ctx.db, &planogram.planogram_id, now, &effect).await?;
        let usd = |cents: i64| cents as f64 / 100.0;
        let displaced = machine.planogram.placed.get(&slot);
        let displaced_to = displaced
            .and_then(|id| moves.iter().find(|it| it.product_id == *id).and_then(|it| it.to_slot));
        Ok(Output {
            device_id: machine.device.device_id.clone(),
            product_id: product.product_id.clone(),
            product_name: product.name.clone(),
            slot,
            displaced: displaced.map(|id| machine.catalogue.name_of(id).to_owned()),
            displaced_to,
            moves,
            version_before: machine.planogram.version,
            version: planogram.version,
            effective_from: planogram.effective_from,
            score: rounded(after.score, 1),
            colour: after.colour,
            score_before: before.map(|it| rounded(it.score, 1)),
            revenue_before_usd_per_day: usd(effect.current_cents_per_day),
            revenue_after_usd_per_day: usd(effect.predicted_cents_per_day),
            revenue_change_usd_per_day: usd(effect.change_cents_per_day),
            direction: effect.direction,
        })
    }
}

fn scored(board: &Board, product: &str, slot: Slot) -> Result<PlacementScore> {
    let placed = Scorer::new(board).and_then(|it| it.explain(product, slot));
    placed.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;
    use toolkit::{Decision, Outcome};

    use super::*;
    use crate::testing::{demo, told};

    #[test]
    fn a_move_is_shown_first_and_made_once_confirmed() {
        block_on(async {
            let bench = demo().await;
            let move_coke = json!({ "device": "VM-001", "product": "coke", "slot": "B3" });
            let show = json!({ "device": "VM-001" });
            let Outcome::Held { held, .. } =
                bench.call(PlaceProduct::NAME, move_coke.clone()).await.unwrap()
            else {
                panic!("a write is held")
            };
            assert_eq!(held.preview["displaced"], "Oatmeal Cookie");
            assert_eq!(held.preview["displaced_to"], "E4");
            assert!(held.preview["revenue_change_usd_per_day"].as_f64().unwrap() > 0.0);
            let [en, he] = told(PlaceProduct::NAME, &held.preview);
            assert!(en.starts_with("Coca-Cola goes to B3 of VM-001, and Oatmeal Cookie takes E4"));
            assert!(he.contains("עובר לתא B3"), "{he}");
            let before = bench.read("vending_show_planogram", show.clone()).await.unwrap();
            assert_eq!(before["version"], 2, "a preview keeps nothing");
            let kept = bench.executor.decide(&bench.request, &held.id, Decision::Confirm).await;
            assert!(matches!(kept, Ok(Outcome::Done { output, .. }) if output == held.preview));
            let after = bench.read("vending_show_planogram", show).await.unwrap();
            assert_eq!((&after["version"], &after["made_by"]), (&json!(3), &json!("tester")));
            assert_eq!(after["rows"][1]["slots"][2]["product_id"], "coca-cola");
            let again = bench.call(PlaceProduct::NAME, move_coke).await;
            assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        });
    }

    #[test]
    fn a_new_product_takes_the_place_and_what_does_not_fit_is_refused() {
        block_on(async {
            let bench = demo().await;
            let new = json!({ "device": "VM-001", "product": "jerky", "slot": "A1" });
            let output = bench.write(PlaceProduct::NAME, new).await.unwrap();
            assert_eq!(output["displaced"], "Chocolate Bar");
            assert!(output["displaced_to"].is_null() && output["score_before"].is_null());
            told(PlaceProduct::NAME, &output);
            let empty = json!({ "device": "VM-002", "product": "sprite", "slot": "E8" });
            let output = bench.write(PlaceProduct::NAME, empty).await.unwrap();
            assert!(output["displaced"].is_null());
            told(PlaceProduct::NAME, &output);
            let cold = json!({ "device": "VM-001", "product": "yogurt", "slot": "B3" });
            let refused = bench.call(PlaceProduct::NAME, cold).await;
            assert!(matches!(&refused, Err(Error::Invalid { field, .. }) if field == "slot"));
        });
    }
}
