//! The status of lots, and the holds behind it.

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgConnection;
use toolkit::DbResult;

/// A hold in force.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub(crate) struct Hold {
    /// Why.
    pub(crate) reason: String,
    /// Who put it on hold.
    pub(crate) held_by: String,
    /// When.
    pub(crate) held_at: DateTime<Utc>,
}

/// `active`, `on_hold` or `recalled`; the row is locked for a write.
pub(crate) async fn status(db: &mut PgConnection, lot_id: &str, lock: bool) -> Result<String> {
    let query = match lock {
        true => "SELECT status FROM lot WHERE lot_id = $1 FOR UPDATE",
        false => "SELECT status FROM lot WHERE lot_id = $1",
    };
    sqlx::query_scalar(query).bind(lot_id).fetch_one(db).await.db()
}

/// The hold in force on a lot.
pub(crate) async fn open(db: &mut PgConnection, lot_id: &str) -> Result<Option<Hold>> {
    sqlx::query_as(
        "SELECT reason, held_by, held_at FROM lot_hold WHERE lot_id = $1 AND released_at IS NULL",
    )
    .bind(lot_id)
    .fetch_optional(db)
    .await
    .db()
}

/// Put a lot on hold.
pub(crate) async fn put(
    db: &mut PgConnection,
    (hold_id, lot_id): (String, &str),
    hold: &Hold,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO lot_hold (lot_hold_id, lot_id, reason, held_by, held_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(hold_id)
    .bind(lot_id)
    .bind(&hold.reason)
    .bind(&hold.held_by)
    .bind(hold.held_at)
    .execute(&mut *db)
    .await
    .db()?;
    set_status(db, lot_id, "on_hold").await
}

/// Lift the hold on a lot.
///
/// # Errors
/// [`Error::Conflict`] when there is none.
pub(crate) async fn lift(
    db: &mut PgConnection,
    lot_id: &str,
    (by, at, note): (&str, DateTime<Utc>, Option<&str>),
) -> Result<()> {
    let lifted = sqlx::query(
        "UPDATE lot_hold SET released_by = $2, released_at = $3, release_note = $4 \
         WHERE lot_id = $1 AND released_at IS NULL",
    )
    .bind(lot_id)
    .bind(by)
    .bind(at)
    .bind(note)
    .execute(&mut *db)
    .await
    .db()?;
    if lifted.rows_affected() == 0 {
        return Err(Error::Conflict(
            "the lot has no hold to lift: ask for the list of holds".into(),
        ));
    }
    set_status(db, lot_id, "active").await
}

async fn set_status(db: &mut PgConnection, lot_id: &str, status: &str) -> Result<()> {
    sqlx::query("UPDATE lot SET status = $2 WHERE lot_id = $1")
        .bind(lot_id)
        .bind(status)
        .execute(db)
        .await
        .db()?;
    Ok(())
}
