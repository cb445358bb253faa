//! Food safety and quality: lots, where they came from, where they went, and which are held.

mod capture;
mod chain;
mod demo;
pub mod epcis;
mod figures;
mod find_common_source;
mod hold_lot;
mod holds;
mod import;
mod list_lots;
mod mock_recall;
mod release_lot;
mod show_lot;
#[cfg(test)]
mod testing;
mod trace_lot;

use kernel::{Action, Permission};
use toolkit::{Recipe, RecipeStep, Workspace};

const READ: Permission = Permission::new("fsq", Action::Read);
const WRITE: Permission = Permission::new("fsq", Action::Write);

/// The workspace.
pub static WORKSPACE: Workspace = Workspace {
    id: "fsq",
    title: "Food safety",
    description: "Lots and batches: where they came from, where they went, recalls and holds.",
    tools: &[
        &trace_lot::TraceLot,
        &show_lot::ShowLot,
        &list_lots::ListLots,
        &mock_recall::MockRecall,
        &find_common_source::FindCommonSource,
        &hold_lot::HoldLot,
        &release_lot::ReleaseLot,
    ],
    recipes: &[INVESTIGATE_LOT],
    lexicon: |db| Box::pin(chain::lexicon(db)),
    importers: &[&import::Epcis],
    demo: |db, now| Box::pin(demo::load(db, now)),
};

/// Everything to know of a lot that something may be wrong with.
const INVESTIGATE_LOT: Recipe = Recipe {
    name: "fsq_investigate_lot",
    title: "Investigate a lot",
    description: "Investigate a lot that something may be wrong with: what it is and its status, \
                  where it came from, where it went, and what a recall would mean.",
    phrases: &[
        "investigate (lot |batch |){lot}",
        "(full|complete|thorough) investigation of (lot |batch |){lot}",
        "(full|complete) (report|picture|file|dossier) (on|of) (lot |batch |){lot}",
        "something is wrong with (lot |batch |){lot}",
        "there is a (complaint|problem|issue) (with|about|on) (lot |batch |){lot}",
        "check (lot |batch |){lot} (from end to end|inside out|thoroughly)",
        "everything (about|on) (lot |batch |){lot}, where it came from and where it went",
        "trace (lot |batch |){lot} both ways",
        "trace (lot |batch |){lot} backward and forward",
        "we suspect (lot |batch |){lot}",
        "(follow|trace|track) {lot} in both directions",
        "{lot} upstream and downstream",
        "both upstream and downstream of {lot}",
        "{lot} from (end to end|source to customer|farm to fork)",
        "(deep|in-depth|detailed|full) (analysis|review|look) (of|at|into) (lot |batch |){lot}",
        "origin, destination and recall of {lot}",
        "look into (lot |batch |){lot}",
        "open an investigation (on|into) (lot |batch |){lot}",
        "חקור את (לוט |אצווה |){lot}",
        "חקירה (מלאה |)של (לוט |אצווה |){lot}",
        "יש (בעיה|תלונה) (עם|על) (לוט |אצווה |){lot}",
        "בדוק את {lot} מקצה לקצה",
        "עקוב אחרי {lot} לשני הכיוונים",
        "{lot} אחורה וקדימה",
        "(תמונה|סקירה|בדיקה) מלאה (של|על) {lot}",
    ],
    steps: &[
        RecipeStep::of("fsq_show_lot"),
        RecipeStep { tool: "fsq_trace_lot", fixed: &[("direction", "\"backward\"")] },
        RecipeStep { tool: "fsq_trace_lot", fixed: &[("direction", "\"forward\"")] },
        RecipeStep::of("fsq_mock_recall"),
    ],
};
