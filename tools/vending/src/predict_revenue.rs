//! `vending_predict_revenue`: what moving products does to a machine's daily revenue.

use chrono::NaiveDate;
use engines::revenue::{BreakEven, Direction, Effect as Revenue, conformal_scale};
use engines::score::RegretTable;
use engines::zones::Slot;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::figures::rounded;
use crate::machine::Machine;
use crate::predictions;
use crate::rearrange::{Arrangement, Moved};
use crate::records::product::Product;
use crate::{READ, affinity};

/// Share of past predictions that an interval must have held.
const COVERAGE: f64 = 0.95;

/// Predict what moving a product to another slot, or swapping it with another product, does to a
/// vending machine's daily revenue, with an interval and the days to break even. Without a slot
/// the product's best one is assumed. Nothing is changed.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[schemars(extend("x-slot" = "device"))]
    device: String,
    /// The product to move: its id, name or alias.
    #[schemars(extend("x-slot" = "product"))]
    product: String,
    /// Where it goes, e.g. `B3`; what stands there takes its place.
    #[serde(default)]
    #[schemars(extend("x-slot" = "slot_label"))]
    slot: Option<String>,
    /// Instead of a slot: the product it trades places with.
    #[serde(default)]
    #[schemars(extend("x-slot" = "product"))]
    swap_with: Option<String>,
    /// Further moves, made after the first, in order.
    #[serde(default)]
    moves: Vec<Step>,
    /// What making the change costs once, US dollars; 0 when absent.
    #[serde(default)]
    #[schemars(range(min = 0), extend("x-slot" = "money"))]
    cost_usd: Option<f64>,
}

/// A product and the slot it moves to.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    /// The product: its id, name or alias.
    product: String,
    /// Where it goes.
    slot: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    device_id: String,
    device_name: String,
    current_usd_per_day: f64,
    predicted_usd_per_day: f64,
    change_usd_per_day: f64,
    /// The change in percent of the revenue now.
    change_percent: f64,
    /// Margin gained a day, US dollars.
    margin_change_usd_per_day: f64,
    /// Lower end of the 95 % interval of the revenue after.
    predicted_low_usd_per_day: f64,
    /// Upper end of it.
    predicted_high_usd_per_day: f64,
    /// Lower end of the 95 % interval of the change alone.
    change_low_usd_per_day: f64,
    /// Upper end of it.
    change_high_usd_per_day: f64,
    /// How likely the change is to raise revenue, percent.
    gain_probability_percent: f64,
    /// How far to trust the figure, percent: 100 less the relative half-width of the interval.
    confidence_percent: f64,
    /// Up is shown green, down red.
    direction: Direction,
    break_even: BreakEven,
    break_even_text: String,
    /// Days that the revenue now is averaged over.
    baseline_days: i64,
    /// Sales up to the day before this one are taken in.
    as_of: NaiveDate,
    /// How the last four weeks compare with the whole baseline: season and trend.
    season_multiplier: f64,
    /// Past predictions that the interval was held to.
    predictions_checked: usize,
    products_moved: u32,
    /// Every product that stands elsewhere afterwards.
    moves: Vec<Moved>,
    /// The largest changes of a product's own revenue, at most five.
    largest: Vec<Share>,
}

#[derive(Serialize, JsonSchema)]
struct Share {
    product_id: String,
    product_name: String,
    change_usd_per_day: f64,
}

/// The tool.
pub(crate) struct PredictRevenue;

impl Tool for PredictRevenue {
    const NAME: &'static str = "vending_predict_revenue";
    const TITLE: &'static str = "Predict revenue";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::post("/v1/planograms/predict/revenue"));
    const PHRASES: &'static [&'static str] = &[
        "what happens if I (move|put|place) {product} (to|in|at) {slot} (of {device}|)",
        "what (would|will) moving {product} to {slot} (bring|do|earn) (in {device}|)",
        "(predict|calculate|estimate) (the |)(revenue|impact|revenue impact) of moving {product} to {slot}",
        "revenue (impact|effect) of (moving|placing) {product} (to|at) {slot} on {device}",
        "how much more (would we make|revenue) with {product} (in|at) {slot}",
        "what if {product} (was|were|stood) (in|at) {slot}",
        "what if I swap {product} (and|with) {swap_with}",
        "(calculate|predict) the (impact|revenue) of swapping {product} (and|with) {swap_with}",
        "is it worth moving {product} to {slot}",
        "would swapping {product} and {swap_with} pay off in {device}",
        "when does moving {product} to {slot} break even",
        "(predicted|expected) daily revenue with {product} in {slot}",
        "how much would {product} gain in a better slot of {device}",
        "does moving {product} to {slot} pay (off|)",
        "(effect|impact) of (putting|placing|relocating) {product} (in|into|to) {slot}",
        "how much (gain|loss) from (putting|moving|relocating) {product} (to|into) {slot}",
        "does it pay to (move|put|place) {product} (to|in) {slot}",
        "profit or loss (if|when) {product} goes to {slot}",
        "(משתלם|כדאי) (לשים|להזיז) את {product} ל{slot}",
        "מה יקרה אם אעביר את {product} ל{slot}",
        "כמה נרוויח אם נעביר את {product} לתא {slot}",
        "מה ההשפעה על ההכנסה של העברת {product} ל{slot}",
        "האם כדאי להעביר את {product} ל{slot} ב{device}",
        "מה אם נחליף בין {product} ל{swap_with}",
        "חשב את ההשפעה של החלפת {product} עם {swap_with}",
        "תחזית הכנסה אם {product} יעמוד ב{slot}",
    ];
    const NARRATION: &'static str = "{% if moves %}Revenue of {{ device_name }} ({{ device_id }}) \
         would {% if direction | raw == 'up' %}rise{% elif direction | raw == 'down' %}fall{% else %}\
         stay{% endif %} from {{ current_usd_per_day | usd }} to {{ predicted_usd_per_day | usd }} a \
         day ({{ change_percent | n1 }}%, between {{ change_low_usd_per_day | usd }} and \
         {{ change_high_usd_per_day | usd }} a day). {{ break_even_text }}; the chance of a gain is \
         {{ gain_probability_percent | n0 }}%. Moves: {% for it in moves[:4] %}{{ it.product_name }} \
         {% if it.from_slot %}from {{ it.from_slot }} {% endif %}{% if it.to_slot %}to \
         {{ it.to_slot }}{% else %}out of the machine{% endif %}{% if not loop.last %}, {% endif %}\
         {% endfor %}.{% else %}Nothing would change at {{ device_name }} ({{ device_id }}): the \
         product stands there already, and revenue stays {{ current_usd_per_day | usd }} a \
         day.{% endif %}";
    const NARRATION_HE: &'static str = "{% if moves %}ההכנסה של המכונה {{ device_id }} \
         {% if direction | raw == 'up' %}תעלה{% elif direction | raw == 'down' %}תרד{% else %}תישאר\
         {% endif %} מ־{{ current_usd_per_day | usd }} ל־{{ predicted_usd_per_day | usd }} ביום \
         ({{ change_percent | n1 }}%, שינוי בין {{ change_low_usd_per_day | usd }} לבין \
         {{ change_high_usd_per_day | usd }} ביום). {% if break_even.kind | raw == 'immediate' %}\
         השינוי מחזיר את עצמו מיד{% elif break_even.kind | raw == 'after' %}השינוי מחזיר את עצמו תוך \
         {{ break_even.days }} ימים{% else %}השינוי לא יחזיר את עצמו{% endif %}; הסיכוי לעלייה הוא \
         {{ gain_probability_percent | n0 }}%. ההעברות: {% for it in moves[:4] %}\
         {{ it.product_name }} {% if it.from_slot %}מתא {{ it.from_slot }} {% endif %}\
         {% if it.to_slot %}לתא {{ it.to_slot }}{% else %}אל מחוץ למכונה{% endif %}\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% else %}דבר לא ישתנה במכונה \
         {{ device_id }}: המוצר כבר עומד שם, וההכנסה נשארת {{ current_usd_per_day | usd }} \
         ביום.{% endif %}";
    const NEXT: &'static [&'static str] = &["vending_place_product", "vending_score_placement"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args {
            device: "VM-001".into(),
            product: "coca-cola".into(),
            slot: Some("B3".into()),
            swap_with: None,
            moves: Vec::new(),
            cost_usd: None,
        }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &args.device).await?;
        let product = machine.catalogue.named(&args.product)?;
        let slot = target(ctx, &machine, product, &args).await?;
        let mut arrangement = Arrangement::of(&machine);
        arrangement.put(product, slot)?;
        for step in &args.moves {
            let slot = machine.slot(&step.slot)?;
            arrangement.put(machine.catalogue.named(&step.product)?, slot)?;
        }
        let now = ctx.now();
        let past = predictions::outcomes(ctx.db, now).await?;
        let past: Vec<_> = past.iter().map(predictions::Outcome::checked).collect();
        let cost_cents = (args.cost_usd.unwrap_or(0.0) * 100.0).round() as i64;
        let scale = conformal_scale(&past, COVERAGE);
        let effect = machine.predict(&arrangement.placed, cost_cents, scale)?;
        let output = output(&machine, effect, arrangement.moved());
        Ok(Output { predictions_checked: past.len(), ..output })
    }
}

/// Where the product goes: the slot asked for, the other product's, or the best there is.
async fn target(
    ctx: &mut ToolContext<'_>,
    machine: &Machine,
    product: &Product,
    args: &Args,
) -> Result<Slot> {
    if let Some(slot) = &args.slot {
        return machine.slot(slot);
    }
    if let Some(other) = &args.swap_with {
        let other = machine.catalogue.named(other)?;
        let stands = machine.planogram.slots_of(&other.product_id);
        return stands.first().copied().ok_or_else(|| {
            let device = &machine.device.device_id;
            Error::invalid(
                "swap_with",
                format!("`{}` does not stand in `{device}`: name a product that does", other.name),
            )
        });
    }
    let affinities = affinity::model(ctx).await?;
    let pairs = |ids: &[&str]| affinities.pair_scores(ids, Default::default());
    let board = machine.board([product.product_id.as_str()], pairs);
    let table = RegretTable::new(&board).map_err(Error::internal)?;
    let anywhere = machine.slots.keys();
    let mut allowed = anywhere.filter_map(|&slot| table.regret(&product.product_id, slot).ok()?);
    let best = allowed.find_map(|it| it.best_slot);
    best.ok_or_else(|| Error::invalid("slot", "is required: no slot suits this product by itself"))
}

fn output(machine: &Machine, effect: Revenue, moves: Vec<Moved>) -> Output {
    let usd = |cents: i64| cents as f64 / 100.0;
    let share = |it: &engines::revenue::Moved| Share {
        product_id: it.product_id.clone(),
        product_name: machine.catalogue.name_of(&it.product_id).to_owned(),
        change_usd_per_day: usd(it.change_cents_per_day),
    };
    Output {
        device_id: machine.device.device_id.clone(),
        device_name: machine.device.name.clone(),
        current_usd_per_day: usd(effect.current_cents_per_day),
        predicted_usd_per_day: usd(effect.predicted_cents_per_day),
        change_usd_per_day: usd(effect.change_cents_per_day),
        change_percent: rounded(effect.change_percent, 1),
        margin_change_usd_per_day: usd(effect.margin_change_cents_per_day),
        predicted_low_usd_per_day: usd(effect.predicted_interval.low_cents),
        predicted_high_usd_per_day: usd(effect.predicted_interval.high_cents),
        change_low_usd_per_day: usd(effect.change_interval.low_cents),
        change_high_usd_per_day: usd(effect.change_interval.high_cents),
        gain_probability_percent: rounded(100.0 * effect.probability_of_gain, 1),
        confidence_percent: rounded(100.0 * effect.confidence, 1),
        direction: effect.direction,
        break_even: effect.break_even,
        largest: effect.largest.iter().map(share).collect(),
        break_even_text: effect.break_even_text,
        baseline_days: machine.baseline_days(),
        as_of: machine.trade.until,
        season_multiplier: effect.factors.iter().map(|it| it.multiplier).product(),
        predictions_checked: 0,
        products_moved: effect.products_moved,
        moves,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use store::testing::block_on;
    use toolkit::testing::Bench;

    use super::*;
    use crate::testing::{demo, told};

    async fn predicted(bench: &Bench, device: &str, moves: &[(&str, &str)]) -> Value {
        let step = |(product, slot): &(&str, &str)| json!({ "product": product, "slot": slot });
        let mut arguments = step(&moves[0]);
        arguments["device"] = json!(device);
        arguments["moves"] = moves[1..].iter().map(step).collect();
        bench.read(PredictRevenue::NAME, arguments).await.unwrap()
    }

    const TO_EYE_LEVEL: [(&str, &str); 6] = [
        ("coca-cola", "B3"),
        ("classic-chips", "B4"),
        ("coffee", "B5"),
        ("chocolate-bar", "B2"),
        ("still-water", "C4"),
        ("energy-drink", "C3"),
    ];

    /// Story 3, test 1: best sellers at eye level bring 10 to 20 %.
    #[test]
    fn best_sellers_to_eye_level_pay_at_once() {
        block_on(async {
            let bench = demo().await;
            let output = predicted(&bench, "VM-001", &TO_EYE_LEVEL).await;
            let change = output["change_percent"].as_f64().unwrap();
            assert!((10.0..=20.0).contains(&change), "{change}");
            assert_eq!(
                (&output["direction"], &output["break_even"]["kind"]),
                (&json!("up"), &json!("immediate"))
            );
            let [en, he] = told(PredictRevenue::NAME, &output);
            assert!(en.contains("would rise from $") && en.contains("Break even immediately"));
            assert!(he.contains("תעלה"), "{he}");
        });
    }

    /// Story 3, test 2: best sellers on the bottom row cost 15 to 25 %.
    #[test]
    fn best_sellers_to_the_bottom_row_cost() {
        block_on(async {
            let bench = demo().await;
            let moves = [
                "coffee",
                "glazed-donut",
                "chocolate-bar",
                "classic-chips",
                "coca-cola",
                "still-water",
                "energy-drink",
                "peanut-puffs",
            ];
            let slots = ["E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"];
            let moves: Vec<_> = moves.into_iter().zip(slots).collect();
            let output = predicted(&bench, "VM-002", &moves).await;
            let change = output["change_percent"].as_f64().unwrap();
            assert!((-25.0..=-15.0).contains(&change), "{change}");
            assert_eq!(
                (&output["direction"], &output["break_even"]["kind"]),
                (&json!("down"), &json!("never"))
            );
            told(PredictRevenue::NAME, &output);
        });
    }

    /// Story 3, test 3: more moves, wider interval.
    #[test]
    fn a_larger_change_is_less_certain() {
        block_on(async {
            let bench = demo().await;
            let width = |output: &Value| {
                output["predicted_high_usd_per_day"].as_f64().unwrap()
                    - output["predicted_low_usd_per_day"].as_f64().unwrap()
            };
            let one = predicted(&bench, "VM-001", &TO_EYE_LEVEL[..1]).await;
            let ten = predicted(&bench, "VM-001", &TO_EYE_LEVEL).await;
            assert!(ten["products_moved"].as_u64().unwrap() >= 10, "{ten}");
            assert!(width(&ten) > width(&one), "{} {}", width(&ten), width(&one));
        });
    }

    #[test]
    fn swaps_costs_defaults_and_refusals() {
        block_on(async {
            let bench = demo().await;
            let ask = async |arguments: Value| bench.read(PredictRevenue::NAME, arguments).await;
            let swap = ask(json!({ "device": "VM-001", "product": "coke", "swap_with": "cookie",
                "cost_usd": 12 }))
            .await
            .unwrap();
            assert_eq!(swap["moves"][0]["to_slot"], "B3", "{swap}");
            assert_eq!(swap["break_even"]["kind"], "after");
            told(PredictRevenue::NAME, &swap);
            let best =
                ask(json!({ "device": "VM-001", "product": "classic chips" })).await.unwrap();
            assert!(best["change_usd_per_day"].as_f64().unwrap() > 0.0, "{best}");
            let still = json!({ "device": "VM-001", "product": "coke", "slot": "E4" });
            let still = ask(still).await.unwrap();
            assert_eq!(still["products_moved"], 0);
            told(PredictRevenue::NAME, &still);
            let cold = json!({ "device": "VM-001", "product": "yogurt", "slot": "B3" });
            let refused = ask(cold).await.unwrap_err().to_string();
            assert!(refused.contains("`B3` cannot hold Greek Yogurt: needs chilled"), "{refused}");
            let absent = json!({ "device": "VM-001", "product": "coke", "swap_with": "jerky" });
            assert!(matches!(ask(absent).await, Err(Error::Invalid { .. })));
        });
    }
}
