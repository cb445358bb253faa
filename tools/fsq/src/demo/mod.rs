//! A demo: a real seafood chain and a small plant.
//!
//! The seafood chain is the Global Dialogue on Seafood Traceability's, from hatcheries and boats to
//! an importer, as the open traceability project publishes it (`testdata/epcis/README.md`). The
//! plant is synthetic: see [`plant`].

mod plant;

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::DbResult;

use crate::capture::capture;
use crate::epcis::{check, to_trace};
use crate::holds::{self, Hold};

/// 31 events; MIT, see `testdata/epcis/opentraceability/LICENSE`.
const SEAFOOD: &[u8] =
    include_bytes!("../../testdata/epcis/opentraceability/gdst-whole-chain.jsonld");

/// Fill an empty tenant. The records have dates of their own and do not depend on the instant.
///
/// # Errors
/// [`Error::Conflict`] when the tenant has lots already; an outage of the database.
pub(crate) async fn load(db: &mut PgConnection, _now: DateTime<Utc>) -> Result<()> {
    let lots: i64 =
        sqlx::query_scalar("SELECT count(*) FROM lot").fetch_one(&mut *db).await.db()?;
    if lots > 0 {
        return Err(Error::Conflict(
            "this tenant has lots already: load the demo into an empty one".into(),
        ));
    }
    for document in [SEAFOOD.to_vec(), plant::document()] {
        let checked = check(&document).map_err(|faults| {
            Error::internal(faults.first().map_or_else(String::new, ToString::to_string))
        })?;
        capture(db, &to_trace(&checked)).await?;
    }
    held(db).await?;
    let statement = "ANALYZE lot; ANALYZE trace_event; ANALYZE trace_event_lot";
    sqlx::raw_sql(statement).execute(db).await.db()?;
    Ok(())
}

/// One finished lot of the plant waits for the laboratory.
async fn held(db: &mut PgConnection) -> Result<()> {
    let lot: String = sqlx::query_scalar("SELECT lot_id FROM lot WHERE label = 'L24-0125'")
        .fetch_one(&mut *db)
        .await
        .db()?;
    let held_at = DateTime::from_timestamp(1_706_205_600, 0).unwrap_or_default();
    let reason = "pending listeria result".to_owned();
    let hold = Hold { reason, held_by: "quality".into(), held_at };
    holds::put(db, ("demo".into(), &lot), &hold).await
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use store::testing::block_on;
    use toolkit::testing::Bench;

    use super::*;
    use crate::testing::WORKSPACES;

    #[test]
    fn the_demo_loads_fast_and_only_into_an_empty_tenant() {
        block_on(async {
            let bench = Bench::new(WORKSPACES).await;
            let mut tx = bench.tenant.begin().await;
            let started = Instant::now();
            load(&mut tx, bench.request.now).await.unwrap();
            let took = started.elapsed();
            eprintln!("the demo loads in {took:?}");
            assert!(took < Duration::from_secs(5), "{took:?}");
            let counts: (i64, i64) = sqlx::query_as(
                "SELECT (SELECT count(*) FROM lot), (SELECT count(*) FROM trace_event)",
            )
            .fetch_one(&mut *tx)
            .await
            .unwrap();
            eprintln!("{} lots, {} events", counts.0, counts.1);
            assert!(counts.0 > 100 && counts.1 > 150, "{counts:?}");
            let again = load(&mut tx, bench.request.now).await;
            assert!(matches!(again, Err(Error::Conflict(_))));
        });
    }
}
