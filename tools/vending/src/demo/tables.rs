//! Writing the demo: everything in bulk, since a row at a time would take a minute.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use kernel::Result;
use sqlx::PgConnection;
use toolkit::DbResult;

use super::assortment::ITEMS;
use super::fleet::{Spot, TYPES};
use super::trade::{Sold, UTC_OFFSET_MINUTES, celsius};
use super::{DAYS, EVENTS};

/// Rows in one statement.
const BATCH: usize = 4_000;

pub(super) async fn types_and_products(db: &mut PgConnection) -> Result<()> {
    for (id, name, machine, rows, columns, door) in TYPES {
        sqlx::query(
            "INSERT INTO device_type (device_type_id, name, machine, row_count, column_count, door) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(name)
        .bind(machine)
        .bind(rows)
        .bind(columns)
        .bind(door)
        .execute(&mut *db)
        .await
        .db()?;
    }
    let texts = |of: fn(&super::assortment::Item) -> &str| {
        ITEMS.iter().map(|it| of(it).to_owned()).collect::<Vec<String>>()
    };
    let numbers =
        |of: fn(&super::assortment::Item) -> i32| ITEMS.iter().map(of).collect::<Vec<_>>();
    let aliases: Vec<String> = ITEMS.iter().map(|it| it.aliases.join("|")).collect();
    sqlx::query(
        "INSERT INTO product (product_id, name, category, price_cents, cost_cents, storage, \
         weight_grams, aliases) \
         SELECT id, name, category, price, cost, storage, grams, string_to_array(aliases, '|') \
         FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], \
         $7::int[], $8::text[]) AS it(id, name, category, price, cost, storage, grams, aliases)",
    )
    .bind(texts(|it| it.id))
    .bind(texts(|it| it.name))
    .bind(texts(|it| it.category))
    .bind(numbers(|it| it.cents.0))
    .bind(numbers(|it| it.cents.1))
    .bind(texts(|it| it.storage))
    .bind(numbers(|it| it.weight_grams))
    .bind(aliases)
    .execute(db)
    .await
    .db()?;
    Ok(())
}

pub(super) async fn device(
    db: &mut PgConnection,
    spot: &Spot,
    added_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO device (device_id, device_type_id, name, location, aliases, \
         restock_every_days, utc_offset_minutes, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(spot.id)
    .bind(spot.device_type)
    .bind(spot.name)
    .bind(spot.location)
    .bind(spot.aliases.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
    .bind(spot.restock_every_days)
    .bind(UTC_OFFSET_MINUTES as i16)
    .bind(added_at)
    .execute(&mut *db)
    .await
    .db()?;
    let slots = spot.slots();
    let chilled = |row: usize| spot.chilled_rows.contains(&row);
    let text = |chilled| if chilled { "chilled" } else { "ambient" }.to_owned();
    let column = |of: fn(usize) -> i32| slots.iter().map(|it| of(it.1)).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO slot (device_id, slot_label, coil, capacity_units, storage, max_item_grams) \
         SELECT $1, label, coil, capacity, storage, grams FROM unnest($2::text[], $3::text[], \
         $4::int[], $5::text[], $6::int[]) AS it(label, coil, capacity, storage, grams)",
    )
    .bind(spot.id)
    .bind(slots.iter().map(|it| it.0.clone()).collect::<Vec<_>>())
    .bind(slots.iter().map(coil).collect::<Vec<_>>())
    .bind(column(|row| if row < 3 { 24 } else { 36 }))
    .bind(slots.iter().map(|it| text(chilled(it.1))).collect::<Vec<_>>())
    .bind(column(|row| if row == 0 { 350 } else { 900 }))
    .execute(db)
    .await
    .db()?;
    Ok(())
}

/// Controllers count rows from 1 and columns from 0: B3 is coil 122.
fn coil((label, row): &(String, usize)) -> String {
    let column: usize = label[1..].parse().unwrap_or(1);
    format!("1{}{}", row + 1, column - 1)
}

pub(super) async fn influences(
    db: &mut PgConnection,
    spot: &Spot,
    now: DateTime<Utc>,
) -> Result<()> {
    let today = (now + Duration::minutes(UTC_OFFSET_MINUTES)).date_naive();
    let first = today - Days::new(DAYS);
    let days: Vec<NaiveDate> = first.iter_days().take(DAYS as usize + 14).collect();
    sqlx::query(
        "INSERT INTO influence (device_id, day, kind, value) \
         SELECT $1, day, 'heat', value FROM unnest($2::date[], $3::float8[]) AS it(day, value)",
    )
    .bind(spot.id)
    .bind(&days)
    .bind(days.iter().map(|&day| celsius(day)).collect::<Vec<_>>())
    .execute(&mut *db)
    .await
    .db()?;
    if spot.id != "VM-001" {
        return Ok(());
    }
    for (offset, name) in EVENTS {
        sqlx::query(
            "INSERT INTO influence (device_id, day, kind, name, value) \
             VALUES ($1, $2, 'event', $3, 1)",
        )
        .bind(spot.id)
        .bind(today + Duration::days(offset))
        .bind(name)
        .execute(&mut *db)
        .await
        .db()?;
    }
    Ok(())
}

/// Par levels at a little more than half of what fits, filled at an instant.
pub(super) async fn par_levels(
    db: &mut PgConnection,
    spot: &Spot,
    filled_at: DateTime<Utc>,
) -> Result<()> {
    let placed = spot.placed();
    let par = |label: &str| if label < "D" { 14 } else { 20 };
    sqlx::query(
        "INSERT INTO par_level (device_id, product_id, par_units, filled_at) \
         SELECT $1, product, par, $4 FROM unnest($2::text[], $3::int[]) AS it(product, par)",
    )
    .bind(spot.id)
    .bind(placed.iter().map(|it| it.1.to_owned()).collect::<Vec<_>>())
    .bind(placed.iter().map(|it| par(&it.0)).collect::<Vec<i32>>())
    .bind(filled_at)
    .execute(db)
    .await
    .db()?;
    Ok(())
}

/// Without statistics the planner would guess badly about tables that were empty a moment ago.
pub(super) async fn analyse(db: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("ANALYZE sale; ANALYZE placement; ANALYZE product").execute(db).await.db()?;
    Ok(())
}

/// Sales as columns, which is how they are inserted.
#[derive(Default)]
pub(super) struct Sales {
    ids: Vec<String>,
    labels: Vec<String>,
    products: Vec<String>,
    instants: Vec<DateTime<Utc>>,
    prices: Vec<i32>,
    baskets: Vec<String>,
}

impl Sales {
    #[cfg(test)]
    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.ids.iter()
    }

    pub(super) fn extend(&mut self, spot: &Spot, day: NaiveDate, sold: impl Iterator<Item = Sold>) {
        for (at, line) in sold.enumerate() {
            let name = format!("{}-{}", spot.id, day.format("%y%m%d"));
            self.ids.push(format!("{name}-{at}"));
            self.baskets.push(format!("{name}-{}", line.basket));
            self.labels.push(line.label);
            self.products.push(line.item.id.to_owned());
            self.prices.push(line.item.cents.0);
            self.instants.push(line.at);
        }
    }

    pub(super) async fn insert(&self, db: &mut PgConnection, spot: &Spot) -> Result<()> {
        for from in (0..self.ids.len()).step_by(BATCH) {
            let to = (from + BATCH).min(self.ids.len());
            sqlx::query(
                "INSERT INTO sale (sale_id, device_id, slot_label, product_id, sold_at, quantity, \
                 price_cents, basket_id) SELECT id, $1, label, product, at, 1, price, basket FROM \
                 unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[], \
                 $7::text[]) AS it(id, label, product, at, price, basket)",
            )
            .bind(spot.id)
            .bind(&self.ids[from..to])
            .bind(&self.labels[from..to])
            .bind(&self.products[from..to])
            .bind(&self.instants[from..to])
            .bind(&self.prices[from..to])
            .bind(&self.baskets[from..to])
            .execute(&mut *db)
            .await
            .db()?;
        }
        Ok(())
    }
}
