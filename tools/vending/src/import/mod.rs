//! What this workspace reads from files.

mod baskets;
mod coil;
mod report_line;
mod vending_sales;

pub(crate) use baskets::Baskets;
pub(crate) use vending_sales::VendingSales;

use std::collections::BTreeMap;

use kernel::{Error, Result};
use sha2::{Digest, Sha256};

/// Ids made from content: the same content gets the same id in every import, and content that
/// stands in a file twice gets two.
#[derive(Default)]
struct ContentIds(BTreeMap<String, u32>);

impl ContentIds {
    fn of(&mut self, prefix: &str, parts: &[&str]) -> String {
        let content = parts.join("\u{1f}");
        let nth = self.0.entry(content.clone()).or_default();
        *nth += 1;
        let hash = Sha256::new().chain_update(content).chain_update(nth.to_be_bytes()).finalize();
        format!("{prefix}_{}", hex::encode(&hash[..12]))
    }
}

/// The text of a file.
fn text(bytes: &[u8]) -> Result<&str> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|it| **it == b'\n').count() + 1;
        Error::invalid("file", format!("is not UTF-8 text on line {line}: save it as UTF-8"))
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}
