//! Prints the accuracy of the forecasting engine over files of series with known futures.
//!
//! `cargo run --release -p engines --example forecast_accuracy -- ../shared/data/forecasting/m3.txt`

#![expect(clippy::print_stdout, reason = "printing the figures is what the example is for")]

use std::error::Error;
use std::time::Instant;

use engines::forecast::evaluate::{GroupScore, evaluate, parse};
use engines::forecast::{Options, forecast};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let cases = parse(&std::fs::read_to_string(&path)?)?;
        let evaluation = evaluate(&cases, &|_, _| {})?;
        println!("{path}");
        println!("{:12} series    OWA   sMAPE   MASE  RMSSE  cover    MSIS  ms/series", "group");
        for score in std::iter::once(&evaluation.all).chain(&evaluation.groups) {
            let own = cases.iter().filter(|c| score.group == "all" || c.group == score.group);
            let start = Instant::now();
            for case in own {
                forecast(&case.series(), &Options::new(case.future.len()))?;
            }
            print(score, start.elapsed().as_secs_f64() * 1e3 / score.series as f64);
        }
    }
    Ok(())
}

fn print(s: &GroupScore, milliseconds: f64) {
    println!(
        "{:12} {:6} {:.4} {:7.3} {:.4} {:.4} {:.4} {:7.3} {milliseconds:.3}",
        s.group, s.series, s.owa, s.smape, s.mase, s.rmsse, s.coverage95, s.msis
    );
}
