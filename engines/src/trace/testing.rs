//! Small graphs for tests.

use super::{LotGraph, LotRow, Movement, MovementKind, Part};

pub(super) fn lot(code: &str) -> LotRow {
    LotRow {
        code: code.into(),
        product: format!("product {code}"),
        quantity: 0,
        unit: "g".into(),
        ..LotRow::default()
    }
}

pub(super) fn movement(
    id: &str,
    kind: MovementKind,
    inputs: &[(&str, i64)],
    outputs: &[(&str, i64)],
) -> Movement {
    let parts = |given: &[(&str, i64)]| given.iter().map(|(l, q)| Part::new(*l, *q)).collect();
    Movement {
        id: id.into(),
        kind,
        inputs: parts(inputs),
        outputs: parts(outputs),
        ..Movement::default()
    }
}

pub(super) fn at(time: i64, movement: Movement) -> Movement {
    Movement { at: Some(time), ..movement }
}

pub(super) fn graph(lots: &[&str], movements: Vec<Movement>) -> LotGraph {
    LotGraph::build(lots.iter().map(|code| lot(code)).collect(), movements).unwrap()
}
