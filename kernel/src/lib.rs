//! The shared kernel: the words every crate speaks. Pure: no I/O, no clock, no chance.

#![warn(missing_docs)]

mod context;
mod error;
mod principal;
mod tenant;

pub use context::{Door, RequestContext};
pub use error::{BoxError, Error, ErrorKind, Problem, Result};
pub use principal::{Action, Permission, Principal};
pub use tenant::TenantId;
