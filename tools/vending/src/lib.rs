//! Vending: where products stand in machines, what that earns, and how much to load.

mod affinity;
mod demo;
mod figures;
mod hebrew;
mod list_devices;
mod machine;
mod predictions;
mod records;
mod score_placement;
mod show_heat_zones;
mod show_planogram;
#[cfg(test)]
mod testing;
mod trade;

use kernel::{Action, Permission, Result};
use sqlx::PgConnection;
use toolkit::{Term, Workspace};

const READ: Permission = Permission::new("vending", Action::Read);

/// The workspace.
pub static WORKSPACE: Workspace = Workspace {
    id: "vending",
    title: "Vending",
    description: "Vending machines: where products stand, what that earns, what sells next week.",
    tools: &[
        &list_devices::ListDevices,
        &show_planogram::ShowPlanogram,
        &score_placement::ScorePlacement,
        &show_heat_zones::ShowHeatZones,
    ],
    recipes: &[],
    lexicon: |db| Box::pin(lexicon(db)),
    importers: &[],
    demo: |db, now| Box::pin(demo::load(db, now)),
};

/// What people call machines and products; slots are told by their form.
async fn lexicon(db: &mut PgConnection) -> Result<Vec<Term>> {
    let devices = records::device::all(db).await?.into_iter().map(|it| {
        let names = [it.name].into_iter().chain(it.aliases).collect();
        Term { kind: "device", id: it.device_id, names }
    });
    let mut terms: Vec<Term> = devices.collect();
    let products = records::product::Catalogue::load(db).await?;
    terms.extend(products.0.into_iter().map(|it| {
        let names = [it.name].into_iter().chain(it.aliases).collect();
        Term { kind: "product", id: it.product_id, names }
    }));
    Ok(terms)
}
