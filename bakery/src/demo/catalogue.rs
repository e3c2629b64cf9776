//! What the demo bakery sells, where, and who works there.

use bakery_nats::requests::gateway::Role;

/// A branch of the demo.
pub(crate) struct Shop {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    pub(crate) time_zone: &'static str,
    /// Opening and closing, every day.
    pub(crate) hours: (&'static str, &'static str),
    pub(crate) currency: &'static str,
    /// Its menu, by the ids of [`BREADS`].
    pub(crate) menu: &'static [&'static str],
}

/// The branch where no other is named.
pub(crate) const MAIN: &str = "main";

/// Three branches in three time zones. The first one never closes, so that the demo can be tried at
/// any hour.
pub(crate) const SHOPS: [Shop; 3] = [
    Shop {
        id: MAIN,
        name: "Bakery on the square",
        address: "1 Market Square, Berlin",
        time_zone: "Europe/Berlin",
        hours: ("00:00", "24:00"),
        currency: "EUR",
        menu: &[
            "sourdough",
            "rye",
            "baguette",
            "croissant",
            "pain-au-chocolat",
            "cinnamon-roll",
            "pretzel",
            "donut",
            "cheesecake",
        ],
    },
    Shop {
        id: "harbour",
        name: "Bakery at the harbour",
        address: "7 Quay Street, Lisbon",
        time_zone: "Europe/Lisbon",
        hours: ("07:00", "18:00"),
        currency: "EUR",
        menu: &["sourdough", "baguette", "croissant", "pain-au-chocolat", "cheesecake"],
    },
    Shop {
        id: "brooklyn",
        name: "Bakery in Brooklyn",
        address: "212 Fifth Avenue, Brooklyn",
        time_zone: "America/New_York",
        hours: ("07:00", "19:00"),
        currency: "USD",
        menu: &["sourdough", "rye", "pretzel", "cinnamon-roll", "donut", "cheesecake"],
    },
];

/// Who works at the demo, by role, besides the customers who come by themselves.
pub(crate) const STAFF: [Role; 3] = [Role::Kitchen, Role::Manager, Role::Operator];

/// A product and how it is baked.
pub(crate) struct Bread {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// Minor units of the branch's currency.
    pub(crate) price: i64,
    pub(crate) shelf_life_min: i32,
    /// Off while the discount before closing is on.
    pub(crate) discount_percent: i16,
    /// Units of one batch.
    pub(crate) batch: u32,
    /// A batch comes out of the oven at opening, and then every so many minutes.
    pub(crate) every_min: i32,
    /// How long ago the batches on the shelf when the demo begins were baked, in minutes.
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
        every_min: 30,
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
        every_min: 30,
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
        every_min: 20,
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
        every_min: 20,
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
        every_min: 30,
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
        every_min: 30,
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
        every_min: 15,
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
        every_min: 1,
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
        every_min: 720,
        ages_min: &[100],
    },
];
