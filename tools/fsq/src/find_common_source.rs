//! `fsq_find_common_source`: what several complaint lots have in common.

use engines::trace::LotKind;
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::chain::Chain;

/// Find what two or more lots with the same complaint have in common: the ingredient or batch
/// upstream that explains them best, ranked. Use it when several lots show one problem.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The complaint lots, two or more, by label, code, pallet or delivery note.
    #[schemars(length(min = 2, max = 50), extend("x-slot" = "lot"))]
    lots: Vec<String>,
    /// Most suspects to list.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 50))]
    limit: usize,
}

fn default_limit() -> usize {
    10
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The complaint lots.
    lots: Vec<String>,
    lot_count: usize,
    /// Lots upstream of any of them, themselves included.
    ancestor_count: u64,
    /// Suspects with the best rank: the records cannot tell them apart.
    best_count: usize,
    /// The likeliest first.
    suspects: Vec<Suspect>,
}

#[derive(Serialize, JsonSchema)]
struct Suspect {
    /// 1 for the likeliest; suspects that the records cannot tell apart share it.
    rank: u32,
    lot: String,
    code: String,
    product: String,
    kind: LotKind,
    /// Complaint lots that it reaches.
    reached: u64,
    /// Shipped lots that it reaches.
    shipped_lots: u64,
    /// Chance of reaching that many complaints by accident, 0 to 1.
    p_value: f64,
}

/// The tool.
pub(crate) struct FindCommonSource;

impl Tool for FindCommonSource {
    const NAME: &'static str = "fsq_find_common_source";
    const TITLE: &'static str = "Find a common source";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::post("/v1/fsq/common-source"));
    const PHRASES: &'static [&'static str] = &[
        "what do (lots |batches |){lots} have in common",
        "(find|what is) the common (source|ingredient|cause|supplier|denominator) of {lots}",
        "common (source|ingredient|ancestor) of {lots}",
        "which ingredient (links|connects|is shared by|is in all of) {lots}",
        "we have complaints about {lots}, what is the (cause|culprit|source)",
        "complaints on {lots}: what explains them",
        "root cause of complaints about {lots}",
        "do {lots} share (a|an) (ingredient|supplier|lot|batch)",
        "which lot is behind the complaints on {lots}",
        "where do {lots} converge",
        "what do {lots} and {lots} have in common",
        "what do {lots}, {lots} and {lots} have in common",
        "which (ingredient|material|supplier|input|lot) do {lots} and {lots} share",
        "what is in both {lots} and {lots}",
        "common (source|cause|origin|ingredient) of {lots}, {lots} and {lots}",
        "complaints about {lots}, {lots} and {lots}, (who|what) is (to blame|responsible|the culprit)",
        "{lots} and {lots} (taste|smell|look) (wrong|bad|odd), what (do they share|is common to them)",
        "(link|connection|relation) between {lots} and {lots}",
        "how are {lots} and {lots} (related|connected|linked)",
        "were {lots} and {lots} made (with|from) the same (ingredient|material|batch)",
        "people fell ill after {lots} and {lots}, which ingredient was it",
        "shared ingredients of {lots}",
        "what is the likely culprit for {lots}",
        "מה משותף ל(לוטים |אצוות |){lots}",
        "(מצא|מה) המקור המשותף של {lots}",
        "איזה חומר גלם משותף ל{lots}",
        "מה משותף ל{lots} ול{lots}",
        "איזה (חומר|רכיב|ספק) יש גם ב{lots} וגם ב{lots}",
        "מה הקשר בין {lots} ל{lots}",
        "יש תלונות על {lots}, מה הגורם",
    ];
    const NARRATION: &'static str = "{% if suspects %}{{ suspects[0].product }} \
         {{ suspects[0].lot }} explains the {{ lot_count }} lots best: it is in \
         {{ suspects[0].reached }} of them and in {{ suspects[0].shipped_lots }} shipped lots in \
         all (chance of that by accident: {{ suspects[0].p_value | pct1 }}).\
         {% if suspects[1:] %} Next: {% for it in suspects[1:5] %}{{ it.product }} {{ it.lot }} \
         (in {{ it.reached }}){% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}\
         {% else %}The {{ lot_count }} lots have nothing in common on record.{% endif %}";
    const NARRATION_HE: &'static str = "{% if suspects %}{{ suspects[0].product }} \
         {{ suspects[0].lot }} מסביר הכי טוב את {{ lot_count }} הלוטים: הוא נמצא ב־\
         {{ suspects[0].reached }} מהם וב־{{ suspects[0].shipped_lots }} לוטים שנשלחו בסך הכול \
         (הסיכוי לכך במקרה: {{ suspects[0].p_value | pct1 }}).{% if suspects[1:] %} אחריו: {% for it in \
         suspects[1:5] %}{{ it.product }} {{ it.lot }} (ב־{{ it.reached }}){% if not loop.last %}, \
         {% endif %}{% endfor %}.{% endif %}{% else %}ל־{{ lot_count }} הלוטים אין דבר משותף \
         ברשומות.{% endif %}";
    const NEXT: &'static [&'static str] = &["fsq_trace_lot", "fsq_mock_recall", "fsq_hold_lot"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        let lots = ["L24-0117", "L24-0118", "L24-0121"].map(str::to_owned).to_vec();
        Args { lots, limit: default_limit() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let chain = Chain::of(ctx).await?;
        let mut codes: Vec<String> = Vec::new();
        for name in &args.lots {
            codes.extend(chain.lots_named(name)?.into_iter().map(|it| it.code.clone()));
        }
        codes.sort();
        codes.dedup();
        if codes.len() < 2 {
            return Err(Error::invalid("lots", "name one lot only: name two or more"));
        }
        let found = chain.graph.converge(&codes, args.limit + codes.len());
        let found = found.map_err(Error::internal)?;
        let suspect = |it: engines::trace::Suspect| Suspect {
            rank: it.rank,
            lot: chain.label(&it.lot).to_owned(),
            product: chain.product(&it.lot).to_owned(),
            code: it.lot,
            kind: it.kind,
            reached: it.reached,
            shipped_lots: it.descendants,
            p_value: it.p_value,
        };
        // What one complaint lot alone explains is nothing in common.
        let shared = found.suspects.into_iter().filter(|it| it.reached > 1);
        let suspects: Vec<Suspect> = shared.take(args.limit).map(suspect).collect();
        let best = suspects.first().map(|it| it.rank);
        Ok(Output {
            lots: codes.iter().map(|it| chain.label(it).to_owned()).collect(),
            lot_count: codes.len(),
            ancestor_count: found.ancestors,
            best_count: suspects.iter().filter(|it| Some(it.rank) == best).count(),
            suspects,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    /// Garlic, tahini and lids changed with the batch of the 17th or the 18th; what only these three
    /// batches share is listed before what every batch has.
    #[test]
    fn what_the_complaints_share_is_ranked_by_how_little_else_it_reaches() {
        block_on(async {
            let bench = demo().await;
            let lots = json!({ "lots": ["L24-0117", "L24-0118", "L24-0121"] });
            let output = bench.read(FindCommonSource::NAME, lots).await.unwrap();
            let place = |lot: &str| {
                let all = output["suspects"].as_array().unwrap();
                all.iter().position(|it| it["lot"] == lot)
            };
            assert_eq!(output["suspects"][0]["reached"], 3, "{output:#}");
            assert!(place("T24-0116").unwrap() < place("S24-0102").unwrap_or(99));
            eprintln!("{:?}", told(FindCommonSource::NAME, &output));
            let strangers = json!({ "lots": ["L24-0117", "34e5e863"] });
            let none = bench.read(FindCommonSource::NAME, strangers).await.unwrap();
            assert_eq!(none["suspects"], json!([]));
            told(FindCommonSource::NAME, &none);
            let one =
                bench.read(FindCommonSource::NAME, json!({ "lots": ["L24-0117", "l24-0117"] }));
            assert!(matches!(one.await, Err(Error::Invalid { .. })));
        });
    }
}
