//! `fsq_hold_lot`: put a lot on hold.

use engines::trace::{Direction, LotKind};
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::WRITE;
use crate::chain::Chain;
use crate::figures::{Amount, amount};
use crate::holds::{self, Hold};

/// Put a lot or batch on hold (block, quarantine) so that it is not used or shipped until somebody
/// releases it, with the reason. The change is shown first and made only when a person confirms it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The lot: its label, e.g. `L24-0117`, or its code.
    #[schemars(extend("x-slot" = "lot"))]
    lot: String,
    /// Why it is held, e.g. `metal found on line 2`; up to 500 characters.
    #[schemars(length(min = 1, max = 500), extend("x-slot" = "text", "x-after" = ["because", "because of", "due to", "since", "reason", "as", "after", "כי", "בגלל", "משום", "עקב"]))]
    reason: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// What people call it.
    lot: String,
    /// The code on record.
    code: String,
    product: String,
    /// Received or made.
    quantity: Amount,
    /// Left according to the records: what the hold keeps.
    on_hand: Amount,
    status_before: String,
    status: String,
    reason: String,
    held_by: String,
    /// Lots that contain some of it and are not held with it, containers aside.
    downstream_lots: usize,
}

/// The tool.
pub(crate) struct HoldLot;

impl Tool for HoldLot {
    const NAME: &'static str = "fsq_hold_lot";
    const TITLE: &'static str = "Put a lot on hold";
    const EFFECT: Effect = Effect::Change;
    const PERMISSION: Permission = WRITE;
    const ROUTE: Option<Route> = Some(Route::post("/v1/fsq/lots/{lot}/hold"));
    const PHRASES: &'static [&'static str] = &[
        "(put|place) (lot |batch |){lot} on hold",
        "(put|place) (lot |batch |){lot} on hold because {reason}",
        "hold (lot |batch |){lot}",
        "hold (lot |batch |){lot} because of {reason}",
        "(block|quarantine|freeze|lock|stop) (lot |batch |){lot}",
        "(block|quarantine) (lot |batch |){lot} (because|due to|for) {reason}",
        "do not (ship|use|release) (lot |batch |){lot}",
        "stop (shipping|using) (lot |batch |){lot}",
        "(lot |batch |){lot} must not (leave|be used|be shipped)",
        "set (lot |batch |){lot} to hold, reason {reason}",
        "i want to hold {lot}",
        "hold back (lot |batch |){lot}",
        "(set|put) (lot |batch |){lot} aside",
        "mark (lot |batch |){lot} as (held|blocked|on hold)",
        "(isolate|separate) (lot |batch |){lot}",
        "keep (lot |batch |){lot} from (leaving|shipping|being used)",
        "qa hold on {lot}",
        "(השהה|עצור|חסום|הקפא) את (לוט |אצווה |){lot}",
        "(שים|העבר) את (לוט |אצווה |){lot} (בהשהיה|להשהיה|בהסגר|להסגר)",
        "חסום את {lot} בגלל {reason}",
        "אל תשלח את (לוט |אצווה |){lot}",
        "להשהות את {lot} כי {reason}",
    ];
    const NARRATION: &'static str = "{{ product }} {{ lot }} is put on hold: “{{ reason }}”. By the \
         records {{ on_hand.quantity }} {{ on_hand.unit }} of {{ quantity.quantity }} \
         {{ quantity.unit }} are left.{% if downstream_lots %} Lots that contain some of it and \
         are not held with it: {{ downstream_lots }}.{% endif %}";
    const NARRATION_HE: &'static str = "{{ product }} {{ lot }} מושהה: ״{{ reason }}״. לפי הרשומות \
         נותרו {{ on_hand.quantity }} {{ on_hand.unit }} מתוך {{ quantity.quantity }} \
         {{ quantity.unit }}.{% if downstream_lots %} {{ downstream_lots }} לוטים שמכילים ממנו אינם \
         מושהים איתו.{% endif %}";
    const NEXT: &'static [&'static str] = &["fsq_mock_recall", "fsq_trace_lot", "fsq_release_lot"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { lot: "L24-0124".into(), reason: "metal detector alarm on line 2".into() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let chain = Chain::of(ctx).await?;
        let lot = chain.lot_named(&args.lot)?;
        let reason = args.reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "is empty: say why the lot is held"));
        }
        let before = holds::status(ctx.db, &lot.lot_id, true).await?;
        if before != "active" {
            let state = before.replace('_', " ");
            return Err(Error::Conflict(format!("lot `{}` is {state} already", lot.label)));
        }
        let user = ctx.request.principal.user.clone();
        let hold = Hold { reason: reason.to_owned(), held_by: user, held_at: ctx.now() };
        let id = ctx.new_id().to_string();
        holds::put(ctx.db, (id, &lot.lot_id), &hold).await?;
        let trace = chain.graph.trace(&[&lot.code], Direction::Forward).map_err(Error::internal)?;
        let balance = chain.graph.balance(&lot.code, None).map_err(Error::internal)?;
        Ok(Output {
            lot: lot.label.clone(),
            code: lot.code.clone(),
            product: chain.product(&lot.code).to_owned(),
            quantity: amount(lot.quantity, &lot.unit),
            on_hand: amount(balance.on_hand, &lot.unit),
            status_before: before,
            status: "on_hold".into(),
            reason: hold.reason,
            held_by: hold.held_by,
            downstream_lots: trace.lots.iter().filter(|it| it.kind != LotKind::Logistic).count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;
    use toolkit::{Decision, Outcome};

    use super::*;
    use crate::testing::{demo, told};

    #[test]
    fn a_hold_is_previewed_confirmed_shown_and_lifted() {
        block_on(async {
            let bench = demo().await;
            let asked = json!({ "lot": "M24-0117", "reason": "80 kg are missing" });
            let Outcome::Held { held, .. } =
                bench.call(HoldLot::NAME, asked.clone()).await.unwrap()
            else {
                panic!("a write is held")
            };
            let shown = json!({ "lot": "M24-0117" });
            let before = bench.read("fsq_show_lot", shown.clone()).await.unwrap();
            assert_eq!((&before["status"], &before["hold"]), (&json!("active"), &json!(null)));
            told(HoldLot::NAME, &held.preview);
            bench.executor.decide(&bench.request, &held.id, Decision::Confirm).await.unwrap();
            let after = bench.read("fsq_show_lot", shown.clone()).await.unwrap();
            assert_eq!(after["status"], "on_hold");
            assert_eq!(after["hold"]["reason"], "80 kg are missing");
            told("fsq_show_lot", &after);
            let again = bench.call(HoldLot::NAME, asked).await.unwrap_err();
            assert_eq!(again.to_string(), "lot `M24-0117` is on hold already");
            let lifted = bench.write("fsq_release_lot", shown.clone()).await.unwrap();
            told("fsq_release_lot", &lifted);
            assert_eq!(bench.read("fsq_show_lot", shown).await.unwrap()["status"], "active");
        });
    }

    #[test]
    fn a_preview_that_went_stale_is_not_kept() {
        block_on(async {
            let bench = demo().await;
            let asked = |reason: &str| json!({ "lot": "L24-0122", "reason": reason });
            let Outcome::Held { held, .. } =
                bench.call(HoldLot::NAME, asked("first")).await.unwrap()
            else {
                panic!("a write is held")
            };
            bench.write(HoldLot::NAME, asked("second")).await.unwrap();
            let late = bench.executor.decide(&bench.request, &held.id, Decision::Confirm).await;
            assert!(matches!(late, Err(Error::Conflict(_))), "{:?}", late.err());
            let shown = bench.read("fsq_show_lot", json!({ "lot": "L24-0122" })).await.unwrap();
            assert_eq!(shown["hold"]["reason"], "second");
        });
    }
}
