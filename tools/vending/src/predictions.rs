//! What changes of planogram were expected to bring, and what they brought.

use chrono::{DateTime, Duration, Utc};
use engines::revenue::{Checked, Effect};
use kernel::Result;
use sqlx::PgConnection;
use toolkit::DbResult;

/// Days after a change that its revenue is averaged over.
pub(crate) const CHECK_DAYS: i64 = 28;

/// Keep what a change is expected to bring.
pub(crate) async fn keep(
    db: &mut PgConnection,
    planogram_id: &str,
    predicted_at: DateTime<Utc>,
    effect: &Effect,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO revenue_prediction (planogram_id, predicted_at, before_cents_per_day, \
         predicted_cents_per_day, low_cents_per_day, high_cents_per_day) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(planogram_id)
    .bind(predicted_at)
    .bind(effect.current_cents_per_day)
    .bind(effect.predicted_cents_per_day)
    .bind(effect.predicted_interval.low_cents)
    .bind(effect.predicted_interval.high_cents)
    .execute(db)
    .await
    .db()?;
    Ok(())
}

/// A prediction whose days are over, and what came of it. All money in cents a day.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Outcome {
    pub(crate) device_id: String,
    pub(crate) version: i32,
    pub(crate) effective_from: DateTime<Utc>,
    pub(crate) before_cents_per_day: i64,
    pub(crate) predicted_cents_per_day: i64,
    pub(crate) low_cents_per_day: i64,
    pub(crate) high_cents_per_day: i64,
    pub(crate) actual_cents_per_day: f64,
}

impl Outcome {
    /// As the engines hold it to its interval.
    pub(crate) fn checked(&self) -> Checked {
        let width = self.high_cents_per_day - self.low_cents_per_day;
        Checked {
            predicted: self.predicted_cents_per_day as f64,
            half_width: width as f64 / 2.0,
            actual: self.actual_cents_per_day,
        }
    }
}

/// Every prediction whose 28 days were over by an instant, the latest first.
pub(crate) async fn outcomes(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Outcome>> {
    sqlx::query_as(
        "SELECT device_id, version, effective_from, before_cents_per_day, \
         predicted_cents_per_day, low_cents_per_day, high_cents_per_day, \
         (SELECT coalesce(sum(quantity::bigint * price_cents), 0)::float8 / $2 FROM sale \
          WHERE sale.device_id = planogram.device_id AND sold_at >= effective_from \
          AND sold_at < effective_from + make_interval(days => $2)) AS actual_cents_per_day \
         FROM revenue_prediction JOIN planogram USING (planogram_id) WHERE effective_from <= $1 \
         ORDER BY effective_from DESC, device_id, version",
    )
    .bind(now - Duration::days(CHECK_DAYS))
    .bind(CHECK_DAYS as i32)
    .fetch_all(db)
    .await
    .db()
}
