//! Moving products about on a planogram.

use std::collections::BTreeMap;

use engines::zones::Slot;
use kernel::Result;
use schemars::JsonSchema;
use serde::Serialize;

use crate::machine::Machine;
use crate::records::product::Product;

/// A product that came to stand somewhere else.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Moved {
    pub(crate) product_id: String,
    pub(crate) product_name: String,
    /// Where it stood; absent when it is new to the machine.
    pub(crate) from_slot: Option<Slot>,
    /// Where it stands afterwards; absent when it leaves the machine.
    pub(crate) to_slot: Option<Slot>,
}

/// A planogram being changed.
pub(crate) struct Arrangement<'a> {
    machine: &'a Machine,
    pub(crate) placed: BTreeMap<Slot, String>,
}

impl<'a> Arrangement<'a> {
    /// What stands in the machine now.
    pub(crate) fn of(machine: &'a Machine) -> Self {
        Self { machine, placed: machine.planogram.placed.clone() }
    }

    /// Put a product in a slot. What stood there takes the product's old place; when the product
    /// stood nowhere, it leaves the machine.
    pub(crate) fn put(&mut self, product: &Product, slot: Slot) -> Result<()> {
        if self.placed.get(&slot) == Some(&product.product_id) {
            return Ok(());
        }
        self.machine.fits(product, slot)?;
        let old = self.placed.iter().find(|it| *it.1 == product.product_id).map(|it| *it.0);
        let displaced = self.placed.insert(slot, product.product_id.clone());
        let Some(old) = old else { return Ok(()) };
        match displaced.as_deref().and_then(|id| self.machine.catalogue.get(id)) {
            Some(other) => {
                self.machine.fits(other, old)?;
                self.placed.insert(old, other.product_id.clone());
            }
            None => {
                self.placed.remove(&old);
            }
        }
        Ok(())
    }

    /// Every product that stands elsewhere than in the machine's planogram, by id.
    pub(crate) fn moved(&self) -> Vec<Moved> {
        let before = &self.machine.planogram.placed;
        let mut ids: Vec<&String> = before.values().chain(self.placed.values()).collect();
        ids.sort_unstable();
        ids.dedup();
        let slots = |placed: &BTreeMap<Slot, String>, id: &str| {
            let of = |(&slot, it): (&Slot, &String)| (it == id).then_some(slot);
            placed.iter().filter_map(of).collect::<Vec<_>>()
        };
        let changed = ids.into_iter().filter_map(|id| {
            let (old, new) = (slots(before, id), slots(&self.placed, id));
            let left = old.iter().find(|it| !new.contains(it)).copied();
            let come = new.iter().find(|it| !old.contains(it)).copied();
            (left.is_some() || come.is_some()).then(|| Moved {
                product_id: id.clone(),
                product_name: self.machine.catalogue.name_of(id).to_owned(),
                from_slot: left,
                to_slot: come,
            })
        });
        changed.collect()
    }
}
