//! Deleting what has had its time: content first, metadata later.

use chrono::{DateTime, Duration, Utc};
use kernel::Result;
use sqlx::PgConnection;
use store::DbResult;

/// How long records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Questions, answers, events, arguments and outputs, in days.
    pub content_days: u32,
    /// Who asked when, which tools ran and how long they took, verdicts; in days. Suggestions and
    /// their outcomes stay: they are the tenant's results.
    pub metadata_days: u32,
}

impl Default for Retention {
    /// 90 and 400 days.
    fn default() -> Self {
        Self { content_days: 90, metadata_days: 400 }
    }
}

/// How many rows went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deleted {
    pub content: u64,
    pub metadata: u64,
}

/// Delete one tenant's rows that are older than the retention allows at `now`.
///
/// # Errors
/// An outage of the database.
pub async fn delete_old(
    conn: &mut PgConnection,
    retention: Retention,
    now: DateTime<Utc>,
) -> Result<Deleted> {
    let content = now - Duration::days(retention.content_days.into());
    let metadata = now - Duration::days(retention.metadata_days.into());
    let mut deleted = Deleted::default();
    for statement in [
        "DELETE FROM turn_event WHERE at < $1",
        "DELETE FROM interaction_content WHERE started_at < $1",
        "DELETE FROM tool_call_content WHERE at < $1",
        "UPDATE feedback SET comment = NULL WHERE at < $1 AND comment IS NOT NULL",
    ] {
        let done = sqlx::query(statement).bind(content).execute(&mut *conn).await.db()?;
        deleted.content += done.rows_affected();
    }
    for statement in [
        "DELETE FROM interaction WHERE started_at < $1",
        "DELETE FROM tool_call WHERE at < $1",
        "DELETE FROM feedback WHERE at < $1",
    ] {
        let done = sqlx::query(statement).bind(metadata).execute(&mut *conn).await.db()?;
        deleted.metadata += done.rows_affected();
    }
    Ok(deleted)
}

/// Delete all that a person said, asked or judged, at their request; metadata of their calls
/// stays without their name.
///
/// # Errors
/// An outage of the database.
pub async fn forget_user(conn: &mut PgConnection, user: &str) -> Result<u64> {
    let mut rows = 0;
    for statement in [
        "DELETE FROM turn_event WHERE run_id IN \
           (SELECT run_id FROM interaction WHERE user_name = $1)",
        "DELETE FROM interaction_content WHERE run_id IN \
           (SELECT run_id FROM interaction WHERE user_name = $1)",
        "DELETE FROM tool_call_content WHERE receipt_id IN \
           (SELECT receipt_id FROM tool_call WHERE user_name = $1)",
        "DELETE FROM feedback WHERE user_name = $1",
        "UPDATE interaction SET user_name = '' WHERE user_name = $1",
        "UPDATE tool_call SET user_name = '' WHERE user_name = $1",
        "UPDATE suggestion SET decided_by = '' WHERE decided_by = $1",
    ] {
        let done = sqlx::query(statement).bind(user).execute(&mut *conn).await.db()?;
        rows += done.rows_affected();
    }
    Ok(rows)
}

/// Close turns that began before an instant and never ended: their server was killed.
///
/// # Errors
/// An outage of the database.
pub async fn close_abandoned(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let closed = sqlx::query(
        "UPDATE interaction SET outcome = 'abandoned' \
         WHERE finished_at IS NULL AND outcome = 'running' AND started_at < $1",
    )
    .bind(before)
    .execute(conn)
    .await
    .db()?;
    Ok(closed.rows_affected())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::{block_on, now};
    use toolkit::{CallOutcome, Observer};

    use super::*;
    use crate::testing::{Desk, call, count};

    async fn rows(conn: &mut PgConnection) -> (i64, i64) {
        let (mut content, mut metadata) = (0, 0);
        for table in ["turn_event", "interaction_content", "tool_call_content"] {
            content += count(conn, table).await;
        }
        for table in ["interaction", "tool_call"] {
            metadata += count(conn, table).await;
        }
        (content, metadata)
    }

    async fn filled() -> Desk {
        let desk = Desk::new().await;
        desk.turn("r1", "ann");
        let done = CallOutcome::Done { output: json!({}) };
        desk.recorder.record(&call(desk.id(), "rc_1", done)).unwrap();
        desk.drain().await;
        desk
    }

    #[test]
    fn content_goes_before_metadata_and_neither_too_soon() {
        block_on(async {
            let desk = filled().await;
            let mut tx = desk.tenant.begin().await;
            for (days, left) in [(89, (7, 2)), (91, (0, 2)), (399, (0, 2)), (401, (0, 0))] {
                let then = now() + Duration::days(days);
                delete_old(&mut tx, Retention::default(), then).await.unwrap();
                assert_eq!(rows(&mut tx).await, left, "after {days} days");
            }
        });
    }

    #[test]
    fn a_person_is_forgotten_and_the_others_are_not() {
        block_on(async {
            let desk = filled().await;
            desk.turn("r2", "bob");
            desk.drain().await;
            let mut tx = desk.tenant.begin().await;
            forget_user(&mut tx, "ann").await.unwrap();
            let names: Vec<String> =
                sqlx::query_scalar("SELECT user_name FROM interaction ORDER BY run_id")
                    .fetch_all(&mut *tx)
                    .await
                    .unwrap();
            assert_eq!(names, ["", "bob"]);
            assert_eq!(rows(&mut tx).await, (6, 3));
        });
    }

    #[test]
    fn a_turn_that_never_ended_is_closed_as_abandoned() {
        block_on(async {
            let desk = filled().await;
            let begun = &crate::testing::turn("r2", "ann")[0];
            desk.recorder.event((desk.id(), "r2"), (0, now()), begun).unwrap();
            desk.drain().await;
            let mut tx = desk.tenant.begin().await;
            assert_eq!(close_abandoned(&mut tx, now()).await.unwrap(), 0);
            let later = now() + Duration::minutes(10);
            assert_eq!(close_abandoned(&mut tx, later).await.unwrap(), 1);
            assert_eq!(close_abandoned(&mut tx, later).await.unwrap(), 0);
        });
    }
}
