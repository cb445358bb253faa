//! Price elasticity: how many percent fewer units one percent of price costs.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::regression::{RegressionError, Row, within};

/// The mean of 1,851 published elasticities (Bijmolt, van Heerde & Pieters 2005): what a category
/// of which nothing is known is thought to have.
pub const CATEGORY_PRIOR: f64 = -2.62;

/// Spread of categories around [`CATEGORY_PRIOR`].
const CATEGORY_SPREAD: f64 = 1.0;

/// Least spread of products around their category: they never are all alike.
const LEAST_SPREAD: f64 = 0.2;

/// Prices that it takes to see how sales answer to them.
const MIN_PRICES: usize = 3;

/// Sales of a product in one store and week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PricedSale {
    /// The store, machine or region; each has a level of its own.
    pub place: String,
    /// Units sold; rows without sales are left out.
    pub units: f64,
    /// Price of a unit.
    pub price: f64,
    /// Prices of competing products in the same week, in one order throughout.
    #[serde(default)]
    pub other_prices: Vec<f64>,
    /// Promotion flags or shares (deal, feature, display), in one order throughout.
    #[serde(default)]
    pub promotions: Vec<f64>,
}

/// How sales answer to price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Elasticity {
    /// Percent of units for one percent of price; usually negative.
    pub own: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The same for each competing price.
    pub cross: Vec<f64>,
    /// Effect of each promotion on the logarithm of units.
    pub promotions: Vec<f64>,
    /// Share of the variation within places that is explained.
    pub r_squared_within: f64,
    /// Rows used.
    pub observations: u32,
    /// Different prices seen.
    pub prices: u32,
}

/// Why there is no elasticity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElasticityError {
    /// The price was never changed enough to learn from.
    #[error(
        "no price variation: only {prices} different prices, at least 3 are needed; vary the price first"
    )]
    NoPriceVariation {
        /// Different prices seen.
        prices: usize,
    },
    /// The regression failed.
    #[error("sales do not tell the effects apart: {0}")]
    Regression(#[from] RegressionError),
}

/// Estimates `ln units = place + own × ln price + Σ cross × ln other price + Σ promotion` by least
/// squares.
///
/// ```
/// use engines::revenue::{elasticity, PricedSale};
///
/// let sales: Vec<PricedSale> = (0..20)
///     .map(|i| {
///         let price = 1.0 + f64::from(i % 5) / 10.0;
///         let units = 100.0 * price.powf(-2.0);
///         PricedSale { place: "A".into(), units, price, other_prices: vec![], promotions: vec![] }
///     })
///     .collect();
/// assert!((elasticity(&sales).unwrap().own + 2.0).abs() < 1e-9);
/// assert!(elasticity(&sales[..2]).unwrap_err().to_string().starts_with("no price variation"));
/// ```
///
/// # Errors
/// [`ElasticityError`] when fewer than three different prices were charged, or the figures cannot
/// be told apart.
pub fn elasticity(sales: &[PricedSale]) -> Result<Elasticity, ElasticityError> {
    let sold: Vec<&PricedSale> = sales.iter().filter(|s| s.units > 0.0 && s.price > 0.0).collect();
    let prices = sold.iter().map(|s| s.price.to_bits()).collect::<BTreeSet<_>>().len();
    if prices < MIN_PRICES {
        return Err(ElasticityError::NoPriceVariation { prices });
    }
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    let rows: Vec<Row> = sold
        .iter()
        .map(|sale| {
            let next = places.len() as u32;
            let group = *places.entry(sale.place.as_str()).or_insert(next);
            let logs = std::iter::once(&sale.price).chain(&sale.other_prices).map(|p| p.ln());
            let x = logs.chain(sale.promotions.iter().copied()).collect();
            Row { group, y: sale.units.ln(), x }
        })
        .collect();
    let fit = within(&rows)?;
    let others = sold[0].other_prices.len();
    Ok(Elasticity {
        own: fit.coefficients[0],
        standard_error: fit.standard_errors[0],
        cross: fit.coefficients[1..=others].to_vec(),
        promotions: fit.coefficients[others + 1..].to_vec(),
        r_squared_within: fit.r_squared_within,
        observations: fit.observations,
        prices: prices as u32,
    })
}

/// An elasticity pulled to its category's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shrunk {
    /// The elasticity.
    pub own: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The share that the category has in it, 0 to 1.
    pub prior_share: f64,
    /// The category's elasticity.
    pub category: f64,
}

/// Pulls the elasticities of one category's products, `(estimate, standard error)` or `None`
/// where it was refused, to their mean, and that to [`CATEGORY_PRIOR`]: empirical Bayes with the
/// spread between products by DerSimonian and Laird's moments (1986).
///
/// ```
/// use engines::revenue::shrink;
///
/// let found = shrink(&[Some((-2.0, 0.1)), Some((-3.0, 1.5)), None]);
/// assert!((found[0].own + 2.0).abs() < 0.1 && found[1].own > -2.5);
/// assert_eq!((found[2].own, found[2].prior_share), (found[2].category, 1.0));
/// ```
#[must_use]
pub fn shrink(estimates: &[Option<(f64, f64)>]) -> Vec<Shrunk> {
    let known: Vec<(f64, f64)> =
        estimates.iter().flatten().map(|&(b, error)| (b, (error * error).max(1e-12))).collect();
    let spread = between(&known).max(LEAST_SPREAD * LEAST_SPREAD);
    let prior = 1.0 / (CATEGORY_SPREAD * CATEGORY_SPREAD);
    let weights = || known.iter().map(|&(b, variance)| (b, 1.0 / (variance + spread)));
    let weight: f64 = prior + weights().map(|(_, w)| w).sum::<f64>();
    let category = (prior * CATEGORY_PRIOR + weights().map(|(b, w)| b * w).sum::<f64>()) / weight;
    // What is not known of the category itself adds to every product's uncertainty.
    let around = spread + 1.0 / weight;
    let one = |estimate: &Option<(f64, f64)>| match *estimate {
        None => Shrunk { own: category, standard_error: around.sqrt(), prior_share: 1.0, category },
        Some((b, error)) => {
            let variance = (error * error).max(1e-12);
            let prior_share = variance / (variance + around);
            Shrunk {
                own: prior_share * category + (1.0 - prior_share) * b,
                standard_error: (variance * around / (variance + around)).sqrt(),
                prior_share,
                category,
            }
        }
    };
    estimates.iter().map(one).collect()
}

/// Variance between products beyond their estimates' own.
fn between(known: &[(f64, f64)]) -> f64 {
    let weights = || known.iter().map(|&(b, variance)| (b, 1.0 / variance));
    let sum: f64 = weights().map(|(_, w)| w).sum();
    if known.len() < 2 {
        return 0.0;
    }
    let mean = weights().map(|(b, w)| b * w).sum::<f64>() / sum;
    let q: f64 = weights().map(|(b, w)| w * (b - mean).powi(2)).sum();
    let c = sum - weights().map(|(_, w)| w * w).sum::<f64>() / sum;
    ((q - (known.len() - 1) as f64) / c).max(0.0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// Own elasticity, deal and feature effect of the eleven brands of Dominick's orange juice
    /// (Montgomery 1997), by exact rational elimination of the normal equations.
    const ORANGE_JUICE: [(f64, f64, f64); 11] = [
        (-2.781_411_968, -0.041_622_634, 0.571_999_638),
        (-1.838_834_233, 0.053_918_796, 0.313_330_787),
        (-3.327_152_840, 0.060_280_361, 0.558_625_705),
        (-3.847_174_544, 0.077_992_280, 0.799_878_330),
        (-2.905_399_900, 0.074_672_052, 0.873_710_716),
        (-2.468_419_309, 0.025_463_449, 0.194_150_722),
        (-3.633_044_673, 0.003_209_661, 0.887_660_375),
        (-2.725_144_919, -0.048_406_956, 0.467_298_421),
        (-4.094_484_776, 0.057_721_661, 1.052_623_735),
        (-2.831_255_985, 0.107_437_535, 0.802_183_144),
        (-1.000_589_622, 0.150_694_807, 0.386_674_069),
    ];

    /// Rows of one brand; `None`, with a line that says so, when the data set is absent.
    fn orange_juice(brand: usize) -> Option<Vec<PricedSale>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/retail");
        let path = root.join("orange-juice.csv.gz");
        let unpacked = Command::new("gzip").arg("-dc").arg(&path).output().ok();
        let text = unpacked.and_then(|out| String::from_utf8(out.stdout).ok());
        let Some(text) = text.filter(|t| !t.is_empty()) else {
            eprintln!("skipped: no evaluation data at {}", path.display());
            return None;
        };
        let rows = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        let number = |field: &str| field.parse::<f64>().unwrap();
        let sale = |row: Vec<&str>| {
            let prices: Vec<f64> = row[5..16].iter().map(|f| number(f)).collect();
            PricedSale {
                place: row[0].to_owned(),
                units: number(row[3]).exp(),
                price: prices[brand - 1],
                other_prices: (0..11).filter(|&i| i != brand - 1).map(|i| prices[i]).collect(),
                promotions: vec![number(row[16]), number(row[17])],
            }
        };
        Some(rows.filter(|row| row[1] == brand.to_string()).map(sale).collect())
    }

    #[test]
    fn orange_juice_elasticities_match_least_squares() {
        for (i, want) in ORANGE_JUICE.iter().enumerate() {
            let Some(sales) = orange_juice(i + 1) else { return };
            let found = elasticity(&sales).unwrap();
            assert!((found.own - want.0).abs() < 1e-6, "brand {}: {}", i + 1, found.own);
            assert!((found.promotions[0] - want.1).abs() < 1e-6);
            assert!((found.promotions[1] - want.2).abs() < 1e-6);
            assert!((0.5..0.73).contains(&found.r_squared_within));
            assert!(found.standard_error < 0.06);
        }
    }

    #[test]
    fn refuses_a_price_that_never_varied() {
        let sale = |units, price| PricedSale {
            place: "m".into(),
            units,
            price,
            other_prices: vec![],
            promotions: vec![],
        };
        let flat: Vec<PricedSale> = (0..50).map(|i| sale(f64::from(i), 1.5)).collect();
        assert_eq!(elasticity(&flat), Err(ElasticityError::NoPriceVariation { prices: 1 }));
    }

    #[test]
    fn nothing_known_leaves_the_literature() {
        assert_eq!(shrink(&[None])[0].own, CATEGORY_PRIOR);
    }

    proptest! {
        #[test]
        fn shrunk_values_lie_between_estimate_and_category(
            estimates in prop::collection::vec((-6.0..0.0f64, 0.02..2.0f64), 1..12),
        ) {
            let given: Vec<_> = estimates.iter().copied().map(Some).collect();
            for (shrunk, (b, error)) in shrink(&given).iter().zip(estimates) {
                prop_assert!(shrunk.own >= b.min(shrunk.category) - 1e-9);
                prop_assert!(shrunk.own <= b.max(shrunk.category) + 1e-9);
                prop_assert!(shrunk.standard_error <= error + 1e-9);
            }
        }
    }
}
