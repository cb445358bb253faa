//! Accuracy on public series, against the best published or measured figures for them.
//!
//! The data lie beside the project, not in it; without them the tests print a line and pass.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "broken data must fail the test, and its figures are worth reading"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use engines::forecast::evaluate::{Case, Evaluation, evaluate, parse};
use engines::forecast::{Series, demand_over};

fn read(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: ../shared/data/{name} is not there");
        return None;
    };
    if name.ends_with(".gz") {
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        return Some(text);
    }
    Some(String::from_utf8(bytes).unwrap())
}

fn scored(name: &str) -> Option<Evaluation> {
    let cases = parse(&read(name)?).unwrap();
    let evaluation = evaluate(&cases, &|_, _| {}).unwrap();
    println!("{name}: {:?}", evaluation.all);
    Some(evaluation)
}

/// Mean of `AutoETS` and the optimised theta by statsforecast 2.1.1: OWA 0.8231.
#[test]
fn m3_beats_the_best_pair_of_statsforecast() {
    let Some(m3) = scored("forecasting/m3.txt") else { return };
    assert_eq!(m3.all.series, 3003);
    assert!(m3.all.owa <= 0.8231, "{:?}", m3.all);
    assert!((0.94..=0.96).contains(&m3.all.coverage95), "{:?}", m3.all);
    let monthly = m3.groups.iter().find(|g| g.group == "MONTHLY").unwrap();
    assert!(monthly.msis <= 5.98, "{monthly:?}");
}

/// Every 4th yearly, 6th quarterly, 14th monthly and 2nd other series; there `AutoETS` has an MSIS of
/// 15.84 with a coverage of 0.874.
#[test]
fn m3_intervals_beat_those_of_auto_ets() {
    let Some(text) = read("forecasting/m3.txt") else { return };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let every = |group: &str| match group {
        "YEARLY" => 4,
        "QUARTERLY" => 6,
        "MONTHLY" => 14,
        _ => 2,
    };
    let sample: Vec<Case> = parse(&text)
        .unwrap()
        .into_iter()
        .filter(|case| {
            let place = seen.entry(case.group.clone()).or_default();
            *place += 1;
            (*place - 1).is_multiple_of(every(&case.group))
        })
        .collect();
    assert_eq!(sample.len(), 477);
    let scores = evaluate(&sample, &|_, _| {}).unwrap().all;
    println!("477 of m3: {scores:?}");
    assert!(scores.msis < 15.84 && scores.coverage95 > 0.93, "{scores:?}");
}

/// Mean of `AutoETS` and the optimised theta by statsforecast: OWA 0.8762.
#[test]
fn tourism_beats_the_best_pair_of_statsforecast() {
    let Some(tourism) = scored("forecasting/tourism.txt") else { return };
    assert!(tourism.all.owa <= 0.8762, "{:?}", tourism.all);
}

/// The third of the M4 competition had an OWA of 0.766 on the weekly series.
#[test]
fn m4_weekly_finds_the_year() {
    let Some(weekly) = scored("forecasting/m4-weekly.txt.gz") else { return };
    assert!(weekly.all.owa <= 0.85, "{:?}", weekly.all);
}

/// IMAPA by statsforecast: RMSSE 0.5290.
#[test]
fn spare_parts_match_imapa() {
    let Some(parts) = scored("forecasting/carparts.txt") else { return };
    assert!(parts.all.rmsse <= 0.5290, "{:?}", parts.all);
}

/// `AutoETS` by statsforecast: RMSSE 0.5911 over 54 daily series of machines, categories, products.
#[test]
fn vending_days_beat_auto_ets() {
    let Some(log) = read("vending/nj-vending-2022.csv") else { return };
    let cases = vending_series(&log);
    assert_eq!(cases.len(), 54);
    let scores = evaluate(&cases, &|_, _| {}).unwrap().all;
    println!("vending: {scores:?}");
    assert!(scores.rmsse < 0.5911, "{scores:?}");
}

/// A par level of 1.25 weeks runs out in 34 % of these machine-weeks; one for a target of 8 % must
/// keep S0.46's promise of less than 10 %.
#[test]
fn vending_pars_run_out_in_less_than_a_tenth_of_the_weeks() {
    let Some(log) = read("vending/nj-vending-2022.csv") else { return };
    let (mut weeks, mut out) = (0_u32, 0_u32);
    for case in vending_series(&log) {
        let days: Vec<f64> = case.history.iter().chain(&case.future).copied().collect();
        for cut in (days.len() - 56..days.len() - 6).step_by(7).filter(|cut| *cut >= 70) {
            let week = demand_over(&Series::new(7, &days[..cut]), 7).unwrap();
            weeks += 1;
            out += u32::from(days[cut..cut + 7].iter().sum::<f64>() > week.quantile(0.92));
        }
    }
    println!("par levels: {out} of {weeks} weeks ran out");
    assert_eq!(weeks, 416);
    assert!(f64::from(out) < 0.1 * f64::from(weeks), "{out} of {weeks}");
}

/// Units a day from 1 January to 31 August 2022, from the first sale on, the last 14 days held back;
/// machines, and categories of at least 80 and products of at least 40 units on one machine.
fn vending_series(log: &str) -> Vec<Case> {
    const DAYS: usize = 243;
    let mut lines = log.trim_start_matches('\u{feff}').lines().map(fields);
    let header = lines.next().unwrap();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let [machine, category, product, coil, units, date] =
        ["Machine", "Category", "Product", "RCoil", "RQty", "Prcd Date"].map(column);
    let mut days: BTreeMap<(usize, String), Vec<f64>> = BTreeMap::new();
    for row in lines {
        let in_grid = row[coil].parse::<f64>().is_ok_and(|c| (110.0..=165.0).contains(&c));
        let Some(day) = day_of_2022(&row[date]).filter(|day| in_grid && *day < DAYS) else {
            continue;
        };
        let quantity: f64 = row[units].parse().unwrap();
        let mut keys =
            vec![(0, row[machine].clone()), (80, format!("{}|{}", row[machine], row[category]))];
        if !row[product].is_empty() {
            keys.push((40, format!("{}||{}", row[machine], row[product])));
        }
        for key in keys {
            days.entry(key).or_insert_with(|| vec![0.0; DAYS])[day] += quantity;
        }
    }
    days.into_iter()
        .filter(|((least, _), sold)| sold.iter().sum::<f64>() >= *least as f64)
        .filter_map(|((_, id), sold)| {
            let first = sold.iter().position(|v| *v > 0.0)?;
            let (history, future) = sold[first..].split_at_checked(DAYS - first - 14)?;
            let case = Case {
                id,
                group: "vending".into(),
                period: 7,
                history: history.to_vec(),
                future: future.to_vec(),
            };
            (DAYS - first >= 70).then_some(case)
        })
        .collect()
}

/// The fields of a line of CSV whose quoted fields hold no quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

/// Days since 1 January 2022 of `month/day/2022`.
fn day_of_2022(date: &str) -> Option<usize> {
    const BEFORE: [usize; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let mut parts = date.split('/').map(|p| p.parse::<usize>().ok());
    let (month, day) = (parts.next()??, parts.next()??);
    (parts.next()?? == 2022).then(|| BEFORE.get(month - 1).map(|b| b + day - 1))?
}
