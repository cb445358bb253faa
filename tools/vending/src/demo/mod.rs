//! A demo: five machines with four months of sales.
//!
//! **Synthetic.** No sale here was ever made. Sales are drawn from seeded streams: a machine's day
//! depends on its name and the date alone, so the demo of one day continues that of the day before.
//! What is planted, so that the tools have something to find: popularity by product, the effect of
//! a slot's visibility (the engines' prior), weekdays by site (offices sell 3.5 times more on a
//! Tuesday than on a Saturday), a summer of cold drinks, an event at the station now and then, and
//! three pairs that sell together, Coca-Cola with chips first.

mod assortment;
mod chance;
mod fleet;
mod tables;
mod trade;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Duration, Utc};
use kernel::{Error, Result};
use sqlx::PgConnection;

use crate::machine::Machine;
use crate::predictions;
use crate::records::device;
use crate::records::planogram::{self, Planogram};
use fleet::{SPOTS, Spot};
use tables::Sales;
use trade::Shelf;

/// Days of sales.
const DAYS: u64 = 120;

/// Days since each machine's second planogram.
const SECOND_PLANOGRAM: u64 = 45;

/// Days before today on which an event filled the station, and the one to come.
const EVENTS: [(i64, &str); 4] =
    [(-96, "Cup match"), (-61, "Concert"), (-26, "Cup match"), (3, "Cup final")];

/// What an event does to a day's sales.
const RUSH: f64 = 2.4;

/// Fill an empty tenant.
///
/// # Errors
/// [`Error::Conflict`] when the tenant has machines already; an outage of the database.
pub(crate) async fn load(db: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let machines: i64 = toolkit::DbResult::db(
        sqlx::query_scalar("SELECT count(*) FROM device").fetch_one(&mut *db).await,
    )?;
    if machines > 0 {
        return Err(Error::Conflict(
            "this tenant has machines already: load the demo into an empty one".into(),
        ));
    }
    tables::types_and_products(db).await?;
    let started = now - Duration::days(DAYS as i64);
    let changed = now - Duration::days(SECOND_PLANOGRAM as i64);
    for spot in SPOTS {
        tables::device(db, spot, started).await?;
        planogram::insert(db, spot.id, &version(spot, 1, started)?).await?;
        planogram::insert(db, spot.id, &version(spot, 2, changed)?).await?;
        tables::influences(db, spot, now).await?;
        sales(spot, now)?.insert(db, spot).await?;
        tables::par_levels(db, spot, now - Duration::hours(26)).await?;
    }
    tables::analyse(db).await?;
    for spot in SPOTS {
        let device = device::named(db, spot.id).await?;
        let before = Machine::load(db, device, changed - Duration::seconds(1)).await?;
        let after = version(spot, 2, changed)?;
        let effect = before.predict(&after.placed, 0, 1.0)?;
        predictions::keep(db, &after.planogram_id, changed, &effect).await?;
    }
    Ok(())
}

fn version(spot: &Spot, version: i32, effective_from: DateTime<Utc>) -> Result<Planogram> {
    let placed = if version == 1 { spot.placed_before() } else { spot.placed() };
    let placed = placed.into_iter().map(|(label, id)| {
        label.parse().map(|slot| (slot, id.to_owned())).map_err(Error::internal)
    });
    Ok(Planogram {
        planogram_id: format!("{}-v{version}", spot.id),
        version,
        effective_from,
        made_by: "demo".into(),
        note: if version == 1 { "first fill".into() } else { "trial of new places".into() },
        placed: placed.collect::<Result<BTreeMap<_, _>>>()?,
    })
}

fn sales(spot: &Spot, now: DateTime<Utc>) -> Result<Sales> {
    let before = Shelf::of(spot, &spot.placed_before())?;
    let after = Shelf::of(spot, &spot.placed())?;
    let today = (now + Duration::minutes(trade::UTC_OFFSET_MINUTES)).date_naive();
    let mut sales = Sales::default();
    for ago in (0..=DAYS).rev() {
        let day = today - Days::new(ago);
        let shelf = if ago > SECOND_PLANOGRAM { &before } else { &after };
        let event = spot.id == "VM-001" && EVENTS.iter().any(|it| it.0 == -(ago as i64));
        let rush = if event { RUSH } else { 1.0 };
        let sold = trade::day_of(spot, shelf, day, rush);
        sales.extend(spot, day, sold.into_iter().filter(|it| it.at < now));
    }
    Ok(sales)
}

#[cfg(test)]
mod tests {
    use store::testing::block_on;

    #[test]
    fn probe() {
        block_on(async {
            let bench = toolkit::testing::Bench::new(crate::testing::WORKSPACES).await;
            let mut tx = bench.tenant.begin().await;
            let t = std::time::Instant::now();
            super::load(&mut tx, bench.request.now).await.unwrap();
            tx.commit().await.unwrap();
            eprintln!("demo {:?}", t.elapsed());
            for (tool, args) in [
                ("vending_list_devices", serde_json::json!({})),
                ("vending_show_planogram", serde_json::json!({"device":"VM-001"})),
                ("vending_show_heat_zones", serde_json::json!({"device":"VM-001"})),
                (
                    "vending_score_placement",
                    serde_json::json!({"device":"VM-001","product":"coke","slot":"B3"}),
                ),
                (
                    "vending_score_placement",
                    serde_json::json!({"device":"VM-001","product":"premium-water","slot":"E1"}),
                ),
            ] {
                let t = std::time::Instant::now();
                let out = bench.read(tool, args.clone()).await.unwrap();
                let first = t.elapsed();
                let t = std::time::Instant::now();
                let _ = bench.read(tool, args).await.unwrap();
                eprintln!("{tool} {first:?} then {:?}", t.elapsed());
                for text in crate::testing::told(tool, &out) {
                    eprintln!("{text}\n");
                }
            }
            let mut tx = bench.tenant.begin().await;
            let n: (i64, i64) =
                sqlx::query_as("select count(*), count(distinct basket_id) from sale")
                    .fetch_one(&mut *tx)
                    .await
                    .unwrap();
            eprintln!("{n:?}");
            let o = crate::predictions::outcomes(&mut tx, bench.request.now).await.unwrap();
            eprintln!("{o:#?}");
            let m = crate::affinity::load(&mut tx, bench.request.now.naive_utc()).await.unwrap();
            for p in m.pairs(Default::default()).iter().take(8) {
                eprintln!("{} {} {} {} {} {}", p.a, p.b, p.together, p.lift, p.score, p.text);
            }
        });
    }
}
