//! The workspace's records: one aggregate a file, with its SQL.

pub(crate) mod device;
pub(crate) mod planogram;
pub(crate) mod product;

/// Whether two names are the same to a person: case and surrounding space do not matter.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}
