//! The counts of a window of baskets: overall, by season, by part of the day, by category.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::{Daypart, MIN_TOGETHER, PairAffinity, Season};
use crate::score::PairScore;
use crate::zones::ShrunkRatio;

/// One purchase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Basket {
    /// Ids of the products in it; a repeated one counts once.
    pub products: Vec<String>,
    /// When it was bought, if known.
    #[serde(default)]
    pub season: Option<Season>,
    /// At what part of the day, if known.
    #[serde(default)]
    pub daypart: Option<Daypart>,
}

/// Which baskets to look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stratum {
    /// All of them.
    #[default]
    Overall,
    /// Those of one season.
    Season(Season),
    /// Those of one part of the day.
    Daypart(Daypart),
}

/// A basket that cannot be taken back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the basket was never counted: remove only baskets that were added, unchanged")]
pub struct NotCounted;

/// What is known of how products sell together.
///
/// ```
/// use engines::affinity::{AffinityModel, Basket, Stratum};
///
/// let mut model = AffinityModel::default();
/// for i in 0..100 {
///     let products = if i < 30 { vec!["coffee".into(), "donut".into()] } else { vec!["gum".into()] };
///     model.add(&Basket { products, season: None, daypart: None });
/// }
/// let pair = model.pair("coffee", "donut", Stratum::Overall).unwrap();
/// assert_eq!((pair.together, pair.support, pair.confidence), (30, 0.3, 1.0));
/// assert!(pair.lift > 3.3 && pair.lift_low > 1.0 && pair.lift_low < pair.lift);
/// assert!(model.pair("coffee", "gum", Stratum::Overall).is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AffinityModel {
    numbers: BTreeMap<String, u32>,
    names: Vec<String>,
    /// Category of each product, by its number.
    category: Vec<Option<u32>>,
    category_of: BTreeMap<String, u32>,
    overall: Counts,
    seasons: [Counts; 4],
    dayparts: [Counts; 4],
    categories: Counts,
}

/// Expected baskets that the prior of a lift weighs as much as.
const LIFT_PRIOR: f64 = 8.0;

/// Expected baskets that the overall lift weighs as much as within a season or daypart.
const STRATUM_PRIOR: f64 = 20.0;

impl AffinityModel {
    /// A model that knows the category of products, by product id: pairs that were seldom seen
    /// lean on what their categories do together.
    #[must_use]
    pub fn with_categories(category_of: &BTreeMap<String, String>) -> Self {
        let mut names: Vec<&String> = category_of.values().collect();
        names.sort_unstable();
        names.dedup();
        let number = |c: &String| names.binary_search(&c).map_or(0, |i| i as u32);
        let category_of = category_of.iter().map(|(p, c)| (p.clone(), number(c))).collect();
        Self { category_of, ..Self::default() }
    }

    /// Counts a basket.
    pub fn add(&mut self, basket: &Basket) {
        let mut items: Vec<u32> = basket.products.iter().map(|p| self.number(p)).collect();
        items.sort_unstable();
        items.dedup();
        self.overall.add(&items);
        if let Some(season) = basket.season {
            self.seasons[season as usize].add(&items);
        }
        if let Some(daypart) = basket.daypart {
            self.dayparts[daypart as usize].add(&items);
        }
        if !self.category_of.is_empty() {
            self.categories.add(&self.categories_of(&items));
        }
    }

    /// Takes a basket back, as when it falls out of the window of 180 days.
    ///
    /// # Errors
    /// [`NotCounted`] when the basket was never added; nothing changes then.
    pub fn remove(&mut self, basket: &Basket) -> Result<(), NotCounted> {
        let known = basket.products.iter().map(|p| self.numbers.get(p).copied());
        let mut items: Vec<u32> = known.collect::<Option<_>>().ok_or(NotCounted)?;
        items.sort_unstable();
        items.dedup();
        let strata = [
            Some(Stratum::Overall),
            basket.season.map(Stratum::Season),
            basket.daypart.map(Stratum::Daypart),
        ];
        // Every stratum is asked first, so that a refusal leaves none of them changed.
        if !strata.iter().flatten().all(|&s| self.counts(s).holds(&items)) {
            return Err(NotCounted);
        }
        strata.into_iter().flatten().for_each(|s| self.counts_mut(s).remove(&items));
        if !self.category_of.is_empty() {
            let categories = self.categories_of(&items);
            self.categories.remove(&categories);
        }
        Ok(())
    }

    /// Baskets counted.
    #[must_use]
    pub fn baskets(&self, stratum: Stratum) -> u32 {
        self.counts(stratum).baskets
    }

    /// What is known of two products; `None` when fewer than 10 baskets hold both.
    ///
    /// The lift's posterior is `(together + 8 × prior) / (expected + 8)`, with the lift of the two
    /// categories as prior (1 where unknown); in a season or daypart the prior is the overall
    /// lift, at a weight of 20.
    #[must_use]
    pub fn pair(&self, a: &str, b: &str, stratum: Stratum) -> Option<PairAffinity> {
        let (x, y) = (*self.numbers.get(a)?, *self.numbers.get(b)?);
        if x == y { None } else { self.pair_by_number(x, y, stratum) }
    }

    /// Every pair with at least 10 baskets, the smaller id first in each; the strongest pairs
    /// first, equal scores by exact lift, then by id.
    #[must_use]
    pub fn pairs(&self, stratum: Stratum) -> Vec<PairAffinity> {
        let n = self.names.len() as u32;
        let all = (0..n).flat_map(|a| (0..n).map(move |b| (a, b)));
        let all = all.filter(|&(a, b)| self.names[a as usize] < self.names[b as usize]);
        let mut found: Vec<PairAffinity> =
            all.filter_map(|(a, b)| self.pair_by_number(a, b, stratum)).collect();
        found.sort_by(PairAffinity::strongest_first);
        found
    }

    /// The pairs of one product, the strongest first.
    #[must_use]
    pub fn partners(&self, product: &str, stratum: Stratum) -> Vec<PairAffinity> {
        let Some(&a) = self.numbers.get(product) else { return Vec::new() };
        let others = (0..self.names.len() as u32).filter(|&b| b != a);
        let mut found: Vec<PairAffinity> =
            others.filter_map(|b| self.pair_by_number(a, b, stratum)).collect();
        found.sort_by(PairAffinity::strongest_first);
        found
    }

    /// Scores of all pairs, as a [`crate::score::Board`] takes them, for the products given.
    #[must_use]
    pub fn pair_scores(&self, products: &[&str], stratum: Stratum) -> Vec<PairScore> {
        let mut scores = Vec::new();
        for (k, b) in products.iter().enumerate() {
            for a in &products[..k] {
                if let Some(pair) = self.pair(a, b, stratum) {
                    scores.push(PairScore { a: pair.a, b: pair.b, score: pair.score });
                }
            }
        }
        scores
    }

    fn pair_by_number(&self, a: u32, b: u32, stratum: Stratum) -> Option<PairAffinity> {
        if self.overall.pair(a, b) < MIN_TOGETHER {
            return None;
        }
        let prior = self.category_lift(a, b);
        let overall = shrunk(&self.overall, a, b, (prior, LIFT_PRIOR));
        let counts = self.counts(stratum);
        let lift = match stratum {
            Stratum::Overall => overall,
            Stratum::Season(_) | Stratum::Daypart(_) => {
                shrunk(counts, a, b, (overall.mean, STRATUM_PRIOR))
            }
        };
        let names = (self.names[a as usize].as_str(), self.names[b as usize].as_str());
        let held = [counts.baskets, counts.single(a), counts.single(b), counts.pair(a, b)];
        Some(PairAffinity::new(names, held, lift))
    }

    fn category_lift(&self, a: u32, b: u32) -> f64 {
        match (self.category[a as usize], self.category[b as usize]) {
            (Some(x), Some(y)) if x != y => shrunk(&self.categories, x, y, (1.0, LIFT_PRIOR)).mean,
            _ => 1.0,
        }
    }

    fn number(&mut self, product: &str) -> u32 {
        if let Some(&number) = self.numbers.get(product) {
            return number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(product.to_owned(), number);
        self.names.push(product.to_owned());
        self.category.push(self.category_of.get(product).copied());
        number
    }

    fn categories_of(&self, items: &[u32]) -> Vec<u32> {
        let mut found: Vec<u32> = items.iter().filter_map(|&i| self.category[i as usize]).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn counts(&self, stratum: Stratum) -> &Counts {
        match stratum {
            Stratum::Overall => &self.overall,
            Stratum::Season(season) => &self.seasons[season as usize],
            Stratum::Daypart(daypart) => &self.dayparts[daypart as usize],
        }
    }

    fn counts_mut(&mut self, stratum: Stratum) -> &mut Counts {
        match stratum {
            Stratum::Overall => &mut self.overall,
            Stratum::Season(season) => &mut self.seasons[season as usize],
            Stratum::Daypart(daypart) => &mut self.dayparts[daypart as usize],
        }
    }
}

/// The lift of a pair: baskets with both over those expected if they were independent.
fn shrunk(counts: &Counts, a: u32, b: u32, (prior, weight): (f64, f64)) -> ShrunkRatio {
    let alone = f64::from(counts.single(a)) * f64::from(counts.single(b));
    let expected = if counts.baskets == 0 { 0.0 } else { alone / f64::from(counts.baskets) };
    ShrunkRatio::of(f64::from(counts.pair(a, b)), expected, prior, weight)
}
