//! The wording of a score: one line for the panel, and one reason for each component.

use super::{Colour, Component, PlacementScore, Reason, Scorer, Violation};
use crate::zones::Band;

pub(super) fn explain(
    scorer: &Scorer<'_>,
    (product, slot): (usize, usize),
    violations: Vec<Violation>,
) -> PlacementScore {
    let parts = scorer.parts(product, slot);
    let score = parts.score();
    let board = scorer.indexed.board;
    let headline = match violations.first() {
        Some(broken) => format!("not allowed: {broken}"),
        None => headline(scorer, product, slot).to_owned(),
    };
    let mut reasons: Vec<Reason> = Component::ALL
        .into_iter()
        .zip(parts.points)
        .map(|(component, points)| reason(scorer, (product, slot), component, points))
        .collect();
    reasons.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    PlacementScore {
        product_id: board.products[product].product_id.clone(),
        slot: board.map.zones[slot].slot,
        score,
        colour: Colour::of(score),
        hex: Colour::of(score).hex().to_owned(),
        allowed: parts.allowed,
        violations,
        summary: headline,
        reasons,
        regret: None,
    }
}

/// How telling a component is: its distance from the middle, in points.
fn weight(reason: &Reason) -> f64 {
    (reason.points - 0.6 * reason.out_of).abs()
}

fn headline(scorer: &Scorer<'_>, product: usize, slot: usize) -> &'static str {
    let (velocity, margin) = (scorer.velocity[product], scorer.margin[product]);
    let visibility = scorer.visibility_of(slot);
    let gap = scorer.value_of(product) - visibility;
    let eye_level = scorer.indexed.board.map.zones[slot].band == Band::EyeLevel;
    let fast = velocity >= 0.6 && velocity >= margin;
    let rich = margin >= 0.6;
    match visibility {
        v if v >= 0.8 && fast && eye_level => "eye-level placement for high-velocity product",
        v if v >= 0.8 && fast => "prominent placement for high-velocity product",
        v if v >= 0.8 && rich && eye_level => "eye-level placement for high-margin product",
        v if v >= 0.8 && rich => "prominent placement for high-margin product",
        v if v >= 0.8 => "prominent slot spent on a product of low velocity and margin",
        v if v < 0.5 && fast => "low visibility for high-velocity product",
        v if v < 0.5 && rich => "low visibility for high-margin product",
        v if v < 0.5 => "low-visibility slot suits a product of low velocity and margin",
        _ if gap > 0.15 => "slot is less visible than the product deserves",
        _ if gap < -0.15 => "slot is more visible than the product needs",
        _ => "visibility of the slot fits the product",
    }
}

fn reason(
    scorer: &Scorer<'_>,
    (product, slot): (usize, usize),
    component: Component,
    points: f64,
) -> Reason {
    let said = match component {
        Component::Visibility => visibility(scorer, slot),
        Component::Match => format!(
            "{} (velocity percentile {:.0}, margin percentile {:.0})",
            headline(scorer, product, slot),
            100.0 * scorer.velocity[product],
            100.0 * scorer.margin[product],
        ),
        Component::Affinity => affinity(scorer, product, slot),
        Component::Cluster => cluster(scorer, product, slot),
        Component::Temperature => temperature(scorer, product, slot),
    };
    let out_of = component.out_of();
    let text = format!("{said}: {points:.1} of {out_of:.0} points");
    Reason { component, points, out_of, text }
}

fn visibility(scorer: &Scorer<'_>, slot: usize) -> String {
    let zone = &scorer.indexed.board.map.zones[slot];
    let place = match zone.band {
        Band::Top => "top row",
        Band::EyeLevel => "eye level",
        Band::Reach => "below eye level",
        Band::Bottom => "bottom row",
    };
    let source = if zone.evidence_units > 0.0 {
        format!("{:.0} units sold there", zone.evidence_units)
    } else {
        "prior".to_owned()
    };
    format!("{place}, {:.0} % of the best slot ({source})", zone.heat)
}

fn affinity(scorer: &Scorer<'_>, product: usize, slot: usize) -> String {
    let products = &scorer.indexed.board.products;
    let beside = scorer.beside(product, slot);
    let strongest = beside.iter().copied().max_by(|&a, &b| {
        let of = |other| scorer.affinity_of(product, other);
        of(a).total_cmp(&of(b)).then(b.cmp(&a))
    });
    match strongest {
        None => "no neighbours yet".to_owned(),
        Some(other) => format!(
            "affinity to the neighbours, at best {:.0} to {}",
            100.0 * scorer.affinity_of(product, other),
            products[other].name,
        ),
    }
}

fn cluster(scorer: &Scorer<'_>, product: usize, slot: usize) -> String {
    let products = &scorer.indexed.board.products;
    let beside = scorer.beside(product, slot);
    let category = &products[product].category;
    let alike = beside.iter().filter(|&&other| products[other].category == *category).count();
    match beside.len() {
        0 => "no neighbours yet".to_owned(),
        n => format!("{alike} of {n} neighbours are {category}"),
    }
}

fn temperature(scorer: &Scorer<'_>, product: usize, slot: usize) -> String {
    let needs = scorer.indexed.board.products[product].storage;
    match needs.suits(scorer.indexed.specs[slot].storage) {
        1.0 => "temperature suits".to_owned(),
        s if s > 0.0 => "chilled slot spent on an ambient product".to_owned(),
        _ => "temperature does not suit".to_owned(),
    }
}
