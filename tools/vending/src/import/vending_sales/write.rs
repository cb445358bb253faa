//! Writing what a sales report tells.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::Result;
use sqlx::PgConnection;
use toolkit::DbResult;

use super::super::report_line::ReportLine;
use super::{NewMachine, ProductIds, sale_ids};
use crate::records::planogram::{self, Planogram};

/// Rows in one statement.
const BATCH: usize = 2_000;

pub(super) async fn products(
    db: &mut PgConnection,
    new: &BTreeMap<String, &ReportLine>,
) -> Result<()> {
    let category = |it: &&ReportLine| match it.category.as_str() {
        "" => "other".to_owned(),
        category => category.to_owned(),
    };
    sqlx::query(
        "INSERT INTO product (product_id, name, category, price_cents, cost_cents) \
         SELECT id, name, category, price, 0 FROM unnest($1::text[], $2::text[], $3::text[], \
         $4::int[]) AS it(id, name, category, price)",
    )
    .bind(new.keys().cloned().collect::<Vec<_>>())
    .bind(new.values().map(|it| it.product.clone()).collect::<Vec<_>>())
    .bind(new.values().map(category).collect::<Vec<_>>())
    .bind(new.values().map(|it| it.price_cents).collect::<Vec<_>>())
    .execute(db)
    .await
    .db()?;
    Ok(())
}

/// A machine with the smallest grid that holds its coils, and a planogram of what they sold last.
pub(super) async fn machine(
    db: &mut PgConnection,
    (device_id, machine): (&str, &NewMachine<'_>),
    products: &ProductIds<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (rows, columns) = (machine.rows, machine.columns);
    let type_id = format!("grid-{rows}x{columns}");
    sqlx::query(
        "INSERT INTO device_type (device_type_id, name, machine, row_count, column_count) \
         VALUES ($1, $2, 'generic', $3, $4) ON CONFLICT (device_type_id) DO NOTHING",
    )
    .bind(&type_id)
    .bind(format!("Machine of {rows} rows and {columns} columns"))
    .bind(i16::from(rows))
    .bind(i16::from(columns))
    .execute(&mut *db)
    .await
    .db()?;
    sqlx::query(
        "INSERT INTO device (device_id, device_type_id, name, location, added_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(device_id)
    .bind(&type_id)
    .bind(machine.name)
    .bind(machine.location)
    .bind(now)
    .execute(&mut *db)
    .await
    .db()?;
    let placed = machine.last.iter().map(|(&slot, line)| (slot, products.id(line)));
    let planogram = Planogram {
        planogram_id: format!("{device_id}-v1"),
        version: 1,
        effective_from: machine.first_sale,
        made_by: "import".into(),
        note: "what each coil sold last".into(),
        placed: placed.collect(),
    };
    planogram::insert(db, device_id, &planogram).await
}

/// Slots that the lines name and the machines lack.
pub(super) async fn slots(db: &mut PgConnection, lines: &[ReportLine]) -> Result<()> {
    let wanted: BTreeSet<(&str, String, &str)> = lines
        .iter()
        .map(|it| (it.device_id.as_str(), it.slot.to_string(), it.coil.as_str()))
        .collect();
    sqlx::query(
        "INSERT INTO slot (device_id, slot_label, coil) \
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING",
    )
    .bind(wanted.iter().map(|it| it.0.to_owned()).collect::<Vec<_>>())
    .bind(wanted.iter().map(|it| it.1.clone()).collect::<Vec<_>>())
    .bind(wanted.iter().map(|it| it.2.to_owned()).collect::<Vec<_>>())
    .execute(db)
    .await
    .db()?;
    Ok(())
}

/// Write the sales; how many were new.
pub(super) async fn sales(
    db: &mut PgConnection,
    lines: &[ReportLine],
    products: &ProductIds<'_>,
    progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<usize> {
    let ids = sale_ids(lines);
    let mut added = 0;
    for (at, (ids, batch)) in ids.chunks(BATCH).zip(lines.chunks(BATCH)).enumerate() {
        let texts = |of: fn(&ReportLine) -> String| batch.iter().map(of).collect::<Vec<_>>();
        let baskets = batch.iter().zip(ids).map(|(it, id)| match it.transaction.as_str() {
            "" => id.clone(),
            transaction => transaction.to_owned(),
        });
        let done = sqlx::query(
            "INSERT INTO sale (sale_id, device_id, slot_label, product_id, sold_at, time_known, \
             quantity, price_cents, basket_id) SELECT * FROM unnest($1::text[], $2::text[], \
             $3::text[], $4::text[], $5::timestamptz[], $6::bool[], $7::int[], $8::int[], \
             $9::text[]) ON CONFLICT (sale_id) DO NOTHING",
        )
        .bind(ids)
        .bind(texts(|it| it.device_id.clone()))
        .bind(texts(|it| it.slot.to_string()))
        .bind(batch.iter().map(|it| products.id(it)).collect::<Vec<_>>())
        .bind(batch.iter().map(|it| it.sold_at).collect::<Vec<_>>())
        .bind(batch.iter().map(|it| it.time_known).collect::<Vec<_>>())
        .bind(batch.iter().map(|it| it.quantity).collect::<Vec<_>>())
        .bind(batch.iter().map(|it| it.price_cents).collect::<Vec<_>>())
        .bind(baskets.collect::<Vec<_>>())
        .execute(&mut *db)
        .await
        .db()?;
        added += usize::try_from(done.rows_affected()).unwrap_or(0);
        progress((at * BATCH + batch.len()).min(lines.len()), lines.len());
    }
    Ok(added)
}
