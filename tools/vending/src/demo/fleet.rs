//! The machines of the demo: where they stand, what stands in them, how busy they are.

/// How a site's trade runs over a week and a day.
#[derive(Clone, Copy)]
pub(super) struct Site {
    /// Monday to Sunday, 1 is an average day.
    pub(super) week: [f64; 7],
    /// Hours of the day with their weights.
    pub(super) hours: &'static [(u32, f64)],
}

/// A machine of the demo.
pub(super) struct Spot {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) location: &'static str,
    pub(super) device_type: &'static str,
    pub(super) aliases: &'static [&'static str],
    pub(super) restock_every_days: i16,
    pub(super) baskets_per_day: f64,
    pub(super) site: Site,
    /// Rows from the top; `-` is an empty slot.
    pub(super) rows: &'static [&'static str],
    /// The rows, by number from the top, that are refrigerated.
    pub(super) chilled_rows: &'static [usize],
    /// Pairs of slots that were traded when the second planogram came.
    pub(super) traded: &'static [(&'static str, &'static str)],
}

/// A device type: id, name, profile, rows, columns, door.
pub(super) const TYPES: &[(&str, &str, &str, i16, i16, &str)] = &[
    ("combo-5x8", "Combo machine", "generic", 5, 8, "none"),
    ("snack-5x8", "Snack machine", "snack", 5, 8, "none"),
    ("snack-4x6", "Compact snack machine", "snack", 4, 6, "none"),
    ("cooler-5x6", "Beverage cooler", "cooler", 5, 6, "right"),
];

const OFFICE: Site = Site {
    week: [1.35, 1.42, 1.42, 1.35, 1.2, 0.36, 0.34],
    hours: &[(8, 2.0), (9, 2.0), (10, 3.0), (12, 2.0), (13, 2.0), (15, 3.0), (16, 2.0), (18, 0.5)],
};

const STATION: Site = Site {
    week: [1.05, 1.0, 1.0, 1.05, 1.2, 0.9, 0.8],
    hours: &[(6, 1.0), (7, 3.0), (8, 3.0), (12, 1.5), (14, 1.5), (17, 3.0), (18, 3.0), (22, 1.0)],
};

const GYM: Site = Site {
    week: [1.15, 1.1, 1.1, 1.05, 0.9, 0.85, 0.85],
    hours: &[(6, 2.0), (7, 2.0), (12, 1.0), (17, 2.0), (18, 3.0), (19, 3.0), (20, 2.0)],
};

const COLLEGE: Site = Site {
    week: [1.2, 1.25, 1.25, 1.2, 1.0, 0.5, 0.6],
    hours: &[(9, 2.0), (11, 2.0), (13, 3.0), (15, 2.0), (17, 2.0), (20, 1.0), (22, 1.0)],
};

/// Every machine. In VM-001 the best sellers stand too low, so that there is something to gain; in
/// VM-002 they stand at eye level already.
pub(super) const SPOTS: &[Spot] = &[
    Spot {
        id: "VM-001",
        name: "Central Station",
        location: "Central Station, main hall",
        device_type: "combo-5x8",
        aliases: &["station machine", "התחנה המרכזית", "מכונת התחנה"],
        restock_every_days: 3,
        baskets_per_day: 44.0,
        site: STATION,
        rows: &[
            "chocolate-bar peanut-bar chewing-gum coffee energy-drink popcorn peanut-puffs \
             glazed-donut",
            "sour-cream-chips tortilla-chips cookie granola-bar muffin caramel-bar \
             chocolate-croissant mixed-nuts",
            "wafer pretzels gummy-bears mints protein-bar energy-zero trail-mix fanta-orange",
            "bbq-chips sparkling-water sprite apple-juice tuna-sandwich greek-yogurt hummus-cup \
             fruit-salad",
            "still-water classic-chips cheese-sandwich coca-cola orange-juice iced-tea-peach \
             coke-zero premium-water",
        ],
        chilled_rows: &[3, 4],
        traded: &[("C2", "D3"), ("B6", "D1"), ("B4", "C8")],
    },
    Spot {
        id: "VM-002",
        name: "Harbor Offices",
        location: "Harbor Offices, 3rd floor kitchen",
        device_type: "snack-5x8",
        aliases: &["office machine", "harbor machine", "משרדי הנמל", "מכונת המשרד"],
        restock_every_days: 5,
        baskets_per_day: 42.0,
        site: OFFICE,
        rows: &[
            "chewing-gum mints popcorn trail-mix rice-cakes sour-cream-chips beef-jerky \
             dried-mango",
            "coffee glazed-donut chocolate-bar classic-chips peanut-puffs peanut-bar bbq-chips \
             granola-bar",
            "coca-cola still-water energy-drink muffin coke-zero caramel-bar pretzels protein-bar",
            "wafer cookie tortilla-chips gummy-bears iced-tea-peach sprite mixed-nuts \
             chocolate-croissant",
            "fanta-orange sparkling-water premium-water energy-zero - - - -",
        ],
        chilled_rows: &[],
        traded: &[("B8", "D1"), ("C7", "D3")],
    },
    Spot {
        id: "VM-003",
        name: "Northside Gym",
        location: "Northside Gym, entrance",
        device_type: "cooler-5x6",
        aliases: &["gym cooler", "gym machine", "חדר הכושר", "מקרר חדר הכושר"],
        restock_every_days: 4,
        baskets_per_day: 30.0,
        site: GYM,
        rows: &[
            "granola-bar hummus-cup mixed-nuts chocolate-bar peanut-bar trail-mix",
            "still-water energy-drink coca-cola coke-zero orange-juice sparkling-water",
            "iced-tea-peach sprite fanta-orange energy-zero apple-juice premium-water",
            "protein-bar greek-yogurt fruit-salad coffee tuna-sandwich cheese-sandwich",
            "classic-chips pretzels rice-cakes - - -",
        ],
        chilled_rows: &[0, 1, 2, 3, 4],
        traded: &[("B3", "D1")],
    },
    Spot {
        id: "VM-004",
        name: "City College",
        location: "City College, library lobby",
        device_type: "combo-5x8",
        aliases: &["college machine", "library machine", "המכללה", "מכונת המכללה"],
        restock_every_days: 4,
        baskets_per_day: 34.0,
        site: COLLEGE,
        rows: &[
            "chewing-gum mints wafer popcorn sour-cream-chips pretzels granola-bar muffin",
            "coca-cola classic-chips energy-drink chocolate-bar coffee glazed-donut peanut-puffs \
             coke-zero",
            "still-water bbq-chips peanut-bar tortilla-chips iced-tea-peach sprite gummy-bears \
             cookie",
            "orange-juice tuna-sandwich cheese-sandwich fanta-orange caramel-bar protein-bar - -",
            "premium-water sparkling-water apple-juice greek-yogurt hummus-cup energy-zero - -",
        ],
        chilled_rows: &[3, 4],
        traded: &[("C3", "D5")],
    },
    Spot {
        id: "VM-005",
        name: "Tech Park",
        location: "Tech Park, building B",
        device_type: "snack-4x6",
        aliases: &["tech park machine", "פארק ההייטק", "מכונת ההייטק"],
        restock_every_days: 7,
        baskets_per_day: 22.0,
        site: OFFICE,
        rows: &[
            "mints chewing-gum granola-bar rice-cakes trail-mix mixed-nuts",
            "coffee glazed-donut classic-chips chocolate-bar still-water coca-cola",
            "muffin cookie peanut-bar peanut-puffs energy-drink pretzels",
            "coke-zero sparkling-water wafer chocolate-croissant - -",
        ],
        chilled_rows: &[],
        traded: &[("B5", "C1")],
    },
];

impl Spot {
    /// The product in each slot by label, now.
    pub(super) fn placed(&self) -> Vec<(String, &'static str)> {
        let cell = |(row, line): (usize, &&'static str)| {
            let letter = char::from(b'A' + row as u8);
            let ids = line.split_whitespace().enumerate();
            ids.map(|(at, id)| (format!("{letter}{}", at + 1), id)).collect::<Vec<_>>()
        };
        let all = self.rows.iter().enumerate().flat_map(cell);
        all.filter(|(_, id)| *id != "-").collect()
    }

    /// The same before the trades.
    pub(super) fn placed_before(&self) -> Vec<(String, &'static str)> {
        let partner = |label: &str| {
            self.traded.iter().find_map(|&(a, b)| match label {
                _ if label == a => Some(b),
                _ if label == b => Some(a),
                _ => None,
            })
        };
        let placed = self.placed();
        let before = placed
            .into_iter()
            .map(|(label, id)| (partner(&label).map_or(label.clone(), str::to_owned), id));
        before.collect()
    }

    /// Every slot label with its row, empty ones included.
    pub(super) fn slots(&self) -> Vec<(String, usize)> {
        let cells = self.rows.iter().enumerate().flat_map(|(row, line)| {
            let letter = char::from(b'A' + row as u8);
            (1..=line.split_whitespace().count()).map(move |at| (format!("{letter}{at}"), row))
        });
        cells.collect()
    }
}
