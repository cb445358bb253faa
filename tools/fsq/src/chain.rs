//! The tenant's chain: the lot graph, and the names by which people know its lots.

mod load;
mod names;

use std::collections::BTreeMap;
use std::sync::Arc;

use engines::trace::{LotGraph, LotKind, MovementKind};
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::{ToolContext, nearest};

use crate::epcis::identify;
use crate::figures::short;

pub(crate) use names::lexicon;

/// The area of the records that the chain is made from.
const AREA: &str = "fsq.trace";

/// A lot as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LotFacts {
    pub(crate) lot_id: String,
    pub(crate) code: String,
    pub(crate) label: String,
    pub(crate) short_name: String,
    /// Empty for containers.
    pub(crate) product_name: String,
    pub(crate) gtin: Option<String>,
    pub(crate) kind: LotKind,
    pub(crate) quantity: i64,
    pub(crate) unit: String,
    pub(crate) place: Option<String>,
    pub(crate) produced_at: Option<i64>,
    pub(crate) expires_at: Option<i64>,
}

/// The lot graph and its names.
pub(crate) struct Chain {
    pub(crate) graph: LotGraph,
    /// By code.
    pub(crate) lots: BTreeMap<String, LotFacts>,
    /// Code of the lot with this label, in lower case.
    labels: BTreeMap<String, String>,
    /// Codes of the lots that this number, code or paper names, in lower case.
    aliases: BTreeMap<String, Vec<String>>,
    places: BTreeMap<String, String>,
    parties: BTreeMap<String, String>,
}

impl Chain {
    /// The tenant's chain, kept until its records change.
    pub(crate) async fn of(ctx: &mut ToolContext<'_>) -> Result<Arc<Self>> {
        ctx.derived("fsq.lot_graph", &[AREA], |db: &mut PgConnection| Box::pin(load::chain(db)))
            .await
    }

    /// The lots that a person calls this: by label, code, identifier, number, or the paper they
    /// were shipped on. A label names one lot, a paper may name several.
    ///
    /// # Errors
    /// [`Error::NotFound`] with the nearest name.
    pub(crate) fn lots_named(&self, text: &str) -> Result<Vec<&LotFacts>> {
        for name in spellings(text) {
            if let Some(code) = self.labels.get(&name) {
                return Ok(self.lots.get(code).into_iter().collect());
            }
            if let Some(codes) = self.aliases.get(&name) {
                return Ok(codes.iter().filter_map(|code| self.lots.get(code)).collect());
            }
        }
        let identifier = identify(text.trim());
        if let Some(lot) = identifier.code().and_then(|code| self.lots.get(code)) {
            return Ok(vec![lot]);
        }
        let shown = |it: &LotFacts| it.label.clone();
        let asked = spellings(text).pop().unwrap_or_default();
        let likely = nearest(&asked, self.lots.values().map(shown));
        Err(Error::NotFound {
            what: "lot",
            id: text.chars().take(80).collect(),
            nearest: likely.or_else(|| nearest(&asked, self.aliases.keys())),
        })
    }

    /// The one lot that a person calls this. A delivery note of several pallets with one lot on
    /// them names that lot.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] naming the lots when there are several.
    pub(crate) fn lot_named(&self, text: &str) -> Result<&LotFacts> {
        let lots = self.lots_named(text)?;
        match lots.as_slice() {
            [lot] => Ok(lot),
            several => {
                if let Some(lot) = self.only_content(several)? {
                    return Ok(lot);
                }
                let labels: Vec<String> =
                    several.iter().take(8).map(|it| format!("`{}`", it.label)).collect();
                Err(Error::invalid(
                    "lot",
                    format!("names several lots, write one of them: {}", labels.join(", ")),
                ))
            }
        }
    }

    /// The one lot that is packed in all of these, when there is just one.
    fn only_content(&self, containers: &[&LotFacts]) -> Result<Option<&LotFacts>> {
        let mut found: Option<String> = None;
        for container in containers {
            let mut codes = self.packed_in(container)?.into_keys();
            let (Some(code), None) = (codes.next(), codes.next()) else { return Ok(None) };
            if found.as_ref().is_some_and(|it| *it != code) {
                return Ok(None);
            }
            found = Some(code);
        }
        Ok(found.and_then(|code| self.lots.get(&code)))
    }

    /// Labels of other lots with the same number: people may mean them.
    pub(crate) fn namesakes(&self, lot: &LotFacts) -> Vec<String> {
        let all = self.aliases.get(&lot.short_name.to_lowercase());
        let others = all.into_iter().flatten().filter(|code| **code != lot.code);
        others.filter_map(|code| self.lots.get(code)).map(|it| it.label.clone()).collect()
    }

    /// Codes and milli-units of what is, or was, packed in a container.
    pub(crate) fn packed_in(&self, container: &LotFacts) -> Result<BTreeMap<String, i64>> {
        let id = self.graph.lot(&container.code).map_err(Error::internal)?;
        let packing = self.graph.movements_of(id).into_iter().filter(|event| {
            self.graph.movement_view(*event).kind == MovementKind::Aggregate
                && self.graph.outputs_of(*event).any(|it| it.0 == id)
        });
        let inside = packing.flat_map(|event| self.graph.inputs_of(event));
        Ok(inside.map(|(lot, quantity)| (self.graph.code(lot).to_owned(), quantity)).collect())
    }

    /// What people call a lot of the graph.
    pub(crate) fn label<'a>(&'a self, code: &'a str) -> &'a str {
        self.lots.get(code).map_or(code, |it| it.label.as_str())
    }

    /// A lot's product, or `container`.
    pub(crate) fn product<'a>(&'a self, code: &str) -> &'a str {
        let name = self.lots.get(code).map_or("", |it| it.product_name.as_str());
        if name.is_empty() { "container" } else { name }
    }

    /// What people call a place.
    pub(crate) fn place<'a>(&'a self, id: &'a str) -> &'a str {
        self.places.get(id).map_or_else(|| short(id), String::as_str)
    }

    /// What people call a company.
    pub(crate) fn party<'a>(&'a self, id: &'a str) -> &'a str {
        self.parties.get(id).map_or_else(|| short(id), String::as_str)
    }
}

/// Words that people put before a lot's name.
const CUES: [&str; 18] = [
    "lot",
    "batch",
    "shipment",
    "pallet",
    "delivery",
    "order",
    "container",
    "document",
    "note",
    "number",
    "no",
    "the",
    "אצווה",
    "לוט",
    "משלוח",
    "משטח",
    "הזמנה",
    "תעודה",
];

/// A name without the words before it, as it was written.
pub(crate) fn bare(text: &str) -> Option<String> {
    let length = spellings(text).last()?.chars().count();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let skipped = text.chars().count().saturating_sub(length);
    Some(text.chars().skip(skipped).collect())
}

/// A name in lower case as it is, then without the words before it.
fn spellings(text: &str) -> Vec<String> {
    let whole = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let mut bare = whole.as_str();
    while let Some((first, rest)) = bare.split_once(' ') {
        let first = first.trim_end_matches(['.', ':', '#']);
        if !CUES.contains(&first) {
            break;
        }
        bare = rest;
    }
    let bare = bare.trim_start_matches('#').to_owned();
    if bare == whole { vec![whole] } else { vec![whole, bare] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_before_a_name_are_left_out() {
        assert_eq!(spellings(" Lot  L24-0117"), ["lot l24-0117", "l24-0117"]);
        assert_eq!(spellings("shipment no. SH-2"), ["shipment no. sh-2", "sh-2"]);
        assert_eq!(spellings("L24-0117"), ["l24-0117"]);
    }
}
