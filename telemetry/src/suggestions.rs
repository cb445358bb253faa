//! What the copilot proposed, how much of it was taken up, and what that brought.

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use store::DbResult;

/// What became of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Applied,
    Rejected,
}

impl Verdict {
    const fn state(self) -> &'static str {
        match self {
            Verdict::Applied => "applied",
            Verdict::Rejected => "rejected",
        }
    }
}

/// Note what a person decided. A held write that is confirmed is noted as applied by itself.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::Conflict`] when it was decided before.
pub async fn decide(
    conn: &mut PgConnection,
    suggestion_id: &str,
    verdict: Verdict,
    (user, at): (&str, DateTime<Utc>),
) -> Result<()> {
    let done = sqlx::query(
        "UPDATE suggestion SET state = $2, decided_at = $3, decided_by = $4 \
         WHERE suggestion_id = $1 AND state = 'suggested'",
    )
    .bind(suggestion_id)
    .bind(verdict.state())
    .bind(at)
    .bind(user)
    .execute(&mut *conn)
    .await
    .db()?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    let state: Option<String> =
        sqlx::query_scalar("SELECT state FROM suggestion WHERE suggestion_id = $1")
            .bind(suggestion_id)
            .fetch_optional(conn)
            .await
            .db()?;
    Err(match state {
        Some(state) => Error::Conflict(format!("suggestion `{suggestion_id}` was {state} before")),
        None => Error::not_found("suggestion", suggestion_id),
    })
}

/// What an applied suggestion brought, as measured at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub measured_at: DateTime<Utc>,
    /// The figures of the suggestion's `before_metrics`, as they are now.
    pub after_metrics: Value,
    /// Money saved or earned since it was applied.
    pub realised_impact: Option<f64>,
    /// ISO 4217 code of that money.
    pub currency: Option<String>,
}

/// Note what an applied suggestion brought; measuring again later adds to the record.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::Conflict`] when it was not applied.
pub async fn measured(
    conn: &mut PgConnection,
    suggestion_id: &str,
    outcome: &Outcome,
) -> Result<()> {
    let state: Option<String> =
        sqlx::query_scalar("SELECT state FROM suggestion WHERE suggestion_id = $1")
            .bind(suggestion_id)
            .fetch_optional(&mut *conn)
            .await
            .db()?;
    match state.as_deref() {
        None => return Err(Error::not_found("suggestion", suggestion_id)),
        Some("applied") => {}
        Some(state) => {
            let text = format!(
                "suggestion `{suggestion_id}` is {state}: only an applied one has an outcome"
            );
            return Err(Error::Conflict(text));
        }
    }
    sqlx::query(
        "INSERT INTO suggestion_outcome (suggestion_id, measured_at, after_metrics, \
         realised_impact, currency) VALUES ($1, $2, $3::json, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(suggestion_id)
    .bind(outcome.measured_at)
    .bind(outcome.after_metrics.to_string())
    .bind(outcome.realised_impact)
    .bind(&outcome.currency)
    .execute(conn)
    .await
    .db()?;
    Ok(())
}

/// "47 suggested, 38 applied, $X saved", by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Acceptance {
    pub kind: String,
    pub suggested: i64,
    pub applied: i64,
    pub rejected: i64,
    /// Applied ÷ decided; `None` before the first decision.
    pub acceptance_rate: Option<f64>,
    /// Sum of each suggestion's latest measurement, in `currency`.
    pub realised_impact: Option<f64>,
    /// `None` when nothing was measured, or in several currencies: then there is no sum either.
    pub currency: Option<String>,
}

/// Suggestions made in `[from, to)`, by kind, most first.
///
/// # Errors
/// An outage of the database.
pub async fn acceptance(
    conn: &mut PgConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Acceptance>> {
    sqlx::query_as(
        "SELECT kind, count(*) AS suggested, \
           count(*) FILTER (WHERE state = 'applied') AS applied, \
           count(*) FILTER (WHERE state = 'rejected') AS rejected, \
           count(*) FILTER (WHERE state = 'applied')::float8 \
             / nullif(count(*) FILTER (WHERE state IN ('applied', 'rejected')), 0) \
             AS acceptance_rate, \
           CASE WHEN count(DISTINCT currency) <= 1 THEN sum(realised_impact) END \
             AS realised_impact, \
           CASE WHEN count(DISTINCT currency) = 1 THEN min(currency) END AS currency \
         FROM suggestion LEFT JOIN ( \
           SELECT DISTINCT ON (suggestion_id) suggestion_id, realised_impact, currency \
           FROM suggestion_outcome ORDER BY suggestion_id, measured_at DESC \
         ) latest USING (suggestion_id) \
         WHERE suggested_at >= $1 AND suggested_at < $2 \
         GROUP BY kind ORDER BY suggested DESC, kind",
    )
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await
    .db()
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use serde_json::json;
    use store::testing::{block_on, now};
    use toolkit::{CallOutcome, Observer};

    use super::*;
    use crate::Suggestion;
    use crate::testing::{Desk, call};

    fn brought(days: i64, dollars: f64) -> Outcome {
        Outcome {
            measured_at: now() + Duration::days(days),
            after_metrics: json!({ "scrap_rate": 0.031 }),
            realised_impact: Some(dollars),
            currency: Some("USD".into()),
        }
    }

    #[test]
    fn suggested_applied_and_saved_is_one_query() {
        block_on(async {
            let desk = Desk::new().await;
            for id in ["h_1", "h_2", "h_3", "h_4"] {
                desk.recorder
                    .suggestion(&Suggestion {
                        tenant: desk.id().clone(),
                        suggestion_id: id.into(),
                        run_id: None,
                        kind: "vending_move_product".into(),
                        payload: json!({ "to": "B3" }),
                        before_metrics: json!({ "scrap_rate": 0.042 }),
                        at: now(),
                    })
                    .unwrap();
            }
            // One is kept through the gate, one is noted, one is turned down, one is open.
            let kept = CallOutcome::Kept { held_id: "h_1".into(), output: json!({}) };
            desk.recorder.record(&call(desk.id(), "rc_1", kept)).unwrap();
            desk.drain().await;
            let mut tx = desk.tenant.begin().await;
            decide(&mut tx, "h_2", Verdict::Applied, ("ann", now())).await.unwrap();
            decide(&mut tx, "h_3", Verdict::Rejected, ("ann", now())).await.unwrap();
            let twice = decide(&mut tx, "h_3", Verdict::Applied, ("ann", now())).await;
            assert!(matches!(twice, Err(Error::Conflict(_))));
            let unknown = decide(&mut tx, "h_9", Verdict::Applied, ("ann", now())).await;
            assert!(matches!(unknown, Err(Error::NotFound { .. })));

            measured(&mut tx, "h_1", &brought(7, 100.0)).await.unwrap();
            measured(&mut tx, "h_1", &brought(28, 450.0)).await.unwrap();
            measured(&mut tx, "h_2", &brought(7, 50.0)).await.unwrap();
            let open = measured(&mut tx, "h_4", &brought(7, 50.0)).await;
            assert!(matches!(open, Err(Error::Conflict(_))));
            let summed = acceptance(&mut tx, now(), now() + Duration::days(1)).await.unwrap();
            let expected = Acceptance {
                kind: "vending_move_product".into(),
                suggested: 4,
                applied: 2,
                rejected: 1,
                acceptance_rate: Some(2.0 / 3.0),
                realised_impact: Some(500.0),
                currency: Some("USD".into()),
            };
            assert_eq!(summed, [expected]);
        });
    }
}
