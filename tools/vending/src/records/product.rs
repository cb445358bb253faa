//! Products: what the machines sell.

use engines::score::{self, Storage};
use kernel::{Error, Result};
use sqlx::PgConnection;
use toolkit::{DbResult, nearest};

use super::device::size;
use super::same_name;

/// A product that the machines sell, or could.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Product {
    pub(crate) product_id: String,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) price_cents: i32,
    pub(crate) cost_cents: i32,
    pub(crate) storage: String,
    weight_grams: Option<i32>,
    width_mm: Option<i32>,
    height_mm: Option<i32>,
    depth_mm: Option<i32>,
}

/// Every product, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue(pub(crate) Vec<Product>);

impl Product {
    /// The product as the engines take it, selling so many units a day.
    pub(crate) fn selling(&self, units_per_day: f64) -> score::Product {
        score::Product {
            product_id: self.product_id.clone(),
            name: self.name.clone(),
            category: self.category.clone(),
            units_per_day,
            price_cents: self.price_cents.into(),
            cost_cents: self.cost_cents.into(),
            storage: storage(&self.storage),
            weight_grams: self.weight_grams.and_then(|it| it.try_into().ok()),
            size: size(self.width_mm, self.height_mm, self.depth_mm),
        }
    }

    /// Whether people want more of it on a hot day, before its sales have told.
    pub(crate) fn is_cold_drink(&self) -> bool {
        const COLD: [&str; 8] =
            ["soda", "water", "juice", "energy", "tea", "carbonated", "drink", "ice cream"];
        let category = self.category.to_lowercase();
        COLD.iter().any(|word| category.contains(word))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let own = [self.product_id.as_str(), self.name.as_str()];
        own.into_iter().chain(self.aliases.iter().map(String::as_str))
    }
}

impl Catalogue {
    /// Read every product.
    pub(crate) async fn load(db: &mut PgConnection) -> Result<Self> {
        let products = sqlx::query_as(
            "SELECT product_id, name, category, aliases, price_cents, cost_cents, \
             storage, weight_grams, width_mm, height_mm, depth_mm FROM product ORDER BY product_id COLLATE \"C\"",
        )
        .fetch_all(db)
        .await
        .db()?;
        Ok(Self(products))
    }

    /// The product that a person calls this, by its id, its name or an alias.
    pub(crate) fn named(&self, text: &str) -> Result<&Product> {
        let found = self.0.iter().find(|it| it.names().any(|name| same_name(name, text)));
        found.ok_or_else(|| Error::NotFound {
            what: "product",
            id: text.chars().take(80).collect(),
            nearest: nearest(text, self.0.iter().flat_map(Product::names)),
        })
    }

    /// The product with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&Product> {
        let at = self.0.binary_search_by(|it| it.product_id.as_str().cmp(id)).ok()?;
        self.0.get(at)
    }

    /// What people call the product with this id.
    pub(crate) fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.get(id).map_or(id, |it| it.name.as_str())
    }
}

/// A temperature as the tables write it.
pub(crate) fn storage(text: &str) -> Storage {
    match text {
        "ambient" => Storage::Ambient,
        "chilled" => Storage::Chilled,
        "frozen" => Storage::Frozen,
        "heated" => Storage::Heated,
        _ => Storage::Any,
    }
}
