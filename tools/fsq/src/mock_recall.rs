//! `fsq_mock_recall`: everything a recall of a lot would need, as an exercise.

mod balance;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use engines::recall::{AffectedLot, RecallPack, RecallRequest, mock_recall};
use engines::trace::{LotKind, Mode, MovementKind};
use kernel::{Error, Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Effect, Route, Tool, ToolContext};

use crate::READ;
use crate::chain::{Chain, LotFacts};
use crate::figures::{Amount, amount, instant};

/// Run a mock recall of a lot or batch: every affected lot, which customers got how much, what is
/// still on hand and where, the mass balance, and the deadlines. Nothing is changed or sent.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The lot: its label, e.g. `T24-0116`, its code, or the pallet or delivery note it is on.
    #[schemars(extend("x-slot" = "lot"))]
    lot: String,
    /// How far to go.
    #[serde(default)]
    #[schemars(extend("x-synonyms" = {
        "time_respecting": ["in time", "respecting times", "recorded times", "narrow", "smallest"],
        "conservative": ["ignoring times", "worst case", "widest", "everything connected"]
    }))]
    mode: Reach,
    /// When the exercise began, for the deadlines; now when absent.
    #[serde(default)]
    started_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reach {
    /// Whatever is connected is affected.
    #[default]
    Conservative,
    /// Only what material reached in time is affected; needs trusted times.
    TimeRespecting,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The recalled lots.
    recalled: Vec<Recalled>,
    mode: Reach,
    /// Lots affected, the recalled ones included, containers aside.
    affected_lot_count: usize,
    /// Customers that got some of them.
    customer_count: usize,
    /// Share of everything that came in that the records explain, percent; the lowest of the units.
    /// What went into a movement and did not come out of it is not explained.
    accounted_percent: f64,
    /// What got where, by customer and unit.
    customers: Vec<Customer>,
    /// What is on hand, by place and unit.
    on_hand: Vec<Stock>,
    /// In, out and left over all affected lots, by unit.
    balance: Vec<Balance>,
    /// How many movements lost material or drew more than there was.
    gap_count: usize,
    /// The largest of them first, at most 20.
    gaps: Vec<Gap>,
    /// The deadlines, the tightest first.
    clocks: Vec<Deadline>,
    /// Every affected lot, the recalled ones first, then nearest first; at most 500.
    lots: Vec<Affected>,
}

#[derive(Serialize, JsonSchema)]
struct Recalled {
    lot: String,
    code: String,
    product: String,
    quantity: Amount,
}

#[derive(Serialize, JsonSchema)]
struct Customer {
    name: String,
    /// Distinct affected lots.
    lots: usize,
    shipped: Amount,
    returned: Amount,
    first_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
struct Stock {
    place: String,
    lots: usize,
    on_hand: Amount,
}

#[derive(Serialize, JsonSchema)]
struct Balance {
    came_in: Amount,
    consumed: Amount,
    shipped: Amount,
    wasted: Amount,
    on_hand: Amount,
    /// Lost when positive, unexplained when negative.
    unaccounted: Amount,
    /// Went into movements and did not come out of them, or the other way round.
    gaps: Amount,
    accounted_percent: f64,
}

#[derive(Serialize, JsonSchema)]
struct Gap {
    /// The lots that went in, or that was overdrawn.
    lots: Vec<String>,
    at: Option<DateTime<Utc>>,
    /// Lost when positive, from nowhere when negative.
    missing: Amount,
    /// It drew more of a lot than there was.
    overdrawn: bool,
    /// In milli-units, with their unit, for the balance.
    #[serde(skip)]
    milli: (i64, String),
}

#[derive(Serialize, JsonSchema)]
struct Deadline {
    name: String,
    /// Hours allowed.
    hours: u32,
    deadline: Option<DateTime<Utc>>,
    /// Minutes left; negative when it has passed.
    minutes_left: i64,
    met: bool,
}

#[derive(Serialize, JsonSchema)]
struct Affected {
    lot: String,
    code: String,
    product: String,
    kind: LotKind,
    /// Movements between it and a recalled lot.
    distance: u32,
    quantity: Amount,
    /// The part that comes from the recalled lots if every movement mixes evenly.
    attributed: Amount,
    on_hand: Amount,
    /// With customers: shipped less returned.
    shipped: Amount,
    consumed: Amount,
    unaccounted: Amount,
}

const MOST_LOTS: usize = 500;
const MOST_GAPS: usize = 20;

/// The tool.
pub(crate) struct MockRecall;

impl Tool for MockRecall {
    const NAME: &'static str = "fsq_mock_recall";
    const TITLE: &'static str = "Mock recall";
    const EFFECT: Effect = Effect::Read;
    const PERMISSION: Permission = READ;
    const ROUTE: Option<Route> = Some(Route::get("/v1/fsq/lots/{lot}/mock-recall"));
    const PHRASES: &'static [&'static str] = &[
        "(run|do|start|perform|simulate) a (mock |)recall (of|for|on) (lot |batch |){lot}",
        "mock recall (of |for |)(lot |batch |){lot}",
        "recall (exercise|drill|test|simulation) (for|of|on) {lot}",
        "what if we (had to|must|need to) recall (lot |batch |){lot}",
        "what would a recall of (lot |batch |){lot} (affect|include|look like|cost us)",
        "if {lot} is contaminated, what is affected",
        "which customers (must|do) we (notify|call|warn) (about|for) (lot |batch |){lot}",
        "how much of (lot |batch |){lot} (is with customers|can be recovered|is still in stock)",
        "mass balance (of|for) (lot |batch |){lot}",
        "is everything of (lot |batch |){lot} accounted for",
        "how much of (lot |batch |){lot} is unaccounted for",
        "recall scope (of|for) {lot}",
        "impact of recalling (lot |batch |){lot}",
        "prepare a recall of (lot |batch |){lot}",
        "how much of {lot} did customers get and how much can we (recover|retrieve|pull back)",
        "what must be (pulled|withdrawn|taken back) if {lot} is (bad|unsafe|contaminated)",
        "(הרץ|בצע|עשה) (תרגיל |)ריקול (מדומה |)(של|ל|על) (לוט |אצווה |){lot}",
        "(תרגיל ריקול|ריקול מדומה|תרגיל החזרה) (של |ל){lot}",
        "מה יקרה אם נצטרך להחזיר את (לוט |אצווה |){lot}",
        "מאזן (חומר|חומרים|מסה|כמויות) של (לוט |אצווה |){lot}",
        "למי צריך להודיע על {lot}",
        "מה מושפע אם {lot} מזוהם",
    ];
    const NARRATION: &'static str = "A recall of {{ recalled[0].product }} {{ recalled[0].lot }}\
         {% if recalled[1:] %} and what was shipped with it{% endif %} affects \
         {{ affected_lot_count }} lot{% if affected_lot_count|raw != 1 %}s{% endif %} and \
         {{ customer_count }} customer{% if customer_count|raw != 1 %}s{% endif %}; \
         {{ accounted_percent | n2 }}% of the material is accounted for.\
         {% if customers %} With customers: {% for it in customers[:5] %}{{ it.name }} \
         ({{ it.shipped.quantity }} {{ it.shipped.unit }}){% if not loop.last %}, {% endif %}\
         {% endfor %}{% if customers[5:] %} and others{% endif %}.{% else %} No customer is on \
         record.{% endif %}{% if on_hand %} On hand: {% for it in on_hand[:5] %}\
         {{ it.on_hand.quantity }} {{ it.on_hand.unit }} at {{ it.place }}\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}\
         {% if gaps %} Movements that do not add up: {{ gap_count }}, the largest on \
         {% for it in gaps[:1] %}{{ it.at | date }} from {{ it.lots[0] }}: \
         {{ it.missing.quantity }} {{ it.missing.unit }}{% endfor %}.{% endif %}\
         {% if clocks %} Deadlines: {% for it in clocks %}{{ it.name }} \
         {% if it.met %}within{% else %}missed,{% endif %} {{ it.hours }} h\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}";
    const NARRATION_HE: &'static str = "ריקול של {{ recalled[0].product }} {{ recalled[0].lot }}\
         {% if recalled[1:] %} ושל מה שנשלח איתו{% endif %} נוגע ל־{{ affected_lot_count }} לוטים \
         ול־{{ customer_count }} לקוחות; יש הסבר ל־{{ accounted_percent | n2 }}% מהחומר.\
         {% if customers %} אצל לקוחות: {% for it in customers[:5] %}{{ it.name }} \
         ({{ it.shipped.quantity }} {{ it.shipped.unit }}){% if not loop.last %}, {% endif %}\
         {% endfor %}{% if customers[5:] %} ועוד{% endif %}.{% else %} אין לקוחות ברשומות.\
         {% endif %}{% if on_hand %} במלאי: {% for it in on_hand[:5] %}{{ it.on_hand.quantity }} \
         {{ it.on_hand.unit }} ב־{{ it.place }}{% if not loop.last %}, {% endif %}{% endfor %}.\
         {% endif %}{% if gaps %} תנועות שאינן מאוזנות: {{ gap_count }}, הגדולה ביותר ב־\
         {% for it in gaps[:1] %}{{ it.at | date }} מתוך {{ it.lots[0] }}: \
         {{ it.missing.quantity }} {{ it.missing.unit }}{% endfor %}.{% endif %}\
         {% if clocks %} מועדים: {% for it in clocks %}{{ it.name }} \
         {% if it.met %}בתוך{% else %}הוחמץ,{% endif %} {{ it.hours }} שעות\
         {% if not loop.last %}, {% endif %}{% endfor %}.{% endif %}";
    const NEXT: &'static [&'static str] = &["fsq_hold_lot", "fsq_trace_lot", "fsq_show_lot"];

    type Args = Args;
    type Output = Output;

    fn example() -> Args {
        Args { lot: "T24-0116".into(), mode: Reach::Conservative, started_at: None }
    }

    async fn call(&self, ctx: &mut ToolContext<'_>, args: Args) -> Result<Output> {
        let now = ctx.now();
        let started_at = args.started_at.unwrap_or(now);
        if started_at > now {
            return Err(Error::invalid("started_at", format!("is after now, `{now}`")));
        }
        let chain = Chain::of(ctx).await?;
        let lots = goods(&chain, chain.lots_named(&args.lot)?)?;
        let request = RecallRequest {
            lots: lots.iter().map(|it| it.code.clone()).collect(),
            mode: match args.mode {
                Reach::Conservative => Mode::Conservative,
                Reach::TimeRespecting => Mode::TimeRespecting,
            },
            started_at: started_at.timestamp_millis(),
            now: now.timestamp_millis(),
            counts: Vec::new(),
            rates: None,
        };
        let pack = mock_recall(&chain.graph, &request).map_err(Error::internal)?;
        answer(&chain, (&lots, args.mode), &pack)
    }
}

/// Instead of containers what is packed in them: the goods are recalled, not the pallet.
fn goods<'a>(chain: &'a Chain, named: Vec<&'a LotFacts>) -> Result<Vec<&'a LotFacts>> {
    let mut codes: BTreeSet<String> = BTreeSet::new();
    for lot in &named {
        codes.extend(chain.packed_in(lot)?.into_keys());
    }
    match codes.is_empty() {
        true => Ok(named),
        false => Ok(codes.iter().filter_map(|code| chain.lots.get(code)).collect()),
    }
}

fn answer(chain: &Chain, (lots, mode): (&[&LotFacts], Reach), pack: &RecallPack) -> Result<Output> {
    let recalled = |lot: &&LotFacts| Recalled {
        lot: lot.label.clone(),
        code: lot.code.clone(),
        product: chain.product(&lot.code).to_owned(),
        quantity: amount(lot.quantity, &lot.unit),
    };
    let affected: Vec<&AffectedLot> =
        pack.lots.iter().filter(|it| it.kind != LotKind::Logistic).collect();
    let customers = customers(chain, pack);
    let names: BTreeSet<&str> = customers.iter().map(|it| it.name.as_str()).collect();
    let customer_count = names.len();
    let gaps = gaps(chain, pack);
    let balance = balance::of(chain, &affected, &gaps)?;
    let lowest = balance.iter().map(|it| it.accounted_percent).reduce(f64::min);
    Ok(Output {
        recalled: lots.iter().map(recalled).collect(),
        mode,
        affected_lot_count: affected.len(),
        customer_count,
        accounted_percent: lowest.unwrap_or(100.0),
        customers,
        on_hand: balance::on_hand(chain, &affected)?,
        balance,
        gap_count: gaps.len(),
        gaps: gaps.into_iter().take(MOST_GAPS).collect(),
        clocks: pack.clocks.iter().map(deadline).collect(),
        lots: affected.into_iter().take(MOST_LOTS).map(|it| line(chain, it)).collect(),
    })
}

/// Customers by name and unit, containers aside; what nobody said where it went is one of them.
fn customers(chain: &Chain, pack: &RecallPack) -> Vec<Customer> {
    let mut by_name: BTreeMap<(&str, &str), Vec<&engines::recall::Shipment>> = BTreeMap::new();
    for shipment in &pack.shipments {
        if chain.lots.get(&shipment.lot).is_some_and(|it| it.kind != LotKind::Logistic) {
            let name = match shipment.customer.as_str() {
                "" => "unknown customer",
                id => chain.party(id),
            };
            by_name.entry((name, &shipment.unit)).or_default().push(shipment);
        }
    }
    let customer = |((name, unit), lines): ((&str, &str), Vec<&engines::recall::Shipment>)| {
        let lots: BTreeSet<&str> = lines.iter().map(|it| it.lot.as_str()).collect();
        let sum = |kind: MovementKind| {
            lines.iter().filter(|it| it.kind == kind).map(|it| it.quantity).sum()
        };
        Customer {
            name: name.to_owned(),
            lots: lots.len(),
            shipped: amount(sum(MovementKind::Ship), unit),
            returned: amount(sum(MovementKind::Return), unit),
            first_at: lines.iter().filter_map(|it| it.at).min().and_then(instant),
            last_at: lines.iter().filter_map(|it| it.at).max().and_then(instant),
        }
    };
    by_name.into_iter().map(customer).collect()
}

fn gaps(chain: &Chain, pack: &RecallPack) -> Vec<Gap> {
    let graph = &chain.graph;
    let mut all: Vec<_> = pack.gaps.iter().collect();
    all.sort_by_key(|it| (std::cmp::Reverse(it.missing.unsigned_abs()), &it.movement));
    let mut found = Vec::new();
    for gap in all {
        let affected = pack.lots.iter().filter_map(|it| graph.lot(&it.lot).ok());
        let event = affected
            .flat_map(|lot| graph.movements_of(lot))
            .find(|event| graph.movement(*event) == gap.movement);
        let inputs: Vec<_> = event.map(|it| graph.inputs_of(it).collect()).unwrap_or_default();
        let unit = inputs.first().map_or("", |it| graph.lot_view(it.0).unit);
        found.push(Gap {
            lots: inputs.iter().map(|it| chain.label(graph.code(it.0)).to_owned()).collect(),
            at: gap.at.and_then(instant),
            missing: amount(gap.missing, unit),
            milli: (gap.missing, unit.to_owned()),
            overdrawn: gap.overdrawn,
        });
    }
    found
}

fn deadline(it: &engines::recall::Clock) -> Deadline {
    Deadline {
        name: it.name.clone(),
        hours: it.hours,
        deadline: instant(it.deadline),
        minutes_left: it.remaining.div_euclid(60_000),
        met: it.met,
    }
}

fn line(chain: &Chain, it: &AffectedLot) -> Affected {
    let in_unit = |milli: i64| amount(milli, &it.unit);
    Affected {
        lot: chain.label(&it.lot).to_owned(),
        code: it.lot.clone(),
        product: chain.product(&it.lot).to_owned(),
        kind: it.kind,
        distance: it.distance,
        quantity: in_unit(it.exposed),
        attributed: in_unit(it.attributed),
        on_hand: in_unit(it.on_hand),
        shipped: in_unit(it.shipped),
        consumed: in_unit(it.consumed),
        unaccounted: in_unit(it.unaccounted),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use store::testing::block_on;

    use super::*;
    use crate::testing::{demo, told};

    /// The books of every unit close: in = consumed + shipped + wasted + on hand + unaccounted.
    #[test]
    fn the_books_close_and_the_lost_batch_shows() {
        block_on(async {
            let bench = demo().await;
            for lot in ["T24-0116", "M24-0117", "C24-0103", "tf12012021", "SH-0118"] {
                let output = bench.read(MockRecall::NAME, json!({ "lot": lot })).await.unwrap();
                for unit in output["balance"].as_array().unwrap() {
                    let of = |name: &str| unit[name]["quantity"].as_f64().unwrap();
                    let out = ["consumed", "shipped", "wasted", "on_hand", "unaccounted"].map(of);
                    assert!((of("came_in") - out.iter().sum::<f64>()).abs() < 0.01, "{lot} {unit}");
                }
                let [en, he] = told(MockRecall::NAME, &output);
                eprintln!("{lot}: {en}\n{he}");
            }
            let output = bench.read(MockRecall::NAME, json!({ "lot": "T24-0116" })).await.unwrap();
            let lost = output["gaps"].as_array().unwrap().iter();
            let lost: Vec<&Value> = lost.filter(|it| it["missing"]["quantity"] == 80.0).collect();
            assert_eq!(lost.len(), 1, "{:#}", output["gaps"]);
            assert_eq!(output["gap_count"], 1);
            let kilograms = output["balance"].as_array().unwrap().iter();
            let kilograms: Vec<&Value> =
                kilograms.filter(|it| it["gaps"]["unit"] == "kg").collect();
            assert_eq!(kilograms[0]["gaps"]["quantity"], 80.0);
            assert!(output["accounted_percent"].as_f64().unwrap() < 99.9, "{output:#}");
            assert_eq!(output["customers"][0]["shipped"]["quantity"], 4800.0);
            let customers: Vec<&str> = output["customers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["name"].as_str().unwrap())
                .collect();
            assert_eq!(
                customers,
                ["Corner Stores", "Fresh Market", "Green Grocers", "Hotel Supply"]
            );
        });
    }

    /// Recalling a shipment recalls its goods, wherever else they went.
    #[test]
    fn a_shipment_is_recalled_by_its_goods() {
        block_on(async {
            let bench = demo().await;
            let by = |lot: &'static str| bench.read(MockRecall::NAME, json!({ "lot": lot }));
            let (note, lot) =
                (by("shipment SH-0118").await.unwrap(), by("L24-0118").await.unwrap());
            assert_eq!(note, lot);
            assert_eq!(note["customers"][0]["shipped"]["quantity"], 1200.0);
        });
    }

    #[test]
    fn the_clocks_run_from_the_start_of_the_exercise() {
        block_on(async {
            let bench = demo().await;
            let started = bench.request.now - chrono::Duration::hours(3);
            let asked = json!({ "lot": "L24-0117", "started_at": started });
            let output = bench.read(MockRecall::NAME, asked).await.unwrap();
            let met: Vec<bool> = output["clocks"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["met"].as_bool().unwrap())
                .collect();
            assert_eq!(met, [false, true, true]);
            let late = bench.request.now + chrono::Duration::hours(1);
            let refused = bench
                .read(MockRecall::NAME, json!({ "lot": "L24-0117", "started_at": late }))
                .await;
            assert!(matches!(refused, Err(Error::Invalid { .. })));
        });
    }
}
