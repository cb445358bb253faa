//! Planograms: what stands where in a machine, version by version.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use engines::score::Placement;
use engines::zones::Slot;
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::DbResult;

/// One version of what stands where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planogram {
    pub(crate) planogram_id: String,
    pub(crate) version: i32,
    pub(crate) effective_from: DateTime<Utc>,
    pub(crate) made_by: String,
    pub(crate) note: String,
    /// The product in each slot.
    pub(crate) placed: BTreeMap<Slot, String>,
}

impl Planogram {
    /// The placements as the engines take them.
    pub(crate) fn placements(&self) -> Vec<Placement> {
        let placed = self.placed.iter();
        placed.map(|(&slot, id)| Placement { slot, product_id: id.clone() }).collect()
    }

    /// The slots that hold a product.
    pub(crate) fn slots_of(&self, product_id: &str) -> Vec<Slot> {
        let of = |(&slot, id): (&Slot, &String)| (id == product_id).then_some(slot);
        self.placed.iter().filter_map(of).collect()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    planogram_id: String,
    version: i32,
    effective_from: DateTime<Utc>,
    made_by: String,
    note: String,
    slot_label: Option<String>,
    product_id: Option<String>,
}

/// Every version that was in force for a device by an instant, the oldest first.
pub(crate) async fn history(
    db: &mut PgConnection,
    device_id: &str,
    until: DateTime<Utc>,
) -> Result<Vec<Planogram>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT planogram_id, version, effective_from, made_by, note, slot_label, product_id \
         FROM planogram LEFT JOIN placement USING (planogram_id) \
         WHERE device_id = $1 AND effective_from <= $2 ORDER BY version, slot_label",
    )
    .bind(device_id)
    .bind(until)
    .fetch_all(db)
    .await
    .db()?;
    let mut versions: Vec<Planogram> = Vec::new();
    for row in rows {
        if versions.last().is_none_or(|it| it.version != row.version) {
            versions.push(Planogram {
                planogram_id: row.planogram_id,
                version: row.version,
                effective_from: row.effective_from,
                made_by: row.made_by,
                note: row.note,
                placed: BTreeMap::new(),
            });
        }
        if let (Some(version), Some(label), Some(product)) =
            (versions.last_mut(), row.slot_label, row.product_id)
        {
            version.placed.insert(label.parse().map_err(Error::internal)?, product);
        }
    }
    Ok(versions)
}

/// Keep a new version.
pub(crate) async fn insert(
    db: &mut PgConnection,
    device_id: &str,
    planogram: &Planogram,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO planogram (planogram_id, device_id, version, effective_from, made_by, note) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&planogram.planogram_id)
    .bind(device_id)
    .bind(planogram.version)
    .bind(planogram.effective_from)
    .bind(&planogram.made_by)
    .bind(&planogram.note)
    .execute(&mut *db)
    .await
    .db()?;
    let (labels, products): (Vec<String>, Vec<String>) =
        planogram.placed.iter().map(|(slot, id)| (slot.to_string(), id.clone())).unzip();
    sqlx::query(
        "INSERT INTO placement (planogram_id, slot_label, product_id) \
         SELECT $1, * FROM unnest($2::text[], $3::text[])",
    )
    .bind(&planogram.planogram_id)
    .bind(labels)
    .bind(products)
    .execute(db)
    .await
    .db()?;
    Ok(())
}
