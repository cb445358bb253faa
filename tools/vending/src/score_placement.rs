//! `vending_score_placement`: how well a product suits a slot.

use engines::score::{Colour, Reason, RegretTable, Violation};
use engines::zones::Slot;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::figures::rounded;
use crate::machine::Machine;
use crate::{READ, affinity, hebrew};

/// Score how well a product suits a slot of a vending machine, from 0 to 100, with the reasons:
/// visibility, velocity, margin, neighbours, category and temperature. Ask before placing or
/// moving a product; nothing is changed.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[schemars(extend("x-slot" = "device"))]
    device: String,
    /// The product: its id, name or alias, e.g. `coca-cola`.
    #[schemars(extend("x-slot" = "product"))]
    product: String,
    /// The slot: row letter from the top and column number from the left, e.g. `B3`.
    #[schemars(extend("x-slot" = "slot_label"))]
    slot: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    device_id: String,
    product_id: String,
    product_name: String,
    slot: Slot,
    /// 0 to `out_of`; at most 20 when not allowed.
    score: f64,
    /// The best score there is: 100.
    out_of: u8,
    /// Green from 80, yellow from 60, red below.
    colour: Colour,
    /// The colour as `#rrggbb`.
    hex: String,
    /// Whether the slot can hold the product at all.
    allowed: bool,
    /// The one line to show below the score.
    summary: String,
    /// The same in Hebrew.
    summary_he: String,
    /// What forbids the placement: temperature, weight, space or coil.
    violations: Vec<Violation>,
    /// The five components with their points, the most telling one first.
    reasons: Vec<Reason>,
    /// What stands in the slot now, by name.
    stands_there: Option<String>,
    /// Where the product stands now.
    stands_at: Vec<Slot>,
    /// The product's slot in the machine's best plan.
    best_slot: Option<Slot>,
    /// Margin that this placement forgoes a day beside that plan, US dollars.
    forgone_usd_per_day: Option<f64>,
}

/// The tool.
pub(crate) struct ScorePlacement;

impl Tool for ScorePlacement {
    const NAME: &'static str = "vending_score_placement";
    const TITLE: &'static str = "Score a placement";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::post("/v1/planograms/realtime/score"));
    const PHRASES: &'static [&'static str] = &[
        "(score|rate) {product} (in|at) {slot} (of|on|in) {device}",
        "(score|rate) {product} (in|at) {slot}",
        "score placing {product} (in|at) {slot} (on {device}|)",
        "how good is {slot} for {product}",
        "is {slot} a good (place|slot|spot|position) for {product} (in {device}|)",
        "how well does {product} (fit|suit) (slot |){slot}",
        "does {product} belong (in|at) {slot}",
        "placement score of {product} at {slot} in {device}",
        "would {product} (do well|work) (in|at) {slot}",
        "what score does {product} get (in|at) {slot}",
        "can {product} (go|stand|fit) in {slot} (of {device}|)",
        "should {product} be (in|at) {slot}",
        "why is {slot} (bad|good) for {product}",
        "rate the position {slot} for {product}",
        "can {slot} hold {product}",
        "what do you think of {product} in {slot}",
        "מה הניקוד ש{product} יקבל בתא {slot}",
        "מה הציון של {product} בתא {slot}",
        "דרג את {product} ב{slot} במכונה {device}",
        "האם {slot} מקום טוב ל{product}",
        "כמה מתאים {product} לתא {slot}",
        "האם אפשר לשים {product} ב{slot}",
        "תן ציון להצבה של {product} ב{slot}",
        "למה {slot} לא טוב ל{product}",
    ];
    const NARRATION: &'static str = "{{ product_name }} in {{ slot }} of {{ device_id }} scores \
         {{ score | n0 }} of {{ out_of }} ({{ colour }}): {{ summary }}.\
         {% for it in reasons[:3] %} {{ it.component | words }}: {{ it.points | n1 }} of \
         {{ it.out_of | n0 }} points.{% endfor %}\
         {% if stands_there %} {{ stands_there }} stands there now.{% endif %}\
         {% if forgone_usd_per_day and forgone_usd_per_day | raw > 0.1 %} It would earn most in {{ best_slot }}: this place forgoes \
         {{ forgone_usd_per_day | usd }} of margin a day.{% endif %}";
    const NARRATION_HE: &'static str = "{{ product_name }} בתא {{ slot }} של {{ device_id }} מקבל \
         ציון {{ score | n0 }} מתוך {{ out_of }}\
         {% if colour | raw == 'green' %} (ירוק){% elif colour | raw == 'yellow' %} (צהוב)\
         {% else %} (אדום){% endif %}: {{ summary_he }}.\
         {% if stands_there %} בתא עומד עכשיו {{ stands_there }}.{% endif %}\
         {% if forgone_usd_per_day and forgone_usd_per_day | raw > 0.1 %} המקום הרווחי ביותר עבורו הוא {{ best_slot }}: המקום הזה מוותר \
         על {{ forgone_usd_per_day | usd }} רווח ביום.{% endif %}";
    const NEXT: &'static [&'static str] =
        &["vending_predict_revenue", "vending_place_product", "vending_suggest_neighbors"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { device: "VM-001".into(), product: "coca-cola".into(), slot: "B3".into() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &args.device).await?;
        let product = machine.catalogue.named(&args.product)?;
        let slot = machine.slot(&args.slot)?;
        let affinities = affinity::model(ctx).await?;
        let pairs = |ids: &[&str]| affinities.pair_scores(ids, Default::default());
        let board = machine.board([product.product_id.as_str()], pairs);
        let table = RegretTable::new(&board).map_err(Error::internal)?;
        let placed = table.score(&product.product_id, slot).map_err(Error::internal)?;
        let summary_he = match placed.violations.first() {
            Some(broken) => format!("אסור: {}", hebrew::violation(broken)),
            None => hebrew::headline(&placed.summary).to_owned(),
        };
        let there = machine.planogram.placed.get(&slot).filter(|it| **it != product.product_id);
        let regret = placed.regret.as_ref();
        Ok(Output {
            device_id: machine.device.device_id.clone(),
            product_name: product.name.clone(),
            stands_there: there.map(|id| machine.catalogue.name_of(id).to_owned()),
            stands_at: machine.planogram.slots_of(&product.product_id),
            best_slot: regret.and_then(|it| it.best_slot),
            forgone_usd_per_day: regret.map(|it| rounded(it.cents_per_day / 100.0, 2)),
            product_id: placed.product_id,
            slot,
            score: rounded(placed.score, 1),
            out_of: 100,
            colour: placed.colour,
            hex: placed.hex,
            allowed: placed.allowed,
            summary: placed.summary,
            summary_he,
            violations: placed.violations,
            reasons: placed.reasons.into_iter().map(in_tenths).collect(),
        })
    }
}

fn in_tenths(reason: Reason) -> Reason {
    Reason { points: rounded(reason.points, 1), ..reason }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use store::testing::block_on;
    use toolkit::testing::Bench;

    use super::*;
    use crate::testing::{demo, told};

    async fn scored(bench: &Bench, product: &str, slot: &str) -> Result<Value> {
        let arguments = json!({ "device": "VM-001", "product": product, "slot": slot });
        bench.read(ScorePlacement::NAME, arguments).await
    }

    /// Story 2, tests 1 and 2.
    #[test]
    fn eye_level_suits_coca_cola_and_the_bottom_row_does_not_suit_premium_water() {
        block_on(async {
            let bench = demo().await;
            let good = scored(&bench, "Coca-Cola", "B3").await.unwrap();
            let score = good["score"].as_f64().unwrap();
            assert!((85.0..=95.0).contains(&score), "{good}");
            assert_eq!((&good["colour"], &good["hex"]), (&json!("green"), &json!("#28a745")));
            assert_eq!(good["summary"], "eye-level placement for high-velocity product");
            let bad = scored(&bench, "premium water", "e1").await.unwrap();
            let score = bad["score"].as_f64().unwrap();
            assert!((30.0..=45.0).contains(&score), "{bad}");
            assert_eq!((&bad["colour"], &bad["hex"]), (&json!("red"), &json!("#dc3545")));
            assert_eq!(bad["summary"], "low visibility for high-margin product");
            for output in [&good, &bad] {
                told(ScorePlacement::NAME, output);
            }
            let [en, he] = told(ScorePlacement::NAME, &good);
            assert!(en.starts_with("Coca-Cola in B3 of VM-001 scores"), "{en}");
            assert!(he.contains("מקום בגובה העיניים"), "{he}");
        });
    }

    #[test]
    fn what_a_slot_cannot_hold_is_refused_with_the_reason() {
        block_on(async {
            let bench = demo().await;
            let warm = scored(&bench, "yogurt", "B3").await.unwrap();
            assert_eq!(warm["allowed"], false);
            assert!(warm["score"].as_f64().unwrap() <= 20.0);
            assert!(warm["forgone_usd_per_day"].is_null());
            let [en, he] = told(ScorePlacement::NAME, &warm);
            assert!(en.contains("not allowed: needs chilled storage, the slot is ambient"), "{en}");
            assert!(he.contains("אסור: המוצר דורש אחסון בקירור"), "{he}");
            let heavy = scored(&bench, "premium-water", "A1").await.unwrap();
            assert_eq!(heavy["violations"][0]["kind"], "weight");
            told(ScorePlacement::NAME, &heavy);
        });
    }

    #[test]
    fn unknown_names_offer_the_nearest() {
        block_on(async {
            let bench = demo().await;
            let nearest = |refused: Result<Value>| match refused {
                Err(Error::NotFound { what, nearest, .. }) => (what, nearest),
                other => panic!("{other:?}"),
            };
            let product = nearest(scored(&bench, "coca-colla", "B3").await);
            assert_eq!(product, ("product", Some("Coca-Cola".into())));
            let slot = nearest(scored(&bench, "coca-cola", "B9").await);
            assert_eq!(slot, ("slot", Some("B8".into())));
        });
    }
}
