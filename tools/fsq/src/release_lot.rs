//! `fsq_release_lot`: lift a hold.

use chrono::{DateTime, Utc};
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::WRITE;
use crate::chain::Chain;
use crate::holds;

/// Release a lot or batch from its hold so that it may be used and shipped again. The change is
/// shown first, with the reason it was held for, and made only when a person confirms it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The lot: its label, e.g. `L24-0117`, or its code.
    #[schemars(extend("x-slot" = "lot"))]
    lot: String,
    /// What showed that it is good, e.g. `laboratory result negative`; up to 500 characters.
    #[serde(default)]
    #[schemars(length(max = 500), extend("x-slot" = "text", "x-after" = ["because", "because of", "due to", "since", "reason", "as", "after", "כי", "בגלל", "משום", "עקב"]))]
    note: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// What people call it.
    lot: String,
    /// The code on record.
    code: String,
    product: String,
    status_before: String,
    status: String,
    /// Why it was held.
    held_for: String,
    held_by: String,
    held_at: DateTime<Utc>,
    released_by: String,
    note: Option<String>,
}

/// The tool.
pub(crate) struct ReleaseLot;

impl Tool for ReleaseLot {
    const NAME: &'static str = "fsq_release_lot";
    const TITLE: &'static str = "Release a lot";
    const EFFECT: Effect = Effect::Change;
    const PERMISSION: Permission = WRITE;
    const ROUTE: Option<Route> = Some(Route::post("/v1/fsq/lots/{lot}/release"));
    const PHRASES: &'static [&'static str] = &[
        "release (lot |batch |the hold on |){lot}",
        "release (lot |batch |){lot} from hold",
        "(take|get) (lot |batch |){lot} off hold",
        "(lift|remove|end|cancel) the hold (on|of|from) (lot |batch |){lot}",
        "unblock (lot |batch |){lot}",
        "unhold {lot}",
        "(lot |batch |){lot} (is fine|passed|is ok|is cleared), release it",
        "clear (lot |batch |){lot} for (shipping|use|sale)",
        "approve (lot |batch |){lot} for release",
        "let (lot |batch |){lot} (go|ship)",
        "free (lot |batch |){lot}",
        "(lot |batch |){lot} can be (used|shipped) again",
        "release {lot}, {note}",
        "(take|bring|let) {lot} out of (quarantine|hold|the block)",
        "(quarantine|block|hold) of {lot} is (over|done|finished)",
        "(stop|finish) the (quarantine|block) of {lot}",
        "make {lot} (active|available|usable) again",
        "{lot} passed the (test|lab|inspection), release it",
        "the (test|result) of {lot} is good, (unblock|free|release) it",
        "(return|put) {lot} (to|into) (active|available) stock",
        "שחרר את (לוט |אצווה |){lot}",
        "(הסר|בטל) את ההשהיה (של|מ|על) {lot}",
        "(לוט |אצווה |){lot} תקין, אפשר לשחרר",
        "אשר את שחרור (לוט |אצווה |){lot}",
        "הוצא את {lot} מהסגר",
    ];
    const NARRATION: &'static str = "{{ product }} {{ lot }} is released. It was held since \
         {{ held_at | date }} by {{ held_by }}: “{{ held_for }}”.\
         {% if note %} Note: “{{ note }}”.{% endif %}";
    const NARRATION_HE: &'static str = "{{ product }} {{ lot }} משוחרר. הוא הושהה ב־\
         {{ held_at | date }} בידי {{ held_by }}: ״{{ held_for }}״.\
         {% if note %} הערה: ״{{ note }}״.{% endif %}";
    const NEXT: &'static [&'static str] = &["fsq_show_lot", "fsq_list_lots"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { lot: "L24-0125".into(), note: Some("laboratory result negative".into()) }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let chain = Chain::of(ctx).await?;
        let lot = chain.lot_named(&args.lot)?;
        let before = holds::status(ctx.db, &lot.lot_id, true).await?;
        let Some(hold) = holds::open(ctx.db, &lot.lot_id).await? else {
            let state = before.replace('_', " ");
            return Err(Error::Conflict(format!(
                "lot `{}` is {state} and has no hold to lift",
                lot.label
            )));
        };
        let user = ctx.request.principal.user.clone();
        let note = args.note.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        holds::lift(ctx.db, &lot.lot_id, (&user, ctx.now(), note.as_deref())).await?;
        Ok(Output {
            lot: lot.label.clone(),
            code: lot.code.clone(),
            product: chain.product(&lot.code).to_owned(),
            status_before: before,
            status: "active".into(),
            held_for: hold.reason,
            held_by: hold.held_by,
            held_at: hold.held_at,
            released_by: user,
            note,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    #[test]
    fn the_demo_has_a_hold_to_lift_and_an_active_lot_has_none() {
        block_on(async {
            let bench = demo().await;
            let example = serde_json::to_value(ReleaseLot::example()).unwrap();
            let lifted = bench.write(ReleaseLot::NAME, example.clone()).await.unwrap();
            let [en, he] = told(ReleaseLot::NAME, &lifted);
            assert!(en.contains("pending listeria result") && he.contains("משוחרר"), "{en} {he}");
            let again = bench.call(ReleaseLot::NAME, example).await.unwrap_err().to_string();
            assert_eq!(again, "lot `L24-0125` is active and has no hold to lift");
            let active = bench.call(ReleaseLot::NAME, json!({ "lot": "L24-0108" })).await;
            assert!(matches!(active, Err(Error::Conflict(_))));
        });
    }
}
