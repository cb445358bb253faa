//! Where everything that happens is put down before anybody is told of it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Error, Result, TenantId};
use orchestrator::TurnEvent;
use serde::Serialize;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Notify;
use toolkit::{CallOutcome, CallRecord, Observer};

use crate::log::{Durability, Log, LogError, Position, Record, Settings};
use crate::metrics;
use crate::record::{self, Feedback, Head, Suggestion, kind};
use crate::tail::Tail;

/// The durable log with the kinds of records this program keeps.
///
/// Everything is redacted first. A method that returns `Ok` has put its record where it survives
/// what the [`Durability`] says; [`Error::Unavailable`] (503) means it has not, so the caller must
/// not acknowledge the work either.
#[derive(Debug)]
pub struct Recorder {
    log: Log,
    tail: Mutex<Tail>,
    /// Rung when there is something to drain.
    pub(crate) appended: Notify,
    /// Rung when something was drained.
    pub(crate) drained: Notify,
}

impl Recorder {
    /// Open the log in a folder, and find what an earlier process did not drain.
    ///
    /// # Errors
    /// As [`Log::open`]; damage is reported and stepped over here, and again by the drainer.
    pub fn open(dir: impl AsRef<Path>, settings: Settings) -> Result<Arc<Self>, LogError> {
        let log = Log::open(dir, settings)?;
        let tail = Mutex::new(Tail::over(&log)?);
        Ok(Arc::new(Self { log, tail, appended: Notify::new(), drained: Notify::new() }))
    }

    /// Whether a new turn may begin.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the log has no room to keep it to its end.
    pub fn admit(&self) -> Result<()> {
        self.log.admit().map_err(refused)
    }

    /// Put down an event of a turn; `seq` counts the events of the run.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be kept.
    pub fn event(
        &self,
        (tenant, run_id): (&TenantId, &str),
        (seq, at): (u64, DateTime<Utc>),
        event: &TurnEvent,
    ) -> Result<Position> {
        let redacted = record::redacted(event);
        let head = Head { tenant, kind: kind::EVENT, id: run_id, seq, at };
        self.put(head, redacted.as_ref().unwrap_or(event))
    }

    /// Put down a person's verdict. Whether the run exists is the caller's to check.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be kept.
    pub fn feedback(&self, feedback: &Feedback) -> Result<Position> {
        metrics::feedback(feedback.score);
        let head = Head {
            tenant: &feedback.tenant,
            kind: kind::FEEDBACK,
            id: &feedback.run_id,
            seq: 0,
            at: feedback.at,
        };
        self.put(head, feedback)
    }

    /// Put down something the copilot proposed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be kept.
    pub fn suggestion(&self, suggestion: &Suggestion) -> Result<Position> {
        let head = Head {
            tenant: &suggestion.tenant,
            kind: kind::SUGGESTION,
            id: &suggestion.suggestion_id,
            seq: 0,
            at: suggestion.at,
        };
        self.put(head, suggestion)
    }

    fn put(&self, head: Head<'_>, body: &impl Serialize) -> Result<Position> {
        let record = head.over(body).map_err(Error::internal)?;
        let position = self.append(&record).map_err(refused)?;
        self.tail().note(&record, position, || self.log.checkpoint());
        self.appended.notify_one();
        Ok(position)
    }

    /// Append; with `power` a worker thread of the runtime lets others work while the disk syncs.
    fn append(&self, record: &Record) -> Result<Position, LogError> {
        let syncs = self.log.settings().durability == Durability::Power;
        let worker =
            Handle::try_current().is_ok_and(|it| it.runtime_flavor() == RuntimeFlavor::MultiThread);
        metrics::timed_append(|| match syncs && worker {
            true => tokio::task::block_in_place(|| self.log.append(record)),
            false => self.log.append(record),
        })
    }

    /// The log beneath.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The records of one id that are logged and may not be in the tables yet, in order.
    ///
    /// Ask here before asking the tables: a record that is drained in between is then seen twice,
    /// never missed.
    ///
    /// # Errors
    /// [`Error::Internal`] when the disk fails.
    pub fn undrained(&self, tenant: &TenantId, id: &str) -> Result<Vec<Record>> {
        let positions = self.tail().positions(tenant.as_str(), id);
        let mut found = Vec::new();
        for position in positions {
            let entry = self.log.read_from(position).next_entry();
            // A segment that went meanwhile was drained: the tables have it.
            if let Some(entry) = entry.map_err(Error::internal)?.filter(|it| it.at == position) {
                found.push(entry.record);
            }
        }
        Ok(found)
    }

    /// Wait until all that is recorded by now is in the tables; false when `within` passes first.
    ///
    /// For lists and sums, which are read from the tables alone.
    pub async fn settled(&self, within: Duration) -> bool {
        let end = self.log.end();
        let reached = async {
            loop {
                let drained = self.drained.notified();
                tokio::pin!(drained);
                // Listen before looking, so that no ring falls in between.
                drained.as_mut().enable();
                if self.log.checkpoint() >= end || self.waiting() == 0 {
                    return;
                }
                drained.await;
            }
        };
        tokio::time::timeout(within, reached).await.is_ok()
    }

    /// How many records wait for the drainer.
    pub fn waiting(&self) -> usize {
        self.tail().len()
    }

    pub(crate) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder {
    fn record(&self, record: &CallRecord) -> Result<()> {
        let outcome = outcome_name(&record.outcome);
        metrics::tool_call(&record.tool, outcome, record.took_us);
        let head = Head {
            tenant: &record.tenant,
            kind: kind::CALL,
            id: &record.receipt_id,
            seq: 0,
            at: record.now,
        };
        self.put(head, record).map(|_| ())
    }
}

/// What came of a call, as tables and metrics name it.
pub(crate) const fn outcome_name(outcome: &CallOutcome) -> &'static str {
    match outcome {
        CallOutcome::Done { .. } => "done",
        CallOutcome::Held { .. } => "held",
        CallOutcome::Kept { .. } => "kept",
        CallOutcome::Failed { .. } => "failed",
    }
}

fn refused(error: LogError) -> Error {
    match error {
        LogError::Full { .. } => {
            tracing::error!(%error, "refusing work that could not be recorded");
            metrics::refused();
            Error::Unavailable(
                "there is no room to record what happens: try again later, and tell your operator"
                    .into(),
            )
        }
        LogError::TooLarge { .. } => Error::TooLarge(error.to_string()),
        other => {
            metrics::refused();
            Error::internal(other)
        }
    }
}

#[cfg(test)]
mod tests {
    use orchestrator::{Answer, AnswerCitation};
    use serde_json::json;
    use store::testing::now;

    use super::*;
    use crate::testing::{call, turn};

    fn tenant() -> TenantId {
        "akron".parse().unwrap()
    }

    #[test]
    fn no_canary_reaches_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let recorder = Recorder::open(dir.path(), Settings::default()).unwrap();
        let mut events = turn("r1", "ann@login.example");
        if let TurnEvent::Started(start) = &mut events[0] {
            start.message = "my password is CANARY1, mail canary2@dairy.example".into();
            start.page = json!({ "apiKey": "CANARY3", "phone": "+1 330 555 0117" });
        }
        for (seq, event) in events.iter().enumerate() {
            recorder.event((&tenant(), "r1"), (seq as u64, now()), event).unwrap();
        }
        for (seq, piece) in ["write to canary5@dairy.", "example.", "com please"].iter().enumerate()
        {
            let piece = TurnEvent::TextDelta { text: (*piece).into() };
            recorder.event((&tenant(), "r1"), (10 + seq as u64, now()), &piece).unwrap();
        }
        let output = json!({ "note": "Authorization: Bearer CANARY4-abcdefghijkl" });
        recorder.record(&call(&tenant(), "rc_1", CallOutcome::Done { output })).unwrap();
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
        }
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("canary") && !text.contains("555 0117"), "{text}");
        assert!(text.contains("ann@login.example"), "who asked is kept: it ties records together");
    }

    #[test]
    fn citations_of_a_redacted_answer_still_point_at_their_values() {
        let dir = tempfile::tempdir().unwrap();
        let recorder = Recorder::open(dir.path(), Settings::default()).unwrap();
        let text = "bob@dairy.example scrapped 12 kg";
        let cite = |value: &str| AnswerCitation {
            start: text.find(value).unwrap(),
            end: text.find(value).unwrap() + value.len(),
            call_id: "c1".into(),
            pointer: "/kg".into(),
            receipt_id: "rc_1".into(),
        };
        let citations = vec![cite("dairy"), cite("12")];
        let answer = Answer { text: text.into(), citations, ..Answer::default() };
        recorder.event((&tenant(), "r1"), (0, now()), &TurnEvent::Answered(answer)).unwrap();
        let kept = recorder.undrained(&tenant(), "r1").unwrap().remove(0);
        let TurnEvent::Answered(kept) = serde_json::from_value(kept.body).unwrap() else {
            panic!("another event")
        };
        assert_eq!(kept.text, "[email] scrapped 12 kg");
        let [only] = &kept.citations[..] else { panic!("{:?}", kept.citations) };
        assert_eq!(&kept.text[only.start..only.end], "12");
    }

    #[test]
    fn a_full_log_refuses_with_503_and_says_nothing_of_folders() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { max_total_bytes: 4000, ..Settings::default() };
        let recorder = Recorder::open(dir.path(), settings).unwrap();
        let event = &turn("r1", "ann")[0];
        let refused = (0..100)
            .find_map(|seq| recorder.event((&tenant(), "r1"), (seq, now()), event).err())
            .unwrap();
        assert_eq!(refused.kind().status, 503);
        assert!(!refused.to_string().contains(dir.path().to_str().unwrap()));
        assert_eq!(recorder.admit().unwrap_err().kind().status, 503);
    }
}
