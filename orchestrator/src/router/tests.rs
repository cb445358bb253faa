use proptest::prelude::*;

use super::*;
use crate::slots::{Entry, Lexicon, recognise};

mod intents;

fn example(label: &str, workspace: &str, text: &str) -> Example {
    Example { label: label.into(), workspace: workspace.into(), text: text.into() }
}

/// A few tools as they would describe themselves.
fn catalogue() -> Vec<Example> {
    [
        ("fsq_trace_lot", "fsq", "(where did|trace|follow) (lot|batch|) {lot} (go|)"),
        ("fsq_trace_lot", "fsq", "(who|which customers) received {lot}"),
        ("fsq_trace_lot", "fsq", "where is {lot} now"),
        ("fsq_trace_lot", "fsq", "(where does|which ingredients went into) {lot} (come from|)"),
        ("fsq_trace_lot", "fsq", "לאן (הלכה|נשלחה) (אצווה|) {lot}"),
        ("fsq_list_deviations", "fsq", "(show|list) (open|all|my) (deviations|non-conformances)"),
        ("fsq_list_deviations", "fsq", "which deviations are (open|overdue)"),
        ("fsq_list_deviations", "fsq", "הצג חריגות פתוחות"),
        ("vending_list_devices", "vending", "(show|list) (all|) my (devices|machines)"),
        ("vending_list_devices", "vending", "which (machines|devices) (do we have|are online)"),
        ("vending_list_devices", "vending", "אילו מכונות יש לנו"),
        (
            "vending_score_move",
            "vending",
            "what (happens|if) (if|) I (move|put) {product} (to|in) {slot_label}",
        ),
        (
            "vending_score_move",
            "vending",
            "(should|can) I move {product} (from {slot_label}|) to {slot_label}",
        ),
        ("vending_score_move", "vending", "מה יקרה אם אעביר {product} ל {slot_label}"),
        (
            "grocery_forecast_demand",
            "grocery",
            "how (much|many) {product} will {location} (sell|need) {date_range}",
        ),
        (
            "grocery_forecast_demand",
            "grocery",
            "(forecast|predict) (the|) (demand|sales) (for|of) {product} {date_range}",
        ),
        ("grocery_forecast_demand", "grocery", "כמה {product} נמכור {date_range}"),
        ("retail_show_revenue", "retail", "(what was|show) (the|our) revenue {date_range}"),
        ("retail_show_revenue", "retail", "how much (money|revenue) did we make {date_range}"),
        ("retail_show_revenue", "retail", "כמה כסף עשינו {date_range}"),
    ]
    .map(|(label, workspace, text)| example(label, workspace, text))
    .to_vec()
}

fn lexicon() -> Lexicon {
    let entry = |kind: &str, id: &str, name: &str| Entry {
        kind: kind.into(),
        id: id.into(),
        names: vec![name.into()],
    };
    Lexicon::new(vec![
        entry("product", "p1", "Coke"),
        entry("product", "p2", "Yoghurt"),
        entry("product", "p3", "יוגורט"),
        entry("location", "s7", "Store 7"),
    ])
}

fn route(router: &Router, text: &str) -> Routing {
    let now = "2024-08-21T10:00:00Z".parse().unwrap();
    let entities = recognise(text, &lexicon(), now);
    router.route(text, &Context { entities: &entities, ..Context::default() })
}

#[test]
fn unseen_wordings_find_their_tool() {
    let router = Router::train(&catalogue(), &Settings::default());
    for (text, label) in [
        ("where has L24-0117 gone", "fsq_trace_lot"),
        ("please trace L23-9981 for me", "fsq_trace_lot"),
        ("what would happen if I moved Coke into B3?", "vending_score_move"),
        ("how much yoghurt will store 7 sell next week?", "grocery_forecast_demand"),
        ("how much did we make last week", "retail_show_revenue"),
        ("list the open deviations", "fsq_list_deviations"),
        ("show me my machines", "vending_list_devices"),
        ("כמה יוגורט נמכור בשבוע הבא", "grocery_forecast_demand"),
        ("לאן נשלחה L24-0117", "fsq_trace_lot"),
    ] {
        let routing = route(&router, text);
        assert_eq!(routing.decision, Decision::Run(label.into()), "{text}: {routing:?}");
    }
}

#[test]
fn what_no_tool_answers_is_left_alone() {
    let router = Router::train(&catalogue(), &Settings::default());
    for text in [
        "what is the weather in Haifa tomorrow",
        "tell me something funny",
        "how do I request vacation days",
        "איזה סרט כדאי לראות",
        "",
        "ζζζ ξξξ",
        "🍌🍌🍌",
    ] {
        let routing = route(&router, text);
        assert!(!matches!(routing.decision, Decision::Run(_)), "{text}: {routing:?}");
    }
}

#[test]
fn the_workspace_tilts_and_never_hides() {
    let router = Router::train(&catalogue(), &Settings::default());
    let of = |workspace, text| {
        let routing = router.route(text, &Context { workspace, ..Context::default() });
        let fsq = routing.ranked.iter().find(|scored| scored.label == "fsq_list_deviations");
        (fsq.map_or(0.0, |scored| scored.probability), routing)
    };
    let (alone, _) = of(None, "show all");
    let (tilted, _) = of(Some("fsq"), "show all");
    assert!(tilted > alone);
    let (_, elsewhere) = of(Some("vending"), "which deviations are overdue");
    assert_eq!(elsewhere.decision, Decision::Run("fsq_list_deviations".into()));
}

#[test]
fn doubt_asks_with_the_nearest_labels() {
    let router = Router::train(&catalogue(), &Settings::default());
    let strict = Router { settings: Settings { run: 1.1, ..Settings::default() }, ..router };
    let Decision::Ask(offered) = route(&strict, "list the open deviations").decision else {
        panic!("not sure enough, yet it did not ask");
    };
    assert_eq!(offered[0], "fsq_list_deviations");
    assert!(offered.len() <= 3);
}

#[test]
fn training_repeats_bit_for_bit_whatever_the_order_of_labels() {
    let mut examples = catalogue();
    let router = Router::train(&examples, &Settings::default());
    examples.sort_by(|a, b| b.label.cmp(&a.label));
    let again = Router::train(&examples, &Settings::default());
    for text in ["show all", "trace it", "כמה נמכור"] {
        assert_eq!(route(&router, text), route(&again, text));
    }
}

#[test]
fn nothing_to_train_on_routes_nowhere() {
    let empty = Settings { negatives: Vec::new(), ..Settings::default() };
    for settings in [Settings::default(), empty] {
        let router = Router::train(&[], &settings);
        assert_eq!(route(&router, "trace L24-0117").decision, Decision::None);
    }
}

#[test]
fn negatives_are_many_and_in_both_languages() {
    let negatives = Settings::default().negatives;
    let hebrew = negatives.iter().filter(|line| line.chars().any(text::is_hebrew)).count();
    assert!(negatives.len() >= 300 && hebrew >= 60, "{} with {hebrew} Hebrew", negatives.len());
    let mut once = negatives.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), negatives.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_text_has_a_distribution(text in any::<String>()) {
        static ROUTER: std::sync::LazyLock<Router> =
            std::sync::LazyLock::new(|| Router::train(&catalogue(), &Settings::default()));
        let probabilities = ROUTER.probabilities(&text, &Context::default());
        let sum: f32 = probabilities.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-4);
    }
}
