//! The bodies about webhooks. All that is wrong with one is found at once.

use crate::checks::{Checks, SLUG};
use crate::notify::event::Event;
use crate::notify::target;
use crate::notify::webhook::Wanted;
use bakery_nats::refusal::Refusal;
use bakery_nats::slug::Slug;
use serde::Deserialize;
use utoipa::ToSchema;

/// A webhook as its manager writes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookBody {
    /// `https`, to an address that everybody may call.
    #[schema(value_type = String, pattern = "^[Hh][Tt][Tt][Pp][Ss]?://", max_length = 2000)]
    url: Option<String>,
    /// What it is told of.
    #[schema(value_type = Vec<Event>, min_items = 1, max_items = 9)]
    events: Option<Vec<String>>,
    /// Only of this branch.
    #[schema(value_type = Option<Slug>)]
    branch: Option<String>,
}

impl WebhookBody {
    /// As it is kept. `private`: also by HTTP, and in this network.
    pub(crate) fn read(self, private: bool) -> Result<Wanted, Refusal> {
        let mut checks = Checks::default();
        let url = checks.needed("url", self.url);
        let url = url.and_then(|text| match target::read(&text, private) {
            Ok(url) => Some(url.to_string()),
            Err(reason) => {
                checks.wrong("url", reason);
                None
            }
        });
        let events = checks.needed("events", self.events);
        let events = events.map(|named| events_of(&named, &mut checks));
        let branch = self.branch.as_deref();
        let branch = branch.and_then(|text| checks.parsed::<Slug>("branch", text, SLUG));
        let branch = branch.map(|slug| slug.to_string());
        let wanted = || Some(Wanted { url: url?, events: events?, branch });
        checks.finish(wanted())
    }
}

/// Each of them once; those that are none are named by their place.
fn events_of(named: &[String], checks: &mut Checks) -> Vec<String> {
    let mut events: Vec<String> = Vec::new();
    if named.is_empty() || named.len() > Event::ALL.len() {
        let most = Event::ALL.len();
        checks.wrong("events", format!("must be 1 to {most} names of events"));
        return events;
    }
    for (place, name) in named.iter().enumerate() {
        let field = format!("events[{place}]");
        if name.parse::<Event>().is_err() {
            let names = Event::ALL.map(Event::as_str).join(", ");
            checks.wrong(field, format!("must be one of {names}"));
        } else if events.contains(name) {
            checks.wrong(field, "is given twice");
        } else {
            events.push(name.clone());
        }
    }
    events
}

/// On or off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnabledBody {
    #[schema(value_type = bool)]
    enabled: Option<bool>,
}

impl EnabledBody {
    pub(crate) fn read(&self) -> Result<bool, Refusal> {
        let mut checks = Checks::default();
        let enabled = checks.needed("enabled", self.enabled);
        checks.finish(enabled)
    }
}

#[cfg(test)]
mod tests {
    use super::WebhookBody;
    use bakery_nats::refusal::Refusal;
    use serde_json::{Value, json};

    fn read(body: Value) -> Result<super::Wanted, Refusal> {
        serde_json::from_value::<WebhookBody>(body).unwrap().read(false)
    }

    fn fields(body: Value) -> Vec<String> {
        read(body).unwrap_err().errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        assert_eq!(fields(json!({})), ["url", "events"]);
        let bad = json!({"url": "http://10.0.0.1/", "events": ["order.ready", "order.eaten"],
                         "branch": "Main"});
        assert_eq!(fields(bad), ["url", "events[1]", "branch"]);
        let url = "https://shop.example/hook";
        assert_eq!(fields(json!({"url": url, "events": []})), ["events"]);
        let many = vec!["order.ready"; 10];
        assert_eq!(fields(json!({"url": url, "events": many})), ["events"]);
        let twice = json!(["order.ready", "order.ready"]);
        assert_eq!(fields(json!({"url": url, "events": twice})), ["events[1]"]);
    }

    #[test]
    fn what_is_right_is_kept_as_it_was_meant() {
        let wanted = read(json!({"url": "HTTPS://Shop.Example/Hook?a=b", "branch": "main",
                                 "events": ["order.ready", "order.refunded"]}));
        let wanted = wanted.unwrap();
        assert_eq!(wanted.url, "https://shop.example/Hook?a=b");
        assert_eq!(wanted.events, ["order.ready", "order.refunded"]);
        assert_eq!(wanted.branch.as_deref(), Some("main"));
    }
}
