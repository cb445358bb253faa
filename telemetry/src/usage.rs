//! How the copilot is used: by workspace, tool, person and day.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Result;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use store::DbResult;

/// Use of a tenant's copilot in `[from, to)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub workspaces: Vec<WorkspaceUsage>,
    pub tools: Vec<ToolUsage>,
    pub users: Vec<UserUsage>,
    pub days: Vec<DayUsage>,
}

/// Turns of one workspace, most used first. Latencies are of turns that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct WorkspaceUsage {
    pub workspace: String,
    pub interactions: i64,
    pub users: i64,
    pub failed: i64,
    pub mean_ms: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub thumbs_up: i64,
    pub thumbs_down: i64,
}

/// Calls of one tool through all doors, most used first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct ToolUsage {
    pub tool: String,
    pub calls: i64,
    pub failed: i64,
    /// Writes that were previewed.
    pub held: i64,
    /// Writes that a person confirmed.
    pub kept: i64,
    pub p50_us: f64,
    pub p95_us: f64,
}

/// What one person asked, most first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct UserUsage {
    pub user_name: String,
    pub interactions: i64,
    pub active_days: i64,
    pub last_at: DateTime<Utc>,
}

/// Turns begun on one day (UTC).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct DayUsage {
    pub day: NaiveDate,
    pub interactions: i64,
    pub users: i64,
}

/// Sum up a span of time. Only what is drained.
///
/// # Errors
/// An outage of the database.
pub async fn usage(
    conn: &mut PgConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Usage> {
    let workspaces = sqlx::query_as(BY_WORKSPACE).bind(from).bind(to).fetch_all(&mut *conn).await;
    let tools = sqlx::query_as(BY_TOOL).bind(from).bind(to).fetch_all(&mut *conn).await;
    let users = sqlx::query_as(BY_USER).bind(from).bind(to).fetch_all(&mut *conn).await;
    let days = sqlx::query_as(BY_DAY).bind(from).bind(to).fetch_all(&mut *conn).await;
    Ok(Usage {
        from,
        to,
        workspaces: workspaces.db()?,
        tools: tools.db()?,
        users: users.db()?,
        days: days.db()?,
    })
}

/// Verdicts are summed per turn first: a turn that three people judged is one turn.
const BY_WORKSPACE: &str = "\
    SELECT workspace, count(*) AS interactions, count(DISTINCT user_name) AS users, \
      count(*) FILTER (WHERE outcome = 'failed') AS failed, \
      avg(latency_ms)::float8 AS mean_ms, \
      percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS p50_ms, \
      percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) AS p95_ms, \
      percentile_cont(0.99) WITHIN GROUP (ORDER BY latency_ms) AS p99_ms, \
      sum(input_tokens)::bigint AS input_tokens, sum(output_tokens)::bigint AS output_tokens, \
      coalesce(sum(up), 0)::bigint AS thumbs_up, coalesce(sum(down), 0)::bigint AS thumbs_down \
    FROM interaction LEFT JOIN ( \
      SELECT run_id, count(*) FILTER (WHERE score > 0) AS up, \
        count(*) FILTER (WHERE score < 0) AS down FROM feedback GROUP BY run_id \
    ) verdict USING (run_id) \
    WHERE started_at >= $1 AND started_at < $2 \
    GROUP BY workspace ORDER BY interactions DESC, workspace";

const BY_TOOL: &str = "\
    SELECT tool, count(*) AS calls, count(*) FILTER (WHERE outcome = 'failed') AS failed, \
      count(*) FILTER (WHERE outcome = 'held') AS held, \
      count(*) FILTER (WHERE outcome = 'kept') AS kept, \
      percentile_cont(0.5) WITHIN GROUP (ORDER BY took_us) AS p50_us, \
      percentile_cont(0.95) WITHIN GROUP (ORDER BY took_us) AS p95_us \
    FROM tool_call WHERE at >= $1 AND at < $2 GROUP BY tool ORDER BY calls DESC, tool";

const BY_USER: &str = "\
    SELECT user_name, count(*) AS interactions, \
      count(DISTINCT (started_at AT TIME ZONE 'UTC')::date) AS active_days, \
      max(started_at) AS last_at \
    FROM interaction WHERE started_at >= $1 AND started_at < $2 \
    GROUP BY user_name ORDER BY interactions DESC, user_name";

const BY_DAY: &str = "\
    SELECT (started_at AT TIME ZONE 'UTC')::date AS day, count(*) AS interactions, \
      count(DISTINCT user_name) AS users \
    FROM interaction WHERE started_at >= $1 AND started_at < $2 GROUP BY 1 ORDER BY 1";

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use kernel::Error;
    use serde_json::json;
    use store::testing::{block_on, now};
    use toolkit::{CallOutcome, Observer};

    use super::*;
    use crate::testing::{Desk, call};
    use crate::{Feedback, Score};

    #[test]
    fn use_is_summed_by_workspace_tool_person_and_day() {
        block_on(async {
            let desk = Desk::new().await;
            for (run, user) in [("r1", "ann"), ("r2", "ann"), ("r3", "bob")] {
                desk.turn(run, user);
                desk.recorder
                    .feedback(&Feedback {
                        tenant: desk.id().clone(),
                        run_id: run.into(),
                        user: user.into(),
                        score: if user == "ann" { Score::Up } else { Score::Down },
                        comment: None,
                        at: now(),
                    })
                    .unwrap();
            }
            let problem = Error::not_found("lot", "x").to_problem("q");
            for (receipt, outcome) in [
                ("rc_1", CallOutcome::Done { output: json!({}) }),
                ("rc_2", CallOutcome::Failed { problem }),
                ("rc_3", CallOutcome::Held { held_id: "h_1".into(), preview: json!({}) }),
                ("rc_4", CallOutcome::Kept { held_id: "h_1".into(), output: json!({}) }),
            ] {
                desk.recorder.record(&call(desk.id(), receipt, outcome)).unwrap();
            }
            desk.drain().await;
            let mut tx = desk.read().await;
            let summed = usage(&mut tx, now(), now() + Duration::days(1)).await.unwrap();
            let fsq = &summed.workspaces[0];
            assert_eq!(
                (fsq.workspace.as_str(), fsq.interactions, fsq.users, fsq.failed),
                ("fsq", 3, 2, 0)
            );
            assert_eq!(
                (fsq.p50_ms, fsq.p95_ms, fsq.mean_ms),
                (Some(4000.0), Some(4000.0), Some(4000.0))
            );
            assert_eq!((fsq.input_tokens, fsq.thumbs_up, fsq.thumbs_down), (3600, 2, 1));
            let tool = &summed.tools[0];
            assert_eq!((tool.calls, tool.failed, tool.held, tool.kept), (4, 1, 1, 1));
            assert_eq!((tool.p50_us, tool.p95_us), (1500.0, 1500.0));
            let ann = &summed.users[0];
            assert_eq!((ann.user_name.as_str(), ann.interactions, ann.active_days), ("ann", 2, 1));
            assert_eq!((summed.days.len(), summed.days[0].interactions), (1, 3));
            let before = usage(&mut tx, now() - Duration::days(1), now()).await.unwrap();
            assert!(before.workspaces.is_empty() && before.tools.is_empty());
        });
    }
}
