//! `vending_list_devices`: every machine with its place and its trade.

use chrono::{DateTime, Duration, Utc};
use kernel::{Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{DbResult, Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::figures::rounded;

/// Days that sales are averaged over.
const DAYS: i32 = 28;

/// List the vending machines with their place, kind, fill and daily revenue of the last four
/// weeks, the best earner first. Use it to find a machine's id or to compare machines.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// How many machines there are.
    device_count: usize,
    /// Revenue of all of them a day, US dollars.
    revenue_usd_per_day: f64,
    /// Days that revenue and units are averaged over.
    days: i32,
    /// The best earner first.
    devices: Vec<Listed>,
}

#[derive(Serialize, JsonSchema)]
struct Listed {
    device_id: String,
    name: String,
    location: String,
    /// The machine's type in words.
    device_type: String,
    slots: i64,
    /// Slots without a product.
    empty_slots: i64,
    /// The planogram in force; 0 for none.
    planogram_version: i32,
    /// Days between two restocking visits.
    restock_every_days: i16,
    units_per_day: f64,
    revenue_usd_per_day: f64,
    /// The last sale on record.
    last_sale_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    device_id: String,
    name: String,
    location: String,
    device_type: String,
    slots: i64,
    filled: i64,
    planogram_version: i32,
    restock_every_days: i16,
    units: i64,
    cents: i64,
    last_sale_at: Option<DateTime<Utc>>,
}

/// The tool.
pub(crate) struct ListDevices;

impl Tool for ListDevices {
    const NAME: &'static str = "vending_list_devices";
    const TITLE: &'static str = "List machines";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/vending/devices"));
    const PHRASES: &'static [&'static str] = &[
        "(list|show) (all |)(the |our |my |)(vending |)(machines|devices)",
        "which (vending machines|machines|devices) do we (have|run|operate)",
        "what machines are there",
        "how many (vending |)(machines|devices) do we have",
        "(compare|rank) (the |our |)(machines|devices) by (revenue|sales)",
        "which (machine|device) (earns|makes|sells) the most",
        "which (machine|device) (earns|sells) the least",
        "(overview|summary) of (the |all |)(machines|fleet|devices)",
        "fleet overview",
        "where are our (vending |)machines",
        "revenue (by|per) (machine|device)",
        "machines and their locations",
        "which machines have empty slots",
        "הצג את (כל |)(המכונות|המכשירים)",
        "רשימת (המכונות|מכונות|המכשירים)",
        "אילו מכונות יש לנו",
        "כמה מכונות (אוטומטיות |)יש",
        "איפה עומדות המכונות",
        "איזו מכונה (מוכרת|מכניסה) הכי הרבה",
        "הכנסה לפי מכונה",
    ];
    const NARRATION: &'static str = "{% if devices %}{{ device_count }} machines take \
         {{ revenue_usd_per_day | usd }} a day together, averaged over the last {{ days }} days. \
         {% for it in devices[:5] %}{{ it.device_id }} ({{ it.name }}) takes \
         {{ it.revenue_usd_per_day | usd }}{% if it.empty_slots %} with {{ it.empty_slots }} \
         empty slots{% endif %}{% if not loop.last %}; {% endif %}{% endfor %}.\
         {% else %}There are no machines yet.{% endif %}";
    const NARRATION_HE: &'static str = "{% if devices %}{{ device_count }} מכונות מכניסות יחד \
         {{ revenue_usd_per_day | usd }} ביום, בממוצע על פני {{ days }} הימים האחרונים. \
         {% for it in devices[:5] %}המכונה {{ it.device_id }} ({{ it.name }}) מכניסה \
         {{ it.revenue_usd_per_day | usd }}{% if it.empty_slots %}, ובה {{ it.empty_slots }} תאים \
         ריקים{% endif %}{% if not loop.last %}; {% endif %}{% endfor %}.\
         {% else %}אין עדיין מכונות.{% endif %}";
    const NEXT: &'static [&'static str] = &["vending_show_planogram", "vending_show_heat_zones"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args {}
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args {}: Args) -> Result<Output> {
        let now = ctx.now();
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT device_id, device.name, location, device_type.name AS device_type, \
             restock_every_days, \
             (SELECT count(*) FROM slot WHERE slot.device_id = device.device_id) AS slots, \
             coalesce(plan.version, 0) AS planogram_version, \
             (SELECT count(*) FROM placement WHERE placement.planogram_id = plan.planogram_id) \
              AS filled, coalesce(sold.units, 0)::bigint AS units, \
             coalesce(sold.cents, 0)::bigint AS cents, \
             (SELECT max(sold_at) FROM sale WHERE sale.device_id = device.device_id) \
              AS last_sale_at \
             FROM device JOIN device_type USING (device_type_id) \
             LEFT JOIN LATERAL (SELECT planogram_id, version FROM planogram \
              WHERE planogram.device_id = device.device_id AND effective_from <= $1 \
              ORDER BY version DESC LIMIT 1) plan ON true \
             LEFT JOIN (SELECT device_id, sum(quantity) AS units, \
              sum(quantity::bigint * price_cents) AS cents FROM sale \
              WHERE sold_at >= $2 AND sold_at < $1 GROUP BY device_id) sold USING (device_id) \
             ORDER BY cents DESC, device_id",
        )
        .bind(now)
        .bind(now - Duration::days(DAYS.into()))
        .fetch_all(&mut *ctx.db)
        .await
        .db()?;
        let total: i64 = rows.iter().map(|it| it.cents).sum();
        Ok(Output {
            device_count: rows.len(),
            revenue_usd_per_day: per_day(total as f64 / 100.0),
            days: DAYS,
            devices: rows.into_iter().map(Listed::from).collect(),
        })
    }
}

fn per_day(sum: f64) -> f64 {
    rounded(sum / f64::from(DAYS), 2)
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            empty_slots: row.slots - row.filled,
            units_per_day: per_day(row.units as f64),
            revenue_usd_per_day: per_day(row.cents as f64 / 100.0),
            device_id: row.device_id,
            name: row.name,
            location: row.location,
            device_type: row.device_type,
            slots: row.slots,
            planogram_version: row.planogram_version,
            restock_every_days: row.restock_every_days,
            last_sale_at: row.last_sale_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    #[test]
    fn the_fleet_is_listed_best_earner_first() {
        block_on(async {
            let bench = demo().await;
            let output = bench.read(ListDevices::NAME, json!({})).await.unwrap();
            assert_eq!(output["device_count"], 5);
            let revenue =
                |at: usize| output["devices"][at]["revenue_usd_per_day"].as_f64().unwrap();
            assert!((1..5).all(|at| revenue(at) <= revenue(at - 1)), "{output}");
            assert_eq!(output["devices"][0]["device_id"], "VM-001");
            let [en, he] = told(ListDevices::NAME, &output);
            assert!(en.contains("VM-001 (Central Station) takes $"), "{en}");
            assert!(he.contains("5 מכונות מכניסות יחד"), "{he}");
        });
    }
}
