//! Devices: vending machines, their grids and their slots.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use engines::score::{Size, SlotSpec};
use engines::zones::{Door, Layout, Machine, Slot};
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::{DbResult, nearest};

use super::{product, same_name};

/// A vending machine.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Device {
    pub(crate) device_id: String,
    pub(crate) name: String,
    pub(crate) location: String,
    pub(crate) aliases: Vec<String>,
    /// Days between two visits of the person who fills it.
    pub(crate) restock_every_days: i16,
    pub(crate) utc_offset_minutes: i16,
    pub(crate) type_name: String,
    pub(crate) machine: String,
    row_count: i16,
    column_count: i16,
    door: String,
    warm_rows: Vec<i16>,
}

/// A place in a machine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SlotRecord {
    pub(crate) spec: SlotSpec,
    pub(crate) capacity_units: i64,
}

impl Device {
    /// The grid that heat zones are drawn on.
    pub(crate) fn layout(&self) -> Layout {
        let small = |n: i16| u8::try_from(n).unwrap_or(1);
        let machine = match self.machine.as_str() {
            "snack" => Machine::Snack,
            "cooler" => Machine::Cooler,
            _ => Machine::Generic,
        };
        let door = match self.door.as_str() {
            "left" => Door::Left,
            "right" => Door::Right,
            _ => Door::None,
        };
        let warm_rows = self.warm_rows.iter().map(|&row| small(row)).collect();
        let layout = Layout::new(machine, small(self.row_count), small(self.column_count));
        Layout { door, warm_rows, ..layout }
    }

    /// The calendar day at the machine at an instant.
    pub(crate) fn day_at(&self, instant: DateTime<Utc>) -> NaiveDate {
        (instant + Duration::minutes(self.utc_offset_minutes.into())).date_naive()
    }
}

/// Every device, by id.
pub(crate) async fn all(db: &mut PgConnection) -> Result<Vec<Device>> {
    sqlx::query_as(
        "SELECT device_id, device.name, location, aliases, restock_every_days, \
         utc_offset_minutes, device_type.name AS type_name, machine, row_count, column_count, \
         door, warm_rows FROM device JOIN device_type USING (device_type_id) ORDER BY device_id",
    )
    .fetch_all(db)
    .await
    .db()
}

/// The device that a person calls this, by its id, its name or an alias.
pub(crate) async fn named(db: &mut PgConnection, text: &str) -> Result<Device> {
    let mut devices = all(db).await?;
    let names = |it: &Device| {
        let own = [it.device_id.clone(), it.name.clone()];
        own.into_iter().chain(it.aliases.clone()).collect::<Vec<_>>()
    };
    match devices.iter().position(|it| names(it).iter().any(|name| same_name(name, text))) {
        Some(at) => Ok(devices.swap_remove(at)),
        None => Err(Error::NotFound {
            what: "device",
            id: text.chars().take(80).collect(),
            nearest: nearest(text, devices.iter().flat_map(names)),
        }),
    }
}

#[derive(sqlx::FromRow)]
struct SlotRow {
    slot_label: String,
    capacity_units: i16,
    storage: String,
    max_item_grams: Option<i32>,
    width_mm: Option<i32>,
    height_mm: Option<i32>,
    depth_mm: Option<i32>,
}

/// The slots of a device, by place.
pub(crate) async fn slots(
    db: &mut PgConnection,
    device_id: &str,
) -> Result<BTreeMap<Slot, SlotRecord>> {
    let rows: Vec<SlotRow> = sqlx::query_as(
        "SELECT slot_label, capacity_units, storage, max_item_grams, width_mm, height_mm, \
         depth_mm FROM slot WHERE device_id = $1 ORDER BY row_letter, column_number",
    )
    .bind(device_id)
    .fetch_all(db)
    .await
    .db()?;
    rows.into_iter()
        .map(|row| {
            let slot: Slot = row.slot_label.parse().map_err(Error::internal)?;
            let spec = SlotSpec {
                slot,
                storage: product::storage(&row.storage),
                max_item_grams: row.max_item_grams.and_then(|it| it.try_into().ok()),
                size: size(row.width_mm, row.height_mm, row.depth_mm),
            };
            Ok((slot, SlotRecord { spec, capacity_units: row.capacity_units.into() }))
        })
        .collect()
}

/// Measures, where all three are known.
pub(super) fn size(width: Option<i32>, height: Option<i32>, depth: Option<i32>) -> Option<Size> {
    let mm = |it: Option<i32>| u32::try_from(it?).ok();
    Some(Size { width_mm: mm(width)?, height_mm: mm(height)?, depth_mm: mm(depth)? })
}
