//! The negative binomial distribution of demand counts, by mean and dispersion.
//!
//! Sales of a product in a bucket vary more than Poisson: their variance is `dispersion` times the
//! mean (2.6 in pooled vending weeks). Tail probabilities come from the regularised incomplete beta
//! function (Lentz's continued fraction; DLMF 8.17.22), so any mean is exact and fast.

/// A demand count with a mean and a variance-to-mean ratio.
///
/// ```
/// use engines::forecast::Demand;
///
/// let week = Demand::new(12.0, 2.6);
/// assert!(week.at_most(20.0) > 0.9);
/// assert_eq!(week.quantile(0.5), 11.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    mean: f64,
    dispersion: f64,
}

/// Below this ratio a count is told from Poisson by nobody, and the beta function loses digits.
const LEAST_DISPERSION: f64 = 1.001;

impl Demand {
    /// A demand of `mean` units and variance `mean · dispersion`. Dispersions below Poisson's 1 are
    /// taken for 1, a negative mean for 0.
    #[must_use]
    pub fn new(mean: f64, dispersion: f64) -> Self {
        let mean = if mean.is_finite() { mean.max(0.0) } else { 0.0 };
        let dispersion = if dispersion.is_finite() { dispersion } else { LEAST_DISPERSION };
        Self { mean, dispersion: dispersion.max(LEAST_DISPERSION) }
    }

    /// Expected units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Variance over mean.
    #[must_use]
    pub fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// Standard deviation in units.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        (self.mean * self.dispersion).sqrt()
    }

    /// The probability that demand is at most `units` (rounded down).
    #[must_use]
    pub fn at_most(&self, units: f64) -> f64 {
        if units < 0.0 {
            return 0.0;
        }
        if self.mean <= 0.0 {
            return 1.0;
        }
        let size = self.mean / (self.dispersion - 1.0);
        incomplete_beta(size, units.floor() + 1.0, 1.0 / self.dispersion)
    }

    /// The probability that demand exceeds `units`: the risk of a stock-out with that many on hand.
    #[must_use]
    pub fn exceeds(&self, units: f64) -> f64 {
        1.0 - self.at_most(units)
    }

    /// The fewest units that cover demand with probability `level` (between 0 and 1).
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let level = level.clamp(0.0, 1.0 - 1e-12);
        let (mut low, mut high) = (-1.0, (self.mean + 4.0 * self.deviation()).ceil() + 4.0);
        while self.at_most(high) < level {
            high *= 2.0;
        }
        while high - low > 1.0 {
            let middle = f64::midpoint(low, high).floor();
            if self.at_most(middle) >= level { high = middle } else { low = middle }
        }
        high
    }
}

/// The regularised incomplete beta function `I_x(a, b)`.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let front =
        (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        (front * beta_fraction(a, b, x) / a).clamp(0.0, 1.0)
    } else {
        (1.0 - front * beta_fraction(b, a, 1.0 - x) / b).clamp(0.0, 1.0)
    }
}

/// Lentz's evaluation of the continued fraction of the incomplete beta function.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..20_000 {
        let k = f64::from(step);
        let even = k * (b - k) * x / ((a + 2.0 * k - 1.0) * (a + 2.0 * k));
        let odd = -(a + k) * (a + b + k) * x / ((a + 2.0 * k) * (a + 2.0 * k + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / guard(1.0 + term * d);
            c = guard(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-13 {
            break;
        }
    }
    fraction
}

/// The logarithm of the gamma function for positive `x` (Lanczos, g = 7, nine terms).
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let reflected = (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln();
        return reflected - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = TERMS
        .iter()
        .enumerate()
        .fold(0.999_999_999_999_809_9, |sum, (i, term)| sum + term / (x + i as f64 + 1.0));
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reference: the sum of the probabilities, each from the one before.
    fn summed(mean: f64, dispersion: f64, units: u32) -> f64 {
        let size = mean / (dispersion - 1.0);
        let mut mass = dispersion.powf(-size);
        let mut total = mass;
        for k in 0..units {
            let k = f64::from(k);
            mass *= (size + k) / (k + 1.0) * (1.0 - 1.0 / dispersion);
            total += mass;
        }
        total
    }

    #[test]
    fn matches_the_sum_of_its_probabilities() {
        for (mean, dispersion) in [(0.3, 1.5), (4.0, 2.59), (40.0, 1.2), (200.0, 6.0)] {
            let demand = Demand::new(mean, dispersion);
            for units in [0_u32, 1, 5, 40, 210] {
                let (exact, found) =
                    (summed(mean, dispersion, units), demand.at_most(f64::from(units)));
                assert!(
                    (exact - found).abs() < 1e-9,
                    "{mean} {dispersion} {units} {exact} {found}"
                );
            }
        }
    }

    /// Poisson with mean 4: `P(X ≤ 4) = 0.628837`, from any table.
    #[test]
    fn without_dispersion_it_is_poisson() {
        assert!((Demand::new(4.0, 1.0).at_most(4.0) - 0.628_837).abs() < 5e-4);
    }

    #[test]
    fn a_large_mean_is_close_to_normal() {
        let demand = Demand::new(1e6, 2.0);
        let z = (demand.quantile(0.975) - 1e6) / demand.deviation();
        assert!((z - 1.96).abs() < 0.01, "{z}");
    }

    #[test]
    fn no_demand_needs_no_stock() {
        assert!(Demand::new(0.0, 2.0).quantile(0.99).abs() < f64::EPSILON);
        assert!(Demand::new(f64::NAN, f64::NAN).exceeds(0.0).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn the_quantile_is_the_fewest_units_that_cover(
            mean in 0.01_f64..500.0, dispersion in 1.0_f64..8.0, level in 0.01_f64..0.999,
        ) {
            let demand = Demand::new(mean, dispersion);
            let units = demand.quantile(level);
            prop_assert!(demand.at_most(units) >= level);
            prop_assert!(demand.at_most(units - 1.0) < level);
        }
    }
}
