//! Demand over a whole restocking cycle, for par levels.
//!
//! Errors of neighbouring days are not independent: a level that is wrong today is wrong all week.
//! So the dispersion of the cycle's total is measured on past totals, and shrunk to what comparable
//! series show.

use super::{Demand, ForecastError, Options, Series, forecast};

/// Past cycles whose totals are forecast and compared.
const CYCLES: usize = 6;
/// Variance over mean of the error of a vending week, pooled over 54 series, and how many cycles of
/// the series' own evidence that belief is worth.
const PRIOR: (f64, f64) = (2.6, 4.0);
/// The least expected demand of a cycle; below it the ratio of error to mean explodes.
const LEAST: f64 = 0.05;

/// Forecasts the total of the next `cycle` buckets. Its mean is the forecast's; its dispersion comes
/// from the errors of up to six past cycles, `(4·2.6 + Σ (actual − mean)²/mean) / (4 + cycles)`, with
/// an allowance for being estimated.
///
/// # Errors
///
/// As [`forecast`].
///
/// ```
/// use engines::forecast::{Series, demand_over};
/// use engines::stock::{ParInput, par_level};
///
/// let days: Vec<f64> = (0..84).map(|t| f64::from(t * 5 % 4)).collect();
/// let week = demand_over(&Series::new(7, &days), 7)?;
/// let par = par_level(&ParInput {
///     demand: week.mean(), dispersion: week.dispersion(), target_risk: 0.08,
///     capacity: 40.0, current: None, max_change: None,
/// })?;
/// assert!(par.par > week.mean() && par.risk <= 0.08);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn demand_over(series: &Series, cycle: usize) -> Result<Demand, ForecastError> {
    let options = Options::new(cycle);
    let total = |series: &Series| -> Result<f64, ForecastError> {
        Ok(forecast(series, &options)?.points.iter().map(|p| p.mean).sum::<f64>())
    };
    let n = series.values.len();
    let least = 6 * series.period.max(1);
    let (mut spread, mut cycles) = (0.0, 0.0);
    for back in 1..=CYCLES {
        let Some(cut) = n.checked_sub(back * cycle).filter(|cut| *cut >= least) else { break };
        let Some(actual) = complete_total(series, cut, cycle) else { continue };
        let mean = total(&series.until(cut))?.max(LEAST);
        spread += (actual - mean).powi(2) / mean;
        cycles += 1.0;
    }
    let (believed, worth) = PRIOR;
    let known = worth + cycles;
    // A quantile at an estimated spread must be wider than at a known one, by one part in `known`.
    let dispersion = (worth * believed + spread) / known * (known + 1.0) / known;
    Ok(Demand::new(total(series)?, dispersion))
}

/// What sold in a past cycle; none where a bucket is missing or ran out.
fn complete_total(series: &Series, cut: usize, cycle: usize) -> Option<f64> {
    let range = cut..cut + cycle;
    if series.stock_outs.iter().any(|t| range.contains(t)) {
        return None;
    }
    series.values[range].iter().copied().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_weeks_lower_the_dispersion_and_wild_ones_raise_it() {
        let steady: Vec<f64> = (0..140).map(|t| f64::from(2 + t % 7)).collect();
        let wild: Vec<f64> = (0..140).map(|t| if t / 7 % 3 == 0 { 12.0 } else { 2.0 }).collect();
        let of = |y: &[f64]| demand_over(&Series::new(7, y), 7).unwrap().dispersion();
        assert!(of(&steady) < 1.6, "{}", of(&steady));
        assert!(of(&wild) > 4.0, "{}", of(&wild));
    }

    #[test]
    fn a_new_product_has_the_dispersion_of_its_kind() {
        let demand = demand_over(&Series::new(7, &[2.0; 14]), 7).unwrap();
        assert!((demand.dispersion() - 3.25).abs() < 1e-12, "{demand:?}");
        assert!((demand.mean() - 14.0).abs() < 2.0, "{demand:?}");
    }
}
