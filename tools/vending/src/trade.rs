//! What a machine sold, by day, slot and product, and how fast each product sells where it stands.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use engines::zones::{HeatMap, Slot, SlotEvidence};
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::DbResult;

use crate::records::device::Device;
use crate::records::planogram::Planogram;

/// How far back sales are looked at, for zones and demand.
pub(crate) const WINDOW_DAYS: u64 = 180;

/// How far back revenue is averaged.
pub(crate) const BASELINE_DAYS: u64 = 90;

/// Days that the rate of a product's other slots weighs as much as, in a slot it is new to.
const NEW_SLOT_DAYS: f64 = 7.0;

/// A product must have stood in a slot this long for the two to say anything of the slot.
const EVIDENCE_DAYS: f64 = 7.0;

/// What a machine sold.
#[derive(Debug, Clone)]
pub(crate) struct Trade {
    /// The first day looked at.
    pub(crate) since: NaiveDate,
    /// The first day not looked at: today at the machine, or the day after its last sale.
    pub(crate) until: NaiveDate,
    cells: Vec<Cell>,
}

/// A day's sales of a product from a slot.
#[derive(Debug, Clone)]
struct Cell {
    day: NaiveDate,
    slot: Slot,
    product_id: String,
    units: f64,
    revenue_cents: f64,
}

impl Trade {
    /// Read the sales of a device up to the day before an instant.
    pub(crate) async fn load(
        db: &mut PgConnection,
        device: &Device,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let ends: (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = sqlx::query_as(
            "SELECT min(sold_at), max(sold_at) FROM sale WHERE device_id = $1 AND sold_at < $2",
        )
        .bind(&device.device_id)
        .bind(now)
        .fetch_one(&mut *db)
        .await
        .db()?;
        let today = device.day_at(now);
        let (Some(first), Some(last)) = ends else {
            return Ok(Self { since: today, until: today, cells: Vec::new() });
        };
        let until = (device.day_at(last) + Days::new(1)).min(today);
        let since = (until - Days::new(WINDOW_DAYS)).max(device.day_at(first)).min(until);
        let rows: Vec<(NaiveDate, String, String, i64, i64)> = sqlx::query_as(
            "SELECT day, slot_label, product_id, sum(quantity)::bigint, \
             sum(quantity::bigint * price_cents)::bigint FROM \
             (SELECT ((sold_at AT TIME ZONE 'UTC') + make_interval(mins => $2))::date AS day, \
              slot_label, product_id, quantity, price_cents FROM sale WHERE device_id = $1) local \
             WHERE day >= $3 AND day < $4 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        )
        .bind(&device.device_id)
        .bind(i32::from(device.utc_offset_minutes))
        .bind(since)
        .bind(until)
        .fetch_all(db)
        .await
        .db()?;
        let cells = rows.into_iter().map(|(day, label, product_id, units, cents)| {
            let slot = label.parse().map_err(Error::internal)?;
            let (units, revenue_cents) = (units as f64, cents as f64);
            Ok(Cell { day, slot, product_id, units, revenue_cents })
        });
        Ok(Self { since, until, cells: cells.collect::<Result<_>>()? })
    }

    /// The first day of the baseline.
    pub(crate) fn baseline_since(&self) -> NaiveDate {
        (self.until - Days::new(BASELINE_DAYS)).max(self.since)
    }

    /// Revenue of each day from `since` to `until`, cents.
    pub(crate) fn daily_revenue_cents(&self) -> Vec<f64> {
        let mut days = vec![0.0; self.days()];
        for cell in &self.cells {
            days[self.index(cell.day)] += cell.revenue_cents;
        }
        days
    }

    /// Units of a product on each day from `since` to `until`.
    pub(crate) fn daily_units(&self, product_id: &str) -> Vec<f64> {
        let mut days = vec![0.0; self.days()];
        for cell in self.cells.iter().filter(|it| it.product_id == product_id) {
            days[self.index(cell.day)] += cell.units;
        }
        days
    }

    fn days(&self) -> usize {
        (self.until - self.since).num_days().try_into().unwrap_or(0)
    }

    fn index(&self, day: NaiveDate) -> usize {
        (day - self.since).num_days().try_into().unwrap_or(0)
    }

    /// Units of each product in each slot since a day, and the days it stood there.
    pub(crate) fn stands(&self, history: &[Planogram], since: NaiveDate) -> Stands {
        let mut stands = Stands::default();
        let starts = |it: &Planogram| it.effective_from.date_naive().max(since);
        for (at, version) in history.iter().enumerate() {
            let end = history.get(at + 1).map_or(self.until, starts).min(self.until);
            let days = (end - starts(version)).num_days().max(0) as f64;
            for (&slot, product) in &version.placed {
                stands.cell(product, slot).days += days;
            }
        }
        for cell in self.cells.iter().filter(|it| it.day >= since) {
            stands.cell(&cell.product_id, cell.slot).units += cell.units;
        }
        stands
    }
}

/// How long each product stood in each slot and what it sold there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stands(BTreeMap<String, BTreeMap<Slot, Stand>>);

#[derive(Debug, Clone, Copy, Default)]
struct Stand {
    days: f64,
    units: f64,
}

impl Stands {
    fn cell(&mut self, product: &str, slot: Slot) -> &mut Stand {
        self.0.entry(product.to_owned()).or_default().entry(slot).or_default()
    }

    /// Units that a product sells a day in an average slot; `None` when it never stood here.
    pub(crate) fn average_rate(&self, map: &HeatMap, product: &str) -> Option<f64> {
        let slots = self.0.get(product)?.iter();
        let (units, days) =
            slots.fold((0.0, 0.0), |(units, days), (&slot, stand)| match stand.days > 0.0 {
                true => (units + stand.units, days + stand.days * index(map, slot)),
                false => (units, days),
            });
        (days > 0.0).then(|| units / days)
    }

    /// Units that a product sells a day in a slot, given what it sells in an average one.
    pub(crate) fn rate(&self, map: &HeatMap, (product, slot): (&str, Slot), average: f64) -> f64 {
        let stand = self.0.get(product).and_then(|it| it.get(&slot)).copied().unwrap_or_default();
        let expected = average * index(map, slot);
        (stand.units + NEW_SLOT_DAYS * expected) / (stand.days + NEW_SLOT_DAYS)
    }

    /// What slots sold beside what their products sell in an average slot.
    ///
    /// Only products that stood in several slots of this machine count: what one product sells in
    /// one slot says as much of the product's fortune here as of the slot.
    pub(crate) fn evidence(&self, map: &HeatMap) -> Vec<SlotEvidence> {
        let mut evidence = Vec::new();
        for (product, slots) in &self.0 {
            let long = |it: &&Stand| it.days >= EVIDENCE_DAYS;
            if slots.values().filter(long).count() < 2 {
                continue;
            }
            let Some(average) = self.average_rate(map, product) else { continue };
            for (&slot, stand) in slots.iter().filter(|(_, it)| long(it)) {
                let expected_units = average * stand.days;
                evidence.push(SlotEvidence { slot, units: stand.units, expected_units });
            }
        }
        evidence
    }
}

fn index(map: &HeatMap, slot: Slot) -> f64 {
    map.zone(slot).map_or(1.0, |it| it.sales_index)
}
