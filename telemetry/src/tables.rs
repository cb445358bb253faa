//! Putting a batch of one tenant's records into its tables. Doing it twice changes nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orchestrator::TurnEvent;
use sqlx::PgConnection;
use toolkit::{CallOutcome, CallRecord};

use crate::record::{EventAt, Feedback, Logged, Suggestion};
use crate::recorder::outcome_name;
use crate::turns::{self, Summary};

/// Insert everything of a batch, and sum up the turns that ended in it.
pub(crate) async fn insert(conn: &mut PgConnection, batch: &[Logged]) -> sqlx::Result<()> {
    let (mut events, mut calls) = (Vec::new(), Vec::new());
    for logged in batch {
        match logged {
            Logged::Event { run_id, event } => events.push((run_id.as_str(), event.as_ref())),
            Logged::Call(call) => calls.push(call.as_ref()),
            Logged::Feedback(feedback) => insert_feedback(conn, feedback).await?,
            Logged::Suggestion(suggestion) => insert_suggestion(conn, suggestion).await?,
        }
    }
    if !events.is_empty() {
        insert_events(conn, &events).await?;
        begin_interactions(conn, &events).await?;
        end_interactions(conn, &events).await?;
    }
    if !calls.is_empty() {
        insert_calls(conn, &calls).await?;
        insert_call_contents(conn, &calls).await?;
        note_decisions(conn, &calls).await?;
    }
    Ok(())
}

type RunEvent<'a> = (&'a str, &'a EventAt);

/// The JSON of a value that came out of JSON.
fn json(value: &impl serde::Serialize) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Postgres has no U+0000 in text.
fn plain(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn insert_events(conn: &mut PgConnection, events: &[RunEvent<'_>]) -> sqlx::Result<()> {
    let runs: Vec<&str> = events.iter().map(|(run_id, _)| *run_id).collect();
    let seqs: Vec<i64> = events.iter().map(|(_, it)| signed(it.seq)).collect();
    let ats: Vec<DateTime<Utc>> = events.iter().map(|(_, it)| it.at).collect();
    let bodies: Vec<String> =
        events.iter().map(|(_, it)| json(&it.event)).collect::<sqlx::Result<_>>()?;
    sqlx::query(
        "INSERT INTO turn_event (run_id, seq, at, event) \
         SELECT run_id, seq, at, event::json \
         FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[]) \
           AS it (run_id, seq, at, event) \
         ON CONFLICT DO NOTHING",
    )
    .bind(runs)
    .bind(seqs)
    .bind(ats)
    .bind(bodies)
    .execute(conn)
    .await?;
    Ok(())
}

async fn begin_interactions(conn: &mut PgConnection, events: &[RunEvent<'_>]) -> sqlx::Result<()> {
    for (run_id, EventAt { at, event, .. }) in events {
        let TurnEvent::Started(start) = event else { continue };
        sqlx::query(
            "INSERT INTO interaction (run_id, thread_id, user_name, door, workspace, \
             prompts_version, outcome, started_at) VALUES ($1, $2, $3, $4, $5, $6, 'running', $7) \
             ON CONFLICT DO NOTHING",
        )
        .bind(run_id)
        .bind(plain(&start.thread_id))
        .bind(plain(&start.user))
        .bind(start.door.as_str())
        .bind(plain(start.workspace.as_deref().unwrap_or_default()))
        .bind(&start.prompts_version)
        .bind(at)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn end_interactions(conn: &mut PgConnection, events: &[RunEvent<'_>]) -> sqlx::Result<()> {
    let ended: BTreeSet<&str> = events
        .iter()
        .filter(|(_, it)| matches!(it.event, TurnEvent::Finished { .. } | TurnEvent::Failed { .. }))
        .map(|(run_id, _)| *run_id)
        .collect();
    for run_id in ended {
        let stored = turns::stored(conn, run_id, None).await?;
        match turns::parsed(stored).map(|events| Summary::of(&events)) {
            Ok(Some(summary)) => end_interaction(conn, run_id, &summary).await?,
            Ok(None) => tracing::warn!(run_id, "a turn ended that never began"),
            Err(error) => tracing::warn!(run_id, %error, "a turn with events of another version"),
        }
    }
    Ok(())
}

async fn end_interaction(
    conn: &mut PgConnection,
    run_id: &str,
    summary: &Summary,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE interaction SET workspace = $2, planner = $3, tool_names = $4, input_tokens = $5, \
         output_tokens = $6, outcome = $7, finished_at = $8, latency_ms = $9 WHERE run_id = $1",
    )
    .bind(run_id)
    .bind(plain(&summary.workspace))
    .bind(&summary.planner)
    .bind(&summary.tools)
    .bind(signed(summary.input_tokens))
    .bind(signed(summary.output_tokens))
    .bind(summary.outcome)
    .bind(summary.ended_at)
    .bind((summary.ended_at - summary.started_at).num_milliseconds())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO interaction_content (run_id, question, answer, started_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(run_id)
    .bind(plain(&summary.question))
    .bind(plain(&summary.answer))
    .bind(summary.started_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// A row of `tool_call`, its members named as the columns.
#[derive(serde::Serialize)]
struct CallRow<'a> {
    receipt_id: &'a str,
    run_id: Option<&'a str>,
    call_id: String,
    request_id: String,
    tool: String,
    user_name: String,
    door: &'static str,
    engine_version: &'a str,
    data_version: i64,
    input_hash: &'a str,
    took_us: i64,
    outcome: &'static str,
    held_id: Option<&'a str>,
    at: DateTime<Utc>,
}

impl<'a> CallRow<'a> {
    fn of(call: &'a CallRecord) -> Self {
        Self {
            receipt_id: &call.receipt_id,
            run_id: call.run_id.as_deref(),
            call_id: plain(&call.call_id),
            request_id: plain(&call.request_id),
            tool: plain(&call.tool),
            user_name: plain(&call.user),
            door: call.door.as_str(),
            engine_version: &call.engine_version,
            data_version: call.data_version,
            input_hash: &call.input_hash,
            took_us: signed(call.took_us),
            outcome: outcome_name(&call.outcome),
            held_id: held_id(&call.outcome),
            at: call.now,
        }
    }
}

async fn insert_calls(conn: &mut PgConnection, calls: &[&CallRecord]) -> sqlx::Result<()> {
    let rows: Vec<CallRow<'_>> = calls.iter().map(|it| CallRow::of(it)).collect();
    sqlx::query(
        "INSERT INTO tool_call SELECT * FROM json_populate_recordset(NULL::tool_call, $1::json) \
         ON CONFLICT DO NOTHING",
    )
    .bind(json(&rows)?)
    .execute(conn)
    .await?;
    Ok(())
}

fn held_id(outcome: &CallOutcome) -> Option<&str> {
    match outcome {
        CallOutcome::Held { held_id, .. } | CallOutcome::Kept { held_id, .. } => Some(held_id),
        CallOutcome::Done { .. } | CallOutcome::Failed { .. } => None,
    }
}

async fn insert_call_contents(conn: &mut PgConnection, calls: &[&CallRecord]) -> sqlx::Result<()> {
    let receipts: Vec<&str> = calls.iter().map(|it| it.receipt_id.as_str()).collect();
    let ats: Vec<DateTime<Utc>> = calls.iter().map(|it| it.now).collect();
    let instants: Vec<String> = calls.iter().map(|it| it.now.to_rfc3339()).collect();
    let arguments: Vec<String> =
        calls.iter().map(|it| json(&it.arguments)).collect::<sqlx::Result<_>>()?;
    let outcomes: Vec<String> =
        calls.iter().map(|it| json(&it.outcome)).collect::<sqlx::Result<_>>()?;
    sqlx::query(
        "INSERT INTO tool_call_content (receipt_id, arguments, outcome, at, instant) \
         SELECT receipt_id, arguments::json, outcome::json, at, instant \
         FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[]) \
           AS it (receipt_id, arguments, outcome, at, instant) \
         ON CONFLICT DO NOTHING",
    )
    .bind(receipts)
    .bind(arguments)
    .bind(outcomes)
    .bind(ats)
    .bind(instants)
    .execute(conn)
    .await?;
    Ok(())
}

/// A held write that was kept is a suggestion that was applied.
async fn note_decisions(conn: &mut PgConnection, calls: &[&CallRecord]) -> sqlx::Result<()> {
    for call in calls {
        if let CallOutcome::Kept { held_id, .. } = &call.outcome {
            sqlx::query(
                "UPDATE suggestion SET state = 'applied', decided_at = $2, decided_by = $3 \
                 WHERE suggestion_id = $1 AND state = 'suggested'",
            )
            .bind(held_id)
            .bind(call.now)
            .bind(plain(&call.user))
            .execute(&mut *conn)
            .await?;
        }
    }
    Ok(())
}

async fn insert_feedback(conn: &mut PgConnection, feedback: &Feedback) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO feedback (run_id, user_name, score, comment, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (run_id, user_name) DO UPDATE \
         SET score = excluded.score, comment = excluded.comment, at = excluded.at \
         WHERE feedback.at <= excluded.at",
    )
    .bind(&feedback.run_id)
    .bind(plain(&feedback.user))
    .bind(feedback.score.value())
    .bind(feedback.comment.as_deref().map(plain))
    .bind(feedback.at)
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_suggestion(conn: &mut PgConnection, it: &Suggestion) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO suggestion (suggestion_id, run_id, kind, payload, before_metrics, state, \
         suggested_at) VALUES ($1, $2, $3, $4::json, $5::json, 'suggested', $6) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&it.suggestion_id)
    .bind(&it.run_id)
    .bind(plain(&it.kind))
    .bind(json(&it.payload)?)
    .bind(json(&it.before_metrics)?)
    .bind(it.at)
    .execute(conn)
    .await?;
    Ok(())
}
