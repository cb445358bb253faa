//! `fsq_list_lots`: lots by status and product.

use chrono::{DateTime, Utc};
use kernel::{Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{DbResult, Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::figures::{Amount, amount};

/// List lots and batches with product, quantity, date and status, the newest first. A status (active,
/// on hold, recalled) or a product narrows the list; containers are left out.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Only lots of this status.
    #[serde(default)]
    #[schemars(extend("x-synonyms" = {
        "active": ["released", "free", "available", "פעיל", "פעילים", "משוחררים"],
        "on_hold": ["on hold", "held", "hold", "holds", "blocked", "quarantine", "quarantined",
            "מושהה", "מושהים", "מושהית", "מושהות", "בהשהיה", "חסום", "חסומה", "חסומים",
            "חסומות", "בהסגר"],
        "recalled": ["in recall", "ריקול", "בריקול"]
    }))]
    status: Option<Status>,
    /// Only lots whose product's name contains this, e.g. `tuna`.
    #[serde(default)]
    #[schemars(length(max = 100))]
    product: Option<String>,
    /// Most lots to list.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 500))]
    limit: i64,
}

fn default_limit() -> i64 {
    50
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Free to use and ship.
    Active,
    /// Held until somebody decides.
    OnHold,
    /// Recalled.
    Recalled,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::OnHold => "on_hold",
            Status::Recalled => "recalled",
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The status asked for.
    status: Option<Status>,
    /// The product asked for.
    product: Option<String>,
    /// Lots that fit.
    lot_count: i64,
    /// Of them on hold.
    on_hold_count: i64,
    /// Of them recalled.
    recalled_count: i64,
    /// The newest first, at most `limit`.
    lots: Vec<Listed>,
}

#[derive(Serialize, JsonSchema)]
struct Listed {
    /// What people call it.
    lot: String,
    /// The code on record.
    code: String,
    product: String,
    kind: String,
    status: String,
    quantity: Amount,
    produced_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// Why it is held.
    hold_reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    label: String,
    code: String,
    product: Option<String>,
    kind: String,
    status: String,
    quantity: i64,
    unit: String,
    produced_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    hold_reason: Option<String>,
}

const MATCHING: &str = "FROM lot LEFT JOIN product_master USING (product_id) \
     LEFT JOIN lot_hold ON lot_hold.lot_id = lot.lot_id AND released_at IS NULL \
     WHERE kind <> 'logistic' AND ($1::text IS NULL OR status = $1) \
     AND ($2::text IS NULL OR strpos(lower(product_master.name), lower($2)) > 0)";

/// The tool.
pub(crate) struct ListLots;

impl Tool for ListLots {
    const NAME: &'static str = "fsq_list_lots";
    const TITLE: &'static str = "List lots";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/fsq/lots"));
    const PHRASES: &'static [&'static str] = &[
        "(list|show) (all |)(the |our |my |)(lots|batches)",
        "(list|show) (all |the |)(lots|batches) (on hold|that are held|that are blocked)",
        "which (lots|batches) are (on hold|held|blocked|quarantined|recalled|active)",
        "what is on hold( right now| today|)",
        "how many (lots|batches) (do we have|are there|are on hold)",
        "(list|show) (me |)(the |all |)(tuna|hummus|tahini|salmon|chickpea) (lots|batches)",
        "which (lots|batches) of (tuna|hummus|tahini|salmon) do we have",
        "what lots do we have",
        "lots by product",
        "newest (lots|batches)",
        "(all|every) (lot|batch|lots|batches) (in the system|on record|in the plant|)",
        "(list|give) me (all |)(the |)(lots|batches)",
        "open holds",
        "overview of (the |all |)(lots|batches|holds)",
        "blocked stock",
        "(הצג|הראה) את (כל |)(הלוטים|האצוות)",
        "אילו (לוטים|אצוות) (בהשהיה|מושהים|מושהות|חסומים|חסומות)",
        "כמה (לוטים|אצוות) (יש|בהשהיה)",
        "מה (מושהה|חסום) (עכשיו|כרגע|)",
        "רשימת (הלוטים|לוטים|האצוות)",
    ];
    const NARRATION: &'static str = "{% if lots %}{% if lot_count|raw == 1 %}There is{% else %}There \
         are{% endif %} {{ lot_count }} \
         {% if status and status|raw == 'recalled' %}recalled {% elif status and status|raw == \
         'active' %}active {% endif %}lot{% if lot_count|raw != 1 %}s{% endif %}\
         {% if status and status|raw == 'on_hold' %} on hold{% endif %}\
         {% if product %} of products like “{{ product }}”{% endif %}\
         {% if not status %}, {{ on_hold_count }} of them on hold and {{ recalled_count }} recalled\
         {% endif %}: {% for it in lots[:5] %}{{ it.lot }} {{ it.product }} \
         ({{ it.quantity.quantity }} {{ it.quantity.unit }}{% if it.hold_reason %}, held: \
         “{{ it.hold_reason }}”{% endif %}){% if not loop.last %}, {% endif %}{% endfor %}\
         {% if lots[5:] %} and more{% endif %}.{% else %}No lot fits\
         {% if product %} “{{ product }}”{% endif %}{% if status %} with status \
         {{ status | words }}{% endif %}.{% endif %}";
    const NARRATION_HE: &'static str = "{% if lots %}יש {{ lot_count }} לוטים\
         {% if status and status|raw == 'on_hold' %} מושהים{% elif status and status|raw == \
         'recalled' %} בריקול{% elif status and status|raw == 'active' %} פעילים{% endif %}\
         {% if product %} של מוצרים כמו ״{{ product }}״{% endif %}\
         {% if not status %}, מהם {{ on_hold_count }} מושהים ו־{{ recalled_count }} בריקול\
         {% endif %}: {% for it in lots[:5] %}{{ it.lot }} {{ it.product }} \
         ({{ it.quantity.quantity }} {{ it.quantity.unit }}{% if it.hold_reason %}, מושהה: \
         ״{{ it.hold_reason }}״{% endif %}){% if not loop.last %}, {% endif %}{% endfor %}\
         {% if lots[5:] %} ועוד{% endif %}.{% else %}אין לוט מתאים\
         {% if product %} ל״{{ product }}״{% endif %}.{% endif %}";
    const NEXT: &'static [&'static str] = &["fsq_show_lot", "fsq_trace_lot"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { status: None, product: Some("tuna".into()), limit: default_limit() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let status = args.status.map(Status::word);
        let (lot_count, on_hold_count, recalled_count): (i64, i64, i64) =
            sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "SELECT count(*), count(*) FILTER (WHERE status = 'on_hold'), \
                 count(*) FILTER (WHERE status = 'recalled') {MATCHING}"
            )))
            .bind(status)
            .bind(&args.product)
            .fetch_one(&mut *ctx.db)
            .await
            .db()?;
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT label, code, product_master.name AS product, kind, status, quantity, unit, \
             produced_at, expires_at, lot_hold.reason AS hold_reason {MATCHING} \
             ORDER BY produced_at DESC NULLS LAST, label LIMIT $3"
        )))
        .bind(status)
        .bind(&args.product)
        .bind(args.limit)
        .fetch_all(&mut *ctx.db)
        .await
        .db()?;
        Ok(Output {
            status: args.status,
            product: args.product,
            lot_count,
            on_hold_count,
            recalled_count,
            lots: rows.into_iter().map(Listed::from).collect(),
        })
    }
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            lot: row.label,
            code: row.code,
            product: row.product.unwrap_or_else(|| "unnamed product".into()),
            kind: row.kind,
            status: row.status,
            quantity: amount(row.quantity, &row.unit),
            produced_at: row.produced_at,
            expires_at: row.expires_at,
            hold_reason: row.hold_reason,
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
    fn lots_are_listed_by_status_and_product() {
        block_on(async {
            let bench = demo().await;
            let tuna = bench.read(ListLots::NAME, json!({ "product": "TUNA" })).await.unwrap();
            let all = bench.read(ListLots::NAME, json!({ "limit": 3 })).await.unwrap();
            assert!(tuna["lot_count"].as_i64() > Some(4) && all["lot_count"].as_i64() > Some(50));
            assert_eq!(all["lots"].as_array().unwrap().len(), 3);
            let held = bench.read(ListLots::NAME, json!({ "status": "on_hold" })).await.unwrap();
            assert_eq!(
                (held["lot_count"].as_i64(), &held["lots"][0]["lot"]),
                (Some(1), &json!("L24-0125"))
            );
            let none = bench.read(ListLots::NAME, json!({ "status": "recalled" })).await.unwrap();
            for output in [&tuna, &all, &held, &none] {
                eprintln!("{:?}", told(ListLots::NAME, output));
            }
        });
    }
}
