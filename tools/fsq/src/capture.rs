//! Keeping what a document tells: lots, events, their parts, voids and names.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;
use toolkit::DbResult;

use crate::epcis::{LotRecord, MasterRecord, PartRecord, TraceEvent, TraceRows, VoidRecord};
use crate::figures::{instant, short};

/// What a capture did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Captured {
    /// Events that were new.
    pub(crate) added: usize,
    /// Events that were there already.
    pub(crate) known: usize,
}

/// Adds the rows of a document. Capturing it again adds nothing; what it declares wrong is marked,
/// whether it came before, with it or comes after.
pub(crate) async fn capture(db: &mut PgConnection, rows: &TraceRows) -> Result<Captured> {
    let events: BTreeSet<&str> = rows.events.iter().map(|it| it.id.as_str()).collect();
    masters(db, "place", &rows.places).await?;
    masters(db, "party", &rows.parties).await?;
    masters(db, "product_master", &rows.products).await?;
    lots(db, &rows.lots).await?;
    let added = insert_events(db, &rows.events).await?;
    parts(db, &rows.parts).await?;
    voids(db, &rows.voids).await?;
    kinds(db, &rows.lots).await?;
    Ok(Captured { added, known: events.len() - added })
}

/// The word that an enum is stored as.
pub(crate) fn word<T: Serialize>(value: T) -> Result<String> {
    match serde_json::to_value(value).map_err(Error::internal)? {
        Value::String(text) => Ok(text),
        other => Err(Error::internal(format!("`{other}` is no word"))),
    }
}

/// The enum that a word stands for.
pub(crate) fn of_word<T: DeserializeOwned>(word: String) -> Result<T> {
    serde_json::from_value(Value::String(word)).map_err(Error::internal)
}

fn time(ms: i64) -> Result<DateTime<Utc>> {
    instant(ms).ok_or_else(|| Error::invalid("eventTime", "is beyond what a calendar holds"))
}

/// A name that is only the identifier does not replace a real one.
async fn masters(
    db: &mut PgConnection,
    table: &'static str,
    records: &[MasterRecord],
) -> Result<()> {
    let statement = match table {
        "place" => {
            "INSERT INTO place (place_id, name, attributes) \
             SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[]) \
             ON CONFLICT (place_id) DO UPDATE \
             SET name = excluded.name, attributes = excluded.attributes \
             WHERE excluded.name <> excluded.place_id"
        }
        "party" => {
            "INSERT INTO party (party_id, name, attributes) \
             SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[]) \
             ON CONFLICT (party_id) DO UPDATE \
             SET name = excluded.name, attributes = excluded.attributes \
             WHERE excluded.name <> excluded.party_id"
        }
        _ => {
            "INSERT INTO product_master (product_id, name, attributes) \
             SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[]) \
             ON CONFLICT (product_id) DO UPDATE \
             SET name = excluded.name, attributes = excluded.attributes \
             WHERE excluded.name <> excluded.product_id"
        }
    };
    let records: BTreeMap<&str, &MasterRecord> =
        records.iter().map(|it| (it.id.as_str(), it)).collect();
    sqlx::query(statement)
        .bind(records.keys().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        .bind(records.values().map(|it| it.name.clone()).collect::<Vec<_>>())
        .bind(
            records.values().map(|it| Value::from_iter(it.attributes.clone())).collect::<Vec<_>>(),
        )
        .execute(db)
        .await
        .db()?;
    Ok(())
}

/// A later document may tell when a lot was made and how much of it; what is known stays.
async fn lots(db: &mut PgConnection, lots: &[LotRecord]) -> Result<()> {
    let labels = labels(db, lots).await?;
    let kinds: Result<Vec<String>> = lots.iter().map(|it| word(it.kind)).collect();
    let times = |of: fn(&LotRecord) -> Option<i64>| -> Result<Vec<Option<DateTime<Utc>>>> {
        lots.iter().map(|it| of(it).map(time).transpose()).collect()
    };
    let text = |of: fn(&LotRecord) -> String| lots.iter().map(of).collect::<Vec<String>>();
    sqlx::query(
        "INSERT INTO lot (lot_id, code, label, short_name, product_id, gtin, kind, quantity, unit, \
         place_id, produced_at, expires_at) SELECT * FROM unnest($1::text[], $2::text[], \
         $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int8[], $9::text[], \
         $10::text[], $11::timestamptz[], $12::timestamptz[]) \
         ON CONFLICT (lot_id) DO UPDATE SET \
         quantity = CASE WHEN lot.unit <> excluded.unit THEN lot.quantity \
          WHEN lot.produced_at IS NULL AND excluded.produced_at IS NOT NULL THEN excluded.quantity \
          WHEN lot.produced_at IS NULL THEN greatest(lot.quantity, excluded.quantity) \
          ELSE lot.quantity END, \
         produced_at = coalesce(lot.produced_at, excluded.produced_at), \
         expires_at = coalesce(lot.expires_at, excluded.expires_at), \
         place_id = coalesce(lot.place_id, excluded.place_id)",
    )
    .bind(text(|it| it.id.clone()))
    .bind(text(|it| it.code.clone()))
    .bind(labels)
    .bind(text(short_name))
    .bind(text(|it| it.product.clone()))
    .bind(lots.iter().map(|it| it.gtin.clone()).collect::<Vec<_>>())
    .bind(kinds?)
    .bind(lots.iter().map(|it| it.quantity.max(0)).collect::<Vec<_>>())
    .bind(text(|it| it.unit.clone()))
    .bind(lots.iter().map(|it| it.place.clone()).collect::<Vec<_>>())
    .bind(times(|it| it.produced_at)?)
    .bind(times(|it| it.expires_at)?)
    .execute(db)
    .await
    .db()?;
    Ok(())
}

fn short_name(lot: &LotRecord) -> String {
    lot.lot_number.clone().unwrap_or_else(|| short(&lot.code).to_owned())
}

/// A label for each lot: its number, and with `-2`, `-3`, … where another lot has that already.
/// Lots that are stored keep theirs, so what is made up for them here is not used.
async fn labels(db: &mut PgConnection, lots: &[LotRecord]) -> Result<Vec<String>> {
    let stored: Vec<(String, String)> =
        sqlx::query_as("SELECT lot_id, label FROM lot").fetch_all(db).await.db()?;
    let mut taken: BTreeSet<String> = stored.iter().map(|it| it.1.to_lowercase()).collect();
    let kept: BTreeMap<String, String> = stored.into_iter().collect();
    let label = |lot: &LotRecord| {
        if let Some(label) = kept.get(&lot.id) {
            return label.clone();
        }
        let name = short_name(lot);
        let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
        let mut all = std::iter::once(name.clone()).chain(numbered);
        let free = all.find(|it| !taken.contains(&it.to_lowercase())).unwrap_or(name);
        taken.insert(free.to_lowercase());
        free
    };
    Ok(lots.iter().map(label).collect())
}

async fn insert_events(db: &mut PgConnection, events: &[TraceEvent]) -> Result<usize> {
    let events: BTreeMap<&str, &TraceEvent> =
        events.iter().map(|it| (it.id.as_str(), it)).collect();
    let kinds: Result<Vec<String>> = events.values().map(|it| word(it.kind)).collect();
    let times: Result<Vec<DateTime<Utc>>> = events.values().map(|it| time(it.at)).collect();
    let text = |of: fn(&TraceEvent) -> Option<String>| {
        events.values().map(|it| of(it)).collect::<Vec<Option<String>>>()
    };
    let new: Vec<bool> = sqlx::query_scalar(
        "INSERT INTO trace_event (event_id, epcis_event_id, kind, occurred_at, zone, place_id, \
         party_id, document, biz_step, disposition, transformation, voided) \
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], \
         $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bool[]) \
         ON CONFLICT (event_id) DO UPDATE SET voided = true \
         WHERE excluded.voided AND NOT trace_event.voided RETURNING xmax = 0",
    )
    .bind(events.keys().map(|it| (*it).to_owned()).collect::<Vec<_>>())
    .bind(text(|it| it.epcis_event_id.clone()))
    .bind(kinds?)
    .bind(times?)
    .bind(events.values().map(|it| it.zone.clone()).collect::<Vec<_>>())
    .bind(text(|it| it.place.clone()))
    .bind(text(|it| it.party.clone()))
    .bind(text(|it| it.document.clone()))
    .bind(text(|it| it.biz_step.clone()))
    .bind(text(|it| it.disposition.clone()))
    .bind(text(|it| it.transformation.clone()))
    .bind(events.values().map(|it| it.voided).collect::<Vec<_>>())
    .fetch_all(db)
    .await
    .db()?;
    Ok(new.into_iter().filter(|it| *it).count())
}

/// A quantity in another unit than the lot is counted in tells nothing of how much.
async fn parts(db: &mut PgConnection, parts: &[PartRecord]) -> Result<()> {
    let roles: Result<Vec<String>> = parts.iter().map(|it| word(it.role)).collect();
    let text = |of: fn(&PartRecord) -> String| parts.iter().map(of).collect::<Vec<String>>();
    sqlx::query(
        "INSERT INTO trace_event_lot (event_id, role, lot_id, quantity) \
         SELECT event_id, role, lot.lot_id, \
         CASE WHEN it.unit = lot.unit THEN it.quantity ELSE 0 END \
         FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::text[]) \
          AS it(event_id, role, code, quantity, unit) JOIN lot USING (code) \
         ON CONFLICT DO NOTHING",
    )
    .bind(text(|it| it.event.clone()))
    .bind(roles?)
    .bind(text(|it| it.lot.clone()))
    .bind(parts.iter().map(|it| it.quantity.max(0)).collect::<Vec<_>>())
    .bind(text(|it| it.unit.clone()))
    .execute(db)
    .await
    .db()?;
    Ok(())
}

async fn voids(db: &mut PgConnection, voids: &[VoidRecord]) -> Result<()> {
    for void in voids {
        sqlx::query(
            "INSERT INTO trace_void (void_id, event_id, epcis_event_id, declared_at, reason, \
             corrected_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&void.id)
        .bind(&void.event)
        .bind(&void.epcis_event_id)
        .bind(time(void.declared_at)?)
        .bind(&void.reason)
        .bind(&void.corrected_by)
        .execute(&mut *db)
        .await
        .db()?;
    }
    sqlx::query(
        "UPDATE trace_event SET voided = true FROM trace_void \
         WHERE NOT trace_event.voided AND (trace_event.event_id = trace_void.event_id \
          OR trace_event.epcis_event_id = trace_void.epcis_event_id)",
    )
    .execute(db)
    .await
    .db()?;
    Ok(())
}

/// What a lot is depends on all its events, those of other documents included: made and used again
/// is work in progress, made and not used is finished, the rest is raw.
async fn kinds(db: &mut PgConnection, lots: &[LotRecord]) -> Result<()> {
    sqlx::query(
        "UPDATE lot SET kind = found.kind FROM (\
          SELECT lot_id, CASE WHEN NOT bool_or(role = 'output') THEN 'raw' \
           WHEN bool_or(role = 'input') THEN 'wip' ELSE 'finished' END AS kind \
          FROM trace_event_lot JOIN trace_event USING (event_id) \
          WHERE trace_event.kind = 'transform' AND NOT voided AND lot_id = ANY($1) \
          GROUP BY lot_id) found \
         WHERE lot.lot_id = found.lot_id AND lot.kind IN ('raw', 'wip', 'finished') \
          AND lot.kind <> found.kind",
    )
    .bind(lots.iter().map(|it| it.id.clone()).collect::<Vec<_>>())
    .execute(db)
    .await
    .db()?;
    Ok(())
}
