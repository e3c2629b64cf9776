//! The body of a branch. All that is wrong with it is found at once.

use crate::api::texts::{Address, Name};
use crate::checks::Checks;
use crate::input::Object;
use bakery_nats::calendar::{OpeningHours, Span, TimeOfDay};
use bakery_nats::money::Currency;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::inventory::PutBranch;
use bakery_nats::slug::Slug;
use serde::Deserialize;
use utoipa::ToSchema;

const NAME_LENGTH_MAX: usize = 80;
const ADDRESS_LENGTH_MAX: usize = 200;
const TIME_ZONE: &str = "must be a zone of the IANA database, such as Europe/Berlin";

/// A branch as its baker writes it. Nothing is required here, so that what is missing is found
/// together with what is wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BranchBody {
    #[schema(value_type = Name)]
    name: Option<String>,
    #[schema(value_type = Address)]
    address: Option<String>,
    #[schema(value_type = String, example = "Europe/Berlin")]
    time_zone: Option<String>,
    #[schema(value_type = HoursBody)]
    hours: Option<Object<HoursBody>>,
    #[schema(value_type = Currency)]
    currency: Option<String>,
}

/// A day that is left out is a day of rest.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HoursBody {
    #[schema(value_type = Option<SpanBody>)]
    mon: Option<Object<SpanBody>>,
    #[schema(value_type = Option<SpanBody>)]
    tue: Option<Object<SpanBody>>,
    #[schema(value_type = Option<SpanBody>)]
    wed: Option<Object<SpanBody>>,
    #[schema(value_type = Option<SpanBody>)]
    thu: Option<Object<SpanBody>>,
    #[schema(value_type = Option<SpanBody>)]
    fri: Option<Object<SpanBody>>,
    #[schema(value_type = Option<SpanBody>)]
    sat: Option<Object<SpanBody>>,
    #[schema(value_type = Option<SpanBody>)]
    sun: Option<Object<SpanBody>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SpanBody {
    #[schema(value_type = TimeOfDay)]
    open: Option<String>,
    #[schema(value_type = TimeOfDay)]
    close: Option<String>,
}

impl BranchBody {
    /// The branch as inventory wants it.
    pub(crate) fn read(self, id: Slug) -> Result<PutBranch, Refusal> {
        let mut checks = Checks::default();
        let name = checks.text("name", self.name.as_deref(), 1..=NAME_LENGTH_MAX);
        let address = checks.text("address", self.address.as_deref(), 0..=ADDRESS_LENGTH_MAX);
        let time_zone = checks
            .needed("time_zone", self.time_zone.as_deref())
            .and_then(|text| checks.parsed("time_zone", text, TIME_ZONE));
        let hours = checks.needed("hours", self.hours.as_ref());
        let hours = hours.map(|Object(hours)| hours.read(&mut checks));
        let currency = checks
            .needed("currency", self.currency.as_deref())
            .and_then(|text| checks.read("currency", text));
        let put = || {
            Some(PutBranch {
                id,
                name: name?,
                address: address?,
                time_zone: time_zone?,
                hours: hours?,
                currency: currency?,
            })
        };
        checks.finish(put())
    }
}

impl HoursBody {
    /// The days that can be read; the others are named.
    fn read(&self, checks: &mut Checks) -> OpeningHours {
        let mut day = |name: &str, span: &Option<Object<SpanBody>>| {
            span.as_ref().and_then(|Object(span)| span.read(&format!("hours.{name}"), checks))
        };
        let hours = OpeningHours {
            mon: day("mon", &self.mon),
            tue: day("tue", &self.tue),
            wed: day("wed", &self.wed),
            thu: day("thu", &self.thu),
            fri: day("fri", &self.fri),
            sat: day("sat", &self.sat),
            sun: day("sun", &self.sun),
        };
        for day in hours.wrong_days() {
            checks.wrong(format!("hours.{day}.close"), "must be later than open");
        }
        hours
    }
}

impl SpanBody {
    fn read(&self, day: &str, checks: &mut Checks) -> Option<Span> {
        let mut time = |name: &str, text: &Option<String>| {
            let field = format!("{day}.{name}");
            let text = checks.needed(&field, text.as_deref())?;
            checks.read(&field, text)
        };
        let (open, close) = (time("open", &self.open), time("close", &self.close));
        Some(Span { open: open?, close: close? })
    }
}

#[cfg(test)]
mod tests;
