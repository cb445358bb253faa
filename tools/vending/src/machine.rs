//! A machine as the engines see it on a day: its zones, what stands where, how fast it sells.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use engines::revenue::{
    BASELINE_SIGMA, Change, Effect, Factor, Line, baseline_sigma, predict_change,
};
use engines::score::{Board, PairScore, SlotSpec, Storage, violations};
use engines::zones::{HeatMap, Slot, heat_map, learn};
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::{DbResult, ToolContext, nearest};

use crate::records::device::{self, Device, SlotRecord};
use crate::records::planogram::{self, Planogram};
use crate::records::product::{Catalogue, Product};
use crate::trade::{BASELINE_DAYS, Stands, Trade};

/// The areas of the records that a machine is made from.
pub(crate) const AREAS: [&str; 2] = ["vending.sales", "vending.layout"];

/// A machine as the engines see it on a day.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) device: Device,
    pub(crate) catalogue: Catalogue,
    pub(crate) slots: BTreeMap<Slot, SlotRecord>,
    /// Its zones, learnt from its own sales.
    pub(crate) map: HeatMap,
    /// What stands where; version 0 and empty for a machine that was never filled.
    pub(crate) planogram: Planogram,
    pub(crate) trade: Trade,
    stands: Stands,
    /// Units a day that each product sells here, for products that stand here.
    here: BTreeMap<String, f64>,
    /// Units of each product and of each device in the baseline, for products new to this machine.
    fleet: Fleet,
}

/// Sales of all machines in the baseline.
#[derive(Debug, Clone, Default)]
struct Fleet {
    by_device: BTreeMap<String, f64>,
    by_product: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Machine {
    /// The machine that a person calls this, kept until its records change.
    pub(crate) async fn of(ctx: &mut ToolContext<'_>, device: &str) -> Result<Arc<Self>> {
        let now = ctx.now();
        let device = device::named(ctx.db, device).await?;
        let name = format!("vending.machine:{}:{}", device.device_id, device.day_at(now));
        ctx.derived(&name, &AREAS, |db| Box::pin(Self::load(db, device, now))).await
    }

    /// The machine as it was known at an instant.
    pub(crate) async fn load(
        db: &mut PgConnection,
        device: Device,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let catalogue = Catalogue::load(db).await?;
        let slots = device::slots(db, &device.device_id).await?;
        let history = planogram::history(db, &device.device_id, now).await?;
        let trade = Trade::load(db, &device, now).await?;
        let prior = heat_map(&device.layout()).map_err(Error::internal)?;
        let long = trade.stands(&history, trade.since);
        let map = learn(&prior, &long.evidence(&prior)).map_err(Error::internal)?;
        let stands = trade.stands(&history, trade.baseline_since());
        let fleet = Fleet::load(db, trade.until).await?;
        let planogram = history.into_iter().last().unwrap_or_else(|| Planogram {
            planogram_id: String::new(),
            version: 0,
            effective_from: now,
            made_by: String::new(),
            note: String::new(),
            placed: BTreeMap::new(),
        });
        let here = BTreeMap::new();
        let mut machine =
            Self { device, catalogue, slots, map, planogram, trade, stands, here, fleet };
        machine.here = machine.rates_here();
        Ok(machine)
    }

    fn rates_here(&self) -> BTreeMap<String, f64> {
        let mut rates = BTreeMap::new();
        for (&slot, product) in &self.planogram.placed {
            let average = self.average_units(product);
            let rate = self.stands.rate(&self.map, (product, slot), average);
            *rates.entry(product.clone()).or_insert(0.0) += rate;
        }
        rates
    }

    /// Units a day that a product would sell in an average slot of this machine: from its own
    /// slots here, else its share of the trade of machines that carry it.
    fn average_units(&self, product: &str) -> f64 {
        let here = self.stands.average_rate(&self.map, product);
        here.unwrap_or_else(|| self.fleet.share(product) * self.units_per_day())
    }

    /// Units that the whole machine sells a day.
    fn units_per_day(&self) -> f64 {
        let sold = self.fleet.by_device.get(&self.device.device_id).copied().unwrap_or(0.0);
        sold / self.baseline_days().max(1) as f64
    }

    /// Days that the baseline averages over.
    pub(crate) fn baseline_days(&self) -> i64 {
        (self.trade.until - self.trade.baseline_since()).num_days()
    }

    /// Units a day of a product: where it stands, else in an average slot.
    pub(crate) fn units_of(&self, product: &str) -> f64 {
        self.here.get(product).copied().unwrap_or_else(|| self.average_units(product))
    }

    /// The products that stand here, by id.
    pub(crate) fn products(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.planogram.placed.values().map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Units of a product that fit in the slots where it stands.
    pub(crate) fn capacity_of(&self, product: &str) -> i64 {
        let slots = self.planogram.slots_of(product).into_iter();
        slots.filter_map(|it| self.slots.get(&it)).map(|it| it.capacity_units).sum()
    }

    /// Refuse to put a product in a slot that cannot hold it.
    pub(crate) fn fits(&self, product: &Product, slot: Slot) -> Result<()> {
        let broken = violations(&product.selling(0.0), &self.spec(slot));
        match broken.first() {
            None => Ok(()),
            Some(it) => Err(Error::invalid(
                "slot",
                format!("`{slot}` cannot hold {}: {it}. Choose another slot", product.name),
            )),
        }
    }

    /// The slot that a person calls this.
    pub(crate) fn slot(&self, text: &str) -> Result<Slot> {
        let slot: Option<Slot> = text.parse().ok();
        if let Some(slot) = slot.filter(|it| self.slots.contains_key(it)) {
            return Ok(slot);
        }
        let nearest = match slot {
            Some(slot) => self.slots.keys().min_by_key(|it| it.distance(slot)).map(Slot::to_string),
            None => nearest(text, self.slots.keys().map(Slot::to_string)),
        };
        Err(Error::NotFound { what: "slot", id: text.chars().take(80).collect(), nearest })
    }

    /// What the engines score: the products that stand here and those of `others`.
    pub(crate) fn board<'a>(
        &'a self,
        others: impl IntoIterator<Item = &'a str>,
        affinities: impl FnOnce(&[&str]) -> Vec<PairScore>,
    ) -> Board {
        let mut ids = self.products();
        ids.extend(others);
        ids.sort_unstable();
        ids.dedup();
        let known = ids.iter().filter_map(|id| self.catalogue.get(id));
        let products = known.map(|it| it.selling(self.units_of(&it.product_id))).collect();
        Board {
            slots: self.map.zones.iter().map(|zone| self.spec(zone.slot)).collect(),
            placed: self.planogram.placements(),
            affinities: affinities(&ids),
            ..Board::new(self.map.clone(), products)
        }
    }

    /// What a slot of the grid holds; a place that the machine lacks holds nothing.
    fn spec(&self, slot: Slot) -> SlotSpec {
        self.slots.get(&slot).map_or_else(
            || SlotSpec {
                storage: Storage::Frozen,
                max_item_grams: Some(0),
                ..SlotSpec::new(slot)
            },
            |it| it.spec.clone(),
        )
    }

    /// What another planogram would do to this machine's daily revenue.
    pub(crate) fn predict(
        &self,
        after: &BTreeMap<Slot, String>,
        one_off_cost_cents: i64,
        interval_scale: f64,
    ) -> Result<Effect> {
        let mut ids: Vec<&str> =
            self.planogram.placed.values().chain(after.values()).map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        let standing = |id: &str| {
            let of = |(&slot, it): (&Slot, &String)| (it == id).then_some(slot);
            after.iter().filter_map(of).collect::<Vec<_>>()
        };
        let known = ids.into_iter().filter_map(|id| self.catalogue.get(id));
        let lines = known.map(|it| Line {
            product_id: it.product_id.clone(),
            category: it.category.clone(),
            units_per_day: self.units_of(&it.product_id),
            price_cents: it.price_cents.into(),
            cost_cents: it.cost_cents.into(),
            before: self.planogram.slots_of(&it.product_id),
            after: standing(&it.product_id),
        });
        let change = Change {
            factors: vec![self.season()],
            // A few months hold too few windows to show all the noise there is.
            baseline_sigma: baseline_sigma(&self.trade.daily_revenue_cents()).max(BASELINE_SIGMA),
            interval_scale,
            one_off_cost_cents,
            ..Change::new(self.map.clone(), lines.collect())
        };
        predict_change(&change).map_err(|it| Error::invalid("moves", it.to_string()))
    }

    /// How the last four weeks compare with the whole baseline: season and trend.
    fn season(&self) -> Factor {
        const RECENT: usize = 28;
        let daily = self.trade.daily_revenue_cents();
        let baseline = &daily[daily.len().saturating_sub(BASELINE_DAYS as usize)..];
        let recent = &daily[daily.len().saturating_sub(RECENT)..];
        let mean = |days: &[f64]| days.iter().sum::<f64>() / days.len().max(1) as f64;
        let (recent, all) = (mean(recent), mean(baseline));
        let multiplier = if all > 0.0 { (recent / all * 1e4).round() / 1e4 } else { 1.0 };
        Factor { name: "season and trend".to_owned(), multiplier }
    }
}

impl Fleet {
    async fn load(db: &mut PgConnection, until: NaiveDate) -> Result<Self> {
        let since = until - Days::new(BASELINE_DAYS);
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT device_id, product_id, sum(quantity)::bigint FROM sale \
             WHERE sold_at >= $1 AND sold_at < $2 GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .bind(since.and_time(chrono::NaiveTime::MIN).and_utc())
        .bind(until.and_time(chrono::NaiveTime::MIN).and_utc())
        .fetch_all(db)
        .await
        .db()?;
        let mut fleet = Self::default();
        for (device, product, units) in rows {
            *fleet.by_device.entry(device.clone()).or_default() += units as f64;
            fleet.by_product.entry(product).or_default().insert(device, units as f64);
        }
        Ok(fleet)
    }

    /// A product's share of the units that the machines which carry it sell.
    fn share(&self, product: &str) -> f64 {
        let Some(sold) = self.by_product.get(product) else { return 0.0 };
        let carriers: f64 = sold.keys().filter_map(|device| self.by_device.get(device)).sum();
        if carriers > 0.0 { sold.values().sum::<f64>() / carriers } else { 0.0 }
    }
}
