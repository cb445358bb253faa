//! API keys: who may come in without a session. Only a key's SHA-256 is ever here.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::{Error, Permission, Result, TenantId};

use crate::{DbResult, Store};

/// A key as it is kept: everything but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Whose records it opens.
    pub tenant: TenantId,
    /// What its owner calls it; unique within the tenant.
    pub label: String,
    /// What its bearer may do.
    pub permissions: BTreeSet<Permission>,
    /// Document groups its bearer belongs to.
    pub groups: Vec<i32>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it no longer works.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Keep a key under its hash.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such tenant, [`Error::Conflict`] when the label is
    /// taken.
    pub async fn add_key(&self, hash: &[u8; 32], key: &ApiKey) -> Result<()> {
        if !self.tenants().await?.contains(&key.tenant) {
            return Err(Error::not_found("tenant", key.tenant.as_str()));
        }
        let permissions: Vec<String> = key.permissions.iter().map(ToString::to_string).collect();
        let added = sqlx::query(
            "INSERT INTO quartermaster.api_key (key_hash, tenant_id, label, permissions, groups, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (tenant_id, label) DO NOTHING",
        )
        .bind(hash.as_slice())
        .bind(key.tenant.as_str())
        .bind(&key.label)
        .bind(permissions)
        .bind(&key.groups)
        .bind(key.created_at)
        .bind(key.expires_at)
        .execute(&self.pool)
        .await
        .db()?;
        match added.rows_affected() {
            0 => Err(Error::Conflict(format!(
                "a key labelled `{}` exists already: choose another label",
                key.label
            ))),
            _ => Ok(()),
        }
    }

    /// The key with this hash, if it works at this instant.
    ///
    /// # Errors
    /// An outage of the database.
    pub async fn key(&self, hash: &[u8; 32], now: DateTime<Utc>) -> Result<Option<ApiKey>> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT tenant_id, label, permissions, groups, created_at, expires_at, revoked_at \
             FROM quartermaster.api_key WHERE key_hash = $1 AND revoked_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(&self.pool)
        .await
        .db()?;
        row.map(ApiKey::try_from).transpose()
    }

    /// Every key, working or not, by tenant and label.
    ///
    /// # Errors
    /// An outage of the database.
    pub async fn keys(&self) -> Result<Vec<ApiKey>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT tenant_id, label, permissions, groups, created_at, expires_at, revoked_at \
             FROM quartermaster.api_key ORDER BY tenant_id, label",
        )
        .fetch_all(&self.pool)
        .await
        .db()?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    /// End a key's life. Revoking twice changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the tenant has no key of that label.
    pub async fn revoke_key(
        &self,
        tenant: &TenantId,
        label: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let revoked = sqlx::query(
            "UPDATE quartermaster.api_key SET revoked_at = coalesce(revoked_at, $3) \
             WHERE tenant_id = $1 AND label = $2",
        )
        .bind(tenant.as_str())
        .bind(label)
        .bind(now)
        .execute(&self.pool)
        .await
        .db()?;
        match revoked.rows_affected() {
            0 => Err(Error::not_found("key", label)),
            _ => Ok(()),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: String,
    label: String,
    permissions: Vec<String>,
    groups: Vec<i32>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for ApiKey {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            tenant: row.tenant_id.try_into()?,
            label: row.label,
            permissions: row.permissions.iter().map(|it| it.parse()).collect::<Result<_>>()?,
            groups: row.groups,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestTenant, block_on, now};
    use chrono::Duration;

    #[test]
    fn a_key_opens_its_tenant_until_it_expires_or_is_revoked() {
        block_on(async {
            let tenant = TestTenant::new().await;
            let store = tenant.store();
            let key = ApiKey {
                tenant: tenant.id().clone(),
                label: "till-3".into(),
                permissions: BTreeSet::from(["fsq:read".parse().unwrap()]),
                groups: vec![2],
                created_at: now(),
                expires_at: Some(now() + Duration::hours(1)),
                revoked_at: None,
            };
            let hash: [u8; 32] = std::array::from_fn(|it| {
                u8::try_from(it).unwrap() ^ u8::try_from(std::process::id() % 251).unwrap()
            });
            store.add_key(&hash, &key).await.unwrap();
            assert_eq!(store.key(&hash, now()).await.unwrap(), Some(key.clone()));
            assert_eq!(store.key(&[7; 32], now()).await.unwrap(), None);
            assert_eq!(store.key(&hash, now() + Duration::hours(1)).await.unwrap(), None);
            let again = store.add_key(&[8; 32], &key).await.unwrap_err();
            assert!(matches!(again, Error::Conflict(_)), "{again}");
            store.revoke_key(tenant.id(), "till-3", now()).await.unwrap();
            assert_eq!(store.key(&hash, now()).await.unwrap(), None);
            assert!(store.revoke_key(tenant.id(), "till-4", now()).await.is_err());
        });
    }
}
