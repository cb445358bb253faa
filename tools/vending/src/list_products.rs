//! `vending_list_products`: what the machines sell, with margin and velocity.

use chrono::Duration;
use kernel::{Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{DbResult, Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::figures::rounded;

/// Days that sales are averaged over.
const DAYS: i32 = 28;

/// List the products that the vending machines sell, with price, margin and what they sell a day
/// over all machines in the last four weeks, the best seller first. A category narrows the list.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Only this category, e.g. `soda`, `chips`, `candy`.
    #[serde(default)]
    category: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    product_count: usize,
    /// Days that sales are averaged over.
    days: i32,
    /// Every category with a product.
    categories: Vec<String>,
    /// The best seller first.
    products: Vec<Listed>,
}

#[derive(Serialize, JsonSchema)]
struct Listed {
    product_id: String,
    name: String,
    category: String,
    price_usd: f64,
    margin_usd: f64,
    /// Margin in percent of the price.
    margin_percent: f64,
    /// The temperature it needs.
    storage: String,
    /// Machines that it stands in.
    machines: i64,
    units_per_day: f64,
    /// Margin earned a day, US dollars.
    margin_usd_per_day: f64,
}

#[derive(sqlx::FromRow)]
struct Row {
    product_id: String,
    name: String,
    category: String,
    price_cents: i32,
    margin_cents: i32,
    storage: String,
    machines: i64,
    units: i64,
}

/// The tool.
pub(crate) struct ListProducts;

impl Tool for ListProducts {
    const NAME: &'static str = "vending_list_products";
    const TITLE: &'static str = "List products";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/vending/products"));
    const PHRASES: &'static [&'static str] = &[
        "(list|show) (all |)(the |our |)(vending |)products",
        "which products do (we|the machines) sell",
        "what do our machines sell",
        "what are (our|the) best (sellers|selling products)",
        "top (selling |)products (over all|across) machines",
        "which products (sell|move) (the best|fastest|slowest)",
        "(slow|fast) movers (in the machines|)",
        "which product has the (best|highest|lowest) margin",
        "margin (by|per) product",
        "(price list|prices) of the (vending |)products",
        "vending (assortment|catalogue|catalog)",
        "which products are in no machine",
        "show the margins of our (vending |)products",
        "(everything|all items) (we|our machines) sell",
        "prices and margins of (all|our) (items|products)",
        "which (items|products) sell (badly|hardly at all|least)",
        "assortment (over|across) all (our |the |)machines",
        "what (items|products) do we (carry|stock) in the fleet",
        "(most|least) profitable (items|products)",
        "מה נמכר (אצלנו |)הכי (הרבה|טוב|פחות)",
        "(מאיזה|על איזה) (מוצר|פריט) אנחנו מרוויחים הכי הרבה",
        "רשימת (המוצרים|מוצרים) (במכונות|)",
        "אילו מוצרים המכונות מוכרות",
        "מה המוצרים הנמכרים ביותר",
        "לאיזה מוצר יש את הרווח הגבוה ביותר",
        "מחירון המוצרים במכונות",
        "מה מוכרות המכונות שלנו",
    ];
    const NARRATION: &'static str = "{% if products %}The machines sell {{ product_count }} products; \
         over the last {{ days }} days the best sellers are {% for it in products[:5] %}{{ it.name }} \
         ({{ it.units_per_day | n1 }} a day, margin {{ it.margin_usd | usd }})\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% else %}There are no such products; the \
         categories are {% for it in categories[:12] %}{{ it }}{% if not loop.last %}, {% endif %}\
         {% endfor %}.{% endif %}";
    const NARRATION_HE: &'static str = "{% if products %}המכונות מוכרות {{ product_count }} מוצרים; ב־\
         {{ days }} הימים האחרונים הנמכרים ביותר הם {% for it in products[:5] %}{{ it.name }} \
         ({{ it.units_per_day | n1 }} יחידות ביום, רווח ליחידה {{ it.margin_usd | usd }})\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% else %}אין מוצרים כאלה במכונות. כדאי לבדוק את \
         שם הקטגוריה ולנסות שוב עם אחת הקטגוריות הקיימות במערכת, כפי שהן כתובות כאן: \
         {% for it in categories[:12] %}{{ it }}{% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}";
    const NEXT: &'static [&'static str] = &["vending_suggest_neighbors", "vending_list_devices"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { category: None }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args { category }: Args) -> Result<Output> {
        let now = ctx.now();
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT product_id, name, category, price_cents, margin_cents, storage, \
             (SELECT count(DISTINCT planogram.device_id) FROM placement \
              JOIN planogram USING (planogram_id) WHERE placement.product_id = product.product_id \
              AND version = (SELECT max(version) FROM planogram AS newer \
               WHERE newer.device_id = planogram.device_id AND newer.effective_from <= $1)) \
              AS machines, coalesce(units, 0)::bigint AS units \
             FROM product LEFT JOIN (SELECT product_id, sum(quantity) AS units FROM sale \
              WHERE sold_at >= $2 AND sold_at < $1 GROUP BY product_id) sold USING (product_id) \
             ORDER BY units DESC, product_id",
        )
        .bind(now)
        .bind(now - Duration::days(DAYS.into()))
        .fetch_all(&mut *ctx.db)
        .await
        .db()?;
        let mut categories: Vec<String> = rows.iter().map(|it| it.category.clone()).collect();
        categories.sort_unstable();
        categories.dedup();
        let wanted = |row: &Row| {
            let same = |it: &String| it.trim().to_lowercase() == row.category.to_lowercase();
            category.as_ref().is_none_or(same)
        };
        let products: Vec<Listed> = rows.into_iter().filter(wanted).map(Listed::from).collect();
        Ok(Output { product_count: products.len(), days: DAYS, categories, products })
    }
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let (price, margin) = (f64::from(row.price_cents), f64::from(row.margin_cents));
        let a_day = row.units as f64 / f64::from(DAYS);
        Self {
            price_usd: price / 100.0,
            margin_usd: margin / 100.0,
            margin_percent: if price > 0.0 { rounded(100.0 * margin / price, 1) } else { 0.0 },
            units_per_day: rounded(a_day, 2),
            margin_usd_per_day: rounded(a_day * margin / 100.0, 2),
            product_id: row.product_id,
            name: row.name,
            category: row.category,
            storage: row.storage,
            machines: row.machines,
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
    fn products_are_listed_best_seller_first() {
        block_on(async {
            let bench = demo().await;
            let output = bench.read(ListProducts::NAME, json!({})).await.unwrap();
            assert_eq!(output["products"][0]["product_id"], "coca-cola", "{output}");
            assert_eq!(output["products"][0]["machines"], 5);
            let [en, _] = told(ListProducts::NAME, &output);
            assert!(en.contains("Coca-Cola ("), "{en}");
            let chips =
                bench.read(ListProducts::NAME, json!({ "category": "Chips" })).await.unwrap();
            assert_eq!(chips["product_count"], 7);
            let none =
                bench.read(ListProducts::NAME, json!({ "category": "shoes" })).await.unwrap();
            let [en, he] = told(ListProducts::NAME, &none);
            assert!(en.contains("soda") && he.contains("soda"), "{en}");
        });
    }
}
