//! Reading the chain from the tenant's tables.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use engines::trace::LotGraph;
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::DbResult;

use super::{Chain, LotFacts};
use crate::capture::of_word;
use crate::epcis::{LotRecord, PartRecord, TraceEvent, TraceRows};
use crate::figures::short;

#[derive(sqlx::FromRow)]
struct LotLine {
    lot_id: String,
    code: String,
    label: String,
    short_name: String,
    product_id: String,
    product_name: Option<String>,
    gtin: Option<String>,
    kind: String,
    quantity: i64,
    unit: String,
    place_id: Option<String>,
    produced_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct EventLine {
    event_id: String,
    kind: String,
    occurred_at: DateTime<Utc>,
    zone: String,
    place_id: Option<String>,
    party_id: Option<String>,
    document: Option<String>,
    transformation: Option<String>,
    voided: bool,
}

/// Read everything and build the graph.
pub(super) async fn chain(db: &mut PgConnection) -> Result<Chain> {
    let lots = lots(db).await?;
    let rows = TraceRows {
        lots: lots.iter().map(|(record, _)| record.clone()).collect(),
        events: events(db).await?,
        parts: parts(db).await?,
        ..TraceRows::default()
    };
    let (graph_lots, movements) = rows.graph_rows();
    let graph = LotGraph::build(graph_lots, movements).map_err(Error::internal)?;
    let lots: BTreeMap<String, LotFacts> =
        lots.into_iter().map(|(_, facts)| (facts.code.clone(), facts)).collect();
    let labels = lots.values().map(|it| (it.label.to_lowercase(), it.code.clone())).collect();
    let aliases = aliases(&lots, &rows);
    let places = names(db, "SELECT place_id, name FROM place").await?;
    let parties = names(db, "SELECT party_id, name FROM party").await?;
    Ok(Chain { graph, lots, labels, aliases, places, parties })
}

async fn lots(db: &mut PgConnection) -> Result<Vec<(LotRecord, LotFacts)>> {
    let lines: Vec<LotLine> = sqlx::query_as(
        "SELECT lot_id, code, label, short_name, lot.product_id, product_master.name AS product_name, \
         gtin, kind, quantity, unit, place_id, produced_at, expires_at \
         FROM lot LEFT JOIN product_master USING (product_id) ORDER BY code",
    )
    .fetch_all(db)
    .await
    .db()?;
    lines.into_iter().map(lot).collect()
}

fn lot(line: LotLine) -> Result<(LotRecord, LotFacts)> {
    let kind = of_word(line.kind)?;
    let produced_at = line.produced_at.map(|it| it.timestamp_millis());
    let expires_at = line.expires_at.map(|it| it.timestamp_millis());
    let named = line.product_name.unwrap_or_else(|| short(&line.product_id).to_owned());
    let record = LotRecord {
        id: line.lot_id.clone(),
        code: line.code.clone(),
        lot_number: Some(line.short_name.clone()),
        product: line.product_id,
        gtin: line.gtin.clone(),
        kind,
        quantity: line.quantity,
        unit: line.unit.clone(),
        place: line.place_id.clone(),
        produced_at,
        expires_at,
    };
    let facts = LotFacts {
        lot_id: line.lot_id,
        code: line.code,
        label: line.label,
        short_name: line.short_name,
        product_name: named,
        gtin: line.gtin,
        kind,
        quantity: line.quantity,
        unit: line.unit,
        place: line.place_id,
        produced_at,
        expires_at,
    };
    Ok((record, facts))
}

async fn events(db: &mut PgConnection) -> Result<Vec<TraceEvent>> {
    let lines: Vec<EventLine> = sqlx::query_as(
        "SELECT event_id, kind, occurred_at, zone, place_id, party_id, document, transformation, \
         voided FROM trace_event ORDER BY occurred_at, event_id",
    )
    .fetch_all(db)
    .await
    .db()?;
    let event = |line: EventLine| {
        Ok(TraceEvent {
            id: line.event_id,
            epcis_event_id: None,
            kind: of_word(line.kind)?,
            at: line.occurred_at.timestamp_millis(),
            zone: line.zone,
            place: line.place_id,
            party: line.party_id,
            document: line.document,
            biz_step: None,
            disposition: None,
            transformation: line.transformation,
            voided: line.voided,
        })
    };
    lines.into_iter().map(event).collect()
}

async fn parts(db: &mut PgConnection) -> Result<Vec<PartRecord>> {
    let lines: Vec<(String, String, String, i64, String)> = sqlx::query_as(
        "SELECT event_id, role, lot.code, trace_event_lot.quantity, lot.unit \
         FROM trace_event_lot JOIN lot USING (lot_id) ORDER BY event_id, role, lot_id",
    )
    .fetch_all(db)
    .await
    .db()?;
    let part = |(event, role, lot, quantity, unit): (String, String, String, i64, String)| {
        let id = format!("{event}:{role}:{lot}");
        Ok(PartRecord { id, event, lot, role: of_word(role)?, quantity, unit })
    };
    lines.into_iter().map(part).collect()
}

async fn names(db: &mut PgConnection, query: &'static str) -> Result<BTreeMap<String, String>> {
    let lines: Vec<(String, String)> = sqlx::query_as(query).fetch_all(db).await.db()?;
    Ok(lines.into_iter().filter(|(id, name)| id != name).collect())
}

/// Numbers, codes and papers, each with the lots that it names.
fn aliases(lots: &BTreeMap<String, LotFacts>, rows: &TraceRows) -> BTreeMap<String, Vec<String>> {
    let papers: BTreeMap<&str, &str> = rows
        .events
        .iter()
        .filter(|it| !it.voided)
        .filter_map(|it| Some((it.id.as_str(), it.document.as_deref()?)))
        .collect();
    let own = lots.values().flat_map(|it| [(&it.short_name, &it.code), (&it.code, &it.code)]);
    let mut named: Vec<(String, String)> =
        own.map(|(name, code)| (name.to_lowercase(), code.clone())).collect();
    for part in &rows.parts {
        if let Some(paper) = papers.get(part.event.as_str()) {
            named.push((paper.to_lowercase(), part.lot.clone()));
            named.push((short(paper).to_lowercase(), part.lot.clone()));
        }
    }
    named.sort();
    named.dedup();
    let mut aliases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, code) in named {
        aliases.entry(name).or_default().push(code);
    }
    aliases
}
