//! What the demo bakery sells, and to whom.

/// The branch.
pub(crate) const BRANCH: &str = "main";
/// The currency of all prices and accounts.
pub(crate) const CURRENCY: &str = "EUR";

/// Customers and the money they start with, in cents. The last one has none.
pub(crate) const CUSTOMERS: [(&str, i64); 4] =
    [("Ada", 50_000), ("Grace", 20_000), ("Alan", 1_500), ("Broke Bob", 0)];

/// A product and how it is baked.
pub(crate) struct Bread {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// Cents.
    pub(crate) price: i64,
    pub(crate) shelf_life_min: i32,
    /// Off while the discount before closing is on.
    pub(crate) discount_percent: i16,
    /// Units of one batch.
    pub(crate) batch: u32,
    /// When a batch comes out of the oven: six fields, seconds first.
    pub(crate) cron: &'static str,
    /// How long ago the batches on the shelf at the opening were baked, in minutes.
    pub(crate) ages_min: &'static [i64],
}

const HOUR_MIN: i32 = 60;

/// The menu, in its order.
pub(crate) const BREADS: [Bread; 9] = [
    Bread {
        id: "sourdough",
        name: "Sourdough loaf",
        description: "Wheat and rye, two days of rest, a dark crust.",
        price: 620,
        shelf_life_min: 12 * HOUR_MIN,
        discount_percent: 30,
        batch: 5,
        cron: "0 */30 * * * *",
        ages_min: &[150, 90, 30],
    },
    Bread {
        id: "rye",
        name: "Rye bread",
        description: "Dense and moist, with caraway.",
        price: 540,
        shelf_life_min: 12 * HOUR_MIN,
        discount_percent: 30,
        batch: 5,
        cron: "0 10,40 * * * *",
        ages_min: &[120, 60],
    },
    Bread {
        id: "baguette",
        name: "Baguette",
        description: "Crisp outside, airy inside; best within hours.",
        price: 280,
        shelf_life_min: 4 * HOUR_MIN,
        discount_percent: 50,
        batch: 10,
        cron: "0 */20 * * * *",
        ages_min: &[50, 20],
    },
    Bread {
        id: "croissant",
        name: "Butter croissant",
        description: "Twenty-seven layers of butter and dough.",
        price: 240,
        shelf_life_min: 6 * HOUR_MIN,
        discount_percent: 50,
        batch: 12,
        cron: "0 5,25,45 * * * *",
        ages_min: &[65, 25],
    },
    Bread {
        id: "pain-au-chocolat",
        name: "Pain au chocolat",
        description: "A croissant's dough around two sticks of dark chocolate.",
        price: 290,
        shelf_life_min: 6 * HOUR_MIN,
        discount_percent: 50,
        batch: 8,
        cron: "0 15,45 * * * *",
        ages_min: &[70, 40],
    },
    Bread {
        id: "cinnamon-roll",
        name: "Cinnamon roll",
        description: "Soft, sticky, with cardamom in the dough.",
        price: 330,
        shelf_life_min: 5 * HOUR_MIN,
        discount_percent: 40,
        batch: 6,
        cron: "0 20,50 * * * *",
        ages_min: &[80, 35],
    },
    Bread {
        id: "pretzel",
        name: "Pretzel",
        description: "Lye-dipped, with coarse salt.",
        price: 180,
        shelf_life_min: 5 * HOUR_MIN,
        discount_percent: 50,
        batch: 12,
        cron: "30 */15 * * * *",
        ages_min: &[55, 15],
    },
    Bread {
        id: "donut",
        name: "Donut",
        description: "One a minute, glazed, and only while it is warm.",
        price: 150,
        shelf_life_min: 25,
        discount_percent: 50,
        batch: 1,
        cron: "0 * * * * *",
        ages_min: &[14, 12, 10, 8, 6, 4, 3, 2, 1],
    },
    Bread {
        id: "cheesecake",
        name: "Cheesecake",
        description: "A whole one; two a day, and when they are gone they are gone.",
        price: 2900,
        shelf_life_min: 24 * HOUR_MIN,
        discount_percent: 20,
        batch: 2,
        cron: "0 0 6 * * *",
        ages_min: &[100],
    },
];
