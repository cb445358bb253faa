//! The products of the demo: made up, with prices and popularity of the usual order.

/// A product of the demo.
pub(super) struct Item {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    /// Price and cost, cents.
    pub(super) cents: (i32, i32),
    /// How often it is picked beside the others, in an average slot.
    pub(super) popularity: f64,
    pub(super) storage: &'static str,
    pub(super) weight_grams: i32,
    pub(super) aliases: &'static [&'static str],
}

macro_rules! items {
    ($($id:literal $name:literal $category:ident $price:literal $cost:literal $popularity:literal
        $storage:ident $grams:literal [$($alias:literal),*];)*) => {
        &[$(Item {
            id: $id, name: $name, category: stringify!($category), cents: ($price, $cost),
            popularity: $popularity, storage: stringify!($storage), weight_grams: $grams,
            aliases: &[$($alias),*],
        }),*]
    };
}

/// Every product. The last two are new: no machine has sold them yet.
#[rustfmt::skip]
pub(super) const ITEMS: &[Item] = items! {
    "coca-cola" "Coca-Cola" soda 200 90 10.0 any 355 ["coke", "coca cola", "cola", "קוקה קולה", "קוקה-קולה", "קולה"];
    "coke-zero" "Coke Zero" soda 200 92 3.5 any 355 ["coca-cola zero", "zero", "קולה זירו", "זירו"];
    "sprite" "Sprite" soda 200 95 1.5 any 355 ["lemon soda", "ספרייט"];
    "fanta-orange" "Fanta Orange" soda 200 95 0.96 any 355 ["fanta", "orange soda", "פאנטה"];
    "still-water" "Spring Water" water 150 50 6.5 any 520 ["still water", "mineral water", "מים מינרליים", "מים"];
    "sparkling-water" "Sparkling Water" water 175 70 0.89 any 520 ["soda water", "fizzy water", "סודה"];
    "premium-water" "Premium Water" water 350 120 0.23 any 560 ["glacier water", "מים פרימיום"];
    "energy-drink" "Energy Drink" energy 300 165 3.0 any 270 ["energy", "משקה אנרגיה"];
    "energy-zero" "Energy Drink Zero" energy 300 165 0.32 any 270 ["sugar free energy", "אנרגיה זירו"];
    "orange-juice" "Orange Juice" juice 275 140 1.6 chilled 340 ["oj", "מיץ תפוזים"];
    "apple-juice" "Apple Juice" juice 275 140 0.47 chilled 340 ["מיץ תפוחים"];
    "iced-tea-peach" "Peach Iced Tea" tea 225 105 2.0 any 520 ["iced tea", "ice tea", "תה קר", "תה אפרסק"];
    "coffee" "Coffee" coffee 250 110 4.6 any 250 ["canned coffee", "iced coffee", "קפה", "קפה קר"];
    "classic-chips" "Classic Chips" chips 175 80 7.2 any 50 ["chips", "potato chips", "crisps", "צ'יפס", "תפוצ'יפס"];
    "bbq-chips" "BBQ Chips" chips 175 80 1.8 any 50 ["barbecue chips", "צ'יפס ברביקיו"];
    "sour-cream-chips" "Sour Cream Chips" chips 175 82 0.42 any 50 ["sour cream and onion", "צ'יפס שמנת בצל"];
    "tortilla-chips" "Tortilla Chips" chips 200 92 0.52 any 60 ["nachos", "נאצ'וס"];
    "peanut-puffs" "Peanut Puffs" chips 150 65 3.5 any 60 ["puffs", "במבה"];
    "pretzels" "Pretzels" chips 150 62 1.1 any 60 ["בייגלה"];
    "popcorn" "Popcorn" chips 150 55 0.42 any 40 ["פופקורן"];
    "chocolate-bar" "Chocolate Bar" candy 175 85 5.2 any 50 ["chocolate", "שוקולד"];
    "peanut-bar" "Peanut Bar" candy 175 85 2.2 any 55 ["snickers", "חטיף בוטנים"];
    "caramel-bar" "Caramel Bar" candy 175 88 1.0 any 50 ["חטיף קרמל"];
    "wafer" "Chocolate Wafer" candy 150 70 0.64 any 45 ["wafers", "ופל"];
    "gummy-bears" "Gummy Bears" candy 175 80 0.52 any 80 ["gummies", "דובוני גומי"];
    "chewing-gum" "Chewing Gum" candy 125 50 0.76 any 20 ["gum", "מסטיק"];
    "mints" "Mints" candy 125 48 0.27 any 20 ["סוכריות מנטה"];
    "glazed-donut" "Glazed Donut" bakery 225 100 2.5 any 70 ["donut", "doughnut", "דונאט", "סופגניה"];
    "muffin" "Blueberry Muffin" bakery 250 115 0.64 any 110 ["muffin", "מאפין"];
    "cookie" "Oatmeal Cookie" bakery 150 65 0.27 any 60 ["cookie", "עוגיה"];
    "chocolate-croissant" "Chocolate Croissant" bakery 275 130 0.36 any 80 ["croissant", "קרואסון"];
    "granola-bar" "Granola Bar" snack 175 80 0.83 any 40 ["granola", "חטיף גרנולה"];
    "protein-bar" "Protein Bar" snack 325 190 0.58 any 60 ["חטיף חלבון"];
    "trail-mix" "Trail Mix" snack 250 130 0.32 any 70 ["תערובת פיצוחים"];
    "mixed-nuts" "Mixed Nuts" snack 275 150 0.42 any 70 ["nuts", "אגוזים"];
    "rice-cakes" "Rice Cakes" snack 175 75 0.15 any 40 ["פריכיות"];
    "dried-mango" "Dried Mango" snack 300 160 0.11 any 60 ["mango", "מנגו מיובש"];
    "beef-jerky" "Beef Jerky" snack 425 260 0.15 any 50 ["jerky", "בשר מיובש"];
    "tuna-sandwich" "Tuna Sandwich" fresh 550 320 1.3 chilled 210 ["tuna", "כריך טונה"];
    "cheese-sandwich" "Cheese Sandwich" fresh 500 280 0.70 chilled 200 ["כריך גבינה"];
    "greek-yogurt" "Greek Yogurt" fresh 300 155 0.58 chilled 170 ["yogurt", "yoghurt", "יוגורט"];
    "fruit-salad" "Fruit Salad" fresh 450 250 0.27 chilled 220 ["fruit cup", "סלט פירות"];
    "hummus-cup" "Hummus Cup" fresh 375 190 0.19 chilled 150 ["hummus", "חומוס"];
    "matcha-latte" "Matcha Latte" coffee 375 180 0.0 any 250 ["matcha", "מאצ'ה"];
    "ice-cream-bar" "Ice Cream Bar" frozen 300 140 0.0 frozen 80 ["ice cream", "ארטיק", "גלידה"];
};

/// A product of the demo and what sells with it, and how often a basket with the first gets it.
pub(super) const TOGETHER: &[(&str, &str, f64)] = &[
    ("coca-cola", "classic-chips", 0.235),
    ("coffee", "glazed-donut", 0.24),
    ("energy-drink", "protein-bar", 0.10),
];

pub(super) fn item(id: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|it| it.id == id)
}
