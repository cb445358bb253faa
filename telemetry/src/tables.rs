//! Putting a batch of one tenant's records into its tables. Doing it twice changes nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orchestrator::{Start, TurnEvent};
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

/// A row of `interaction`, its members named as the columns.
#[derive(serde::Serialize)]
struct InteractionRow<'a> {
    run_id: &'a str,
    thread_id: String,
    user_name: String,
    door: &'static str,
    workspace: String,
    prompts_version: &'a str,
    planner: Option<&'a str>,
    tool_names: &'a [String],
    input_tokens: i64,
    output_tokens: i64,
    outcome: &'static str,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    latency_ms: Option<i64>,
}

impl<'a> InteractionRow<'a> {
    fn begun(run_id: &'a str, start: &'a Start, at: DateTime<Utc>) -> Self {
        Self {
            run_id,
            thread_id: plain(&start.thread_id),
            user_name: plain(&start.user),
            door: start.door.as_str(),
            workspace: plain(start.workspace.as_deref().unwrap_or_default()),
            prompts_version: &start.prompts_version,
            planner: None,
            tool_names: &[],
            input_tokens: 0,
            output_tokens: 0,
            outcome: "running",
            started_at: at,
            finished_at: None,
            latency_ms: None,
        }
    }

    fn ended(run_id: &'a str, summary: &'a Summary) -> Self {
        Self {
            workspace: plain(&summary.workspace),
            planner: summary.planner.as_deref(),
            tool_names: &summary.tools,
            input_tokens: signed(summary.input_tokens),
            output_tokens: signed(summary.output_tokens),
            outcome: summary.outcome,
            finished_at: Some(summary.ended_at),
            latency_ms: Some((summary.ended_at - summary.started_at).num_milliseconds()),
            ..Self::begun(run_id, &summary.start, summary.started_at)
        }
    }
}

/// A row of `interaction_content`, its members named as the columns.
#[derive(serde::Serialize)]
struct ContentRow<'a> {
    run_id: &'a str,
    question: String,
    answer: String,
    started_at: DateTime<Utc>,
}

async fn begin_interactions(conn: &mut PgConnection, events: &[RunEvent<'_>]) -> sqlx::Result<()> {
    let begun = events.iter().filter_map(|(run_id, it)| match &it.event {
        TurnEvent::Started(start) => Some(InteractionRow::begun(run_id, start, it.at)),
        _ => None,
    });
    let rows: Vec<_> = begun.collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO interaction SELECT * FROM json_populate_recordset(NULL::interaction, $1::json) \
         ON CONFLICT DO NOTHING",
    )
    .bind(json(&rows)?)
    .execute(conn)
    .await?;
    Ok(())
}

/// Sum up the turns that ended, from all their events: earlier ones may have come in other batches.
async fn end_interactions(conn: &mut PgConnection, events: &[RunEvent<'_>]) -> sqlx::Result<()> {
    let is_end =
        |it: &EventAt| matches!(it.event, TurnEvent::Finished { .. } | TurnEvent::Failed { .. });
    let ended: BTreeSet<&str> =
        events.iter().filter(|(_, it)| is_end(it)).map(|(run_id, _)| *run_id).collect();
    if ended.is_empty() {
        return Ok(());
    }
    let ended: Vec<&str> = ended.into_iter().collect();
    let mut summaries = Vec::new();
    for (run_id, stored) in turns::stored_of_many(conn, &ended).await? {
        match turns::parsed(stored).map(|events| Summary::of(&events)) {
            Ok(Some(summary)) => summaries.push((run_id, summary)),
            Ok(None) => tracing::warn!(run_id, "a turn ended that never began"),
            Err(error) => tracing::warn!(run_id, %error, "a turn with events of another version"),
        }
    }
    write_summaries(conn, &summaries).await
}

async fn write_summaries(
    conn: &mut PgConnection,
    summaries: &[(String, Summary)],
) -> sqlx::Result<()> {
    let rows: Vec<_> = summaries.iter().map(|(id, it)| InteractionRow::ended(id, it)).collect();
    sqlx::query(
        "UPDATE interaction SET workspace = now.workspace, planner = now.planner, \
           tool_names = now.tool_names, input_tokens = now.input_tokens, \
           output_tokens = now.output_tokens, outcome = now.outcome, \
           finished_at = now.finished_at, latency_ms = now.latency_ms \
         FROM json_populate_recordset(NULL::interaction, $1::json) AS now \
         WHERE interaction.run_id = now.run_id",
    )
    .bind(json(&rows)?)
    .execute(&mut *conn)
    .await?;
    let contents: Vec<_> = summaries
        .iter()
        .map(|(run_id, it)| ContentRow {
            run_id,
            question: plain(it.question()),
            answer: plain(&it.answer),
            started_at: it.started_at,
        })
        .collect();
    sqlx::query(
        "INSERT INTO interaction_content \
         SELECT * FROM json_populate_recordset(NULL::interaction_content, $1::json) \
         ON CONFLICT DO NOTHING",
    )
    .bind(json(&contents)?)
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
