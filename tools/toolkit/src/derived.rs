//! State derived from rows, kept while the rows stay as they are.

use std::any::Any;
use std::sync::Arc;

use kernel::TenantId;

type Key = (TenantId, String);
type Kept = (Vec<i64>, Arc<dyn Any + Send + Sync>);

/// One entry per tenant and name; the oldest go when there are too many.
pub(crate) struct Derived(moka::sync::Cache<Key, Kept>);

const MOST_ENTRIES: u64 = 512;

impl Derived {
    pub(crate) fn new() -> Self {
        Self(moka::sync::Cache::new(MOST_ENTRIES))
    }

    /// What was kept under this name, if it was built from this very version of the rows.
    pub(crate) fn get<T: Any + Send + Sync>(
        &self,
        tenant: &TenantId,
        name: &str,
        version: &[i64],
    ) -> Option<Arc<T>> {
        let (kept_version, kept) = self.0.get(&(tenant.clone(), name.to_owned()))?;
        match kept_version == version {
            true => kept.downcast().ok(),
            false => None,
        }
    }

    pub(crate) fn put<T: Any + Send + Sync>(
        &self,
        tenant: &TenantId,
        name: &str,
        version: Vec<i64>,
        built: Arc<T>,
    ) {
        self.0.insert((tenant.clone(), name.to_owned()), (version, built));
    }
}
