//! `vending_forecast_demand`: what a machine will sell, what may run out, what to load.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use engines::forecast::Demand;
use engines::stock::RiskBand;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::demand::{self, Outcome, Outlook};
use crate::figures::rounded;
use crate::machine::Machine;

/// Forecast what a vending machine will sell in the next days, product by product, with the
/// risk of running out before the next visit and the par level to load up to. Heat and events
/// can be assumed. Name a product to see only that one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[schemars(extend("x-slot" = "device"))]
    device: String,
    /// Only this product: its id, name or alias.
    #[serde(default)]
    #[schemars(extend("x-slot" = "product"))]
    product: Option<String>,
    /// Days ahead, 1 to 28; 7 when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 28))]
    days: Option<u8>,
    /// Assume that each of these days gets this warm, in degrees Celsius.
    #[serde(default)]
    #[schemars(range(min = -40, max = 60))]
    degrees_celsius: Option<f64>,
    /// Assume an event beside the machine (match, concert) on this day, as `YYYY-MM-DD`.
    #[serde(default)]
    event_on: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    device_id: String,
    device_name: String,
    /// The first day forecast.
    first_day: NaiveDate,
    days: usize,
    /// Expected units of all products shown over all days.
    units: f64,
    /// Expected units of all products shown, day by day.
    by_day: Vec<DayTotal>,
    /// The day with the most units.
    busiest: Option<DayTotal>,
    /// Days until the machine is filled again; absent when nobody set par levels.
    days_to_visit: Option<usize>,
    /// Products that more likely than not run out before then, the riskiest first.
    at_risk: Vec<AtRisk>,
    /// The riskiest first, then the best seller.
    products: Vec<Line>,
}

#[derive(Serialize, JsonSchema)]
struct AtRisk {
    product_id: String,
    product_name: String,
    /// Risk of running out before the next visit, percent.
    stockout_risk_percent: f64,
    on_hand_units: i64,
    par_units: i64,
    suggested_par_units: i64,
}

#[derive(Serialize, JsonSchema, Clone)]
struct DayTotal {
    date: NaiveDate,
    weekday: String,
    units: f64,
}

#[derive(Serialize, JsonSchema)]
struct Line {
    product_id: String,
    product_name: String,
    /// Expected units over all days.
    units: f64,
    /// Demand over all days is below this in one of ten cases.
    units_p10: f64,
    /// As often below as above.
    units_p50: f64,
    /// Above this in one of ten cases.
    units_p90: f64,
    /// Units in the machine now: the par level less what was sold since it was filled.
    on_hand_units: Option<i64>,
    /// Risk of running out before the next visit, percent.
    stockout_risk_percent: Option<f64>,
    /// Low below 30 %, high above 70 %.
    risk: Option<RiskBand>,
    /// What it is filled up to now.
    par_units: Option<i64>,
    /// What to fill it up to.
    suggested_par_units: i64,
    /// Risk of running out between two visits with the suggested par, percent.
    suggested_par_risk_percent: f64,
    /// Day by day.
    by_day: Vec<Day>,
    /// What moves demand on these days beside the weekday.
    factors: Vec<Influence>,
}

#[derive(Serialize, JsonSchema)]
struct Day {
    date: NaiveDate,
    p10: f64,
    p50: f64,
    p90: f64,
    mean: f64,
}

#[derive(Serialize, JsonSchema)]
struct Influence {
    /// `heat`, or the event's name.
    name: String,
    /// The day on which it works most.
    date: NaiveDate,
    /// What it multiplies that day's demand by.
    multiplier: f64,
}

/// The tool.
pub(crate) struct ForecastDemand;

impl Tool for ForecastDemand {
    const NAME: &'static str = "vending_forecast_demand";
    const TITLE: &'static str = "Forecast demand";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/vending/devices/{device}/forecast"));
    const PHRASES: &'static [&'static str] = &[
        "forecast (demand|sales) (for|of|in) {device}",
        "(demand|sales) forecast {device}",
        "how many {product} will {device} sell (next week|in the next days|this week)",
        "how much {product} will we sell (next week|in {device})",
        "what will {device} sell (next week|in the next {days} days|over {days} days)",
        "what will run out in {device} (before the next visit|soon|)",
        "which products (are at risk of|risk|will be) (stockout|running out|out of stock) in {device}",
        "stock-out risk (of|for) {product} in {device}",
        "will {product} run out in {device}",
        "how many {product} should (I|we) (load|bring|stock) (in|for|to) {device}",
        "what (par level|par) should {product} have in {device}",
        "suggest par levels for {device}",
        "(what|how much) to (restock|refill|load) in {device}",
        "expected demand for {product} (next|over) {days} days in {device}",
        "forecast {device} at {degrees_celsius} degrees",
        "what if it gets {degrees_celsius} degrees at {device}",
        "(heat wave|hot weather) forecast for {device}",
        "תחזית (ביקוש|מכירות) ל{device}",
        "כמה {product} יימכרו (בשבוע הבא|ב{device})",
        "מה ייגמר ב{device}",
        "כמה {product} להעמיס ב{device}",
        "מה הסיכון ש{product} ייגמר ב{device}",
        "מה למלא ב{device}",
        "תחזית ל{days} ימים ל{device}",
    ];
    const NARRATION: &'static str = "{% if products and not products[1] %}{% set it = products[0] %}\
         {{ device_id }} will sell about {{ it.units | n0 }} {{ it.product_name }} in the {{ days }} \
         days from {{ first_day }} (between {{ it.units_p10 | n0 }} and {{ it.units_p90 | n0 }} in \
         eight cases of ten).\
         {% if it.risk %} With {{ it.on_hand_units }} on hand the risk of running out before the next \
         visit in {{ days_to_visit }} days is {{ it.stockout_risk_percent | n0 }}%\
         {% if it.suggested_par_units | raw != it.par_units | raw %}; change its par level from \
         {{ it.par_units }} to {{ it.suggested_par_units }}{% endif %}.{% endif %}\
         {% for factor in it.factors[:2] %} {{ factor.name }} multiplies demand by \
         {{ factor.multiplier | n2 }} on {{ factor.date }}.{% endfor %}\
         {% elif products %}{{ device_name }} ({{ device_id }}) will sell about {{ units | n0 }} units \
         in the {{ days }} days from {{ first_day }}, most on {{ busiest.weekday }} \
         {{ busiest.date }} ({{ busiest.units | n0 }}). {% if at_risk %}Likely to run out before \
         the next visit in {{ days_to_visit }} days: {% for it in at_risk[:5] %}\
         {{ it.product_name }} ({{ it.stockout_risk_percent | n0 }}% risk with \
         {{ it.on_hand_units }} on hand, par {{ it.par_units }} to {{ it.suggested_par_units }})\
         {% if not loop.last %}, {% endif %}{% endfor %}\
         {% if at_risk[5] %} and others, {{ at_risk | count }} in all{% endif %}.{% else %}Nothing is \
         likely to run out; the best sellers are \
         {% for it in products[:3] %}{{ it.product_name }} with {{ it.units | n0 }} units\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}\
         {% else %}{{ device_name }} ({{ device_id }}) has sold nothing that a forecast could rest \
         on.{% endif %}";
    const NARRATION_HE: &'static str = "{% if products and not products[1] %}\
         {% set it = products[0] %}ב־{{ days }} הימים מ־{{ first_day }} המכונה {{ device_id }} תמכור \
         בערך {{ it.units | n0 }} יחידות של {{ it.product_name }} (בין {{ it.units_p10 | n0 }} ל־\
         {{ it.units_p90 | n0 }} בשמונה מקרים מעשרה).\
         {% if it.risk %} במלאי {{ it.on_hand_units }} יחידות, והסיכון שיאזלו לפני הביקור הבא בעוד \
         {{ days_to_visit }} ימים הוא {{ it.stockout_risk_percent | n0 }}%\
         {% if it.suggested_par_units | raw != it.par_units | raw %}; מומלץ לשנות את רמת המילוי מ־\
         {{ it.par_units }} ל־{{ it.suggested_par_units }}{% endif %}.{% endif %}\
         {% elif products %}המכונה {{ device_id }} תמכור בערך {{ units | n0 }} יחידות ב־{{ days }} \
         הימים מ־{{ first_day }}, והכי הרבה בתאריך {{ busiest.date }} ({{ busiest.units | n0 }}). \
         {% if at_risk %}עלולים לאזול לפני הביקור הבא בעוד {{ days_to_visit }} ימים: \
         {% for it in at_risk[:5] %}{{ it.product_name }} (סיכון \
         {{ it.stockout_risk_percent | n0 }}%, במלאי {{ it.on_hand_units }}, רמת מילוי מומלצת \
         {{ it.suggested_par_units }}){% if not loop.last %}, {% endif %}{% endfor %}\
         {% if at_risk[5] %} ועוד, {{ at_risk | count }} בסך הכול{% endif %}.{% else %}שום מוצר לא צפוי \
         לאזול; הנמכרים ביותר: {% for it in products[:3] %}\
         {{ it.product_name }} עם {{ it.units | n0 }} יחידות{% if not loop.last %}, {% endif %}\
         {% endfor %}.{% endif %}{% else %}אין במכונה {{ device_id }} מכירות שתחזית יכולה להישען \
         עליהן.{% endif %}";
    const NEXT: &'static [&'static str] = &["vending_set_par_level", "vending_show_planogram"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        let device = "VM-001".into();
        Args { device, product: None, days: Some(7), degrees_celsius: None, event_on: None }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &args.device).await?;
        let product = args.product.as_deref().map(|it| machine.catalogue.named(it)).transpose()?;
        let event_on = args.event_on.as_deref().map(day).transpose()?;
        let days = usize::from(args.days.unwrap_or(7));
        let outlook = Outlook { days, celsius: args.degrees_celsius, event_on };
        let only = product.map(|it| it.product_id.as_str());
        let mut outcomes = demand::ahead(ctx, &machine, outlook, only).await?;
        outcomes.sort_by(|a, b| {
            let key = |it: &Outcome| (it.risk.map_or(0.0, |r| r.probability), total(it));
            let ((risk_a, units_a), (risk_b, units_b)) = (key(a), key(b));
            let by_risk = rounded(risk_b, 3).total_cmp(&rounded(risk_a, 3));
            let by_units = by_risk.then(units_b.total_cmp(&units_a));
            by_units.then_with(|| a.product_id.cmp(&b.product_id))
        });
        Ok(output(&machine, days, &outcomes))
    }
}

fn day(text: &str) -> Result<NaiveDate> {
    let wrong = || Error::invalid("event_on", format!("is no day: write `{text}` as `2026-03-21`"));
    text.parse().map_err(|_| wrong())
}

fn total(it: &Outcome) -> f64 {
    it.forecast.points.iter().map(|point| point.mean).sum()
}

fn output(machine: &Arc<Machine>, days: usize, outcomes: &[Outcome]) -> Output {
    let first_day = machine.trade.until;
    let by_day: Vec<DayTotal> = (0..days)
        .map(|at| {
            let date = first_day + Days::new(at as u64);
            let units = outcomes.iter().filter_map(|it| it.forecast.points.get(at));
            DayTotal {
                date,
                weekday: date.format("%A").to_string(),
                units: rounded(units.map(|it| it.mean).sum(), 1),
            }
        })
        .collect();
    let busiest =
        by_day.iter().max_by(|a, b| a.units.total_cmp(&b.units).then(b.date.cmp(&a.date)));
    let likely = |it: &Outcome| {
        let (risk, stock) = (it.risk.filter(|risk| risk.probability > 0.5)?, it.stock?);
        Some(AtRisk {
            product_id: it.product_id.clone(),
            product_name: machine.catalogue.name_of(&it.product_id).to_owned(),
            stockout_risk_percent: rounded(100.0 * risk.probability, 1),
            on_hand_units: stock.on_hand_units,
            par_units: stock.par_units,
            suggested_par_units: it.par.par as i64,
        })
    };
    Output {
        device_id: machine.device.device_id.clone(),
        device_name: machine.device.name.clone(),
        first_day,
        days,
        units: rounded(outcomes.iter().map(total).sum(), 1),
        busiest: busiest.cloned(),
        by_day,
        days_to_visit: outcomes.iter().find_map(|it| it.stock).map(|it| it.days_to_visit),
        at_risk: outcomes.iter().filter_map(likely).collect(),
        products: outcomes.iter().map(|it| line(machine, first_day, it)).collect(),
    }
}

fn line(machine: &Machine, first_day: NaiveDate, it: &Outcome) -> Line {
    let demand = Demand::new(total(it), it.forecast.dispersion);
    let date = |at: usize| first_day + Days::new(at as u64);
    let day = |(at, point): (usize, &engines::forecast::Point)| Day {
        date: date(at),
        p10: rounded(point.p10, 1),
        p50: rounded(point.p50, 1),
        p90: rounded(point.p90, 1),
        mean: rounded(point.mean, 2),
    };
    Line {
        product_id: it.product_id.clone(),
        product_name: machine.catalogue.name_of(&it.product_id).to_owned(),
        units: rounded(total(it), 1),
        units_p10: demand.quantile(0.1),
        units_p50: demand.quantile(0.5),
        units_p90: demand.quantile(0.9),
        on_hand_units: it.stock.map(|it| it.on_hand_units),
        stockout_risk_percent: it.risk.map(|it| rounded(100.0 * it.probability, 1)),
        risk: it.risk.map(|it| it.band),
        par_units: it.stock.map(|it| it.par_units),
        suggested_par_units: it.par.par as i64,
        suggested_par_risk_percent: rounded(100.0 * it.par.risk, 1),
        by_day: it.forecast.points.iter().enumerate().map(day).collect(),
        factors: it.forecast.factors.iter().filter_map(|f| influence(f, date)).collect(),
    }
}

/// A factor where it works most, if it does more than a fiftieth.
fn influence(
    factor: &engines::forecast::Factor,
    date: impl Fn(usize) -> NaiveDate,
) -> Option<Influence> {
    let days = factor.ahead.iter().copied().enumerate();
    let (at, multiplier) = days.max_by(|a, b| {
        let strength = |it: f64| it.ln().abs();
        strength(a.1).total_cmp(&strength(b.1)).then(b.0.cmp(&a.0))
    })?;
    let name = factor.name.clone();
    let told = (multiplier - 1.0).abs() >= 0.02;
    told.then(|| Influence { name, date: date(at), multiplier: rounded(multiplier, 2) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use store::testing::block_on;
    use toolkit::testing::Bench;

    use super::*;
    use crate::testing::{demo, told};

    async fn forecast(bench: &Bench, arguments: Value) -> Value {
        bench.read(ForecastDemand::NAME, arguments).await.unwrap()
    }

    /// Story 7, test 1: offices want three to four times more on a working day.
    #[test]
    fn an_office_drinks_its_coffee_on_weekdays() {
        block_on(async {
            let bench = demo().await;
            let output = forecast(&bench, json!({ "device": "VM-002" })).await;
            let units = |weekday: &str| {
                let days = output["by_day"].as_array().unwrap();
                days.iter().find(|it| it["weekday"] == weekday).unwrap()["units"].as_f64().unwrap()
            };
            let ratio = units("Monday") / units("Saturday");
            assert!((3.0..=4.2).contains(&ratio), "{ratio}");
            let first = &output["products"][0];
            let total: f64 = output["products"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["units"].as_f64().unwrap())
                .sum();
            assert!((total - output["units"].as_f64().unwrap()).abs() < 2.0);
            assert!(first["units_p10"].as_f64() <= first["units_p50"].as_f64());
            told(ForecastDemand::NAME, &output);
        });
    }

    /// Story 7, tests 2 and 4: heat lifts cold drinks by 40 to 60 %, an event doubles or triples.
    #[test]
    fn heat_and_events_lift_demand() {
        block_on(async {
            let bench = demo().await;
            let ask = async |extra: Value| {
                let mut arguments = json!({ "device": "VM-004", "product": "coke" });
                arguments.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
                forecast(&bench, arguments).await
            };
            let plain = ask(json!({ "degrees_celsius": 20 })).await;
            let hot = ask(json!({ "degrees_celsius": 37 })).await;
            let ratio = hot["units"].as_f64().unwrap() / plain["units"].as_f64().unwrap();
            assert!((1.4..=1.6).contains(&ratio), "{ratio}");
            assert_eq!(hot["products"][0]["factors"][0]["name"], "heat");
            let game = ask(json!({ "degrees_celsius": 20, "event_on": "2026-03-21" })).await;
            let on = |output: &Value| output["by_day"][3]["units"].as_f64().unwrap();
            assert_eq!(game["by_day"][3]["date"], "2026-03-21");
            assert!((2.0..=3.0).contains(&(on(&game) / on(&plain))));
            let [en, _] = told(ForecastDemand::NAME, &game);
            assert!(en.contains("multiplies demand by"), "{en}");
            let refused = bench
                .read(
                    ForecastDemand::NAME,
                    json!({ "device": "VM-004",
                "event_on": "Saturday" }),
                )
                .await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        });
    }

    /// Story 7, test 3.
    #[test]
    fn a_suggested_par_keeps_the_risk_below_ten_percent() {
        block_on(async {
            let bench = demo().await;
            let output = forecast(&bench, json!({ "device": "VM-001" })).await;
            let risky = &output["products"][0];
            assert!(risky["stockout_risk_percent"].as_f64().unwrap() > 30.0, "{risky}");
            for it in output["products"].as_array().unwrap() {
                let fits = it["suggested_par_units"].as_i64().unwrap() < 24;
                let risk = it["suggested_par_risk_percent"].as_f64().unwrap();
                assert!(!fits || risk < 10.0, "{it}");
            }
            told(ForecastDemand::NAME, &output);
            let unsold = json!({ "device": "VM-001", "product": "matcha-latte" });
            let [en, he] = told(ForecastDemand::NAME, &forecast(&bench, unsold).await);
            assert!(en.contains("has sold nothing") && he.contains("אין במכונה"), "{en} {he}");
        });
    }
}
