//! Food safety and quality: lots, where they came from, where they went, and which are held.

mod capture;
mod chain;
mod demo;
pub mod epcis;
mod figures;
mod show_lot;
#[cfg(test)]
mod testing;
mod trace_lot;

use kernel::{Action, Permission};
use toolkit::Workspace;

const READ: Permission = Permission::new("fsq", Action::Read);

/// The workspace.
pub static WORKSPACE: Workspace = Workspace {
    id: "fsq",
    title: "Food safety",
    description: "Lots and batches: where they came from, where they went, recalls and holds.",
    tools: &[&trace_lot::TraceLot, &show_lot::ShowLot],
    recipes: &[],
    lexicon: |db| Box::pin(chain::lexicon(db)),
    importers: &[],
    demo: |db, now| Box::pin(demo::load(db, now)),
};
