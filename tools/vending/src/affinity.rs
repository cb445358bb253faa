//! Which products sell together, over all machines: the tenant's affinity model.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDateTime, Timelike};
use engines::affinity::{AffinityModel, Basket, Daypart, Hemisphere, Season};
use kernel::Result;
use sqlx::PgConnection;
use toolkit::{DbResult, ToolContext};

use crate::machine::AREAS;
use crate::trade::WINDOW_DAYS;

/// The affinity of products in the last 180 days of sales, kept until the records change.
pub(crate) async fn model(ctx: &mut ToolContext<'_>) -> Result<Arc<AffinityModel>> {
    let now = ctx.now();
    let name = format!("vending.affinity:{}", now.date_naive());
    ctx.derived(&name, &AREAS, |db| Box::pin(load(db, now.naive_utc()))).await
}

type Row = (Vec<String>, NaiveDateTime, bool);

async fn load(db: &mut PgConnection, now: NaiveDateTime) -> Result<AffinityModel> {
    let last: Option<NaiveDateTime> =
        sqlx::query_scalar("SELECT max(sold_at) AT TIME ZONE 'UTC' FROM sale WHERE sold_at < $1")
            .bind(now.and_utc())
            .fetch_one(&mut *db)
            .await
            .db()?;
    let since = last.unwrap_or(now).min(now) - Days::new(WINDOW_DAYS);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT array_agg(DISTINCT product_id), \
         min((sold_at AT TIME ZONE 'UTC') + make_interval(mins => utc_offset_minutes)), \
         bool_and(time_known) FROM sale JOIN device USING (device_id) \
         WHERE sold_at >= $1 AND sold_at < $2 GROUP BY device_id, basket_id \
         ORDER BY device_id, basket_id",
    )
    .bind(since.and_utc())
    .bind(now.and_utc())
    .fetch_all(&mut *db)
    .await
    .db()?;
    let categories: Vec<(String, String)> =
        sqlx::query_as("SELECT product_id, category FROM product").fetch_all(db).await.db()?;
    let categories: BTreeMap<String, String> = categories.into_iter().collect();
    let mut model = AffinityModel::with_categories(&categories);
    for (products, local, time_known) in rows {
        let season = Some(Season::of_month(local.month(), Hemisphere::Northern));
        let daypart = time_known.then(|| Daypart::of_hour(local.hour()));
        model.add(&Basket { products, season, daypart });
    }
    Ok(model)
}
