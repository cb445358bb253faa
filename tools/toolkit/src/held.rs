//! Writes that were previewed and undone, as rows that a person decides about.

use chrono::{DateTime, Duration, Utc};
use kernel::{Action, Error, Permission, RequestContext, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use store::DbResult;
use uuid::Uuid;

use crate::{ToolCall, ToolSpec};

/// A write that was previewed and undone, waiting for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeldCall {
    /// What to confirm: `h_…`.
    pub id: String,
    /// The tool.
    pub tool: String,
    /// As validated.
    pub arguments: Value,
    /// What would be kept.
    pub preview: Value,
    /// Who proposed it.
    pub user: String,
    /// When it was proposed; the instant the tool sees both times.
    pub created_at: DateTime<Utc>,
    /// Until when it can be confirmed.
    pub expires_at: DateTime<Utc>,
}

/// What a person decided about a held call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Keep it.
    Confirm,
    /// Forget it.
    Decline,
}

/// A held call waits this long.
const WAITS: Duration = Duration::minutes(30);

impl HeldCall {
    pub(crate) fn new(
        request: &RequestContext,
        (spec, call): (&ToolSpec, &ToolCall),
        (seed, preview): (Uuid, Value),
    ) -> Self {
        Self {
            id: format!("h_{}", seed.simple()),
            tool: spec.name.to_owned(),
            arguments: call.arguments.clone(),
            preview,
            user: request.principal.user.clone(),
            created_at: request.now,
            expires_at: request.now + WAITS,
        }
    }

    /// The seed that the preview's ids were made from.
    pub(crate) fn seed(&self) -> Result<Uuid> {
        let text = self.id.strip_prefix("h_").unwrap_or_default();
        Uuid::try_parse(text).map_err(|_| Error::not_found("held call", self.id.as_str()))
    }

    pub(crate) async fn insert(&self, db: &mut PgConnection, run_id: Option<&str>) -> Result<()> {
        sqlx::query(
            "INSERT INTO held_call (held_call_id, tool, arguments, preview, user_name, run_id, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&self.id)
        .bind(&self.tool)
        .bind(&self.arguments)
        .bind(&self.preview)
        .bind(&self.user)
        .bind(run_id)
        .bind(self.created_at)
        .bind(self.expires_at)
        .execute(db)
        .await
        .db()?;
        Ok(())
    }

    /// The row, locked until the transaction ends, if it can still be decided about.
    pub(crate) async fn lock(db: &mut PgConnection, id: &str, now: DateTime<Utc>) -> Result<Self> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT held_call_id, tool, arguments, preview, user_name, created_at, expires_at, \
             state FROM held_call WHERE held_call_id = $1 FOR UPDATE",
        )
        .bind(id)
        .fetch_optional(db)
        .await
        .db()?;
        Row::waiting(row, id, now)
    }

    /// The row as it is, for showing.
    pub(crate) async fn load(db: &mut PgConnection, id: &str, now: DateTime<Utc>) -> Result<Self> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT held_call_id, tool, arguments, preview, user_name, created_at, expires_at, \
             state FROM held_call WHERE held_call_id = $1",
        )
        .bind(id)
        .fetch_optional(db)
        .await
        .db()?;
        Row::waiting(row, id, now)
    }

    /// The turn that proposed a held call, if a turn did.
    ///
    /// # Errors
    /// An outage of the database.
    pub async fn proposed_in(db: &mut PgConnection, id: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT run_id FROM held_call WHERE held_call_id = $1")
            .bind(id)
            .fetch_optional(db)
            .await
            .db()
            .map(Option::flatten)
    }

    pub(crate) async fn decided(
        &self,
        db: &mut PgConnection,
        request: &RequestContext,
        decision: Decision,
    ) -> Result<()> {
        let state = match decision {
            Decision::Confirm => "confirmed",
            Decision::Decline => "declined",
        };
        sqlx::query(
            "UPDATE held_call SET state = $2, decided_at = $3, decided_by = $4 \
             WHERE held_call_id = $1 AND state = 'waiting'",
        )
        .bind(&self.id)
        .bind(state)
        .bind(request.now)
        .bind(&request.principal.user)
        .execute(db)
        .await
        .db()?;
        Ok(())
    }

    /// Whoever proposed a write may confirm it; another person needs `approve`.
    pub(crate) fn may_decide(&self, request: &RequestContext, spec: &ToolSpec) -> Result<()> {
        request.principal.require(&spec.permission)?;
        if self.user == request.principal.user {
            return Ok(());
        }
        request.principal.require(&Permission {
            workspace: spec.permission.workspace.clone(),
            action: Action::Approve,
        })
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    held_call_id: String,
    tool: String,
    arguments: Value,
    preview: Value,
    user_name: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    state: String,
}

impl Row {
    fn waiting(row: Option<Self>, id: &str, now: DateTime<Utc>) -> Result<HeldCall> {
        let Some(row) = row else {
            return Err(Error::not_found("held call", id.chars().take(60).collect::<String>()));
        };
        match row.state.as_str() {
            "waiting" if row.expires_at > now => Ok(HeldCall {
                id: row.held_call_id,
                tool: row.tool,
                arguments: row.arguments,
                preview: row.preview,
                user: row.user_name,
                created_at: row.created_at,
                expires_at: row.expires_at,
            }),
            "waiting" => Err(Error::Expired(format!(
                "held call `{id}` expired at {}: ask for the change again",
                row.expires_at.format("%Y-%m-%d %H:%M UTC")
            ))),
            state => Err(Error::Conflict(format!(
                "held call `{id}` was already {state}: a confirmation works once"
            ))),
        }
    }
}
