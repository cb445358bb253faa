//! What the demo's machines sold: drawn basket by basket, each day from a seed of its own.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use engines::zones::{HeatMap, Layout, Machine, Slot, heat_map};
use kernel::{Error, Result};

use super::assortment::{Item, TOGETHER, item};
use super::chance::Chance;
use super::fleet::{Spot, TYPES};

/// Share of baskets that get a second product for no reason.
const SECOND: f64 = 0.12;

/// The demo's machines stand two hours ahead of Greenwich.
pub(super) const UTC_OFFSET_MINUTES: i64 = 120;

/// A line of a sale.
pub(super) struct Sold {
    pub(super) label: String,
    pub(super) item: &'static Item,
    pub(super) at: DateTime<Utc>,
    pub(super) basket: usize,
}

/// What a machine's shelves look like: products with their slots and how likely each is taken.
pub(super) struct Shelf(Vec<(String, &'static Item, f64)>);

impl Shelf {
    /// The shelf of a planogram: popularity times what the slot's visibility does to sales.
    pub(super) fn of(spot: &Spot, placed: &[(String, &'static str)]) -> Result<Self> {
        let map = zones(spot)?;
        let stand = |(label, id): &(String, &'static str)| {
            let slot: Slot = label.parse().map_err(Error::internal)?;
            let item = item(id).ok_or_else(|| Error::internal(format!("no product `{id}`")))?;
            let effect = map.zone(slot).map_or(1.0, |it| it.sales_index);
            Ok((label.clone(), item, item.popularity * effect))
        };
        placed.iter().map(stand).collect::<Result<_>>().map(Self)
    }
}

fn zones(spot: &Spot) -> Result<HeatMap> {
    let of_type = TYPES.iter().find(|it| it.0 == spot.device_type);
    let (machine, rows, columns) = match of_type {
        Some((_, _, "snack", rows, columns, _)) => (Machine::Snack, *rows, *columns),
        Some((_, _, "cooler", rows, columns, _)) => (Machine::Cooler, *rows, *columns),
        Some((_, _, _, rows, columns, _)) => (Machine::Generic, *rows, *columns),
        None => (Machine::Generic, 1, 1),
    };
    heat_map(&Layout::new(machine, rows as u8, columns as u8)).map_err(Error::internal)
}

/// Degrees Celsius at the warmest of a day: a year's wave and a day's whim.
pub(super) fn celsius(day: NaiveDate) -> f64 {
    let wave = (std::f64::consts::TAU * (f64::from(day.ordinal()) - 205.0) / 365.0).cos();
    let whim = Chance::of("weather", day.num_days_from_ce().into()).share() - 0.5;
    (10.0 * (22.0 + 8.0 * wave + 8.0 * whim)).round() / 10.0
}

/// What a day's weather does to a product's sales.
fn weather(item: &Item, day: NaiveDate) -> f64 {
    let wave = (std::f64::consts::TAU * (f64::from(day.ordinal()) - 205.0) / 365.0).cos();
    let heat = (1.5_f64.ln() / 12.0 * (celsius(day) - 25.0).max(0.0)).exp();
    match item.category {
        "soda" | "water" | "energy" | "juice" | "tea" => (1.0 + 0.15 * wave) * heat,
        "coffee" | "bakery" => 1.0 - 0.08 * wave,
        _ => 1.0,
    }
}

/// One day's sales of a machine; `rush` multiplies them, as on the day of an event.
pub(super) fn day_of(spot: &Spot, shelf: &Shelf, day: NaiveDate, rush: f64) -> Vec<Sold> {
    let mut chance = Chance::of(spot.id, day.num_days_from_ce().into());
    let weekday = spot.site.week[day.weekday().num_days_from_monday() as usize];
    let weights: Vec<f64> = shelf.0.iter().map(|(_, it, w)| w * weather(it, day)).collect();
    let positions: BTreeMap<&str, usize> =
        shelf.0.iter().enumerate().map(|(at, (_, it, _))| (it.id, at)).collect();
    let hours: Vec<f64> = spot.site.hours.iter().map(|it| it.1).collect();
    let mut sold = Vec::new();
    for basket in 0..chance.count(spot.baskets_per_day * weekday * rush) {
        let hour = spot.site.hours[chance.pick(&hours)].0;
        let minutes = i64::from(hour) * 60 + (chance.share() * 60.0) as i64;
        let first = chance.pick(&weights);
        let mut lines = vec![first];
        for &(with, other, share) in TOGETHER {
            if shelf.0[first].1.id == with && chance.share() < share {
                lines.extend(positions.get(other));
            }
        }
        if chance.share() < SECOND {
            lines.push(chance.pick(&weights));
        }
        lines.sort_unstable();
        lines.dedup();
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
        let at = midnight + Duration::minutes(minutes - UTC_OFFSET_MINUTES);
        sold.extend(lines.into_iter().map(|line| {
            let (label, item, _) = &shelf.0[line];
            Sold { label: label.clone(), item, at, basket }
        }));
    }
    sold
}
