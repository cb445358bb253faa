//! `vending_check_predictions`: whether changes of planogram brought what was predicted.

use chrono::{DateTime, Utc};
use engines::revenue::{Checked, accuracy};
use kernel::{Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::figures::rounded;
use crate::predictions::{self, CHECK_DAYS, Outcome};
use crate::records::device;

/// Check what changes of planogram brought against what was predicted when they were made: actual
/// revenue over the four weeks after each change, whether it fell inside the interval, and the
/// mean error. A machine narrows it to that machine.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Only this machine: its id as printed on it, e.g. `VM-001`, or its name.
    #[serde(default)]
    #[schemars(extend("x-slot" = "device"))]
    device: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Changes whose four weeks are over.
    checked: usize,
    /// How many brought what their interval said.
    inside: usize,
    /// Days after a change that its revenue is averaged over.
    days: i64,
    /// Mean absolute error in percent of the actual revenue.
    mape_percent: Option<f64>,
    /// Sum of errors (predicted less actual) in percent of the actual revenue.
    bias_percent: Option<f64>,
    /// The latest first.
    predictions: Vec<Line>,
}

#[derive(Serialize, JsonSchema)]
struct Line {
    device_id: String,
    /// The planogram that came into force.
    version: i32,
    effective_from: DateTime<Utc>,
    before_usd_per_day: f64,
    predicted_usd_per_day: f64,
    /// Lower end of the 95 % interval.
    low_usd_per_day: f64,
    /// Upper end of it.
    high_usd_per_day: f64,
    actual_usd_per_day: f64,
    inside: bool,
}

/// The tool.
pub(crate) struct CheckPredictions;

impl Tool for CheckPredictions {
    const NAME: &'static str = "vending_check_predictions";
    const TITLE: &'static str = "Check predictions";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/vending/predictions"));
    const PHRASES: &'static [&'static str] = &[
        "how (accurate|good) (are|were) (the |our |your )(revenue |)predictions",
        "did the (last |)(planogram change|change|move) (in {device} |)pay off",
        "did the new (layout|planogram) (of {device} |)bring what (you|was) predicted",
        "check (the |past |)predictions (of|for) {device}",
        "(check|show) (the |past |)(revenue |)predictions against (actual|what happened)",
        "prediction accuracy (of {device}|for {device}|)",
        "how far off were the (revenue |)(predictions|forecasts of changes)",
        "actual versus predicted revenue (of|for) {device}",
        "what did the change of planogram (in {device} |)bring",
        "was the predicted revenue (right|correct) for {device}",
        "track record of the predictions",
        "did {device} earn what was (predicted|promised) (after the change|)",
        "how close were the (estimates|predictions) to (reality|the actual revenue)",
        "compare (predicted|estimated) and (real|actual) revenue (of {device}|)",
        "did the (rearrangement|new layout) of {device} (work|earn more)",
        "כמה מדויקות היו התחזיות (להכנסה|)",
        "האם שינוי הפלנוגרמה ב{device} השתלם",
        "בדוק את התחזיות של {device} מול המציאות",
        "דיוק תחזיות ההכנסה",
        "מה הביא השינוי האחרון ב{device}",
    ];
    const NARRATION: &'static str = "{% if predictions %}{{ inside }} of {{ checked }} changes brought \
         what was predicted: the actual revenue of the {{ days }} days after lay inside the interval, \
         with a mean error of {{ mape_percent | n1 }}%. {% for it in predictions[:5] %}\
         {{ it.device_id }} planogram {{ it.version }}: predicted {{ it.predicted_usd_per_day | usd }} \
         a day, actual {{ it.actual_usd_per_day | usd }}{% if not it.inside %} (outside)\
         {% endif %}{% if not loop.last %}; {% endif %}{% endfor %}.{% else %}No change of planogram \
         is old enough to be checked: it takes {{ days }} days.{% endif %}";
    const NARRATION_HE: &'static str = "{% if predictions %}{{ inside }} מתוך {{ checked }} שינויים \
         הביאו את מה שנחזה: ההכנסה בפועל ב־{{ days }} הימים שאחריהם הייתה בתוך הטווח, בטעות ממוצעת של \
         {{ mape_percent | n1 }}%. {% for it in predictions[:5] %}פלנוגרמה {{ it.version }} במכונה \
         {{ it.device_id }}: תחזית {{ it.predicted_usd_per_day | usd }} ביום, בפועל \
         {{ it.actual_usd_per_day | usd }}{% if not it.inside %} (מחוץ לטווח){% endif %}\
         {% if not loop.last %}; {% endif %}{% endfor %}.{% else %}אין עדיין שינוי ישן מספיק לבדיקה: \
         נדרשים {{ days }} ימים.{% endif %}";
    const NEXT: &'static [&'static str] = &["vending_show_planogram", "vending_predict_revenue"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { device: None }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, Args { device }: Args) -> Result<Output> {
        let now = ctx.now();
        let mut outcomes = predictions::outcomes(ctx.db, now).await?;
        if let Some(text) = device {
            let device = device::named(ctx.db, &text).await?;
            outcomes.retain(|it| it.device_id == device.device_id);
        }
        let past: Vec<Checked> = outcomes.iter().map(Outcome::checked).collect();
        let found = accuracy(&past);
        Ok(Output {
            checked: past.len(),
            inside: past.iter().filter(|it| it.inside()).count(),
            days: CHECK_DAYS,
            mape_percent: found.map(|it| rounded(it.mape_percent, 1)),
            bias_percent: found.map(|it| rounded(it.bias_percent, 1)),
            predictions: outcomes.iter().map(Line::from).collect(),
        })
    }
}

impl From<&Outcome> for Line {
    fn from(it: &Outcome) -> Self {
        let usd = |cents: i64| cents as f64 / 100.0;
        Self {
            device_id: it.device_id.clone(),
            version: it.version,
            effective_from: it.effective_from,
            before_usd_per_day: usd(it.before_cents_per_day),
            predicted_usd_per_day: usd(it.predicted_cents_per_day),
            low_usd_per_day: usd(it.low_cents_per_day),
            high_usd_per_day: usd(it.high_cents_per_day),
            actual_usd_per_day: rounded(it.actual_cents_per_day / 100.0, 2),
            inside: it.checked().inside(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    /// Story 3, test 4: a change of more than 30 days ago brought what was predicted.
    #[test]
    fn past_predictions_hold() {
        block_on(async {
            let bench = demo().await;
            let output = bench.read(CheckPredictions::NAME, json!({})).await.unwrap();
            assert_eq!(output["checked"], 5);
            assert!(output["inside"].as_u64().unwrap() >= 4, "{output}");
            assert!(output["mape_percent"].as_f64().unwrap() < 15.0, "{output}");
            let [en, _] = told(CheckPredictions::NAME, &output);
            assert!(en.contains("VM-001 planogram 2: predicted $"), "{en}");
            let one = json!({ "device": "VM-001" });
            let one = bench.read(CheckPredictions::NAME, one).await.unwrap();
            assert_eq!(
                (&one["checked"], &one["predictions"][0]["inside"]),
                (&json!(1), &json!(true))
            );
        });
    }

    #[test]
    fn nothing_to_check_is_said() {
        block_on(async {
            let bench = toolkit::testing::Bench::new(crate::testing::WORKSPACES).await;
            let output = bench.read(CheckPredictions::NAME, json!({})).await.unwrap();
            let [en, he] = told(CheckPredictions::NAME, &output);
            assert!(en.starts_with("No change of planogram") && he.contains("אין עדיין שינוי"));
        });
    }
}
