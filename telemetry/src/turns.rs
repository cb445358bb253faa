//! Turns, read back: their events, their list, people's verdicts on them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Error, Result, TenantId};
use orchestrator::{Ending, Start, TurnEvent};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use store::DbResult;

use crate::record::Logged;
use crate::{EventAt, Feedback, Recorder, Score};

/// The events of a turn, in order: what is in the tables and what is still in the log.
///
/// With `after` only those behind that place, for a client that reconnects.
///
/// # Errors
/// [`Error::NotFound`] when there is no such turn, or its content was deleted by age.
pub async fn load_turn(
    recorder: &Recorder,
    conn: &mut PgConnection,
    (tenant, run_id): (&TenantId, &str),
    after: Option<u64>,
) -> Result<Vec<EventAt>> {
    let mut events = BTreeMap::new();
    for record in recorder.undrained(tenant, run_id)? {
        if let Ok(Logged::Event { event, .. }) = Logged::read(record) {
            events.insert(event.seq, *event);
        }
    }
    for event in parsed(stored(conn, run_id, after).await.db()?).map_err(Error::internal)? {
        events.entry(event.seq).or_insert(event);
    }
    if events.is_empty() && !exists(recorder, conn, (tenant, run_id)).await? {
        return Err(Error::not_found("run", run_id));
    }
    Ok(events.into_values().filter(|it| after.is_none_or(|after| it.seq > after)).collect())
}

/// An event as it lies in the table: place, instant, JSON.
type StoredEvent = (i64, DateTime<Utc>, String);

/// The events of a turn that are in the table.
pub(crate) async fn stored(
    conn: &mut PgConnection,
    run_id: &str,
    after: Option<u64>,
) -> sqlx::Result<Vec<StoredEvent>> {
    let after = after.map_or(-1, |it| i64::try_from(it).unwrap_or(i64::MAX));
    sqlx::query_as(
        "SELECT seq, at, event::text FROM turn_event WHERE run_id = $1 AND seq > $2 ORDER BY seq",
    )
    .bind(run_id)
    .bind(after)
    .fetch_all(conn)
    .await
}

/// The stored events of several turns, by turn.
pub(crate) async fn stored_of_many(
    conn: &mut PgConnection,
    run_ids: &[&str],
) -> sqlx::Result<BTreeMap<String, Vec<StoredEvent>>> {
    let rows: Vec<(String, i64, DateTime<Utc>, String)> = sqlx::query_as(
        "SELECT run_id, seq, at, event::text FROM turn_event WHERE run_id = ANY($1) \
         ORDER BY run_id, seq",
    )
    .bind(run_ids)
    .fetch_all(conn)
    .await?;
    let mut turns: BTreeMap<String, Vec<StoredEvent>> = BTreeMap::new();
    for (run_id, seq, at, event) in rows {
        turns.entry(run_id).or_default().push((seq, at, event));
    }
    Ok(turns)
}

pub(crate) fn parsed(stored: Vec<StoredEvent>) -> Result<Vec<EventAt>, serde_json::Error> {
    let parse = |(seq, at, event): StoredEvent| {
        Ok(EventAt { seq: seq.unsigned_abs(), at, event: serde_json::from_str(&event)? })
    };
    stored.into_iter().map(parse).collect()
}

/// Whether a turn was ever begun.
///
/// # Errors
/// An outage of the database.
pub async fn exists(
    recorder: &Recorder,
    conn: &mut PgConnection,
    (tenant, run_id): (&TenantId, &str),
) -> Result<bool> {
    if recorder.undrained(tenant, run_id)?.iter().any(|it| it.kind == crate::record::kind::EVENT) {
        return Ok(true);
    }
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM interaction WHERE run_id = $1)")
        .bind(run_id)
        .fetch_one(conn)
        .await
        .db()
}

/// People's verdicts on a turn, by person; of several by one the latest.
///
/// # Errors
/// An outage of the database.
pub async fn verdicts(
    recorder: &Recorder,
    conn: &mut PgConnection,
    (tenant, run_id): (&TenantId, &str),
) -> Result<Vec<Feedback>> {
    type Row = (String, i16, Option<String>, DateTime<Utc>);
    let waiting = recorder.undrained(tenant, run_id)?;
    let rows: Vec<Row> =
        sqlx::query_as("SELECT user_name, score, comment, at FROM feedback WHERE run_id = $1")
            .bind(run_id)
            .fetch_all(conn)
            .await
            .db()?;
    let stored = rows.into_iter().map(|(user, score, comment, at)| Feedback {
        tenant: tenant.clone(),
        run_id: run_id.to_owned(),
        user,
        score: Score::of(score),
        comment,
        at,
    });
    let waiting = waiting.into_iter().filter_map(|record| match Logged::read(record) {
        Ok(Logged::Feedback(feedback)) => Some(feedback),
        _ => None,
    });
    let mut latest: BTreeMap<String, Feedback> = BTreeMap::new();
    for verdict in stored.chain(waiting) {
        if latest.get(&verdict.user).is_none_or(|it| it.at <= verdict.at) {
            latest.insert(verdict.user.clone(), verdict);
        }
    }
    Ok(latest.into_values().collect())
}

/// A turn in a list: its metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Interaction {
    pub run_id: String,
    pub thread_id: String,
    pub user_name: String,
    pub door: String,
    /// Empty when none was chosen and no tool was called.
    pub workspace: String,
    pub prompts_version: String,
    pub planner: Option<String>,
    pub tool_names: Vec<String>,
    pub input_tokens: i64,
    pub output_tokens: i64,
    /// `running`, `answered`, `waiting`, `cancelled`, `failed` or `abandoned`.
    pub outcome: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub latency_ms: Option<i64>,
}

/// Which turns to list; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFilter {
    pub thread_id: Option<String>,
    pub user: Option<String>,
    pub workspace: Option<String>,
    pub outcome: Option<String>,
    pub since: Option<DateTime<Utc>>,
    /// Turns that began before this instant: the last one of a page leads to the next.
    pub before: Option<DateTime<Utc>>,
    /// At most this many, up to 500; 0 means 50.
    pub limit: u16,
}

/// Turns, latest first.
///
/// Only what is drained: [`Recorder::settled`] first, to see all.
///
/// # Errors
/// An outage of the database.
pub async fn runs(conn: &mut PgConnection, filter: &RunFilter) -> Result<Vec<Interaction>> {
    let limit = if filter.limit == 0 { 50 } else { filter.limit.min(500) };
    sqlx::query_as(
        "SELECT run_id, thread_id, user_name, door, workspace, prompts_version, planner, \
           tool_names, input_tokens, output_tokens, outcome, started_at, finished_at, latency_ms \
         FROM interaction \
         WHERE ($1::text IS NULL OR thread_id = $1) AND ($2::text IS NULL OR user_name = $2) \
           AND ($3::text IS NULL OR workspace = $3) AND ($4::text IS NULL OR outcome = $4) \
           AND ($5::timestamptz IS NULL OR started_at >= $5) \
           AND ($6::timestamptz IS NULL OR started_at < $6) \
         ORDER BY started_at DESC, run_id DESC LIMIT $7",
    )
    .bind(&filter.thread_id)
    .bind(&filter.user)
    .bind(&filter.workspace)
    .bind(&filter.outcome)
    .bind(filter.since)
    .bind(filter.before)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await
    .db()
}

/// What a list says of a turn: a fold over its events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    pub(crate) start: Box<Start>,
    pub(crate) workspace: String,
    pub(crate) planner: Option<String>,
    pub(crate) tools: Vec<String>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) outcome: &'static str,
    pub(crate) answer: String,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: DateTime<Utc>,
}

impl Summary {
    /// Of a turn that began and ended; `None` of any other.
    pub(crate) fn of(events: &[EventAt]) -> Option<Self> {
        let first = events.first()?;
        let TurnEvent::Started(start) = &first.event else { return None };
        let mut summary = Self {
            start: start.clone(),
            workspace: start.workspace.clone().unwrap_or_default(),
            planner: None,
            tools: Vec::new(),
            input_tokens: 0,
            output_tokens: 0,
            outcome: "running",
            answer: String::new(),
            started_at: first.at,
            ended_at: first.at,
        };
        events.iter().for_each(|it| summary.take(it));
        (summary.outcome != "running").then_some(summary)
    }

    /// What was said; for a button without words, what it asked for.
    pub(crate) fn question(&self) -> &str {
        let intent = self.start.intent.as_ref().map(|it| it.name.as_str()).unwrap_or_default();
        if self.start.message.is_empty() { intent } else { &self.start.message }
    }

    fn take(&mut self, EventAt { at, event, .. }: &EventAt) {
        match event {
            TurnEvent::Planned { planner, reasoning } => {
                self.planner = Some(planner.clone());
                // A planner that asked a model says under `usage` what that took.
                let tokens = |of: &str| reasoning["usage"][of].as_u64().unwrap_or(0);
                self.input_tokens += tokens("input_tokens");
                self.output_tokens += tokens("output_tokens");
            }
            TurnEvent::ToolStarted { call, .. } => {
                if self.workspace.is_empty() {
                    self.workspace = workspace_of(&call.name).to_owned();
                }
                if !self.tools.contains(&call.name) {
                    self.tools.push(call.name.clone());
                }
            }
            TurnEvent::Answered(answer) => self.answer.clone_from(&answer.text),
            TurnEvent::Finished { ending } => {
                self.end(
                    *at,
                    match ending {
                        Ending::Answered => "answered",
                        Ending::Waiting => "waiting",
                        Ending::Cancelled => "cancelled",
                    },
                );
            }
            TurnEvent::Failed { .. } => self.end(*at, "failed"),
            _ => {}
        }
    }

    fn end(&mut self, at: DateTime<Utc>, outcome: &'static str) {
        (self.ended_at, self.outcome) = (at, outcome);
    }
}

/// The workspace in a tool's name, `<workspace>_<verb>_<noun>`.
pub(crate) fn workspace_of(tool: &str) -> &str {
    tool.split_once('_').map_or(tool, |(workspace, _)| workspace)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use store::testing::{block_on, now};

    use super::*;
    use crate::testing::{Desk, at};

    fn events(read: Vec<EventAt>) -> Vec<TurnEvent> {
        read.into_iter().map(|it| it.event).collect()
    }

    #[test]
    fn a_turn_reads_back_as_it_was_before_during_and_after_draining() {
        block_on(async {
            let desk = Desk::new().await;
            let told = desk.turn("r1", "ann");
            let key = (desk.id(), "r1");
            // A batch holds seven records: r2 is first whole in the log, then half drained.
            let also = desk.turn("r2", "ann");
            for _ in 0..3 {
                let mut tx = desk.read().await;
                let read = load_turn(&desk.recorder, &mut tx, key, None).await.unwrap();
                assert_eq!(
                    read.iter().map(|it| it.at).collect::<Vec<_>>(),
                    [0, 1, 2, 3, 4].map(at)
                );
                assert_eq!(events(read), told);
                let second = (desk.id(), "r2");
                let read = load_turn(&desk.recorder, &mut tx, second, None).await.unwrap();
                assert_eq!(events(read), also);
                let read = load_turn(&desk.recorder, &mut tx, key, Some(2)).await.unwrap();
                assert_eq!(events(read), told[3..]);
                drop(tx);
                desk.drainer.drain().await.unwrap();
            }
            assert_eq!(desk.recorder.waiting(), 0);
            let mut tx = desk.read().await;
            let nobody = (desk.id(), "r9");
            let error = load_turn(&desk.recorder, &mut tx, nobody, None).await.unwrap_err();
            assert!(matches!(error, Error::NotFound { .. }), "{error}");
            let read = load_turn(&desk.recorder, &mut tx, key, Some(4)).await.unwrap();
            assert!(read.is_empty(), "a client that has all gets nothing, not an error");
        });
    }

    #[test]
    fn the_list_sums_a_turn_up_and_filters() {
        block_on(async {
            let desk = Desk::new().await;
            desk.turn("r1", "ann");
            desk.turn("r2", "bob");
            desk.drain().await;
            let mut tx = desk.read().await;
            let by_ann = RunFilter { user: Some("ann".into()), ..RunFilter::default() };
            let listed = runs(&mut tx, &by_ann).await.unwrap();
            let expected = Interaction {
                run_id: "r1".into(),
                thread_id: "th1".into(),
                user_name: "ann".into(),
                door: "copilot".into(),
                workspace: "fsq".into(),
                prompts_version: "p1".into(),
                planner: Some("local".into()),
                tool_names: vec!["fsq_trace_lot".into()],
                input_tokens: 1200,
                output_tokens: 90,
                outcome: "answered".into(),
                started_at: at(0),
                finished_at: Some(at(4)),
                latency_ms: Some(4000),
            };
            assert_eq!(listed, [expected]);
            let all = runs(&mut tx, &RunFilter::default()).await.unwrap();
            assert_eq!(all.iter().map(|it| it.run_id.as_str()).collect::<Vec<_>>(), ["r2", "r1"]);
            let none = RunFilter { before: Some(now()), ..RunFilter::default() };
            assert!(runs(&mut tx, &none).await.unwrap().is_empty());
            let (question, answer): (String, String) =
                sqlx::query_as("SELECT question, answer FROM interaction_content LIMIT 1")
                    .fetch_one(&mut *tx)
                    .await
                    .unwrap();
            assert_eq!(question, "where did L24-0117 go?");
            assert_eq!(answer, "It went to 12 stores.");
        });
    }

    #[test]
    fn a_verdict_counts_at_once_and_the_latest_stands() {
        block_on(async {
            let desk = Desk::new().await;
            desk.turn("r1", "ann");
            let key = (desk.id(), "r1");
            assert!(exists(&desk.recorder, &mut *desk.read().await, key).await.unwrap());
            let verdict = |score, minutes| Feedback {
                tenant: desk.id().clone(),
                run_id: "r1".into(),
                user: "ann@dairy.example".into(),
                score,
                comment: Some("mail bob@dairy.example".into()),
                at: now() + Duration::minutes(minutes),
            };
            desk.recorder.feedback(&verdict(Score::Up, 1)).unwrap();
            desk.drain().await;
            desk.recorder.feedback(&verdict(Score::Down, 2)).unwrap();
            for _ in 0..2 {
                let mut tx = desk.read().await;
                let read = verdicts(&desk.recorder, &mut tx, key).await.unwrap();
                assert_eq!((read.len(), read[0].score), (1, Score::Down));
                assert_eq!(read[0].user, "ann@dairy.example");
                assert_eq!(read[0].comment.as_deref(), Some("mail [email]"));
                drop(tx);
                desk.drain().await;
            }
            desk.recorder.feedback(&verdict(Score::Up, 1)).unwrap();
            desk.drain().await;
            let mut tx = desk.read().await;
            let read = verdicts(&desk.recorder, &mut tx, key).await.unwrap();
            assert_eq!(
                read[0].score,
                Score::Down,
                "an older verdict that comes late changes nothing"
            );
        });
    }
}
