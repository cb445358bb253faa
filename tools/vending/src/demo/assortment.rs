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
    "coke-zero" "Coke Zero" soda 200 92 5.0 any 355 ["coca-cola zero", "zero", "קולה זירו", "זירו"];
    "sprite" "Sprite" soda 200 95 2.8 any 355 ["lemon soda", "ספרייט"];
    "fanta-orange" "Fanta Orange" soda 200 95 2.1 any 355 ["fanta", "orange soda", "פאנטה"];
    "still-water" "Spring Water" water 150 50 7.5 any 520 ["still water", "mineral water", "מים מינרליים", "מים"];
    "sparkling-water" "Sparkling Water" water 175 70 2.0 any 520 ["soda water", "fizzy water", "סודה"];
    "premium-water" "Premium Water" water 350 120 0.8 any 560 ["glacier water", "מים פרימיום"];
    "energy-drink" "Energy Drink" energy 300 165 4.5 any 270 ["energy", "משקה אנרגיה"];
    "energy-zero" "Energy Drink Zero" energy 300 165 1.0 any 270 ["sugar free energy", "אנרגיה זירו"];
    "orange-juice" "Orange Juice" juice 275 140 3.0 chilled 340 ["oj", "מיץ תפוזים"];
    "apple-juice" "Apple Juice" juice 275 140 1.3 chilled 340 ["מיץ תפוחים"];
    "iced-tea-peach" "Peach Iced Tea" tea 225 105 3.4 any 520 ["iced tea", "ice tea", "תה קר", "תה אפרסק"];
    "coffee" "Coffee" coffee 250 110 6.0 any 250 ["canned coffee", "iced coffee", "קפה", "קפה קר"];
    "classic-chips" "Classic Chips" chips 175 80 8.0 any 50 ["chips", "potato chips", "crisps", "צ'יפס", "תפוצ'יפס"];
    "bbq-chips" "BBQ Chips" chips 175 80 3.2 any 50 ["barbecue chips", "צ'יפס ברביקיו"];
    "sour-cream-chips" "Sour Cream Chips" chips 175 82 1.2 any 50 ["sour cream and onion", "צ'יפס שמנת בצל"];
    "tortilla-chips" "Tortilla Chips" chips 200 92 1.4 any 60 ["nachos", "נאצ'וס"];
    "peanut-puffs" "Peanut Puffs" chips 150 65 5.0 any 60 ["puffs", "במבה"];
    "pretzels" "Pretzels" chips 150 62 2.3 any 60 ["בייגלה"];
    "popcorn" "Popcorn" chips 150 55 1.2 any 40 ["פופקורן"];
    "chocolate-bar" "Chocolate Bar" candy 175 85 6.5 any 50 ["chocolate", "שוקולד"];
    "peanut-bar" "Peanut Bar" candy 175 85 3.6 any 55 ["snickers", "חטיף בוטנים"];
    "caramel-bar" "Caramel Bar" candy 175 88 2.2 any 50 ["חטיף קרמל"];
    "wafer" "Chocolate Wafer" candy 150 70 1.6 any 45 ["wafers", "ופל"];
    "gummy-bears" "Gummy Bears" candy 175 80 1.4 any 80 ["gummies", "דובוני גומי"];
    "chewing-gum" "Chewing Gum" candy 125 50 1.8 any 20 ["gum", "מסטיק"];
    "mints" "Mints" candy 125 48 0.9 any 20 ["סוכריות מנטה"];
    "glazed-donut" "Glazed Donut" bakery 225 100 4.0 any 70 ["donut", "doughnut", "דונאט", "סופגניה"];
    "muffin" "Blueberry Muffin" bakery 250 115 1.6 any 110 ["muffin", "מאפין"];
    "cookie" "Oatmeal Cookie" bakery 150 65 0.9 any 60 ["cookie", "עוגיה"];
    "chocolate-croissant" "Chocolate Croissant" bakery 275 130 1.1 any 80 ["croissant", "קרואסון"];
    "granola-bar" "Granola Bar" snack 175 80 1.9 any 40 ["granola", "חטיף גרנולה"];
    "protein-bar" "Protein Bar" snack 325 190 1.5 any 60 ["חטיף חלבון"];
    "trail-mix" "Trail Mix" snack 250 130 1.0 any 70 ["תערובת פיצוחים"];
    "mixed-nuts" "Mixed Nuts" snack 275 150 1.2 any 70 ["nuts", "אגוזים"];
    "rice-cakes" "Rice Cakes" snack 175 75 0.6 any 40 ["פריכיות"];
    "dried-mango" "Dried Mango" snack 300 160 0.5 any 60 ["mango", "מנגו מיובש"];
    "beef-jerky" "Beef Jerky" snack 425 260 0.6 any 50 ["jerky", "בשר מיובש"];
    "tuna-sandwich" "Tuna Sandwich" fresh 550 320 2.6 chilled 210 ["tuna", "כריך טונה"];
    "cheese-sandwich" "Cheese Sandwich" fresh 500 280 1.7 chilled 200 ["כריך גבינה"];
    "greek-yogurt" "Greek Yogurt" fresh 300 155 1.5 chilled 170 ["yogurt", "yoghurt", "יוגורט"];
    "fruit-salad" "Fruit Salad" fresh 450 250 0.9 chilled 220 ["fruit cup", "סלט פירות"];
    "hummus-cup" "Hummus Cup" fresh 375 190 0.7 chilled 150 ["hummus", "חומוס"];
    "matcha-latte" "Matcha Latte" coffee 375 180 0.0 any 250 ["matcha", "מאצ'ה"];
    "ice-cream-bar" "Ice Cream Bar" frozen 300 140 0.0 frozen 80 ["ice cream", "ארטיק", "גלידה"];
};

/// A product of the demo and what sells with it, and how often a basket with the first gets it.
pub(super) const TOGETHER: &[(&str, &str, f64)] = &[
    ("coca-cola", "classic-chips", 0.17),
    ("coffee", "glazed-donut", 0.24),
    ("energy-drink", "protein-bar", 0.10),
];

pub(super) fn item(id: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|it| it.id == id)
}
