//! The lot graph at one million edges: a plant of 120 ingredients, 40 batches and 30 packing runs a
//! day, with rework and true loops, on two kinds of days: ingredients in bags, and five silos that
//! are never emptied. `cargo bench -p engines --bench trace`

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use engines::recall::{RecallRequest, mock_recall};
use engines::trace::{
    Direction, LotGraph, LotId, LotKind, LotRow, Mode, Movement, MovementKind, Part,
};

fn main() {
    divan::main();
}

const EDGES: usize = 1_000_000;
const DAY: i64 = 86_400_000;
const INGREDIENTS: u64 = 120;

/// A small generator, so that every run measures the same plant.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// A plant while its history is written.
struct Plant {
    dice: Dice,
    silos: usize,
    lots: Vec<LotRow>,
    movements: Vec<Movement>,
    edges: usize,
    stock: Vec<Vec<String>>,
    packed: Vec<String>,
}

impl Plant {
    fn history(silos: usize) -> (Vec<LotRow>, Vec<Movement>) {
        let mut plant = Self {
            dice: Dice(42),
            silos,
            lots: vec![],
            movements: vec![],
            edges: 0,
            stock: vec![vec![]; INGREDIENTS as usize],
            packed: vec![],
        };
        for day in 0.. {
            if plant.edges >= EDGES {
                break;
            }
            plant.receive(day);
            plant.produce(day);
        }
        (plant.lots, plant.movements)
    }

    fn lot(&mut self, kind: LotKind, letter: char, day: i64) -> String {
        let code = format!("{letter}{day:05}-{:07}", self.lots.len());
        self.lots.push(LotRow {
            code: code.clone(),
            product: format!("product {}", self.dice.roll(200)),
            kind,
            quantity: 1_000_000,
            unit: "g".into(),
            place: Some("plant 1".into()),
            ..LotRow::default()
        });
        code
    }

    fn book(&mut self, kind: MovementKind, at: i64, inputs: Vec<String>, outputs: Vec<String>) {
        self.edges += inputs.len() + outputs.len();
        // What comes out is what went in, so that the balance has few gaps to report.
        let whole = 1_000 * (100 + self.dice.roll(400) as i64);
        let share = |lots: Vec<String>| -> Vec<Part> {
            let count = lots.len() as i64;
            let first = whole - whole / count.max(1) * (count - 1);
            let quantity = |i: usize| if i == 0 { first } else { whole / count };
            lots.into_iter().enumerate().map(|(i, lot)| Part::new(lot, quantity(i))).collect()
        };
        let (inputs, outputs) = (share(inputs), share(outputs));
        let party = (kind == MovementKind::Ship).then(|| format!("customer {}", self.edges % 97));
        self.movements.push(Movement {
            id: format!("M{:08}", self.movements.len()),
            kind,
            at: Some(at),
            place: Some("plant 1".into()),
            party,
            inputs,
            outputs,
            ..Movement::default()
        });
    }

    fn receive(&mut self, day: i64) {
        for ingredient in 0..INGREDIENTS as usize {
            let silo = ingredient < self.silos;
            if !silo && !self.stock[ingredient].is_empty() && self.dice.roll(4) > 0 {
                continue;
            }
            let delivery = self.lot(LotKind::Raw, 'R', day);
            self.book(MovementKind::Receive, day * DAY, vec![], vec![delivery.clone()]);
            let lot = if silo {
                let level = self.lot(LotKind::Wip, 'S', day);
                let mut inputs: Vec<String> =
                    self.stock[ingredient].last().cloned().into_iter().collect();
                inputs.push(delivery);
                let kind = MovementKind::Merge;
                self.book(kind, day * DAY + 1, inputs, vec![level.clone()]);
                level
            } else {
                delivery
            };
            self.stock[ingredient].push(lot);
        }
    }

    fn produce(&mut self, day: i64) {
        let mut batches = Vec::new();
        for batch in 0..40 {
            let made = self.lot(LotKind::Wip, 'W', day);
            let mut inputs = Vec::new();
            for _ in 0..3 + self.dice.roll(6) {
                // A few staple ingredients go into most batches.
                let skew = self.dice.roll(INGREDIENTS) * self.dice.roll(INGREDIENTS);
                let lots = &self.stock[(skew / INGREDIENTS) as usize];
                let back = (self.dice.roll(2) as usize).min(lots.len() - 1);
                inputs.push(lots[lots.len() - 1 - back].clone());
            }
            if self.dice.roll(50) == 0 && !self.packed.is_empty() {
                let recent = self.packed.len().min(200) as u64;
                let back = self.dice.roll(recent) as usize;
                inputs.push(self.packed[self.packed.len() - 1 - back].clone());
            }
            let at = day * DAY + 2 + batch;
            self.book(MovementKind::Transform, at, inputs, vec![made.clone()]);
            batches.push(made);
        }
        for run in 0..30 {
            let made = self.lot(LotKind::Finished, 'F', day);
            let inputs = (0..1 + self.dice.roll(3)).map(|_| {
                let batch = self.dice.roll(40) as usize;
                batches[batch].clone()
            });
            let inputs = inputs.collect();
            let at = day * DAY + 100 + run;
            self.book(MovementKind::Transform, at, inputs, vec![made.clone()]);
            if self.dice.roll(400) == 0 {
                let batch = batches[self.dice.roll(40) as usize].clone();
                self.book(MovementKind::Transform, at + 1, vec![made.clone()], vec![batch]);
            }
            let mut pallets = Vec::new();
            for _ in 0..2 + self.dice.roll(12) {
                pallets.push(self.lot(LotKind::Finished, 'P', day));
            }
            self.book(MovementKind::Split, at + 2, vec![made.clone()], pallets.clone());
            for pallet in pallets {
                self.book(MovementKind::Ship, at + 3, vec![pallet], vec![]);
            }
            self.packed.push(made);
        }
    }
}

static BAGS: LazyLock<LotGraph> = LazyLock::new(|| build(0));
static SILOS: LazyLock<LotGraph> = LazyLock::new(|| build(5));

fn build(silos: usize) -> LotGraph {
    let (lots, movements) = Plant::history(silos);
    LotGraph::build(lots, movements).expect("the generated history is sound")
}

fn of_kind(graph: &LotGraph, kind: LotKind) -> Vec<LotId> {
    (0..graph.lot_count() as u32).filter(|lot| graph.kind(*lot) == kind).collect()
}

/// A thousand lots spread over the years.
fn sample(lots: &[LotId]) -> Vec<LotId> {
    lots.iter().step_by(lots.len() / 1_000).copied().collect()
}

/// The delivery into a silo that reaches the most lots.
fn heaviest(graph: &LotGraph) -> LotId {
    let raw = of_kind(graph, LotKind::Raw);
    let reach = |lot: &LotId| graph.reach(&[*lot], Direction::Forward, Mode::Conservative);
    raw.into_iter().take(200).max_by_key(|lot| reach(lot).lots.len()).expect("there are lots")
}

#[divan::bench(sample_count = 5)]
fn cold_build(bencher: Bencher) {
    bencher
        .with_inputs(|| Plant::history(0))
        .bench_values(|(lots, movements)| LotGraph::build(lots, movements));
}

/// One typical question per iteration, a thousand of them in turn.
fn ask(bencher: Bencher, lots: &[LotId], direction: Direction, mode: Mode) {
    let lots = sample(lots);
    let mut turn = 0;
    bencher.bench_local(|| {
        turn = (turn + 1) % lots.len();
        BAGS.reach(black_box(&[lots[turn]]), direction, mode)
    });
}

#[divan::bench(args = [Mode::Conservative, Mode::TimeRespecting], sample_count = 1000, sample_size = 10)]
fn forward_typical(bencher: Bencher, mode: Mode) {
    ask(bencher, &of_kind(&BAGS, LotKind::Raw), Direction::Forward, mode);
}

#[divan::bench(args = [Mode::Conservative, Mode::TimeRespecting], sample_count = 1000, sample_size = 10)]
fn backward_typical(bencher: Bencher, mode: Mode) {
    ask(bencher, &of_kind(&BAGS, LotKind::Finished), Direction::Backward, mode);
}

#[divan::bench(sample_count = 1000)]
fn trace_with_names_and_quantities(bencher: Bencher) {
    let lots = sample(&of_kind(&BAGS, LotKind::Raw));
    let codes: Vec<&str> = lots.iter().map(|lot| BAGS.code(*lot)).collect();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn = (turn + 1) % codes.len();
        BAGS.trace(black_box(&[codes[turn]]), Direction::Forward)
    });
}

#[divan::bench(args = [Mode::Conservative, Mode::TimeRespecting], sample_count = 50)]
fn blast_reach(bencher: Bencher, mode: Mode) {
    let lot = heaviest(&SILOS);
    bencher.bench_local(|| SILOS.reach(black_box(&[lot]), Direction::Forward, mode));
}

#[divan::bench(sample_count = 20)]
fn blast_trace_with_names_and_quantities(bencher: Bencher) {
    let code = SILOS.code(heaviest(&SILOS));
    bencher.bench_local(|| SILOS.trace(black_box(&[code]), Direction::Forward));
}

fn request(code: &str) -> RecallRequest {
    RecallRequest {
        lots: vec![code.to_owned()],
        mode: Mode::Conservative,
        started_at: 0,
        now: DAY,
        counts: vec![],
        rates: None,
    }
}

#[divan::bench(sample_count = 200)]
fn mock_recall_typical(bencher: Bencher) {
    let lots = sample(&of_kind(&BAGS, LotKind::Raw));
    let requests: Vec<RecallRequest> = lots.iter().map(|lot| request(BAGS.code(*lot))).collect();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn = (turn + 1) % requests.len();
        mock_recall(&BAGS, black_box(&requests[turn]))
    });
}

#[divan::bench(sample_count = 10)]
fn mock_recall_blast(bencher: Bencher) {
    let request = request(SILOS.code(heaviest(&SILOS)));
    bencher.bench_local(|| mock_recall(&SILOS, black_box(&request)));
}

/// Five complaints about pallets that one raw lot went into.
#[divan::bench(sample_count = 200)]
fn converge_five_complaints(bencher: Bencher) {
    let outbreaks: Vec<Vec<&str>> = sample(&of_kind(&BAGS, LotKind::Raw))
        .into_iter()
        .filter_map(|culprit| {
            let reach = BAGS.reach(&[culprit], Direction::Forward, Mode::Conservative);
            let pallets: Vec<&str> = reach
                .lots
                .iter()
                .map(|l| BAGS.code(l.lot))
                .filter(|c| c.starts_with('P'))
                .collect();
            let step = pallets.len() / 5;
            (step > 0).then(|| pallets.into_iter().step_by(step).take(5).collect())
        })
        .collect();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn = (turn + 1) % outbreaks.len();
        BAGS.converge(black_box(&outbreaks[turn]), 10)
    });
}

#[divan::bench(sample_count = 10)]
fn gaps_of_every_movement(bencher: Bencher) {
    bencher.bench_local(|| BAGS.gaps(black_box(50_000)));
}
