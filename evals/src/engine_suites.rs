//! The engines on anyone's files: forecasts against what happened, itemsets and their counts.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use engines::forecast::evaluate::{self, GroupScore};
use engines::itemsets::{Transactions, mine};

use crate::files;

/// Forecast every series of a file and compare with its future; a table by group.
///
/// # Errors
/// Names the line that is no series.
pub fn forecast(series: &Path, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<String> {
    let text = files::read(series)?;
    let cases = evaluate::parse(&text).with_context(|| format!("`{}`", series.display()))?;
    let began = Instant::now();
    let evaluation = evaluate::evaluate(&cases, progress)?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    let mut table =
        String::from("group            series     OWA   sMAPE    MASE   RMSSE  cover95    MSIS\n");
    for score in std::iter::once(&evaluation.all).chain(&evaluation.groups) {
        table.push_str(&row(score));
    }
    let each = took / cases.len().max(1) as f64;
    table.push_str(&format!("{each:.3} ms a series, {took:.0} ms in all"));
    Ok(table)
}

fn row(score: &GroupScore) -> String {
    format!(
        "{:<16} {:>6} {:>7.4} {:>7.3} {:>7.4} {:>7.4} {:>8.4} {:>7.3}\n",
        score.group,
        score.series,
        score.owa,
        score.smape,
        score.mase,
        score.rmsse,
        score.coverage95,
        score.msis
    )
}

/// Mine a file's frequent itemsets. A support below 1 is a share of the transactions, from 1 on a
/// count of them.
///
/// # Errors
/// Names the line that is no transaction, or says how to write the support.
pub fn itemsets(transactions: &Path, support: &str) -> Result<String> {
    let text = files::read(transactions)?;
    let began = Instant::now();
    let transactions =
        Transactions::parse(&text).with_context(|| format!("`{}`", transactions.display()))?;
    let least = least_count(support, transactions.len())?;
    let parsed = began.elapsed();
    let found = mine(&transactions, least);
    let took = began.elapsed();
    let mut table = format!(
        "transactions {}\nleast count  {least}\nitemsets     {}\n",
        transactions.len(),
        found.len()
    );
    for (size, count) in (1..).zip(found.by_size()) {
        table.push_str(&format!("  of size {size:<3} {count}\n"));
    }
    let ms = |it: std::time::Duration| it.as_secs_f64() * 1000.0;
    table.push_str(&format!("{:.1} ms in all, {:.1} ms of it reading", ms(took), ms(parsed)));
    Ok(table)
}

fn least_count(support: &str, transactions: u32) -> Result<u32> {
    let how = "write --support as a share below 1 (0.001) or a count (50)";
    let number: f64 = support.parse().with_context(|| format!("`{support}`: {how}"))?;
    if !(number.is_finite() && number > 0.0) {
        bail!("`{support}`: {how}");
    }
    if number >= 1.0 {
        return Ok(number.ceil() as u32);
    }
    // In exact integers: 0.0005 of 88,162 must not become 45 through a rounding error.
    let ratio: engines::itemsets::Ratio =
        support.parse().map_err(|error| anyhow::anyhow!("`{support}`: {error}: {how}"))?;
    Ok(ratio.ceil_of(transactions).max(1))
}
