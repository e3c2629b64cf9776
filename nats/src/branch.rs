//! A branch of the bakery, as every service knows it.

use crate::calendar::{Calendar, OpeningHours};
use crate::money::Currency;
use crate::slug::Slug;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A shop with a menu, a shelf, hours and a till of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Branch {
    /// A short slug; a token of subjects.
    pub id: Slug,
    /// For people, 1 to 80 characters.
    pub name: String,
    /// For people, up to 200 characters.
    pub address: String,
    /// Of the IANA database, such as `Europe/Berlin`.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub time_zone: Tz,
    /// When it is open, in its time zone.
    pub hours: OpeningHours,
    /// Of every price on its menu.
    pub currency: Currency,
    /// True while it is closed by hand, whatever its hours say.
    pub closed: bool,
}

impl Branch {
    /// Its hours and days.
    pub fn calendar(&self) -> Calendar {
        Calendar { time_zone: self.time_zone, hours: self.hours }
    }

    /// Whether it takes orders.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        !self.closed && self.calendar().is_open(at)
    }
}
