//! `vending-sales`: sales reports of vending machines.

mod write;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use engines::zones::Slot;
use futures::future::BoxFuture;
use kernel::{Permission, Result};
use sqlx::PgConnection;
use toolkit::{ImportFile, ImportReport, Importer, Quarantined};

use super::report_line::{Columns, ReportLine};
use super::{ContentIds, text};
use crate::WRITE;
use crate::records::device;
use crate::records::product::Catalogue;

/// Reads sales reports of vending machines: CSV with the headings `Device ID`, `Product`,
/// `TransDate`, `RCoil`, `RPrice` and, where known, `RQty`, `Transaction`, `Category`, `Machine`
/// and `Location`.
///
/// Machines, slots and products that are not known yet are made; a new machine gets a planogram of
/// what each coil sold last. A report tells no costs: a new product's cost is 0, and its margin its
/// price, until somebody writes what it costs.
pub(crate) struct VendingSales;

impl Importer for VendingSales {
    fn name(&self) -> &'static str {
        "vending-sales"
    }

    fn about(&self) -> &'static str {
        "Sales reports of vending machines: CSV with Device ID, Product, TransDate, RCoil, RPrice."
    }

    fn permission(&self) -> Permission {
        WRITE
    }

    fn import<'a>(
        &'a self,
        db: &'a mut PgConnection,
        file: ImportFile<'a>,
    ) -> BoxFuture<'a, Result<ImportReport>> {
        Box::pin(import(db, file))
    }
}

async fn import(db: &mut PgConnection, file: ImportFile<'_>) -> Result<ImportReport> {
    let (lines, mut quarantined) = read(text(file.bytes)?)?;
    let read = lines.len() + quarantined.len();
    let machines = known_machines(db).await?;
    let (lines, outside): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|it| machines.get(&it.device_id).is_none_or(|m| m.takes(it)));
    quarantined.extend(outside.iter().map(|it| Quarantined {
        place: format!("line {}", it.line),
        reason: format!("slot `{}` is not in the grid of `{}`", it.slot, it.device_id),
    }));
    let catalogue = Catalogue::load(db).await?;
    let products = ProductIds::of(&catalogue, &lines);
    write::products(db, &products.new).await?;
    for (device_id, machine) in new_machines(&lines, &machines) {
        write::machine(db, (&device_id, &machine), &products, file.now).await?;
    }
    write::slots(db, &lines).await?;
    let added = write::sales(db, &lines, &products, file.progress).await?;
    let known = lines.len() - added;
    Ok(ImportReport { read, added, known, quarantined })
}

/// The lines of a report that can be read, and the others with the reason.
fn read(text: &str) -> Result<(Vec<ReportLine>, Vec<Quarantined>)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns = match reader.headers() {
        Ok(header) => Columns::of(header)?,
        Err(error) => return Err(kernel::Error::invalid("file", error.to_string())),
    };
    let (mut lines, mut quarantined) = (Vec::new(), Vec::new());
    for (at, record) in reader.records().enumerate() {
        let after_header = at as u64 + 2;
        let (line, read) = match record {
            Ok(record) => {
                let line = record.position().map_or(after_header, csv::Position::line);
                (line, columns.read(&record, line))
            }
            Err(error) => (after_header, Err(error.to_string())),
        };
        match read {
            Ok(read) => lines.push(read),
            Err(reason) => quarantined.push(Quarantined { place: format!("line {line}"), reason }),
        }
    }
    Ok((lines, quarantined))
}

/// A machine that the tenant has: the lines it can take.
struct KnownMachine {
    rows: u8,
    columns: u8,
}

impl KnownMachine {
    fn takes(&self, line: &ReportLine) -> bool {
        line.slot.row() < self.rows && line.slot.column() < self.columns
    }
}

async fn known_machines(db: &mut PgConnection) -> Result<BTreeMap<String, KnownMachine>> {
    let devices = device::all(db).await?.into_iter().map(|it| {
        let layout = it.layout();
        (it.device_id, KnownMachine { rows: layout.rows, columns: layout.columns })
    });
    Ok(devices.collect())
}

/// A machine that a report tells of and the tenant has not.
pub(super) struct NewMachine<'a> {
    name: &'a str,
    location: &'a str,
    first_sale: DateTime<Utc>,
    rows: u8,
    columns: u8,
    /// What each slot sold last.
    last: BTreeMap<Slot, &'a ReportLine>,
}

fn new_machines<'a>(
    lines: &'a [ReportLine],
    known: &BTreeMap<String, KnownMachine>,
) -> BTreeMap<String, NewMachine<'a>> {
    let mut machines: BTreeMap<String, NewMachine<'a>> = BTreeMap::new();
    for line in lines.iter().filter(|it| !known.contains_key(&it.device_id)) {
        let machine = machines.entry(line.device_id.clone()).or_insert_with(|| NewMachine {
            name: &line.device_name,
            location: &line.location,
            first_sale: line.sold_at,
            rows: 1,
            columns: 1,
            last: BTreeMap::new(),
        });
        machine.first_sale = machine.first_sale.min(line.sold_at);
        machine.rows = machine.rows.max(line.slot.row() + 1);
        machine.columns = machine.columns.max(line.slot.column() + 1);
        let last = machine.last.entry(line.slot).or_insert(line);
        if line.sold_at >= last.sold_at {
            *last = line;
        }
    }
    machines
}

/// The id of every product that a report names.
pub(super) struct ProductIds<'a> {
    by_name: BTreeMap<String, String>,
    /// Products to make: id and a line that tells of them, the latest.
    new: BTreeMap<String, &'a ReportLine>,
}

impl<'a> ProductIds<'a> {
    fn of(catalogue: &Catalogue, lines: &'a [ReportLine]) -> Self {
        let mut ids = Self { by_name: BTreeMap::new(), new: BTreeMap::new() };
        let mut taken: BTreeSet<String> =
            catalogue.0.iter().map(|it| it.product_id.clone()).collect();
        for line in lines {
            let name = line.product.trim().to_lowercase();
            if let Some(id) = ids.by_name.get(&name) {
                if let Some(told) = ids.new.get_mut(id).filter(|it| it.sold_at <= line.sold_at) {
                    *told = line;
                }
                continue;
            }
            let id = match catalogue.named(&line.product) {
                Ok(product) => product.product_id.clone(),
                Err(_) => {
                    let id = free_id(&slug(&name), &taken);
                    taken.insert(id.clone());
                    ids.new.insert(id.clone(), line);
                    id
                }
            };
            ids.by_name.insert(name, id);
        }
        ids
    }

    fn id(&self, line: &ReportLine) -> String {
        self.by_name.get(&line.product.trim().to_lowercase()).cloned().unwrap_or_default()
    }
}

/// Letters and digits of a name, with hyphens between.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// The id, or with the first number behind it that nobody has.
fn free_id(id: &str, taken: &BTreeSet<String>) -> String {
    let id = if id.is_empty() { "product" } else { id };
    let numbered = (2..).map(|n| format!("{id}-{n}"));
    let mut names = std::iter::once(id.to_owned()).chain(numbered);
    names.find(|it| !taken.contains(it)).unwrap_or_default()
}

/// The id of each sale, in the order of the lines.
pub(super) fn sale_ids(lines: &[ReportLine]) -> Vec<String> {
    let mut ids = ContentIds::default();
    let id = |it: &ReportLine| {
        let day = it.sold_at.to_rfc3339();
        let figures = format!("{} x {}", it.quantity, it.price_cents);
        ids.of("vs", &[&it.device_id, &it.transaction, &it.coil, &it.product, &day, &figures])
    };
    lines.iter().map(id).collect()
}

#[cfg(test)]
mod tests;
