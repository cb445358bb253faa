//! What a machine will sell in the next days, and whether its stock will do.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use engines::forecast::{
    Demand, Forecast, Options, Prior, Regressor, RegressorKind, Series, forecast_many,
};
use engines::stock::{ParInput, ParLevel, StockoutRisk, par_level, stockout_risk};
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::{DbResult, ToolContext};

use crate::machine::{AREAS, Machine};

/// Accepted risk of running out between two visits: below ten percent after rounding (S0.46).
const TARGET_RISK: f64 = 0.08;

/// Degrees on a day of which the weather is not known.
const USUAL_CELSIUS: f64 = 20.0;

/// A par level may change this much at once, because a person confirms it.
const MAX_CHANGE: f64 = 20.0;

/// What the next days are expected to bring, beside what the tables say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outlook {
    pub(crate) days: usize,
    /// The warmest of each of these days, °C; as the tables have it when absent.
    pub(crate) celsius: Option<f64>,
    /// A day with an event beside those on record.
    pub(crate) event_on: Option<NaiveDate>,
}

/// The stock of one product in a machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stock {
    /// What it is filled up to.
    pub(crate) par_units: i64,
    /// What is left of it.
    pub(crate) on_hand_units: i64,
    /// Days until the next visit, at least 1.
    pub(crate) days_to_visit: usize,
}

/// One product's demand and what it means for its stock.
pub(crate) struct Outcome {
    pub(crate) product_id: String,
    pub(crate) forecast: Forecast,
    pub(crate) stock: Option<Stock>,
    /// Running out before the next visit; absent when nobody set a par level.
    pub(crate) risk: Option<StockoutRisk>,
    pub(crate) par: ParLevel,
}

/// Forecast the products of a machine: all of those that stand in it, or one.
pub(crate) async fn ahead(
    ctx: &mut ToolContext<'_>,
    machine: &Arc<Machine>,
    outlook: Outlook,
    only: Option<&str>,
) -> Result<Vec<Outcome>> {
    let mut ids: Vec<String> = machine.products().into_iter().map(str::to_owned).collect();
    if let Some(id) = only.filter(|id| !ids.iter().any(|it| it == id)) {
        ids.push(id.to_owned());
    }
    let name = format!(
        "vending.demand:{}:{}:{outlook:?}:{ids:?}",
        machine.device.device_id, machine.trade.until
    );
    let of = Arc::clone(machine);
    let asked = ids.clone();
    let forecasts =
        ctx.derived(&name, &AREAS, |db| Box::pin(forecasts(db, of, outlook, asked))).await?;
    let now = ctx.now();
    let stocks = stocks(ctx.db, machine, now).await?;
    let pairs = ids.into_iter().zip(forecasts.iter());
    pairs
        .filter(|(id, _)| only.is_none_or(|it| it == id))
        .filter_map(|(id, forecast)| Some((id, forecast.clone()?)))
        .map(|(id, forecast)| outcome(machine, id, forecast, &stocks))
        .collect()
}

fn outcome(
    machine: &Machine,
    product_id: String,
    forecast: Forecast,
    stocks: &BTreeMap<String, Stock>,
) -> Result<Outcome> {
    let stock = stocks.get(&product_id).copied();
    let until_visit =
        |it: Stock| Demand::new(over(&forecast, it.days_to_visit), forecast.dispersion);
    let risk = stock.map(|it| stockout_risk(&until_visit(it), it.on_hand_units as f64));
    let cycle = usize::try_from(machine.device.restock_every_days).unwrap_or(1);
    let par = par_level(&ParInput {
        demand: over(&forecast, cycle),
        dispersion: forecast.dispersion,
        target_risk: TARGET_RISK,
        capacity: machine.capacity_of(&product_id) as f64,
        current: stock.map(|it| it.par_units as f64),
        max_change: Some(MAX_CHANGE),
    })
    .map_err(Error::internal)?;
    Ok(Outcome { product_id, forecast, stock, risk, par })
}

/// Expected units over the next days; beyond the horizon they go on as within it.
pub(crate) fn over(forecast: &Forecast, days: usize) -> f64 {
    let points = &forecast.points;
    let within: f64 = points.iter().take(days).map(|it| it.mean).sum();
    let beyond = days.saturating_sub(points.len());
    within * (1.0 + beyond as f64 / points.len().max(1) as f64)
}

/// One forecast a product; none for a product that was never sold here.
///
/// A slow product's own sales hardly tell a Monday from a Saturday; the whole machine's do. So the
/// machine is forecast too, and on each day the products are scaled so that, weather and events
/// aside, they add up to it (top-down by forecast proportions; Hyndman & Athanasopoulos,
/// *Forecasting*, 3rd ed., section 11.2).
async fn forecasts(
    db: &mut PgConnection,
    machine: Arc<Machine>,
    outlook: Outlook,
    ids: Vec<String>,
) -> Result<Vec<Option<Forecast>>> {
    let days = Calendar::load(db, &machine, outlook).await?;
    let series: Vec<Option<Series>> = ids.iter().map(|id| series(&machine, &days, id)).collect();
    let mut known: Vec<Series> = series.iter().flatten().cloned().collect();
    known.extend(whole(&known));
    let done = forecast_many(&known, &Options::new(outlook.days), &|_, _| ());
    let mut done: Vec<Forecast> =
        done.into_iter().collect::<Result<_, _>>().map_err(Error::internal)?;
    if let Some(total) = done.pop() {
        add_up_to(&total, &mut done);
    }
    let mut done = done.into_iter();
    Ok(series.into_iter().map(|it| it.and_then(|_| done.next())).collect())
}

/// The machine as one series: its products together. Weather and events are left out, because they
/// work on each product in its own way.
fn whole(products: &[Series]) -> Option<Series> {
    let days = 0..products.first()?.values.len();
    let sum = |at: usize| products.iter().filter_map(|it| it.values[at]).sum();
    Some(Series::new(7, &days.map(sum).collect::<Vec<f64>>()))
}

fn add_up_to(total: &Forecast, parts: &mut [Forecast]) {
    for (at, whole) in total.points.iter().enumerate() {
        let usual = |it: &Forecast| {
            let effect: f64 = it.factors.iter().filter_map(|factor| factor.ahead.get(at)).product();
            it.points[at].mean / effect
        };
        let sum: f64 = parts.iter().map(usual).sum();
        if sum <= 0.0 {
            continue;
        }
        let scale = whole.mean / sum;
        for point in parts.iter_mut().map(|it| &mut it.points[at]) {
            let figures = [
                &mut point.p10,
                &mut point.p50,
                &mut point.p90,
                &mut point.mean,
                &mut point.low95,
                &mut point.high95,
            ];
            figures.into_iter().for_each(|it| *it *= scale);
        }
    }
}

fn series(machine: &Machine, days: &Calendar, id: &str) -> Option<Series> {
    let units = machine.trade.daily_units(id);
    // Before its first sale nobody knows whether it was there.
    let first = units.iter().position(|it| *it > 0.0)?;
    let values = units.iter().enumerate().map(|(at, it)| (at >= first).then_some(*it)).collect();
    let cold = machine.catalogue.get(id).is_some_and(|it| it.is_cold_drink());
    let regressors = days.regressors(cold);
    Some(Series { period: 7, values, regressors, ..Series::default() })
}

/// Weather and events of the days looked at, past and to come.
struct Calendar {
    celsius: Option<Vec<f64>>,
    events: Option<Vec<f64>>,
    event_name: String,
}

impl Calendar {
    async fn load(db: &mut PgConnection, machine: &Machine, outlook: Outlook) -> Result<Self> {
        let (since, until) = (machine.trade.since, machine.trade.until);
        let end = until + Days::new(outlook.days as u64);
        let rows: Vec<(NaiveDate, String, String, f64)> = sqlx::query_as(
            "SELECT day, kind, name, value FROM influence \
             WHERE device_id = $1 AND day >= $2 AND day < $3 ORDER BY day, kind",
        )
        .bind(&machine.device.device_id)
        .bind(since)
        .bind(end)
        .fetch_all(db)
        .await
        .db()?;
        let length = usize::try_from((end - since).num_days()).unwrap_or(0);
        let index = |day: NaiveDate| usize::try_from((day - since).num_days()).unwrap_or(0);
        let (mut celsius, mut events) = (vec![USUAL_CELSIUS; length], vec![0.0; length]);
        let (mut warm, mut eventful, mut event_name) = (false, false, "event".to_owned());
        for (day, kind, name, value) in rows {
            match kind.as_str() {
                "heat" => {
                    celsius[index(day)] = value;
                    warm = true;
                }
                "event" => {
                    events[index(day)] = value;
                    eventful = true;
                    if day >= until && !name.is_empty() {
                        event_name = name;
                    }
                }
                _ => {}
            }
        }
        if let Some(degrees) = outlook.celsius {
            celsius[index(until)..].fill(degrees);
            warm = true;
        }
        if let Some(day) = outlook.event_on.filter(|it| (until..end).contains(it)) {
            events[index(day)] = 1.0;
            eventful = true;
        }
        Ok(Self {
            celsius: warm.then_some(celsius),
            events: eventful.then_some(events),
            event_name,
        })
    }

    fn regressors(&self, cold_drink: bool) -> Vec<Regressor> {
        let heat = self.celsius.iter().map(|values| Regressor {
            name: "heat".to_owned(),
            kind: RegressorKind::Heat,
            values: values.clone(),
            threshold: None,
            // Only cold drinks are believed to gain from heat before their sales have told.
            prior: (!cold_drink).then_some(Prior { multiplier: 1.0, units: 50.0 }),
        });
        let events = self.events.iter().map(|values| Regressor {
            name: self.event_name.clone(),
            kind: RegressorKind::Event,
            values: values.clone(),
            threshold: None,
            prior: None,
        });
        heat.chain(events).collect()
    }
}

/// The stock of every product with a par level.
async fn stocks(
    db: &mut PgConnection,
    machine: &Machine,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Stock>> {
    let rows: Vec<(String, i32, DateTime<Utc>, i64)> = sqlx::query_as(
        "SELECT product_id, par_units, filled_at, \
         (SELECT coalesce(sum(quantity), 0)::bigint FROM sale \
          WHERE sale.device_id = par_level.device_id AND sale.product_id = par_level.product_id \
          AND sold_at >= filled_at AND sold_at < $2) \
         FROM par_level WHERE device_id = $1 ORDER BY product_id",
    )
    .bind(&machine.device.device_id)
    .bind(now)
    .fetch_all(db)
    .await
    .db()?;
    let cycle = i64::from(machine.device.restock_every_days);
    let stock = |(id, par, filled_at, sold): (String, i32, DateTime<Utc>, i64)| {
        let since = (now - filled_at).num_days().max(0);
        let stock = Stock {
            par_units: par.into(),
            on_hand_units: (i64::from(par) - sold).max(0),
            days_to_visit: usize::try_from(cycle - since % cycle).unwrap_or(1).max(1),
        };
        (id, stock)
    };
    Ok(rows.into_iter().map(stock).collect())
}
