//! The record of what happened: logged before it is acknowledged, then in the tenant's tables.

pub mod log;
pub mod redact;
