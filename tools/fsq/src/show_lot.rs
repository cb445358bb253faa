//! `fsq_show_lot`: what is known of one lot.

use chrono::{DateTime, Utc};
use engines::trace::{Balance, LotKind, MovementKind};
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::chain::{Chain, LotFacts};
use crate::figures::{Amount, amount, instant, percent, short};
use crate::holds::{self, Hold};

/// Show one lot, batch or pallet: its product, status, quantity, what is left of it, where it is and
/// everything that happened to it. Use it for questions about one lot that need no tracing.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The lot: its label, e.g. `L24-0117`, its code, or the pallet it is on.
    #[schemars(extend("x-slot" = "lot"))]
    lot: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// What people call it.
    lot: String,
    /// The code on record.
    code: String,
    /// The product's name, or `container`.
    product: String,
    /// 14 digits, where the product has some.
    gtin: Option<String>,
    kind: LotKind,
    /// `active`, `on_hold` or `recalled`.
    status: String,
    /// The hold in force.
    hold: Option<Hold>,
    /// Received or made.
    quantity: Amount,
    /// Left according to the records.
    on_hand: Amount,
    /// Went into other lots.
    consumed: Amount,
    /// Left for customers.
    shipped: Amount,
    /// Share of what came in that the records explain, percent.
    accounted_percent: f64,
    produced_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    /// Where it was last seen.
    place: Option<String>,
    /// What is, or was, packed in it.
    contents: Vec<Content>,
    /// Other lots with the same number.
    namesakes: Vec<String>,
    /// How many movements it took part in.
    movement_count: usize,
    /// The movements, the oldest first; the last 100 when there are more.
    movements: Vec<Step>,
}

#[derive(Serialize, JsonSchema)]
struct Content {
    lot: String,
    product: String,
    quantity: Amount,
}

#[derive(Serialize, JsonSchema)]
struct Step {
    kind: MovementKind,
    at: Option<DateTime<Utc>>,
    place: Option<String>,
    /// The customer or the supplier.
    party: Option<String>,
    /// The paper it is on.
    document: Option<String>,
    /// What it did to the lot.
    change: Amount,
}

const MOST_STEPS: usize = 100;

/// The tool.
pub(crate) struct ShowLot;

impl Tool for ShowLot {
    const NAME: &'static str = "fsq_show_lot";
    const TITLE: &'static str = "Show a lot";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/fsq/lots/{lot}"));
    const PHRASES: &'static [&'static str] = &[
        "show (me |)(lot |batch |pallet |){lot}",
        "(details|information|info|record) (of|for|on|about) (lot |batch |){lot}",
        "tell me about (lot |batch |){lot}",
        "what do we know about (lot |){lot}",
        "what is (the |)(status|state) of (lot |batch |){lot}",
        "is (lot |batch |){lot} (on hold|released|blocked|held|active|recalled)",
        "how much (of |is left of |is left in |)(lot |batch |){lot}( is left| do we have| remains|)",
        "where is (lot |batch |pallet |){lot}( now|)",
        "when (was|were) (lot |batch |){lot} (made|produced|received|packed|shipped)",
        "when does (lot |batch |){lot} expire",
        "what (product|item) is (lot |batch |){lot}",
        "look up (lot |batch |){lot}",
        "what happened to (lot |batch |){lot}",
        "why is (lot |batch |){lot} on hold",
        "what is on pallet {lot}",
        "movements of (lot |){lot}",
        "what is (lot |batch |){lot}",
        "(summary|overview|facts) of (lot |batch |){lot}",
        "display (lot |batch |){lot}",
        "is there any {lot} left",
        "(stock|inventory|balance|remainder) of (lot |batch |){lot}",
        "have we (got |)any of {lot} (left|remaining|in the warehouse)",
        "הצג את (לוט |אצווה |){lot}",
        "פרטים על (לוט |אצווה |){lot}",
        "(תציג|תראי|הראה) לי את {lot}",
        "מה זה {lot}",
        "מה (המצב|הסטטוס) של (לוט |אצווה |){lot}",
        "כמה נשאר (מלוט |מאצווה |מ){lot}",
        "איפה (נמצא |נמצאת |)(לוט |אצווה |){lot}",
        "מתי (יוצר|יוצרה|התקבל|התקבלה) (לוט |אצווה |){lot}",
        "האם (לוט |אצווה |){lot} (בהשהיה|חסום|חסומה|מוחזק)",
    ];
    const NARRATION: &'static str = "{% if kind|raw == 'logistic' %}{{ lot }} is a container\
         {% else %}Lot {{ lot }} is {{ product }}, {{ quantity.quantity }} {{ quantity.unit }}\
         {% endif %}\
         {% if produced_at %} of {{ produced_at | date }}{% endif %}, status {{ status | words }}\
         {% if place %}, last seen at {{ place }}{% endif %}.\
         {% if hold %} It is held since {{ hold.held_at | date }} by {{ hold.held_by }}: \
         “{{ hold.reason }}”.{% endif %}\
         {% if contents %} Packed in it: {% for it in contents[:5] %}{{ it.product }} {{ it.lot }} \
         ({{ it.quantity.quantity }} {{ it.quantity.unit }}){% if not loop.last %}, {% endif %}\
         {% endfor %}.{% endif %}\
         {% if kind|raw != 'logistic' %} By the records {{ on_hand.quantity }} {{ on_hand.unit }} are \
         left; {{ consumed.quantity }} {{ consumed.unit }} went into other lots and \
         {{ shipped.quantity }} {{ shipped.unit }} to customers, and \
         {{ accounted_percent | n2 }}% is accounted for.{% endif %}\
         {% if expires_at %} It expires on {{ expires_at | date }}.{% endif %}\
         {% if movements %} It took part in {{ movement_count }} movements, last: \
         {{ movements[-1].kind | words }}{% if movements[-1].at %} on {{ movements[-1].at | date }}\
         {% endif %}.{% endif %}\
         {% if namesakes %} Another lot has the same number: {{ namesakes[0] }}.{% endif %}";
    const NARRATION_HE: &'static str = "{% if kind|raw == 'logistic' %}{{ lot }} הוא משטח או \
         מכל{% else %}לוט {{ lot }} הוא {{ product }}, {{ quantity.quantity }} {{ quantity.unit }}\
         {% endif %}\
         {% if produced_at %} מתאריך {{ produced_at | date }}{% endif %}, במצב {% if status|raw == \
         'active' %}פעיל{% elif status|raw == 'on_hold' %}מושהה{% else %}בריקול{% endif %}\
         {% if place %}, נראה לאחרונה ב־{{ place }}{% endif %}.\
         {% if hold %} הושהה ב־{{ hold.held_at | date }} בידי {{ hold.held_by }}: \
         ״{{ hold.reason }}״.{% endif %}\
         {% if contents %} ארוז בו: {% for it in contents[:5] %}{{ it.product }} {{ it.lot }} \
         ({{ it.quantity.quantity }} {{ it.quantity.unit }}){% if not loop.last %}, {% endif %}\
         {% endfor %}.{% endif %}\
         {% if kind|raw != 'logistic' %} לפי הרשומות נותרו {{ on_hand.quantity }} {{ on_hand.unit }}; \
         {{ consumed.quantity }} {{ consumed.unit }} עברו ללוטים אחרים ו־{{ shipped.quantity }} \
         {{ shipped.unit }} ללקוחות, ויש הסבר ל־{{ accounted_percent | n2 }}%.{% endif %}\
         {% if expires_at %} תוקפו פג ב־{{ expires_at | date }}.{% endif %}\
         {% if movements %} הוא השתתף ב־{{ movement_count }} תנועות{% if movements[-1].at %}, האחרונה \
         ב־{{ movements[-1].at | date }}{% endif %}.{% endif %}\
         {% if namesakes %} יש לוט נוסף עם אותו מספר: {{ namesakes[0] }}.{% endif %}";
    const NEXT: &'static [&'static str] = &["fsq_trace_lot", "fsq_mock_recall", "fsq_hold_lot"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { lot: "L24-0117".into() }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let chain = Chain::of(ctx).await?;
        let lot = chain.lot_named(&args.lot)?;
        let status = holds::status(ctx.db, &lot.lot_id, false).await?;
        let hold = holds::open(ctx.db, &lot.lot_id).await?;
        answer(&chain, lot, (status, hold))
    }
}

fn answer(chain: &Chain, lot: &LotFacts, (status, hold): (String, Option<Hold>)) -> Result<Output> {
    let balance = chain.graph.balance(&lot.code, None).map_err(Error::internal)?;
    let in_unit = |milli: i64| amount(milli, &lot.unit);
    let movements = steps(chain, lot, &balance)?;
    let place = movements.iter().rev().find_map(|it| it.place.clone());
    Ok(Output {
        lot: lot.label.clone(),
        code: lot.code.clone(),
        product: chain.product(&lot.code).to_owned(),
        gtin: lot.gtin.clone(),
        kind: lot.kind,
        status,
        hold,
        quantity: in_unit(lot.quantity),
        on_hand: in_unit(balance.on_hand),
        consumed: in_unit(balance.consumed),
        shipped: in_unit(balance.shipped),
        accounted_percent: percent(balance.accounted_ppm),
        produced_at: lot.produced_at.and_then(instant),
        expires_at: lot.expires_at.and_then(instant),
        place: place.or_else(|| lot.place.as_deref().map(|id| chain.place(id).to_owned())),
        contents: contents(chain, lot)?,
        namesakes: chain.namesakes(lot),
        movement_count: movements.len(),
        movements: movements.into_iter().rev().take(MOST_STEPS).rev().collect(),
    })
}

fn steps(chain: &Chain, lot: &LotFacts, balance: &Balance) -> Result<Vec<Step>> {
    let id = chain.graph.lot(&lot.code).map_err(Error::internal)?;
    let events = chain.graph.movements_of(id);
    let step = |(event, entry): (&u32, &engines::trace::BalanceEntry)| {
        let view = chain.graph.movement_view(*event);
        Step {
            kind: view.kind,
            at: view.at.and_then(instant),
            place: view.place.map(|id| chain.place(id).to_owned()),
            party: view.party.map(|id| chain.party(id).to_owned()),
            document: view.document.map(|id| short(id).to_owned()),
            change: amount(entry.change, &lot.unit),
        }
    };
    Ok(events.iter().zip(&balance.entries).map(step).collect())
}

fn contents(chain: &Chain, lot: &LotFacts) -> Result<Vec<Content>> {
    let content = |(code, quantity): (String, i64)| Content {
        lot: chain.label(&code).to_owned(),
        product: chain.product(&code).to_owned(),
        quantity: amount(quantity, chain.lots.get(&code).map_or("", |it| it.unit.as_str())),
    };
    Ok(chain.packed_in(lot)?.into_iter().map(content).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    #[test]
    fn a_lot_is_shown_by_any_of_its_names() {
        block_on(async {
            let bench = demo().await;
            let output = bench.read(ShowLot::NAME, json!({ "lot": "l24-0117" })).await.unwrap();
            assert_eq!(output["product"], "Hummus 400 g");
            assert_eq!(output["quantity"], json!({ "quantity": 2400.0, "unit": "pcs" }));
            let [en, he] = told(ShowLot::NAME, &output);
            eprintln!("{en}\n{he}");
            for name in ["lot L24-0117", "urn:epc:class:lgtin:7290012.000301.L24-0117"] {
                let same = bench.read(ShowLot::NAME, json!({ "lot": name })).await.unwrap();
                assert_eq!(same["code"], output["code"]);
            }
            let pallet = bench.read(ShowLot::NAME, json!({ "lot": "08600031303.0003" })).await;
            let pallet = pallet.unwrap();
            assert_eq!(pallet["contents"][0]["lot"], "v1-0122-2022-2", "{pallet:#}");
            eprintln!("{:?}", told(ShowLot::NAME, &pallet));
        });
    }

    #[test]
    fn a_delivery_note_of_several_pallets_names_the_lot_on_them() {
        block_on(async {
            let bench = demo().await;
            let asked = json!({ "lot": "shipment SH-0117" });
            let output = bench.read(ShowLot::NAME, asked).await.unwrap();
            assert_eq!((&output["lot"], &output["kind"]), (&json!("L24-0117"), &json!("finished")));
        });
    }
}
