//! One line of a vending sales report.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use csv::StringRecord;
use engines::zones::Slot;
use kernel::{Error, Result};

use super::coil::slot_of;

/// A line that could be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReportLine {
    pub(super) line: u64,
    pub(super) device_id: String,
    pub(super) device_name: String,
    pub(super) location: String,
    pub(super) product: String,
    pub(super) category: String,
    pub(super) coil: String,
    pub(super) slot: Slot,
    pub(super) sold_at: DateTime<Utc>,
    pub(super) time_known: bool,
    pub(super) quantity: i32,
    pub(super) price_cents: i32,
    pub(super) transaction: String,
}

/// Where the columns of a report are.
pub(super) struct Columns {
    device: usize,
    product: usize,
    date: usize,
    coil: usize,
    price: usize,
    quantity: Option<usize>,
    transaction: Option<usize>,
    category: Option<usize>,
    machine: Option<usize>,
    location: Option<usize>,
}

impl Columns {
    /// Find the columns by the names in the header.
    pub(super) fn of(header: &StringRecord) -> Result<Self> {
        let find = |name: &str| header.iter().position(|it| it.trim().eq_ignore_ascii_case(name));
        let need = |name: &str| {
            find(name).ok_or_else(|| {
                let why = format!("has no column `{name}`: a sales report with headings is needed");
                Error::invalid("file", why)
            })
        };
        Ok(Self {
            device: need("Device ID")?,
            product: need("Product")?,
            date: need("TransDate")?,
            coil: need("RCoil")?,
            price: need("RPrice")?,
            quantity: find("RQty"),
            transaction: find("Transaction"),
            category: find("Category"),
            machine: find("Machine"),
            location: find("Location"),
        })
    }

    /// Read a line, or say what is wrong with it.
    pub(super) fn read(&self, record: &StringRecord, line: u64) -> Result<ReportLine, String> {
        let at = |column: usize| record.get(column).unwrap_or_default().trim();
        let optional = |column: Option<usize>| column.map_or("", at);
        let device_id = filled("Device ID", at(self.device))?;
        let product = filled("Product", at(self.product))?;
        let coil = at(self.coil);
        let slot = slot_of(coil).ok_or_else(|| {
            format!("`RCoil` is `{coil}`: write a slot such as `B3` or a coil such as `122`")
        })?;
        let (sold_at, time_known) = instant(at(self.date))?;
        let or_id = |text: &str| if text.is_empty() { device_id.clone() } else { text.to_owned() };
        Ok(ReportLine {
            line,
            device_name: or_id(optional(self.machine)),
            location: or_id(optional(self.location)),
            product,
            category: optional(self.category).to_lowercase(),
            coil: coil.to_owned(),
            slot,
            sold_at,
            time_known,
            quantity: quantity(optional(self.quantity))?,
            price_cents: price(at(self.price))?,
            transaction: optional(self.transaction).to_owned(),
            device_id,
        })
    }
}

fn filled(name: &str, text: &str) -> Result<String, String> {
    match text.is_empty() {
        true => Err(format!("`{name}` is empty: say which one")),
        false => Ok(text.chars().take(200).collect()),
    }
}

fn quantity(text: &str) -> Result<i32, String> {
    let count = if text.is_empty() { Ok(1) } else { text.parse() };
    let wrong = || format!("`RQty` is `{text}`: write a whole number from 1 to 1000");
    count.ok().filter(|it| (1..=1_000).contains(it)).ok_or_else(wrong)
}

/// A price in currency units as whole cents.
fn price(text: &str) -> Result<i32, String> {
    let amount: Option<f64> = text.trim_start_matches('$').parse().ok();
    let fair = amount.filter(|it| (0.0..=10_000.0).contains(it));
    let cents = fair.map(|it| (it * 100.0).round() as i32);
    cents.ok_or_else(|| format!("`RPrice` is `{text}`: write a price such as `1.75`"))
}

/// A day, or a day with its time; days stand for their noon.
fn instant(text: &str) -> Result<(DateTime<Utc>, bool), String> {
    for format in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(instant) = NaiveDateTime::parse_from_str(text, format) {
            return Ok((instant.and_utc(), true));
        }
    }
    for format in ["%A, %B %d, %Y", "%m/%d/%Y", "%Y-%m-%d"] {
        if let Ok(day) = NaiveDate::parse_from_str(text, format) {
            let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
            return Ok((day.and_time(noon).and_utc(), false));
        }
    }
    Err(format!("`TransDate` is `{text}`: write a day such as `2022-01-31` or `1/31/2022`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_prices_and_quantities_are_read_as_reports_write_them() {
        let (day, known) = instant("Saturday, January 1, 2022").unwrap();
        assert_eq!((day.to_rfc3339().as_str(), known), ("2022-01-01T12:00:00+00:00", false));
        assert!(instant("2022-01-31 09:15").unwrap().1);
        assert!(instant("31.1.2022").unwrap_err().contains("write a day"));
        assert_eq!((price("1.5"), price("$3.25")), (Ok(150), Ok(325)));
        assert!(price("").is_err() && price("-1").is_err() && price("NaN").is_err());
        assert!(quantity("0").is_err() && quantity("2") == Ok(2) && quantity("") == Ok(1));
    }
}
