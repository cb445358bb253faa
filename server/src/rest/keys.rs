//! API keys of a running server, for whoever sits at its machine and nobody else.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use kernel::{Error, Result};
use serde_json::{Value, json};
use store::ApiKey;

use super::arguments::JsonBody;
use crate::auth::{KeyWish, issue};
use crate::problem::Failure;
use crate::{App, Caller};

pub(super) fn router() -> Router<Arc<App>> {
    Router::new().route("/v1/keys", get(list).post(add)).route("/v1/keys/{label}", delete(revoke))
}

/// A key cannot make keys.
fn operator(app: &App, caller: &Caller) -> Result<()> {
    match caller.principal == app.operator() {
        true => Ok(()),
        false => Err(Error::Unauthenticated(
            "keys are made on the server's own machine, without a key: use `quartermaster key` there"
                .into(),
        )),
    }
}

async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Value>, Failure> {
    operator(&app, &caller)?;
    let keys = app.store.keys().await?;
    let ours = keys.iter().filter(|it| it.tenant == caller.principal.tenant);
    Ok(Json(json!({ "keys": ours.map(shown).collect::<Vec<_>>() })))
}

fn shown(key: &ApiKey) -> Value {
    json!({
        "label": key.label,
        "permissions": key.permissions,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    })
}

async fn add(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), Failure> {
    operator(&app, &caller)?;
    let wish: KeyWish =
        serde_json::from_value(body).map_err(|it| Error::invalid("body", it.to_string()))?;
    let label = wish.label.clone();
    let secret = issue(&app, &caller.principal.tenant, wish, caller.now).await?;
    Ok((StatusCode::CREATED, Json(json!({ "label": label, "key": secret }))))
}

async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(label): Path<String>,
) -> Result<StatusCode, Failure> {
    operator(&app, &caller)?;
    app.store.revoke_key(&caller.principal.tenant, &label, caller.now).await?;
    Ok(StatusCode::NO_CONTENT)
}
