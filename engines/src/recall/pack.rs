//! The pack is put together lot by lot.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{
    AffectedLot, CustomerTotal, KindTotal, PlaceStock, RecallPack, RecallRequest, Shipment,
    UnitBalance,
};
use super::{UnitTally, clocks};
use crate::trace::{
    Balance, Direction, EventId, LotGraph, LotId, LotKind, LotStatus, MovementGap, MovementKind,
    Reach, Reached, TraceError, accounted_ppm, part,
};

/// Traces the recalled lots forward and assembles the pack.
///
/// # Errors
/// [`TraceError::UnknownLot`] for a lot, or a counted lot, that is not in the graph.
pub fn mock_recall(graph: &LotGraph, request: &RecallRequest) -> Result<RecallPack, TraceError> {
    let seeds: Result<Vec<LotId>, _> = request.lots.iter().map(|code| graph.lot(code)).collect();
    let reach = graph.reach(&seeds?, Direction::Forward, request.mode);
    let shares = graph.shares(&reach, Direction::Forward);
    let mut desk =
        Desk { graph, request, counts: counts(graph, request)?, found: Found::default() };
    for (reached, share) in reach.lots.iter().zip(shares) {
        desk.take(reached, share);
    }
    Ok(desk.finish(&reach))
}

/// Lot to place to counted quantity.
type Counts = BTreeMap<LotId, BTreeMap<String, i64>>;

fn counts(graph: &LotGraph, request: &RecallRequest) -> Result<Counts, TraceError> {
    let mut counts = Counts::new();
    for count in &request.counts {
        let places = counts.entry(graph.lot(&count.lot)?).or_default();
        *places.entry(count.place.clone()).or_default() += count.quantity;
    }
    Ok(counts)
}

/// Where the pack is put together, lot by lot.
struct Desk<'a> {
    graph: &'a LotGraph,
    request: &'a RecallRequest,
    counts: Counts,
    found: Found,
}

#[derive(Default)]
struct Found {
    lots: Vec<AffectedLot>,
    stock: Vec<PlaceStock>,
    shipments: Vec<Shipment>,
    units: BTreeMap<String, (UnitBalance, i64)>,
    gaps: Vec<MovementGap>,
    /// Every movement of an affected lot that is not a container, with repetitions.
    events: Vec<EventId>,
}

impl Desk<'_> {
    fn take(&mut self, reached: &Reached, share: f64) {
        let view = self.graph.lot_view(reached.lot);
        let counted = self.counts.get(&reached.lot).map(|places| places.values().sum());
        let events = self.graph.movements_of(reached.lot);
        let balance = self.graph.account(reached.lot, &events, counted);
        let shipped = self.ship(reached, &events);
        if view.kind != LotKind::Logistic {
            self.weigh(&balance);
            self.found.gaps.extend(balance.gaps.iter().cloned());
            self.place(reached.lot, &events);
            self.found.events.extend(events);
        }
        let fresh = view.expires_at.is_none_or(|end| end > self.request.now);
        let with_customers = shipped.max(0);
        self.found.lots.push(AffectedLot {
            lot: view.code.to_owned(),
            product: view.product.to_owned(),
            kind: view.kind,
            status: view.status,
            supplier: view.supplier.map(str::to_owned),
            distance: reached.distance,
            exposed: view.whole,
            attributed: part(view.whole, share),
            on_hand: balance.on_hand,
            shipped,
            consumed: balance.consumed,
            unaccounted: balance.unaccounted,
            recoverable: balance.on_hand.max(0) + if fresh { with_customers } else { 0 },
            unit: view.unit.to_owned(),
        });
    }

    /// Notes the lot's shipments and returns; gives what is still out.
    fn ship(&mut self, reached: &Reached, events: &[EventId]) -> i64 {
        let view = self.graph.lot_view(reached.lot);
        let mut out = 0;
        for event in events {
            let movement = self.graph.movement_view(*event);
            let parts: Vec<(LotId, i64)> = match movement.kind {
                MovementKind::Ship => self.graph.inputs_of(*event).collect(),
                MovementKind::Return => self.graph.outputs_of(*event).collect(),
                _ => continue,
            };
            let exposed = movement.at.zip(reached.since).is_none_or(|(at, since)| at >= since);
            let quantity: i64 =
                parts.iter().filter(|part| part.0 == reached.lot).map(|part| part.1).sum();
            if !exposed || parts.iter().all(|part| part.0 != reached.lot) {
                continue;
            }
            out += if movement.kind == MovementKind::Ship { quantity } else { -quantity };
            self.found.shipments.push(Shipment {
                movement: movement.id.to_owned(),
                kind: movement.kind,
                at: movement.at,
                customer: movement.party.unwrap_or_default().to_owned(),
                place: movement.place.map(str::to_owned),
                document: movement.document.map(str::to_owned),
                lot: view.code.to_owned(),
                product: view.product.to_owned(),
                quantity,
                unit: view.unit.to_owned(),
            });
        }
        out
    }

    fn weigh(&mut self, balance: &Balance) {
        let (unit, gaps) = self.found.units.entry(balance.unit.clone()).or_default();
        unit.came_in += balance.came_in;
        unit.consumed += balance.consumed;
        unit.shipped += balance.shipped;
        unit.wasted += balance.wasted;
        unit.adjusted_out += (-balance.adjusted).max(0) + (-balance.moved).max(0);
        unit.on_hand += balance.on_hand;
        unit.unaccounted += balance.unaccounted;
        *gaps += balance.unaccounted.abs();
    }

    /// Says where the lot lies: the count if there is one, else what the movements put where.
    fn place(&mut self, lot: LotId, events: &[EventId]) {
        let view = self.graph.lot_view(lot);
        let counted = self.counts.get(&lot);
        let places = counted.cloned().unwrap_or_else(|| booked(self.graph, lot, events));
        let rows = places.into_iter().filter(|(_, quantity)| *quantity > 0);
        self.found.stock.extend(rows.map(|(place, quantity)| PlaceStock {
            place,
            lot: view.code.to_owned(),
            product: view.product.to_owned(),
            status: view.status,
            quantity,
            unit: view.unit.to_owned(),
            counted: counted.is_some(),
        }));
    }

    fn finish(self, reach: &Reach) -> RecallPack {
        let Self { graph, request, mut found, .. } = self;
        found.stock.sort_by(|a, b| (&a.place, &a.lot).cmp(&(&b.place, &b.lot)));
        found.shipments.sort_by(|a, b| {
            let key = |s: &Shipment| s.at.unwrap_or(i64::MAX);
            (key(a), &a.movement, &a.lot).cmp(&(key(b), &b.movement, &b.lot))
        });
        found.events.sort_unstable();
        found.events.dedup();
        found.gaps.extend(found.events.iter().filter_map(|event| graph.gap(*event)));
        found.gaps.sort_by(|a, b| (a.at, &a.movement).cmp(&(b.at, &b.movement)));
        found.gaps.dedup();
        let balance = unit_balances(found.units);
        let customers = customer_totals(&found.shipments);
        let names: BTreeSet<&str> = customers.iter().map(|c| c.customer.as_str()).collect();
        let on_hand = found.lots.iter().filter(|lot| lot.on_hand > 0).count() as i64;
        let tallies: Vec<UnitTally> = balance.iter().map(|unit| tally(unit, &customers)).collect();
        let rates = request.rates.as_ref();
        let cost = rates.map(|rates| rates.apply(&tallies, names.len() as i64, on_hand));
        let seeds = reach.lots.iter().take_while(|lot| lot.distance == 0);
        RecallPack {
            seeds: seeds.map(|seed| graph.code(seed.lot).to_owned()).collect(),
            mode: request.mode,
            by_kind: kind_totals(&found.lots),
            accounted_ppm: balance.iter().map(|b| b.accounted_ppm).min().unwrap_or(1_000_000),
            lots: found.lots,
            on_hand: found.stock,
            customers,
            shipments: found.shipments,
            balance,
            gaps: found.gaps,
            cost,
            clocks: clocks(request.started_at, request.now),
        }
    }
}

fn tally(unit: &UnitBalance, customers: &[CustomerTotal]) -> UnitTally {
    let same_unit = customers.iter().filter(|customer| customer.unit == unit.unit);
    let shipped: i64 = same_unit.map(|customer| customer.shipped - customer.returned).sum();
    UnitTally { unit: unit.unit.clone(), shipped: shipped.max(0), on_hand: unit.on_hand.max(0) }
}

/// Place to quantity, by the movements of the lot.
fn booked(graph: &LotGraph, lot: LotId, events: &[EventId]) -> BTreeMap<String, i64> {
    let view = graph.lot_view(lot);
    let name = |place: Option<&str>| place.or(view.place).unwrap_or_default().to_owned();
    let mut stock: BTreeMap<String, i64> = BTreeMap::new();
    let mut brought = false;
    for event in events {
        let movement = graph.movement_view(*event);
        let packing = [MovementKind::Aggregate, MovementKind::Disaggregate, MovementKind::Void];
        if packing.contains(&movement.kind) {
            continue;
        }
        let mut drawn = false;
        for (_, quantity) in graph.inputs_of(*event).filter(|part| part.0 == lot) {
            drawn = true;
            // Goods that were seen somewhere had come there, whoever failed to record it.
            let from = if movement.kind == MovementKind::Move && movement.to.is_none() {
                stock.iter().find(|(_, there)| **there >= quantity).map(|(place, _)| place.clone())
            } else {
                None
            };
            *stock.entry(from.unwrap_or_else(|| name(movement.place))).or_default() -= quantity;
        }
        for (_, quantity) in graph.outputs_of(*event).filter(|part| part.0 == lot) {
            *stock.entry(name(movement.to.or(movement.place))).or_default() += quantity;
            brought |=
                !drawn && !matches!(movement.kind, MovementKind::Return | MovementKind::Adjust);
        }
    }
    if !brought {
        *stock.entry(name(view.place)).or_default() += view.whole;
    }
    stock
}

fn unit_balances(units: BTreeMap<String, (UnitBalance, i64)>) -> Vec<UnitBalance> {
    let close = |(unit, (balance, gaps)): (String, (UnitBalance, i64))| {
        let accounted_ppm = accounted_ppm(balance.came_in, gaps);
        UnitBalance { unit, accounted_ppm, ..balance }
    };
    units.into_iter().map(close).collect()
}

fn kind_totals(lots: &[AffectedLot]) -> Vec<KindTotal> {
    let mut totals: BTreeMap<(LotKind, LotStatus, &str), (u64, i64, i64)> = BTreeMap::new();
    for lot in lots {
        let total = totals.entry((lot.kind, lot.status, &lot.unit)).or_default();
        total.0 += 1;
        total.1 += lot.exposed;
        total.2 += lot.attributed;
    }
    totals
        .into_iter()
        .map(|((kind, status, unit), (lots, exposed, attributed))| KindTotal {
            kind,
            status,
            unit: unit.to_owned(),
            lots,
            exposed,
            attributed,
        })
        .collect()
}

fn customer_totals(shipments: &[Shipment]) -> Vec<CustomerTotal> {
    let mut totals: BTreeMap<(&str, &str), (BTreeSet<&str>, CustomerTotal)> = BTreeMap::new();
    for shipment in shipments {
        let key = (shipment.customer.as_str(), shipment.unit.as_str());
        let (lots, total) = totals.entry(key).or_insert_with(|| {
            let (customer, unit) = (shipment.customer.clone(), shipment.unit.clone());
            let (first_at, last_at) = (shipment.at, shipment.at);
            let blank = CustomerTotal {
                customer,
                unit,
                lots: 0,
                shipped: 0,
                returned: 0,
                first_at,
                last_at,
            };
            (BTreeSet::new(), blank)
        });
        lots.insert(&shipment.lot);
        if shipment.kind == MovementKind::Ship {
            total.shipped += shipment.quantity;
        } else {
            total.returned += shipment.quantity;
        }
        total.first_at = total.first_at.into_iter().chain(shipment.at).min();
        total.last_at = total.last_at.into_iter().chain(shipment.at).max();
    }
    totals
        .into_values()
        .map(|(lots, total)| CustomerTotal { lots: lots.len() as u64, ..total })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{CostRates, StockCount, UnitRate};
    use super::*;
    use crate::trace::{LotRow, Mode, Movement, Part};

    fn lot(code: &str, kind: LotKind, expires_at: Option<i64>) -> LotRow {
        LotRow {
            code: code.into(),
            product: code.to_lowercase(),
            kind,
            unit: "g".into(),
            place: Some("cold store".into()),
            expires_at,
            ..LotRow::default()
        }
    }

    fn step(id: &str, at: i64, kind: MovementKind) -> Movement {
        Movement {
            id: id.into(),
            at: Some(at),
            kind,
            place: Some("cold store".into()),
            ..Movement::default()
        }
    }

    fn plant() -> LotGraph {
        let parts = |parts: &[(&str, i64)]| parts.iter().map(|(l, q)| Part::new(*l, *q)).collect();
        let movements = vec![
            Movement {
                party: Some("Dairy".into()),
                outputs: parts(&[("MILK", 1_000_000)]),
                ..step("receipt", 1, MovementKind::Receive)
            },
            Movement {
                inputs: parts(&[("MILK", 800_000), ("CULTURE", 200_000)]),
                outputs: parts(&[("YOG", 1_000_000)]),
                ..step("batch", 2, MovementKind::Transform)
            },
            Movement {
                party: Some("Shop".into()),
                document: Some("DN 7".into()),
                inputs: parts(&[("YOG", 600_000)]),
                ..step("delivery", 3, MovementKind::Ship)
            },
            Movement {
                party: Some("Shop".into()),
                outputs: parts(&[("YOG", 100_000)]),
                ..step("back", 4, MovementKind::Return)
            },
            Movement {
                to: Some("depot".into()),
                inputs: parts(&[("YOG", 50_000)]),
                outputs: parts(&[("YOG", 50_000)]),
                ..step("transfer", 5, MovementKind::Move)
            },
        ];
        let lots = vec![
            lot("MILK", LotKind::Raw, None),
            LotRow { quantity: 200_000, ..lot("CULTURE", LotKind::Raw, None) },
            lot("YOG", LotKind::Finished, Some(100)),
        ];
        LotGraph::build(lots, movements).unwrap()
    }

    fn request() -> RecallRequest {
        RecallRequest {
            lots: vec!["MILK".into()],
            mode: Mode::Conservative,
            started_at: 10,
            now: 20,
            counts: vec![],
            rates: None,
        }
    }

    #[test]
    fn the_pack_adds_up() {
        let pack = mock_recall(&plant(), &request()).unwrap();
        assert_eq!(pack.seeds, ["MILK"]);
        let yog = &pack.lots[1];
        assert_eq!((yog.exposed, yog.attributed), (1_000_000, 800_000));
        assert_eq!((yog.shipped, yog.on_hand, yog.unaccounted), (500_000, 500_000, 0));
        assert_eq!(yog.recoverable, 1_000_000);
        let stock: Vec<(&str, &str, i64)> =
            pack.on_hand.iter().map(|s| (s.place.as_str(), s.lot.as_str(), s.quantity)).collect();
        assert_eq!(
            stock,
            [
                ("cold store", "MILK", 200_000),
                ("cold store", "YOG", 450_000),
                ("depot", "YOG", 50_000)
            ]
        );
        let shop = &pack.customers[0];
        assert_eq!((shop.shipped, shop.returned, shop.lots), (600_000, 100_000, 1));
        assert_eq!((pack.accounted_ppm, pack.clocks[0].deadline), (1_000_000, 7_200_010));
        let sum = &pack.balance[0];
        let out = sum.consumed + sum.shipped + sum.wasted + sum.adjusted_out;
        assert_eq!(sum.came_in, out + sum.on_hand + sum.unaccounted);
    }

    #[test]
    fn a_short_count_and_an_ended_shelf_life_show() {
        let count = StockCount { lot: "YOG".into(), place: "cold store".into(), quantity: 490_000 };
        let late = RecallRequest { counts: vec![count], now: 200, ..request() };
        let pack = mock_recall(&plant(), &late).unwrap();
        let yog = &pack.lots[1];
        assert_eq!((yog.unaccounted, yog.recoverable), (10_000, 490_000));
        // 10,000 missing of 1,000,000 + 1,100,000 that came in.
        assert_eq!(pack.accounted_ppm, 995_239);
    }

    #[test]
    fn cost_names_every_parameter() {
        let rate = UnitRate {
            unit: "g".into(),
            credit: 500,
            reverse_logistics: 100,
            disposal: 50,
            standard_cost: 300,
        };
        let rates = CostRates {
            currency: "EUR".into(),
            by_unit: vec![rate],
            notification_per_customer: 2_000,
            test_per_lot: 9_000,
            fixed: 100,
        };
        let costed = RecallRequest { rates: Some(rates), ..request() };
        let cost = mock_recall(&plant(), &costed).unwrap().cost.unwrap();
        let amounts: Vec<(&str, i64)> =
            cost.lines.iter().map(|line| (line.name.as_str(), line.amount)).collect();
        // 500 g with the shop; 200 g of milk and 500 g of yoghurt on hand.
        assert_eq!(
            amounts,
            [
                ("credit", 250),
                ("reverse_logistics", 50),
                ("disposal", 60),
                ("standard_cost", 210),
                ("notification_per_customer", 2_000),
                ("test_per_lot", 18_000),
                ("fixed", 100)
            ]
        );
        assert_eq!(cost.total, 20_670);
    }
}
