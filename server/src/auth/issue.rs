//! Making keys, as the command line and the local operator's requests do.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use kernel::{Action, Error, Permission, Result, TenantId};
use serde::{Deserialize, Serialize};
use store::ApiKey;

use super::keys::NewKey;
use crate::App;

/// What a new key is to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyWish {
    /// What to call it, e.g. `till-3`.
    pub label: String,
    /// `all`, `read`, or a list such as `fsq:read,vending:write`.
    pub permissions: String,
    /// Stop working after so many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
}

/// Make a key of a tenant; the secret is told once, here.
///
/// # Errors
/// [`Error::Invalid`] for a label that is no name, [`Error::NotFound`] for a permission there is
/// not, [`Error::Conflict`] for a label that is taken.
pub async fn issue(
    app: &App,
    tenant: &TenantId,
    wish: KeyWish,
    now: DateTime<Utc>,
) -> Result<String> {
    let plain = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.' | ' ');
    if !(1..=60).contains(&wish.label.chars().count()) || !wish.label.chars().all(plain) {
        let reason = "must be 1 to 60 letters, digits, spaces, `-`, `_` or `.`";
        return Err(Error::invalid("label", reason));
    }
    let made = NewKey::make().map_err(|it| Error::internal(it.to_string()))?;
    let key = ApiKey {
        tenant: tenant.clone(),
        label: wish.label,
        permissions: granted(app, &wish.permissions)?,
        groups: Vec::new(),
        created_at: now,
        expires_at: wish.days.map(|it| now + Duration::days(i64::from(it))),
        revoked_at: None,
    };
    app.store.add_key(&made.hash, &key).await?;
    Ok(made.secret)
}

/// The permissions a word or a list names, which must be ones there are.
fn granted(app: &App, text: &str) -> Result<BTreeSet<Permission>> {
    let all: BTreeSet<Permission> = app.all_permissions().collect();
    match text {
        "all" => return Ok(all),
        "read" => return Ok(all.into_iter().filter(|it| it.action == Action::Read).collect()),
        _ => {}
    }
    let named = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    let granted = named.map(|it| {
        let permission: Permission = it.parse()?;
        match all.contains(&permission) {
            true => Ok(permission),
            false => Err(Error::NotFound {
                what: "permission",
                id: it.to_owned(),
                nearest: toolkit::nearest(it, all.iter().map(ToString::to_string)),
            }),
        }
    });
    granted.collect()
}
