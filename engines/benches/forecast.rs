//! Time per series of the forecasting engine: `cargo bench -p engines --bench forecast`.

use engines::forecast::{Demand, Options, Series, backtest, forecast, forecast_many};

fn main() {
    divan::main();
}

/// A series with trend, season and noise, the same on every run.
fn series(period: usize, n: usize) -> Series {
    let noise = |t: usize| ((t.wrapping_mul(2_654_435_761) >> 7) % 1000) as f64 / 1000.0 - 0.5;
    let season = |t: usize| (t as f64 / period as f64 * std::f64::consts::TAU).sin();
    let value = |t: usize| (500.0 + t as f64) * (1.0 + 0.2 * season(t) + 0.1 * noise(t));
    Series::new(period, &(0..n).map(value).collect::<Vec<_>>())
}

/// The median lengths and horizons of the M3 series.
#[divan::bench(args = [(12, 115, 18), (4, 44, 8), (1, 19, 6)])]
fn m3_like((period, n, horizon): (usize, usize, usize)) -> usize {
    forecast(&series(period, n), &Options::new(horizon)).map_or(0, |f| f.points.len())
}

#[divan::bench]
fn a_year_of_days() -> usize {
    let mut daily = series(7, 365);
    daily.values.iter_mut().for_each(|v| *v = v.map(|v| (v / 50.0).floor()));
    forecast(&daily, &Options::new(14)).map_or(0, |f| f.points.len())
}

#[divan::bench(sample_count = 10)]
fn a_thousand_months_on_all_cores() -> usize {
    let all = vec![series(12, 115); 1000];
    forecast_many(&all, &Options::new(18), &|_, _| {}).len()
}

#[divan::bench]
fn a_back_test_of_six_origins() -> usize {
    backtest(&series(12, 115), &Options::new(6), 6).map_or(0, |b| b.compared)
}

#[divan::bench(args = [2.0, 50.0, 5000.0])]
fn a_demand_quantile(mean: f64) -> f64 {
    Demand::new(mean, 2.6).quantile(divan::black_box(0.92))
}
