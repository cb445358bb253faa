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
use toolkit::DbResult;

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
    let machines: i64 =
        sqlx::query_scalar("SELECT count(*) FROM device").fetch_one(&mut *db).await.db()?;
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
    use kernel::Error;
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::demo;

    #[test]
    fn the_demo_loads_once_and_goes_on_from_day_to_day() {
        block_on(async {
            let bench = demo().await;
            let mut tx = bench.tenant.begin().await;
            let again = load(&mut tx, bench.request.now).await;
            assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
            drop(tx);
            let (first, later) = (sales(&SPOTS[1], bench.request.now).unwrap(), {
                let tomorrow = bench.request.now + Duration::days(1);
                sales(&SPOTS[1], tomorrow).unwrap()
            });
            let shared = later.ids().filter(|id| first.ids().any(|it| it == *id)).count();
            assert!(shared > first.ids().count() * 9 / 10);
        });
    }

    #[test]
    fn people_may_use_their_own_words_for_machines_and_products() {
        block_on(async {
            let bench = demo().await;
            let mut tx = bench.tenant.begin().await;
            let terms = (crate::WORKSPACE.lexicon)(&mut tx).await.unwrap();
            let id = |name: &str| {
                let term = terms.iter().find(|it| it.names.iter().any(|n| n == name));
                term.map(|it| (it.kind, it.id.clone()))
            };
            assert_eq!(id("קוקה קולה"), Some(("product", "coca-cola".into())));
            assert_eq!(id("משרדי הנמל"), Some(("device", "VM-002".into())));
            drop(tx);
            let by_alias = json!({ "device": "משרדי הנמל", "product": "קולה", "slot": "b3" });
            let scored = bench.read("vending_score_placement", by_alias).await.unwrap();
            assert_eq!((&scored["device_id"], &scored["slot"]), (&json!("VM-002"), &json!("B3")));
        });
    }
}
