//! Moving records from the log to the tenants' tables, in the background.
//!
//! One transaction per tenant and batch; the checkpoint moves after the commit; a batch that comes
//! again changes nothing. While the database is away the log grows and everything is tried again.
//! A record that no table will ever take is put aside in `undeliverable.jsonl`, so that it cannot
//! hold up the ones behind it.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use kernel::TenantId;
use store::Store;

use crate::log::{LogError, Position, Record};
use crate::record::Logged;
use crate::{Recorder, metrics, tables};

/// How records are gathered and retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainSettings {
    /// At most this many records in a batch.
    pub records: usize,
    /// No further record once a batch has this many bytes.
    pub bytes: u64,
    /// How long to let records gather once one is there.
    pub gather: Duration,
    /// The wait after a first failure; it doubles with each further one.
    pub first_retry: Duration,
    /// The longest wait between attempts.
    pub last_retry: Duration,
}

impl Default for DrainSettings {
    /// 1,000 records or 2 MiB, gathered for 50 ms; retried after 250 ms to 30 s.
    fn default() -> Self {
        Self {
            records: 1000,
            bytes: 2 << 20,
            gather: Duration::from_millis(50),
            first_retry: Duration::from_millis(250),
            last_retry: Duration::from_secs(30),
        }
    }
}

/// Why a batch could not be moved now.
#[derive(Debug, thiserror::Error)]
pub enum DrainError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the database does not take records now: {0}")]
    Away(String),
    #[error("the drainer's own work was stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// Moves records from a recorder's log to a store.
#[derive(Debug, Clone)]
pub struct Drainer {
    recorder: Arc<Recorder>,
    store: Arc<Store>,
    settings: DrainSettings,
}

impl Drainer {
    pub const fn new(recorder: Arc<Recorder>, store: Arc<Store>, settings: DrainSettings) -> Self {
        Self { recorder, store, settings }
    }

    /// Drain until `stop`, then what is left, for as long as that succeeds.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut retry = self.settings.first_retry;
        loop {
            let pause = match self.drain().await {
                Ok(moved) => {
                    retry = self.settings.first_retry;
                    if moved >= self.settings.records as u64 { None } else { Some(moved == 0) }
                }
                Err(error) => {
                    metrics::drain_failed();
                    tracing::warn!(%error, retry_ms = retry.as_millis(), "records stay in the log");
                    tokio::select! {
                        () = &mut stop => return,
                        () = tokio::time::sleep(retry) => {}
                    }
                    retry = (retry * 2).min(self.settings.last_retry);
                    continue;
                }
            };
            let Some(idle) = pause else { continue };
            tokio::select! {
                () = &mut stop => break,
                () = self.wait(idle) => {}
            }
        }
        while matches!(self.drain().await, Ok(1..)) {}
    }

    /// Until there is something to drain and a batch had time to gather.
    async fn wait(&self, idle: bool) {
        if idle && self.recorder.waiting() == 0 {
            self.recorder.appended.notified().await;
        }
        tokio::time::sleep(self.settings.gather).await;
    }

    /// Move one batch; returns how many records it held, 0 at the log's end.
    ///
    /// # Errors
    /// [`DrainError`]; the records are then still in the log and will be moved later.
    pub async fn drain(&self) -> Result<u64, DrainError> {
        let (recorder, settings) = (self.recorder.clone(), self.settings);
        let batch = tokio::task::spawn_blocking(move || Batch::read(&recorder, settings)).await??;
        metrics::waiting_bytes(self.recorder.log().undrained_bytes());
        for (tenant, records) in &batch.tenants {
            self.deliver(tenant, records).await?;
        }
        let (recorder, end) = (self.recorder.clone(), batch.end);
        tokio::task::spawn_blocking(move || recorder.log().set_checkpoint(end)).await??;
        let names = batch.tenants.values().flatten().map(|it| (it.tenant.as_str(), it.id.as_str()));
        let moved = names.clone().count() as u64;
        self.recorder.tail().forget(names, end);
        self.recorder.drained.notify_waiters();
        metrics::drained(moved);
        Ok(moved)
    }

    /// Put one tenant's records into its tables; those that no table takes, aside.
    async fn deliver(&self, tenant: &str, records: &[Record]) -> Result<(), DrainError> {
        let Ok(id) = tenant.parse::<TenantId>() else {
            return records.iter().try_for_each(|it| self.put_aside(it, "its tenant has no name"));
        };
        let mut sound = Vec::with_capacity(records.len());
        for record in records {
            match Logged::read(record.clone()) {
                Ok(logged) => sound.push((record, logged)),
                Err(error) => self.put_aside(record, &error.to_string())?,
            }
        }
        let all: Vec<Logged> = sound.iter().map(|(_, logged)| logged.clone()).collect();
        match self.insert(&id, &all).await {
            Ok(()) => Ok(()),
            Err(Refusal::Away(reason)) => Err(DrainError::Away(reason)),
            Err(Refusal::Record(_)) => self.deliver_singly(&id, &sound).await,
        }
    }

    /// One transaction each: to find the records that spoil the batch.
    async fn deliver_singly(
        &self,
        tenant: &TenantId,
        records: &[(&Record, Logged)],
    ) -> Result<(), DrainError> {
        for (record, logged) in records {
            match self.insert(tenant, std::slice::from_ref(logged)).await {
                Ok(()) => {}
                Err(Refusal::Away(reason)) => return Err(DrainError::Away(reason)),
                Err(Refusal::Record(reason)) => self.put_aside(record, &reason)?,
            }
        }
        Ok(())
    }

    async fn insert(&self, tenant: &TenantId, records: &[Logged]) -> Result<(), Refusal> {
        let away = |error: kernel::Error| Refusal::Away(reason(&error));
        let mut tx = self.store.begin_long(tenant).await.map_err(away)?;
        let inserted = tables::insert(&mut tx, records).await;
        match inserted {
            Ok(()) => tx.commit().await.map_err(away),
            Err(error) => {
                drop(tx);
                Err(self.refusal(tenant, &error).await)
            }
        }
    }

    /// Whether an error is about the records, or about the database as it is now.
    ///
    /// See <https://www.postgresql.org/docs/current/errcodes-appendix.html>: class 22 is data that
    /// does not fit, 23 a broken constraint, 54 a limit; 42 stands for tables that are not there.
    async fn refusal(&self, tenant: &TenantId, error: &sqlx::Error) -> Refusal {
        let code = error.as_database_error().and_then(|it| it.code());
        let class = code.as_deref().and_then(|it| it.get(..2)).unwrap_or_default();
        match (class, error) {
            ("22" | "23" | "54", _) | (_, sqlx::Error::Encode(_)) => {
                Refusal::Record(error.to_string())
            }
            ("42", _) => match self.store.tenants().await {
                Ok(tenants) if !tenants.contains(tenant) => {
                    Refusal::Record("its tenant was removed".into())
                }
                _ => Refusal::Away(error.to_string()),
            },
            _ => Refusal::Away(error.to_string()),
        }
    }

    /// Keep a record that no table takes where a person finds it.
    fn put_aside(&self, record: &Record, reason: &str) -> Result<(), DrainError> {
        let path = self.recorder.log().dir().join("undeliverable.jsonl");
        let line = serde_json::json!({ "reason": reason, "record": record });
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        written.map_err(|e| LogError::io("append to", &path, e))?;
        metrics::undeliverable();
        tracing::error!(
            kind = record.kind, id = record.id, reason, path = %path.display(),
            "a record was put aside"
        );
        Ok(())
    }
}

/// Why an insert failed: because of the records, or whatever the records.
enum Refusal {
    Record(String),
    Away(String),
}

/// With the source, which is for the log and not for a caller.
fn reason(error: &kernel::Error) -> String {
    match error {
        kernel::Error::Internal(source) => source.to_string(),
        other => other.to_string(),
    }
}

/// What is moved at once.
struct Batch {
    tenants: BTreeMap<String, Vec<Record>>,
    end: Position,
}

impl Batch {
    fn read(recorder: &Recorder, settings: DrainSettings) -> Result<Self, LogError> {
        let log = recorder.log();
        let mut reader = log.read_from(log.checkpoint());
        let mut tenants: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        let (mut count, mut bytes) = (0, 0);
        while count < settings.records && bytes < settings.bytes {
            match reader.next_entry() {
                Ok(Some(entry)) => {
                    count += 1;
                    bytes += entry.next.offset - entry.at.offset;
                    tenants.entry(entry.record.tenant.clone()).or_default().push(entry.record);
                }
                Ok(None) => break,
                Err(error @ LogError::Corrupt { resumes_at, .. }) => {
                    metrics::damaged();
                    tracing::error!(%error, "records were lost to damage; the segment is kept");
                    reader.skip_to(resumes_at);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Self { tenants, end: reader.position() })
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Error, Problem};
    use serde_json::json;
    use store::testing::block_on;
    use toolkit::{CallOutcome, Observer};

    use super::*;
    use crate::log::Settings;
    use crate::testing::{Desk, call, count, drainer};
    use crate::{Feedback, Score};

    #[test]
    fn records_reach_their_tables_once_however_often_they_are_drained() {
        block_on(async {
            let desk = Desk::new().await;
            for run in ["r1", "r2", "r3"] {
                desk.turn(run, "ann");
            }
            let output = json!({ "stores": 12, "rate": 1.50, "huge": 1e300 });
            let done = call(desk.id(), "rc_r1", CallOutcome::Done { output });
            desk.recorder.record(&done).unwrap();
            assert_eq!(desk.recorder.waiting(), 16);
            desk.drain().await;
            assert_eq!((desk.recorder.waiting(), desk.recorder.log().undrained_bytes()), (0, 0));

            // As after a crash between commit and checkpoint: all of it comes again.
            let Desk { tenant, recorder, drainer: old, folder } = desk;
            drop((recorder, old));
            std::fs::remove_file(folder.path().join("checkpoint.json")).unwrap();
            let recorder = Recorder::open(folder.path(), Settings::default()).unwrap();
            assert_eq!(recorder.waiting(), 16);
            let drainer = drainer(&recorder, &tenant);
            while drainer.drain().await.unwrap() > 0 {}
            let mut tx = tenant.begin().await;
            for (table, rows) in [
                ("turn_event", 15),
                ("interaction", 3),
                ("interaction_content", 3),
                ("tool_call", 1),
                ("tool_call_content", 1),
            ] {
                assert_eq!(count(&mut tx, table).await, rows, "{table}");
            }
            assert!(!folder.path().join("undeliverable.jsonl").exists());
        });
    }

    #[test]
    fn while_the_tables_are_away_records_stay_and_later_arrive() {
        block_on(async {
            let desk = Desk::new().await;
            desk.turn("r1", "ann");
            desk.tenant.load("ALTER TABLE interaction RENAME TO away").await;
            for _ in 0..2 {
                let error = desk.drainer.drain().await.unwrap_err();
                assert!(matches!(error, DrainError::Away(_)), "{error}");
            }
            desk.turn("r2", "ann");
            assert_eq!(desk.recorder.waiting(), 10);
            assert_eq!(count(&mut *desk.read().await, "turn_event").await, 0);
            desk.tenant.load("ALTER TABLE away RENAME TO interaction").await;
            desk.drain().await;
            assert_eq!(count(&mut *desk.read().await, "turn_event").await, 10);
        });
    }

    #[test]
    fn a_record_no_table_takes_is_put_aside_and_holds_up_nothing() {
        block_on(async {
            let desk = Desk::new().await;
            desk.turn("r1", "ann");
            // Postgres refuses U+0000 in a key.
            desk.turn("r\0", "ann");
            let stranger = "nobody_here".parse().unwrap();
            let problem: Problem = Error::not_found("lot", "x").to_problem("q");
            let failed = call(&stranger, "rc_x", CallOutcome::Failed { problem });
            desk.recorder.record(&failed).unwrap();
            desk.turn("r2", "ann");
            desk.drain().await;
            let mut tx = desk.read().await;
            assert_eq!(count(&mut tx, "turn_event").await, 10);
            let aside = desk.folder.path().join("undeliverable.jsonl");
            let aside = std::fs::read_to_string(aside).unwrap();
            assert_eq!(aside.lines().count(), 6);
            assert!(aside.contains("its tenant was removed"));
        });
    }

    #[test]
    fn text_that_postgres_cannot_hold_is_kept_as_json_and_marked_as_text() {
        block_on(async {
            let desk = Desk::new().await;
            let output = json!({ "text": "a\0b" });
            let mut strange = call(desk.id(), "rc_1", CallOutcome::Done { output });
            strange.tool = "fsq\0trace".into();
            desk.recorder.record(&strange).unwrap();
            let user = "ann".to_owned();
            let comment = Some("\0".to_owned());
            let feedback = Feedback {
                tenant: desk.id().clone(),
                run_id: "r1".into(),
                user,
                score: Score::Up,
                comment,
                at: strange.now,
            };
            desk.recorder.feedback(&feedback).unwrap();
            desk.drain().await;
            let mut tx = desk.read().await;
            assert_eq!(count(&mut tx, "feedback").await, 1);
            let key = (desk.id(), "rc_1");
            let read = crate::receipts::receipt(&desk.recorder, &mut tx, key).await.unwrap();
            assert_eq!(read.tool, "fsq\u{FFFD}trace");
            assert_eq!(read.outcome, strange.outcome);
        });
    }

    #[test]
    fn the_running_drainer_moves_what_comes_and_the_rest_when_stopped() {
        block_on(async {
            let desk = Desk::new().await;
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            let drainer = desk.drainer.clone();
            let running = tokio::spawn(async move {
                drainer.run(async { drop(stopped.await) }).await;
            });
            for run in 0..20 {
                desk.turn(&format!("r{run}"), "ann");
            }
            assert!(desk.recorder.settled(Duration::from_secs(20)).await);
            assert_eq!(count(&mut *desk.read().await, "interaction").await, 20);
            desk.turn("last", "ann");
            stop.send(()).unwrap();
            running.await.unwrap();
            assert_eq!(count(&mut *desk.read().await, "interaction").await, 21);
        });
    }
}
