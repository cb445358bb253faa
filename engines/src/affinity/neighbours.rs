//! Which products to place beside a product, and where they fit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AffinityModel, INSUFFICIENT, PairAffinity, Stratum, Strength};
use crate::score::{Board, BoardError, Indexed, violations};
use crate::zones::Slot;

/// Products suggested as neighbours of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suggestions {
    /// The product that they would stand beside.
    pub product_id: String,
    /// Whether there is anything to suggest.
    pub readiness: Readiness,
    /// What to say when there is not.
    pub message: Option<String>,
    /// The strongest first.
    pub neighbours: Vec<Neighbour>,
}

/// Whether neighbours can be suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// At least one.
    Ready,
    /// Too few baskets hold the product.
    InsufficientData,
    /// No suggested product fits anywhere it could go.
    NoSpace,
}

/// A product to place beside another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Neighbour {
    /// The product to place.
    pub product_id: String,
    /// Its name.
    pub name: String,
    /// 0 to 100.
    pub score: f64,
    /// Strong, moderate or weak.
    pub strength: Strength,
    /// The colour of its badge: green, yellow or gray.
    pub badge: String,
    /// "32% more likely to sell together".
    pub text: String,
    /// Baskets that held both.
    pub together: u32,
    /// Where it fits, the nearest to the product first; its own slot when it stands beside the
    /// product already.
    pub positions: Vec<Slot>,
}

/// Suggests up to `limit` neighbours of a product, only such as fit an available place: an empty
/// slot, or, for a product that stands elsewhere, a slot beside the product whose own product can
/// trade places with it.
///
/// # Errors
/// [`BoardError`] when the board contradicts itself or has no such product.
pub fn suggest(
    model: &AffinityModel,
    board: &Board,
    product: &str,
    stratum: Stratum,
    limit: usize,
) -> Result<Suggestions, BoardError> {
    let places = Places::new(board, product)?;
    let partners = model.partners(product, stratum);
    let known = !partners.is_empty();
    let offered = partners.into_iter().filter_map(|pair| {
        let other = if pair.a == product { &pair.b } else { &pair.a };
        let at = places.indexed.product(other).ok()?;
        let positions = places.of(at);
        (!positions.is_empty()).then(|| neighbour(board, at, &pair, positions))
    });
    let neighbours: Vec<Neighbour> = offered.take(limit).collect();
    let (readiness, message) = match (known, neighbours.is_empty()) {
        (false, _) => (Readiness::InsufficientData, Some(INSUFFICIENT.to_owned())),
        (true, true) => {
            (Readiness::NoSpace, Some("No available slot fits a suggested product".to_owned()))
        }
        (true, false) => (Readiness::Ready, None),
    };
    Ok(Suggestions { product_id: product.to_owned(), readiness, message, neighbours })
}

fn neighbour(board: &Board, at: usize, pair: &PairAffinity, positions: Vec<Slot>) -> Neighbour {
    let badge = match pair.strength {
        Strength::Strong => "green",
        Strength::Moderate => "yellow",
        Strength::Weak => "gray",
    };
    Neighbour {
        product_id: board.products[at].product_id.clone(),
        name: board.products[at].name.clone(),
        score: pair.score,
        strength: pair.strength,
        badge: badge.to_owned(),
        text: pair.text.clone(),
        together: pair.together,
        positions,
    }
}

/// Where the product stands, and what else could stand beside it.
struct Places<'a> {
    indexed: Indexed<'a>,
    /// Zones that hold the product.
    homes: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(board: &'a Board, product: &str) -> Result<Self, BoardError> {
        let indexed = board.indexed()?;
        let own = Some(indexed.product(product)?);
        let homes = (0..indexed.occupant.len()).filter(|&z| indexed.occupant[z] == own).collect();
        Ok(Self { indexed, homes })
    }

    /// Slots for a product, by distance from the home, then from the top left.
    fn of(&self, product: usize) -> Vec<Slot> {
        let stands: Vec<usize> = self.zones().filter(|&z| self.holds(z, product)).collect();
        if let Some(&beside) = stands.iter().find(|&&z| self.distance(z) == 1) {
            return vec![self.slot(beside)];
        }
        let mut open: Vec<usize> = self
            .zones()
            .filter(|&z| self.fits(product, z))
            .filter(|&z| match self.indexed.occupant[z] {
                None => true,
                Some(other) => {
                    self.distance(z) == 1 && stands.iter().any(|&from| self.fits(other, from))
                }
            })
            .collect();
        open.sort_by_key(|&z| (self.distance(z), z));
        if open.first().is_some_and(|&z| self.distance(z) == 1) {
            open.retain(|&z| self.distance(z) == 1);
        }
        open.into_iter().map(|z| self.slot(z)).collect()
    }

    fn zones(&self) -> std::ops::Range<usize> {
        0..self.indexed.occupant.len()
    }

    fn holds(&self, zone: usize, product: usize) -> bool {
        self.indexed.occupant[zone] == Some(product)
    }

    fn fits(&self, product: usize, zone: usize) -> bool {
        violations(&self.indexed.board.products[product], &self.indexed.specs[zone]).is_empty()
    }

    fn slot(&self, zone: usize) -> Slot {
        self.indexed.board.map.zones[zone].slot
    }

    /// Steps to the nearest home; 0 when the product stands nowhere.
    fn distance(&self, zone: usize) -> u16 {
        let steps = self.homes.iter().map(|&home| self.slot(zone).distance(self.slot(home)));
        steps.min().unwrap_or(0)
    }
}
