//! Postgres: where it is, whose rows you may touch, and how its schemas came to be.

mod embedded;
mod error;
mod keys;
mod migrate;
mod once;
mod open;
mod recovery;
mod tenancy;
pub mod testing;

pub use error::{DbResult, StoreError};
pub use keys::ApiKey;
pub use migrate::{pending_tenant_versions, undo_shared_to, undo_tenant_to};
pub use open::{Location, Store, Versions};
pub use tenancy::{Access, TenantTx};
