//! `vending_set_par_level`: what to fill a product up to.

use engines::forecast::Demand;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{DbResult, Effect, Route, Tool, ToolContext};

use crate::WRITE;
use crate::demand::{self, Outlook};
use crate::figures::rounded;
use crate::machine::Machine;

/// Set the par level of a product in a vending machine: the units it is filled up to at each
/// visit. Without units the level that demand asks for is taken. The change is shown first and
/// made only when a person confirms it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[schemars(extend("x-slot" = "device"))]
    device: String,
    /// The product: its id, name or alias.
    #[schemars(extend("x-slot" = "product"))]
    product: String,
    /// Units to fill up to, 0 to 1000; what demand asks for when absent.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000), extend("x-slot" = "quantity"))]
    units: Option<u16>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    device_id: String,
    product_id: String,
    product_name: String,
    /// The par level before; absent when there was none.
    par_units_before: Option<i64>,
    par_units: i64,
    /// What demand between two visits asks for, within what fits.
    suggested_par_units: i64,
    /// Units that fit in its slots.
    capacity_units: i64,
    restock_every_days: i16,
    /// Risk of running out between two visits before, percent.
    stockout_risk_percent_before: Option<f64>,
    /// The same with the new par level.
    stockout_risk_percent: f64,
}

/// The tool.
pub(crate) struct SetParLevel;

impl Tool for SetParLevel {
    const NAME: &'static str = "vending_set_par_level";
    const TITLE: &'static str = "Set a par level";
    const EFFECT: Effect = Effect::Change;
    const PERMISSION: Permission = WRITE;
    const ROUTE: Option<Route> = Some(Route::post("/v1/vending/devices/{device}/par-levels"));
    const PHRASES: &'static [&'static str] = &[
        "set (the |)par (level |)of {product} (in {device} |)to {units}",
        "(change|raise|lower) (the |)par (level |)(of|for) {product} to {units}",
        "set par {product} {units}",
        "fill {product} up to {units} (in {device}|)",
        "keep {units} {product} in {device}",
        "always (load|stock) {units} {product}",
        "apply the (suggested|recommended) par (level |)(for|of) {product} (in {device}|)",
        "accept the par (suggestion|level) for {product}",
        "update the par level of {product} in {device}",
        "adjust {product} par in {device}",
        "use the suggested par for {product}",
        "the par of {product} (should be|is now) {units}",
        "(set |)target (stock|level) of {product} (to|at|is) {units} (in {device}|)",
        "{product} needs a par (level |)of {units}",
        "קבע רמת מילוי של {units} ל{product}",
        "עדכן את רמת המילוי של {product} ל{units} (ב{device}|)",
        "העלה את רמת המילוי של {product} ל{units}",
        "החל את רמת המילוי המומלצת ל{product}",
        "שנה את המלאי הרצוי של {product} ל{units} יחידות",
    ];
    const NARRATION: &'static str = "The par level of {{ product_name }} in {{ device_id }} goes\
         {% if par_units_before %} from {{ par_units_before }}{% endif %} to {{ par_units }} units. \
         With a visit every {{ restock_every_days }} days the risk of running out is \
         {{ stockout_risk_percent | n1 }}%{% if stockout_risk_percent_before %}, before it was \
         {{ stockout_risk_percent_before | n1 }}%{% endif %}; demand asks for \
         {{ suggested_par_units }} units and {{ capacity_units }} fit.";
    const NARRATION_HE: &'static str = "רמת המילוי של {{ product_name }} במכונה {{ device_id }} משתנה\
         {% if par_units_before %} מ־{{ par_units_before }}{% endif %} ל־{{ par_units }} יחידות. עם \
         ביקור כל {{ restock_every_days }} ימים הסיכון שייגמר הוא {{ stockout_risk_percent | n1 }}%\
         {% if stockout_risk_percent_before %}, לפני כן {{ stockout_risk_percent_before | n1 }}%\
         {% endif %}; הביקוש מצדיק {{ suggested_par_units }} יחידות, ויש מקום ל־\
         {{ capacity_units }}.";
    const NEXT: &'static [&'static str] = &["vending_forecast_demand"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { device: "VM-001".into(), product: "coca-cola".into(), units: None }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let machine = Machine::of(ctx, &args.device).await?;
        let product = machine.catalogue.named(&args.product)?;
        let (id, device) = (product.product_id.as_str(), &machine.device);
        let capacity_units = machine.capacity_of(id);
        if capacity_units == 0 {
            return Err(Error::invalid(
                "product",
                format!(
                    "`{}` does not stand in `{}`: place it first",
                    product.name, device.device_id
                ),
            ));
        }
        let outlook = Outlook { days: 7, celsius: None, event_on: None };
        let found = demand::ahead(ctx, &machine, outlook, Some(id)).await?.into_iter().next();
        let Some(found) = found else {
            return Err(Error::invalid(
                "product",
                format!("`{}` was never sold there: nothing tells its demand yet", product.name),
            ));
        };
        let suggested = found.par.par as i64;
        let par_units = args.units.map_or(suggested, i64::from);
        if par_units > capacity_units {
            return Err(Error::invalid(
                "units",
                format!("must be at most {capacity_units}, got `{par_units}`: no more fit"),
            ));
        }
        let cycle = usize::try_from(device.restock_every_days).unwrap_or(1);
        let demand = Demand::new(demand::over(&found.forecast, cycle), found.forecast.dispersion);
        let percent = |par: i64| rounded(100.0 * demand.exceeds(par as f64), 1);
        let now = ctx.now();
        sqlx::query(
            "INSERT INTO par_level (device_id, product_id, par_units, filled_at) \
             VALUES ($1, $2, $3, $4) \
             ON CONFLICT (device_id, product_id) DO UPDATE SET par_units = excluded.par_units",
        )
        .bind(&device.device_id)
        .bind(id)
        .bind(i32::try_from(par_units).unwrap_or(i32::MAX))
        .bind(now)
        .execute(&mut *ctx.db)
        .await
        .db()?;
        let before = found.stock.map(|it| it.par_units);
        Ok(Output {
            device_id: device.device_id.clone(),
            product_id: id.to_owned(),
            product_name: product.name.clone(),
            par_units_before: before,
            par_units,
            suggested_par_units: suggested,
            capacity_units,
            restock_every_days: device.restock_every_days,
            stockout_risk_percent_before: before.map(percent),
            stockout_risk_percent: percent(par_units),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    /// Story 7, test 3: the suggested level brings the risk below ten percent.
    #[test]
    fn the_suggested_level_is_taken_kept_and_safe() {
        block_on(async {
            let bench = demo().await;
            let apply = json!({ "device": "VM-001", "product": "classic-chips" });
            let output = bench.write(SetParLevel::NAME, apply.clone()).await.unwrap();
            assert!(output["stockout_risk_percent"].as_f64().unwrap() < 10.0, "{output}");
            told(SetParLevel::NAME, &output);
            let again = bench.read(SetParLevel::NAME, apply).await.unwrap();
            assert_eq!(again["par_units_before"], output["par_units"]);
        });
    }

    #[test]
    fn more_than_fits_is_refused() {
        block_on(async {
            let bench = demo().await;
            let call = |units: i64, product: &str| {
                bench.call(
                    SetParLevel::NAME,
                    json!({ "device": "VM-001", "product": product, "units": units }),
                )
            };
            let refused = call(500, "coke").await.unwrap_err().to_string();
            assert_eq!(refused, "`units` must be at most 36, got `500`: no more fit");
            assert!(matches!(call(5, "jerky").await, Err(Error::Invalid { .. })));
        });
    }
}
