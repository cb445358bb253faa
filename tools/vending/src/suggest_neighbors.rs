//! `vending_suggest_neighbors`: what to place beside a product, and where it fits.

use engines::affinity::{Readiness, Season, Stratum, Strength, suggest};
use engines::zones::Slot;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::figures::rounded;
use crate::machine::Machine;
use crate::{READ, affinity};

/// How many neighbours are suggested.
const LIMIT: usize = 3;

/// Suggest products to place beside a product in a vending machine: those that sell together with
/// it in the baskets of all machines, with a score, how much more likely they sell together, and
/// the slots where they fit.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[schemars(extend("x-slot" = "device"))]
    device: String,
    /// The product to find neighbours for: its id, name or alias.
    #[schemars(extend("x-slot" = "product"))]
    product: String,
    /// Only baskets of one season; of the whole year when absent.
    #[serde(default)]
    season: Option<Season>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    device_id: String,
    product_id: String,
    product_name: String,
    /// Whether there is anything to suggest.
    readiness: Readiness,
    /// What to say when there is not.
    message: Option<String>,
    /// Baskets looked at.
    baskets: u32,
    /// The strongest first, at most three.
    neighbours: Vec<Beside>,
}

#[derive(Serialize, JsonSchema)]
struct Beside {
    product_id: String,
    product_name: String,
    /// 0 to 100; 50 is no effect.
    score: f64,
    strength: Strength,
    /// The colour of its badge: green, yellow or gray.
    badge: String,
    /// What the interval of the lift supports, in words.
    text: String,
    /// How much more likely than by chance the two sell together, percent; the lower end of a 90 %
    /// interval, negative when they avoid each other.
    more_likely_percent: f64,
    /// Baskets that held both.
    together: u32,
    /// Where it fits, the nearest to the product first, at most five.
    positions: Vec<Slot>,
}

/// The tool.
pub(crate) struct SuggestNeighbors;

impl Tool for SuggestNeighbors {
    const NAME: &'static str = "vending_suggest_neighbors";
    const TITLE: &'static str = "Suggest neighbours";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/vending/devices/{device}/neighbors"));
    const PHRASES: &'static [&'static str] = &[
        "what (should|could) (stand|go|be) next to {product} (in {device}|)",
        "suggest (neighbors|neighbours) for {product} (in {device}|)",
        "(suggested|best) (neighbors|neighbours) of {product}",
        "what sells (together|well) with {product}",
        "which products (go|sell) (well |)with {product}",
        "what do people buy (together |)with {product}",
        "what is often bought (together |)with {product}",
        "product affinity (of|for) {product} (in {device}|)",
        "what to place beside {product} in {device}",
        "cross-sell ideas for {product}",
        "what pairs with {product} (in summer|in winter|)",
        "which snack goes with {product}",
        "affinity of {product} in {season}",
        "(companions|partners) (of|for) {product}",
        "what (complements|accompanies) {product}",
        "what sells (better |)(alongside|beside) {product} (in {device}|)",
        "which (items|products) end up in the same basket as {product}",
        "מה כדאי לשים ליד {product} (ב{device}|)",
        "הצע שכנים ל{product}",
        "מה נמכר יחד עם {product}",
        "מה קונים עם {product}",
        "אילו מוצרים הולכים עם {product}",
        "שכנים מומלצים ל{product} ב{device}",
    ];
    const NARRATION: &'static str = "{% if neighbours and neighbours[0].strength | raw != 'weak' %}\
         Place {{ neighbours[0].product_name }} beside {{ product_name }} in {{ device_id }}: the two \
         are {{ neighbours[0].text }} (score {{ neighbours[0].score | n0 }}, \
         {{ neighbours[0].together }} baskets of {{ baskets }}).\
         {% for it in neighbours %}{% if it.strength | raw != 'weak' %} {{ it.product_name }} \
         ({{ it.strength }}, score {{ it.score | n0 }}) fits in {% for slot in it.positions[:3] %}\
         {{ slot }}{% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}{% endfor %}\
         {% elif neighbours %}Nothing sells better together with {{ product_name }} than by chance: \
         the strongest is {{ neighbours[0].product_name }} with a score of \
         {{ neighbours[0].score | n0 }} ({{ baskets }} baskets looked at).\
         {% else %}{{ message }} ({{ product_name }} in {{ device_id }}, {{ baskets }} baskets \
         looked at).{% endif %}";
    const NARRATION_HE: &'static str = "{% if neighbours and neighbours[0].strength | raw != 'weak' %}\
         כדאי לשים את {{ neighbours[0].product_name }} ליד {{ product_name }} במכונה {{ device_id }}\
         {% if neighbours[0].more_likely_percent | raw > 0 %}: הסיכוי שיימכרו יחד גבוה ב־\
         {{ neighbours[0].more_likely_percent | n0 }}% מהמקרי{% endif %} (ציון \
         {{ neighbours[0].score | n0 }}, {{ neighbours[0].together }} סלים מתוך {{ baskets }}).\
         {% for it in neighbours %}{% if it.strength | raw != 'weak' %} {{ it.product_name }} (ציון \
         {{ it.score | n0 }}) מתאים לתאים {% for slot in it.positions[:3] %}{{ slot }}\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}{% endfor %}\
         {% elif neighbours %}אין מוצר שנמכר יחד עם {{ product_name }} יותר מהמקרי: הקרוב ביותר הוא \
         {{ neighbours[0].product_name }} עם ציון {{ neighbours[0].score | n0 }} (נבדקו \
         {{ baskets }} סלים).{% elif readiness | raw == 'no_space' %}אין במכונה {{ device_id }} תא \
         פנוי שמתאים למוצר מומלץ ליד {{ product_name }}.{% else %}אין די נתונים כדי להמליץ על שכנים \
         למוצר {{ product_name }} (נבדקו {{ baskets }} סלים).{% endif %}";
    const NEXT: &'static [&'static str] = &["vending_place_product", "vending_score_placement"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { device: "VM-001".into(), product: "coca-cola".into(), season: None }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &args.device).await?;
        let product = machine.catalogue.named(&args.product)?;
        let model = affinity::model(ctx).await?;
        let stratum = args.season.map_or(Stratum::Overall, Stratum::Season);
        let everything = machine.catalogue.0.iter().map(|it| it.product_id.as_str());
        let board = machine.board(everything, |_| Vec::new());
        let id = product.product_id.as_str();
        let found = suggest(&model, &board, id, stratum, LIMIT).map_err(Error::internal)?;
        let beside = found.neighbours.into_iter().map(|it| {
            let pair = model.pair(id, &it.product_id, stratum);
            Beside {
                product_name: it.name,
                score: rounded(it.score, 1),
                strength: it.strength,
                badge: it.badge,
                text: it.text,
                more_likely_percent: pair.map_or(0.0, |it| rounded(100.0 * (it.lift_low - 1.0), 0)),
                together: it.together,
                positions: it.positions.into_iter().take(5).collect(),
                product_id: it.product_id,
            }
        });
        Ok(Output {
            device_id: machine.device.device_id.clone(),
            product_id: product.product_id.clone(),
            product_name: product.name.clone(),
            readiness: found.readiness,
            message: found.message,
            baskets: model.baskets(stratum),
            neighbours: beside.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use store::testing::block_on;
    use toolkit::testing::Bench;

    use super::*;
    use crate::testing::{demo, told};

    async fn suggested(bench: &Bench, device: &str, product: &str) -> Value {
        let arguments = json!({ "device": device, "product": product });
        bench.read(SuggestNeighbors::NAME, arguments).await.unwrap()
    }

    /// Story 6, tests 1 and 2.
    #[test]
    fn chips_go_with_coca_cola_and_a_donut_beside_the_coffee() {
        block_on(async {
            let bench = demo().await;
            let output = suggested(&bench, "VM-001", "Coca-Cola").await;
            let chips = &output["neighbours"][0];
            assert_eq!(chips["product_id"], "classic-chips", "{output}");
            assert!(chips["score"].as_f64().unwrap() >= 85.0, "{chips}");
            assert_eq!((&chips["strength"], &chips["badge"]), (&json!("strong"), &json!("green")));
            let likely = chips["more_likely_percent"].as_f64().unwrap();
            assert!((25.0..=60.0).contains(&likely), "{chips}");
            let [en, he] = told(SuggestNeighbors::NAME, &output);
            assert!(en.contains("% more likely to sell together"), "{en}");
            assert!(he.contains("הסיכוי שיימכרו יחד"), "{he}");
            let output = suggested(&bench, "VM-001", "coffee").await;
            let donut = &output["neighbours"][0];
            assert_eq!(donut["product_id"], "glazed-donut");
            let coffee: Slot = "A4".parse().unwrap();
            let first: Slot = donut["positions"][0].as_str().unwrap().parse().unwrap();
            assert_eq!(first.distance(coffee), 1, "{donut}");
        });
    }

    /// Story 6, test 3.
    #[test]
    fn a_new_product_has_too_little_behind_it() {
        block_on(async {
            let bench = demo().await;
            let output = suggested(&bench, "VM-001", "matcha-latte").await;
            assert_eq!(output["readiness"], "insufficient_data");
            assert_eq!(output["message"], "Insufficient data for recommendations");
            let [en, he] = told(SuggestNeighbors::NAME, &output);
            assert!(en.starts_with("Insufficient data for recommendations"), "{en}");
            assert!(he.contains("אין די נתונים"), "{he}");
        });
    }

    /// Story 6, test 4: whatever is suggested scores as allowed where it is suggested.
    #[test]
    fn only_what_fits_is_suggested() {
        block_on(async {
            let bench = demo().await;
            for product in ["energy-drink", "coca-cola", "coffee", "still-water"] {
                let output = suggested(&bench, "VM-004", product).await;
                told(SuggestNeighbors::NAME, &output);
                for it in output["neighbours"].as_array().unwrap() {
                    let slot = &it["positions"][0];
                    let score = bench
                        .read(
                            "vending_score_placement",
                            json!({ "device": "VM-004",
                        "product": it["product_id"], "slot": slot }),
                        )
                        .await
                        .unwrap();
                    assert_eq!(score["allowed"], true, "{it}");
                }
            }
        });
    }
}
