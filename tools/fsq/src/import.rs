//! The importer of EPCIS 2.0 documents.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::BoxFuture;
use kernel::{Error, Permission, Result};
use serde_json::{Value, json};
use sqlx::PgConnection;
use toolkit::{ImportFile, ImportReport, Importer, Quarantined};

use crate::WRITE;
use crate::capture::capture;
use crate::epcis::{Document, Rejection, check, to_trace};

/// Where the events of a document may be.
const LISTS: [&str; 2] = ["/epcisBody/eventList", "/epcisBody/queryResults/resultsBody/eventList"];

/// Reads EPCIS 2.0 JSON-LD.
pub(crate) struct Epcis;

impl Importer for Epcis {
    fn name(&self) -> &'static str {
        "epcis"
    }

    fn about(&self) -> &'static str {
        "EPCIS 2.0 JSON-LD: capture documents, query results, or bare events"
    }

    fn permission(&self) -> Permission {
        WRITE
    }

    fn import<'a>(
        &'a self,
        db: &'a mut PgConnection,
        file: ImportFile<'a>,
    ) -> BoxFuture<'a, Result<ImportReport>> {
        Box::pin(import(db, file))
    }
}

async fn import(db: &mut PgConnection, file: ImportFile<'_>) -> Result<ImportReport> {
    let (document, quarantined) = sound(file.bytes)?;
    let read = document.events.len() + quarantined.len();
    (file.progress)(0, read);
    let rows = to_trace(&document);
    let captured = capture(db, &rows).await?;
    (file.progress)(read, read);
    Ok(ImportReport {
        read,
        added: captured.added,
        known: document.events.len() - captured.added,
        quarantined,
    })
}

/// The document without the events that cannot be read, and these.
fn sound(bytes: &[u8]) -> Result<(Document, Vec<Quarantined>)> {
    let faults = match check(bytes) {
        Ok(document) => return Ok((document, Vec::new())),
        Err(faults) => faults,
    };
    let bad: BTreeSet<usize> = faults.iter().filter_map(|it| it.event).collect();
    if let Some(fault) = faults.iter().find(|it| it.event.is_none()) {
        return Err(whole(fault));
    }
    let without: Vec<u8> = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).to_vec();
    let mut value: Value = serde_json::from_slice(&without).map_err(Error::internal)?;
    remove(&mut value, &bad);
    match check(value.to_string().as_bytes()) {
        Ok(document) => Ok((document, quarantined(&faults))),
        Err(rest) => Err(rest
            .first()
            .or(faults.first())
            .map_or_else(|| Error::invalid("file", "cannot be read as EPCIS 2.0"), whole)),
    }
}

fn whole(fault: &Rejection) -> Error {
    Error::invalid("file", format!("is refused at {fault}"))
}

/// An only event leaves an empty list behind.
fn remove(value: &mut Value, bad: &BTreeSet<usize>) {
    let keep = |events: &mut Vec<Value>| {
        let mut index = 0..;
        events.retain(|_| index.next().is_none_or(|at| !bad.contains(&at)));
    };
    if let Value::Array(events) = value {
        return keep(events);
    }
    for place in LISTS {
        if let Some(Value::Array(events)) = value.pointer_mut(place) {
            return keep(events);
        }
    }
    for body in ["/epcisBody", "/epcisBody/queryResults/resultsBody"] {
        if let Some(Value::Object(body)) = value.pointer_mut(body)
            && body.remove("event").is_some()
        {
            body.insert("eventList".into(), json!([]));
            return;
        }
    }
    *value = json!([]);
}

/// One entry for each event: its place and all that is wrong with it.
fn quarantined(faults: &[Rejection]) -> Vec<Quarantined> {
    let mut by_event: BTreeMap<usize, Vec<&Rejection>> = BTreeMap::new();
    for fault in faults {
        by_event.entry(fault.event.unwrap_or_default()).or_default().push(fault);
    }
    let entry = |(event, faults): (usize, Vec<&Rejection>)| {
        let first = faults[0];
        let line = first.line.map(|it| format!(", line {it}")).unwrap_or_default();
        let reasons: Vec<String> =
            faults.iter().map(|it| format!("`{}`: {}", it.pointer, it.reason)).collect();
        Quarantined {
            place: format!("event {} ({}{line})", event + 1, first.pointer),
            reason: reasons.join("; "),
        }
    };
    by_event.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use store::testing::block_on;
    use toolkit::testing::Bench;

    use super::*;
    use crate::testing::{WORKSPACES, demo};

    const VALID: &[u8] =
        include_bytes!("../testdata/epcis/openepcis/valid/Combination_of_different_event.json");
    const MIXED: &[u8] = include_bytes!(
        "../testdata/epcis/openepcis/invalid/ObjectEvent_with_non_standard_bizStep_in_second_event.json"
    );
    const SEAFOOD: &[u8] =
        include_bytes!("../testdata/epcis/opentraceability/gdst-whole-chain.jsonld");

    async fn take(bench: &Bench, bytes: &[u8]) -> Result<ImportReport> {
        let mut tx = bench.tenant.begin().await;
        let now = bench.request.now;
        let file = ImportFile { name: "test", bytes, now, progress: &|_, _| {} };
        let report = Epcis.import(&mut tx, file).await;
        if report.is_ok() {
            tx.commit().await.unwrap();
        }
        report
    }

    async fn count(bench: &Bench, query: &'static str) -> i64 {
        let mut tx = bench.tenant.begin().await;
        sqlx::query_scalar(query).fetch_one(&mut *tx).await.unwrap()
    }

    #[test]
    fn importing_twice_adds_nothing() {
        block_on(async {
            let bench = Bench::new(WORKSPACES).await;
            for (bytes, events) in [(SEAFOOD, 31), (VALID, 6)] {
                let first = take(&bench, bytes).await.unwrap();
                assert_eq!((first.read, first.added, first.known), (events, events, 0));
                let again = take(&bench, bytes).await.unwrap();
                assert_eq!((again.read, again.added, again.known), (events, 0, events));
            }
            assert_eq!(count(&bench, "SELECT count(*) FROM trace_event").await, 37);
        });
    }

    #[test]
    fn a_bad_event_is_set_aside_and_the_rest_is_kept() {
        block_on(async {
            let bench = Bench::new(WORKSPACES).await;
            let report = take(&bench, MIXED).await.unwrap();
            assert_eq!((report.read, report.added, report.quarantined.len()), (2, 1, 1));
            let bad = &report.quarantined[0];
            assert!(
                bad.place.starts_with("event 2 (/epcisBody/eventList/1/bizStep, line "),
                "{bad:?}"
            );
            assert!(bad.reason.contains("is not a"), "{bad:?}");
            let refused = take(&bench, b"{ \"type\": ").await.unwrap_err().to_string();
            assert!(refused.starts_with("`file` is refused at line 1, column"), "{refused}");
        });
    }

    /// A declaration that comes in a later document marks what was stored before.
    #[test]
    fn an_event_that_is_declared_wrong_later_is_not_followed() {
        block_on(async {
            let bench = demo().await;
            let mut document: Value = serde_json::from_slice(SEAFOOD).unwrap();
            let list = document.pointer_mut(LISTS[1]).unwrap().as_array_mut().unwrap();
            list.retain(|it| {
                it.pointer("/outputQuantityList/0/epcClass")
                    .and_then(Value::as_str)
                    .is_some_and(|it| it.ends_with("processor.2.v1-0122-2022"))
            });
            assert_eq!(list.len(), 1);
            list[0]["errorDeclaration"] = json!({ "declarationTime": "2026-01-01T00:00:00Z" });
            let asked = json!({ "lot": "08600031303.0003" });
            let before = bench.read("fsq_trace_lot", asked.clone()).await.unwrap();
            assert_eq!(before["lot_count"], 6);
            let report = take(&bench, document.to_string().as_bytes()).await.unwrap();
            assert_eq!((report.read, report.added, report.known), (1, 0, 1));
            let after = bench.read("fsq_trace_lot", asked).await.unwrap();
            assert_eq!(after["lot_count"], 1);
            let wrong = "SELECT count(*) FROM trace_event WHERE voided";
            assert_eq!(count(&bench, wrong).await, 2);
        });
    }
}
