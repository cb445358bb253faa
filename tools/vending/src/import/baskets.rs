//! `baskets`: receipts of other tills.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use futures::future::BoxFuture;
use kernel::{Error, Permission, Result};
use sqlx::PgConnection;
use toolkit::{DbResult, ImportFile, ImportReport, Importer, Quarantined};

use super::{ContentIds, text};
use crate::WRITE;

/// Baskets in one statement.
const BATCH: usize = 2_000;

/// Reads receipts of other tills: CSV with the headings `Date`, `Time`, `Transaction` and `Item`,
/// or text with one basket a line, its items between commas.
pub(crate) struct Baskets;

impl Importer for Baskets {
    fn name(&self) -> &'static str {
        "baskets"
    }

    fn about(&self) -> &'static str {
        "Receipts of other tills: CSV with Date, Time, Transaction, Item, or one basket a line."
    }

    fn permission(&self) -> Permission {
        WRITE
    }

    fn import<'a>(
        &'a self,
        db: &'a mut PgConnection,
        file: ImportFile<'a>,
    ) -> BoxFuture<'a, Result<ImportReport>> {
        Box::pin(async move {
            let (baskets, quarantined) = read(text(file.bytes)?)?;
            let added = write(db, &file, &baskets).await?;
            let (read, known) = (baskets.len(), baskets.len() - added);
            Ok(ImportReport { read, added, known, quarantined })
        })
    }
}

/// A basket as read: its id, when it was sold, its items with their counts.
#[derive(Debug, Clone, PartialEq)]
struct Basket {
    id: String,
    sold_at: Option<DateTime<Utc>>,
    items: BTreeMap<String, i32>,
}

/// Tell the layout by the first line and read it.
fn read(text: &str) -> Result<(Vec<Basket>, Vec<Quarantined>)> {
    let first = text.lines().next().unwrap_or_default().to_lowercase();
    if first.trim().is_empty() {
        return Err(Error::invalid("file", "is empty: give receipts or one basket a line"));
    }
    let names: Vec<&str> = first.split(',').map(str::trim).collect();
    match names[..] {
        ["date", "time", "transaction", "item", ..] => Ok(receipts(text)),
        _ => Ok((one_a_line(text), Vec::new())),
    }
}

fn receipts(text: &str) -> (Vec<Basket>, Vec<Quarantined>) {
    type Key = (NaiveDate, String);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let mut baskets: BTreeMap<Key, Basket> = BTreeMap::new();
    let mut quarantined = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let read = record.map_err(|it| it.to_string()).and_then(|record| {
            let column = |at: usize| record.get(at).unwrap_or_default().trim().to_owned();
            receipt_line([column(0), column(1), column(2), column(3)])
        });
        match read {
            Ok((sold_at, transaction, item)) => {
                let key = (sold_at.date_naive(), transaction);
                let basket = baskets.entry(key).or_insert_with(|| Basket {
                    id: String::new(),
                    sold_at: Some(sold_at),
                    items: BTreeMap::new(),
                });
                *basket.items.entry(item).or_default() += 1;
            }
            Err(reason) => {
                quarantined.push(Quarantined { place: format!("line {}", at + 2), reason });
            }
        }
    }
    let mut ids = ContentIds::default();
    let named = baskets.into_iter().map(|((day, transaction), basket)| {
        let id = ids.of("pr", &[&day.to_string(), &transaction, &listed(&basket.items)]);
        Basket { id, ..basket }
    });
    (named.collect(), quarantined)
}

type ReceiptLine = (DateTime<Utc>, String, String);

fn receipt_line([day, time, transaction, item]: [String; 4]) -> Result<ReceiptLine, String> {
    let parsed: Option<NaiveDate> = day.parse().ok();
    let day = parsed.ok_or_else(|| format!("`Date` is `{day}`: write it as `2016-10-30`"))?;
    let parsed: Option<NaiveTime> = time.parse().ok();
    let time = parsed.ok_or_else(|| format!("`Time` is `{time}`: write it as `09:58:11`"))?;
    if transaction.is_empty() {
        return Err("`Transaction` is empty: say which receipt the item is on".into());
    }
    if item.is_empty() || item == "NONE" {
        return Err(format!("`Item` is `{item}`: the till did not say what was sold"));
    }
    Ok((day.and_time(time).and_utc(), transaction, item))
}

fn one_a_line(text: &str) -> Vec<Basket> {
    let mut ids = ContentIds::default();
    let basket = |line: &str| {
        let mut items = BTreeMap::new();
        for item in line.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            *items.entry(item.to_owned()).or_default() += 1;
        }
        items
    };
    let filled = text.lines().map(basket).filter(|it| !it.is_empty());
    let named =
        filled.map(|items| Basket { id: ids.of("pb", &[&listed(&items)]), sold_at: None, items });
    named.collect()
}

fn listed(items: &BTreeMap<String, i32>) -> String {
    items.iter().map(|(item, count)| format!("{item}×{count}")).collect::<Vec<_>>().join(",")
}

/// Write the baskets; how many were new.
async fn write(db: &mut PgConnection, file: &ImportFile<'_>, baskets: &[Basket]) -> Result<usize> {
    let mut added = 0;
    for (at, batch) in baskets.chunks(BATCH).enumerate() {
        let new: Vec<String> = sqlx::query_scalar(
            "INSERT INTO pos_basket (pos_basket_id, source, sold_at, hour) \
             SELECT id, $1, at, hour FROM unnest($2::text[], $3::timestamptz[], $4::smallint[]) \
             AS it(id, at, hour) ON CONFLICT (pos_basket_id) DO NOTHING RETURNING pos_basket_id",
        )
        .bind(file.name)
        .bind(batch.iter().map(|it| it.id.clone()).collect::<Vec<_>>())
        .bind(batch.iter().map(|it| it.sold_at).collect::<Vec<_>>())
        .bind(batch.iter().map(|it| it.sold_at.map(|at| at.hour() as i16)).collect::<Vec<_>>())
        .fetch_all(&mut *db)
        .await
        .db()?;
        added += new.len();
        let lines = || batch.iter().flat_map(|it| it.items.iter().map(move |line| (&it.id, line)));
        sqlx::query(
            "INSERT INTO pos_line (pos_basket_id, item, quantity) \
             SELECT * FROM unnest($1::text[], $2::text[], $3::int[]) ON CONFLICT DO NOTHING",
        )
        .bind(lines().map(|it| it.0.clone()).collect::<Vec<_>>())
        .bind(lines().map(|it| it.1.0.clone()).collect::<Vec<_>>())
        .bind(lines().map(|it| *it.1.1).collect::<Vec<_>>())
        .execute(&mut *db)
        .await
        .db()?;
        (file.progress)((at * BATCH + batch.len()).min(baskets.len()), baskets.len());
    }
    Ok(added)
}

#[cfg(test)]
mod tests {
    use store::testing::{TestTenant, block_on};

    use super::*;

    async fn imported(tenant: &TestTenant, name: &str, bytes: &[u8]) -> Result<ImportReport> {
        let file = ImportFile { name, bytes, now: store::testing::now(), progress: &|_, _| () };
        let mut tx = tenant.begin().await;
        let report = Baskets.import(&mut tx, file).await?;
        tx.commit().await?;
        Ok(report)
    }

    #[test]
    fn receipts_are_grouped_and_imported_once() {
        block_on(async {
            let tenant = TestTenant::new().await;
            let bytes = include_bytes!("../../testdata/receipts.csv");
            let first = imported(&tenant, "receipts.csv", bytes).await.unwrap();
            assert_eq!((first.read, first.added, first.known), (3, 3, 0));
            let places: Vec<&str> = first.quarantined.iter().map(|it| it.place.as_str()).collect();
            assert_eq!(places, ["line 6", "line 7"]);
            let second = imported(&tenant, "again.csv", bytes).await.unwrap();
            assert_eq!((second.added, second.known), (0, 3));
            let mut tx = tenant.begin().await;
            let bread: i32 =
                sqlx::query_scalar("SELECT quantity FROM pos_line WHERE item = 'Rye Bread'")
                    .fetch_one(&mut *tx)
                    .await
                    .unwrap();
            assert_eq!(bread, 2);
        });
    }

    #[test]
    fn equal_baskets_are_two_baskets_and_an_empty_file_is_refused() {
        block_on(async {
            let tenant = TestTenant::new().await;
            let bytes = include_bytes!("../../testdata/baskets.csv");
            let first = imported(&tenant, "baskets.csv", bytes).await.unwrap();
            assert_eq!((first.read, first.added), (4, 4));
            assert_eq!(imported(&tenant, "b", bytes).await.unwrap().known, 4);
            assert!(matches!(imported(&tenant, "e", b"\n").await, Err(Error::Invalid { .. })));
        });
    }

    /// A bakery's receipts and a grocer's baskets; the files are not part of the project.
    #[test]
    fn real_receipts_are_read() {
        for (name, baskets, quarantined) in
            [("bread-basket.csv", 9_465, 786), ("groceries.csv", 9_835, 0)]
        {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/baskets/");
            let Ok(bytes) = std::fs::read(format!("{folder}{name}")) else {
                println!("skipped: ../shared/data/baskets/{name} is absent");
                continue;
            };
            block_on(async {
                let tenant = TestTenant::new().await;
                let report = imported(&tenant, name, &bytes).await.unwrap();
                let found = (report.added, report.quarantined.len());
                assert_eq!(found, (baskets, quarantined), "{name}");
            });
        }
    }
}
