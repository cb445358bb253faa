//! Vending: where products stand in machines, what that earns, and how much to load.

mod affinity;
mod check_predictions;
mod demand;
mod demo;
mod figures;
mod forecast_demand;
mod hebrew;
mod import;
mod list_devices;
mod list_products;
mod machine;
mod place_product;
mod predict_revenue;
mod predictions;
mod rearrange;
mod records;
mod score_placement;
mod set_par_level;
mod show_heat_zones;
mod show_planogram;
mod suggest_neighbors;
#[cfg(test)]
mod testing;
mod trade;

use kernel::{Action, Permission, Result};
use sqlx::PgConnection;
use toolkit::{Recipe, RecipeStep, Term, Workspace};

const READ: Permission = Permission::new("vending", Action::Read);
const WRITE: Permission = Permission::new("vending", Action::Write);

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
        &forecast_demand::ForecastDemand,
        &predict_revenue::PredictRevenue,
        &suggest_neighbors::SuggestNeighbors,
        &list_products::ListProducts,
        &check_predictions::CheckPredictions,
        &place_product::PlaceProduct,
        &set_par_level::SetParLevel,
    ],
    recipes: &[REVIEW_DEVICE],
    lexicon: |db| Box::pin(lexicon(db)),
    importers: &[&import::VendingSales, &import::Baskets],
    demo: |db, now| Box::pin(demo::load(db, now)),
};

/// How a machine does: where its good slots are, what stands in them, what will run out.
const REVIEW_DEVICE: Recipe = Recipe {
    name: "vending_review_device",
    title: "Review a machine",
    description: "Review a vending machine: its heat zones, what stands where and what would earn \
                  more elsewhere, and what will sell or run out in the next days.",
    phrases: &[
        "review {device}",
        "(full|complete|quick) review of {device}",
        "how is {device} doing",
        "(analyse|analyze|check|diagnose) {device}",
        "(health check|check-up) of {device}",
        "what (should|can) (I|we) improve (in|at|on) {device}",
        "how can {device} (earn|make|sell) more",
        "optimi(s|z)e {device}",
        "give me everything on {device}",
        "walk me through {device}",
        "what (could|can) be better (at|in|with) {device}",
        "what is (wrong|the problem) with {device}",
        "(look|have a look) (at|into) {device}",
        "tell me (all |)about {device}",
        "סקור את {device}",
        "סקירה של {device}",
        "איך הביצועים של {device}",
        "מה אפשר לשפר ב{device}",
        "נתח את {device}",
        "איך {device} יכולה להכניס יותר",
    ],
    steps: &[
        RecipeStep::of("vending_show_heat_zones"),
        RecipeStep::of("vending_show_planogram"),
        RecipeStep::of("vending_forecast_demand"),
    ],
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    #[test]
    fn every_example_runs_on_the_demo_and_is_told_in_both_languages() {
        block_on(async {
            let bench = demo().await;
            for spec in bench.executor.registry().specs() {
                let output = bench.read(spec.name, spec.example.clone()).await;
                let output = output.unwrap_or_else(|error| panic!("{}: {error}", spec.name));
                told(spec.name, &output);
                let validator = jsonschema::draft202012::new(&spec.output_schema).unwrap();
                let errors: Vec<String> =
                    validator.iter_errors(&output).map(|it| it.to_string()).collect();
                assert!(errors.is_empty(), "{}: {errors:?}", spec.name);
            }
        });
    }

    #[test]
    fn phrases_name_arguments_and_are_said_once() {
        let tools = WORKSPACE.tools.iter().map(|it| it.spec());
        let mut said = BTreeSet::new();
        for spec in tools {
            let hebrew = |it: &&&str| it.chars().any(|c| ('א'..='ת').contains(&c));
            assert!(spec.phrases.len() >= 15, "{}", spec.name);
            assert!(spec.phrases.iter().filter(hebrew).count() >= 4, "{}", spec.name);
            for phrase in spec.phrases {
                assert!(said.insert(*phrase), "`{phrase}` is said twice");
                for slot in phrase.split('{').skip(1).filter_map(|it| it.split('}').next()) {
                    let known = spec.input_schema["properties"].get(slot).is_some();
                    assert!(known, "{}: `{slot}` in `{phrase}`", spec.name);
                }
            }
            for next in spec.next {
                assert!(WORKSPACE.tools.iter().any(|it| it.spec().name == *next), "{next}");
            }
        }
    }
}
