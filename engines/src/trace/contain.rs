//! What is inside a container when something happens to it.
//!
//! Packing opens an interval and unpacking closes it. Everything that names a container in between
//! is taken to name its contents too, so that a shipped pallet ships its lots; afterwards the
//! empty pallet may carry other goods without exposing the earlier ones. Contents that come out
//! under codes that never went in may be anything that was inside.

use std::collections::{BTreeMap, BTreeSet};

use super::MovementKind;
use super::build::{Draft, Link};
use super::graph::Csr;

/// Container to contents, with the quantity packed and not yet taken out.
type Contents = BTreeMap<u32, BTreeMap<u32, i64>>;

/// Adds the contents of containers to the movements that name the containers.
pub(super) fn resolve(draft: &mut Draft) {
    let containers = containers(draft);
    if containers.is_empty() {
        return;
    }
    let sides = Sides::of(draft);
    let events = touching(draft, &containers);
    let timeless = timeless(draft, &sides, &events, &containers);
    let mut contents = Contents::new();
    for event in &events {
        if draft.events[*event as usize].kind == MovementKind::Aggregate {
            pack(&mut contents, &sides.read(draft, *event), |into| timeless.contains(&into));
        }
    }
    let same_instant = |a: &u32, b: &u32| draft.times[*a as usize].1 == draft.times[*b as usize].1;
    let instants: Vec<Vec<u32>> = events.chunk_by(same_instant).map(<[u32]>::to_vec).collect();
    for instant in instants {
        // A carton may be filled and put on a pallet in the same instant: fill everything first.
        for event in &instant {
            if draft.events[*event as usize].kind == MovementKind::Aggregate {
                pack(&mut contents, &sides.read(draft, *event), |into| !timeless.contains(&into));
            }
        }
        for event in instant {
            let parts = sides.read(draft, event);
            match draft.events[event as usize].kind {
                MovementKind::Disaggregate => {
                    unpack(draft, event, &mut contents, &parts, &timeless);
                }
                MovementKind::Aggregate => carry(draft, event, &contents, &parts, Side::Inputs),
                _ => {
                    carry(draft, event, &contents, &parts, Side::Inputs);
                    carry(draft, event, &contents, &parts, Side::Outputs);
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Inputs,
    Outputs,
}

/// The parts of one movement as the rows gave them.
struct Given {
    inputs: Vec<Link>,
    outputs: Vec<Link>,
}

/// Where each movement's given parts are, before contents are added.
struct Sides {
    inputs: Csr,
    outputs: Csr,
}

impl Sides {
    fn of(draft: &Draft) -> Self {
        let group = |links: &[Link]| {
            Csr::group(draft.events.len(), (0u32..).zip(links).map(|(i, l)| (l.event, i)))
        };
        Self { inputs: group(&draft.inputs), outputs: group(&draft.outputs) }
    }

    fn read(&self, draft: &Draft, event: u32) -> Given {
        let read =
            |csr: &Csr, links: &[Link]| csr.row(event).iter().map(|i| links[*i as usize]).collect();
        Given {
            inputs: read(&self.inputs, &draft.inputs),
            outputs: read(&self.outputs, &draft.outputs),
        }
    }
}

fn containers(draft: &Draft) -> BTreeSet<u32> {
    let kind = |link: &&Link| draft.events[link.event as usize].kind;
    let packed = draft.outputs.iter().filter(|link| kind(link) == MovementKind::Aggregate);
    let unpacked = draft.inputs.iter().filter(|link| kind(link) == MovementKind::Disaggregate);
    packed.chain(unpacked).map(|link| link.lot).collect()
}

/// Movements that name a container, in order of time; packing before and unpacking after whatever
/// happens at the same instant.
fn touching(draft: &Draft, containers: &BTreeSet<u32>) -> Vec<u32> {
    let links = draft.inputs.iter().chain(&draft.outputs);
    let named = links.filter(|link| containers.contains(&link.lot)).map(|link| link.event);
    let mut events: Vec<u32> = named.collect::<BTreeSet<u32>>().into_iter().collect();
    events.sort_by_key(|event| {
        let rank = match draft.events[*event as usize].kind {
            MovementKind::Aggregate => 0,
            MovementKind::Disaggregate => 2,
            _ => 1,
        };
        (draft.times[*event as usize].1, rank, *event)
    });
    events
}

/// Containers of which some movement has no time: nobody can say when they were open, so whatever
/// was ever packed into them counts as inside all along.
fn timeless(
    draft: &Draft,
    sides: &Sides,
    events: &[u32],
    containers: &BTreeSet<u32>,
) -> BTreeSet<u32> {
    let undated = events.iter().filter(|event| draft.times[**event as usize].1 == i64::MAX);
    let parts = undated.flat_map(|event| {
        let given = sides.read(draft, *event);
        given.inputs.into_iter().chain(given.outputs)
    });
    parts.map(|link| link.lot).filter(|lot| containers.contains(lot)).collect()
}

fn pack(contents: &mut Contents, parts: &Given, wanted: impl Fn(u32) -> bool) {
    for container in parts.outputs.iter().filter(|link| wanted(link.lot)) {
        let inside = contents.entry(container.lot).or_default();
        for link in parts.inputs.iter().filter(|link| link.lot != container.lot) {
            *inside.entry(link.lot).or_default() += link.quantity;
        }
    }
}

/// Adds to `side` of `event` what is inside the given parts and not named there.
fn carry(draft: &mut Draft, event: u32, contents: &Contents, parts: &Given, side: Side) {
    let (given, links) = match side {
        Side::Inputs => (&parts.inputs, &mut draft.inputs),
        Side::Outputs => (&parts.outputs, &mut draft.outputs),
    };
    let inside = inside(contents, given.iter().map(|link| link.lot));
    let unnamed = inside.into_iter().filter(|(lot, _)| given.iter().all(|g| g.lot != *lot));
    links.extend(unnamed.map(|(lot, quantity)| Link { event, lot, quantity }));
}

/// Everything inside `containers`, at any depth.
fn inside(contents: &Contents, containers: impl Iterator<Item = u32>) -> BTreeMap<u32, i64> {
    let mut found = BTreeMap::new();
    let mut open: Vec<u32> = containers.collect();
    let mut seen: BTreeSet<u32> = open.iter().copied().collect();
    while let Some(container) = open.pop() {
        for (lot, quantity) in contents.get(&container).into_iter().flatten() {
            *found.entry(*lot).or_default() += quantity;
            if seen.insert(*lot) {
                open.push(*lot);
            }
        }
    }
    found
}

/// Takes contents out. Without named outputs everything comes out, cartons with what is in them;
/// outputs that nobody saw go in may be made of anything that was inside.
fn unpack(
    draft: &mut Draft,
    event: u32,
    contents: &mut Contents,
    parts: &Given,
    timeless: &BTreeSet<u32>,
) {
    for container in &parts.inputs {
        let held = inside(contents, std::iter::once(container.lot));
        let link = |(lot, quantity): (&u32, &i64)| Link { event, lot: *lot, quantity: *quantity };
        let sources: Vec<Link> = held.iter().map(link).collect();
        if parts.outputs.is_empty() {
            draft.outputs.extend(&sources);
        }
        let strangers: Vec<Link> =
            parts.outputs.iter().filter(|out| !held.contains_key(&out.lot)).copied().collect();
        if !strangers.is_empty() {
            let sources = if sources.is_empty() { vec![*container] } else { sources };
            draft.restate(event, &sources, &strangers);
        }
        if timeless.contains(&container.lot) {
            continue;
        }
        let left = contents.entry(container.lot).or_default();
        let renamed: i64 = strangers.iter().map(|link| link.quantity).sum();
        if parts.outputs.is_empty() || (renamed > 0 && renamed >= left.values().sum()) {
            left.clear();
        }
        for out in &parts.outputs {
            take_out(left, *out);
        }
    }
    carry(draft, event, contents, parts, Side::Outputs);
}

/// Lowers what is left of a lot in a container; an unpacked quantity of 0 means all of it.
fn take_out(left: &mut BTreeMap<u32, i64>, out: Link) {
    if let Some(quantity) = left.get_mut(&out.lot) {
        *quantity -= out.quantity;
        if out.quantity == 0 || *quantity <= 0 {
            left.remove(&out.lot);
        }
    }
}
