//! What is told to whom: one message of the log in the words for each audience. Plain values.

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use bakery_nats::messages::inventory::Line;
use bakery_nats::messages::orders::{OrderChanged, OrderRefunded, Reason, Status};
use bakery_nats::money::Currency;
use bakery_nats::slug::Slug;
use serde::Serialize;
use uuid::Uuid;

/// What somebody looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// One order: for its owner and staff.
    Order(Uuid),
    /// What the kitchen of a branch has in hand: for staff.
    Kitchen(Slug),
    /// The board at the counter of a branch: for anyone.
    Display(Slug),
    /// What can be bought at a branch: for anyone.
    Shelf(Slug),
}

/// One event, in both wire forms. They are made once, however many look on.
#[derive(Debug)]
pub(crate) struct Shown {
    /// As a server-sent event.
    pub(crate) sse: Bytes,
    /// As the text of a WebSocket.
    pub(crate) text: Utf8Bytes,
}

impl Shown {
    /// With the number in the log after which this is true, a name, and JSON without line ends.
    pub(crate) fn new(id: u64, name: &str, json: &str) -> Self {
        Self {
            sse: format!("id: {id}\nevent: {name}\ndata: {json}\n\n").into(),
            text: format!(r#"{{"id":"{id}","event":"{name}","data":{json}}}"#).into(),
        }
    }

    /// Of a value; `None` for what cannot be written, which no value of ours is.
    pub(crate) fn of(id: u64, name: &str, value: &impl Serialize) -> Option<Self> {
        let json = serde_json::to_string(value);
        let json =
            json.map_err(|error| tracing::error!(%error, name, "an event cannot be written"));
        Some(Self::new(id, name, &json.ok()?))
    }
}

/// One message of the log that somebody may want to hear.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its number in the stream.
    pub(crate) sequence: u64,
    /// The branch it is about.
    pub(crate) branch: Slug,
    /// What it says.
    pub(crate) news: News,
    /// What it takes up here, about.
    pub(crate) bytes: usize,
}

/// What a message of the log says.
#[derive(Debug)]
pub(crate) enum News {
    /// An order has a new status.
    Order(Box<OrderNews>),
    /// Money of an order was paid back; its status stays.
    Refund { order_id: Uuid, refund_id: Uuid, shown: Option<Shown> },
    /// Something happened on the shelf: what can be bought is to be asked anew.
    Shelf,
}

/// An order's new status, for each audience.
#[derive(Debug)]
pub(crate) struct OrderNews {
    pub(crate) order_id: Uuid,
    pub(crate) status: Status,
    order: Option<Shown>,
    kitchen: Option<Shown>,
    display: Option<Shown>,
}

/// For the owner of an order, and for staff.
#[derive(Serialize)]
struct OrderEvent<'a> {
    order_id: Uuid,
    number: &'a str,
    status: Status,
    version: i64,
    total: Option<i64>,
    currency: Option<&'a Currency>,
    reason: Option<&'a Reason>,
    at: Option<&'a str>,
}

/// For the owner of an order, and for staff.
#[derive(Serialize)]
struct RefundEvent<'a> {
    order_id: Uuid,
    refund_id: Uuid,
    amount: i64,
    currency: &'a Currency,
    reason: &'a str,
    at: Option<&'a str>,
}

/// For the kitchen.
#[derive(Serialize)]
struct KitchenEvent<'a> {
    order_id: Uuid,
    number: &'a str,
    status: Status,
    version: i64,
    lines: &'a [Line],
    at: Option<&'a str>,
}

/// For the board at the counter: a number and nothing that could be somebody's.
#[derive(Serialize)]
struct DisplayEvent<'a> {
    number: &'a str,
    status: &'static str,
}

impl Entry {
    /// An order's event; `at` is the shop's time of it.
    pub(crate) fn order(
        sequence: u64,
        branch: Slug,
        changed: &OrderChanged,
        at: Option<&str>,
    ) -> Self {
        let OrderChanged { order_id, status, version, .. } = *changed;
        let number = changed.number.as_str();
        let (total, currency) = (changed.total, changed.currency.as_ref());
        let reason = changed.reason.as_ref();
        let order = OrderEvent { order_id, number, status, version, total, currency, reason, at };
        let lines = changed.lines.as_slice();
        let kitchen = KitchenEvent { order_id, number, status, version, lines, at };
        let write_kitchen = || Shown::of(sequence, "order", &kitchen);
        let display = |status| Shown::of(sequence, "order", &DisplayEvent { number, status });
        let news = OrderNews {
            order_id,
            status,
            order: Shown::of(sequence, "order", &order),
            kitchen: is_the_kitchens(status).then(write_kitchen).flatten(),
            display: on_display(status).and_then(display),
        };
        let shown = [&news.order, &news.kitchen, &news.display];
        let bytes = shown.into_iter().flatten().map(|s| s.sse.len() + s.text.len()).sum();
        Self { sequence, branch, news: News::Order(Box::new(news)), bytes }
    }

    /// Money that was paid back.
    pub(crate) fn refund(
        sequence: u64,
        branch: Slug,
        refunded: &OrderRefunded,
        at: Option<&str>,
    ) -> Self {
        let OrderRefunded { order_id, refund_id, amount, .. } = *refunded;
        let (currency, reason) = (&refunded.currency, refunded.reason.as_str());
        let event = RefundEvent { order_id, refund_id, amount, currency, reason, at };
        let shown = Shown::of(sequence, "refund", &event);
        let bytes = shown.iter().map(|s| s.sse.len() + s.text.len()).sum();
        Self { sequence, branch, news: News::Refund { order_id, refund_id, shown }, bytes }
    }

    /// Something on the shelf.
    pub(crate) fn shelf(sequence: u64, branch: Slug) -> Self {
        Self { sequence, branch, news: News::Shelf, bytes: 0 }
    }

    /// What those see of it who look at this, if anything.
    pub(crate) fn shown(&self, topic: &Topic) -> Option<&Shown> {
        let news = match &self.news {
            News::Order(news) => news,
            News::Refund { order_id, shown, .. } => {
                return shown.as_ref().filter(|_| *topic == Topic::Order(*order_id));
            }
            News::Shelf => return None,
        };
        match topic {
            Topic::Order(id) if *id == news.order_id => news.order.as_ref(),
            Topic::Kitchen(branch) if *branch == self.branch => news.kitchen.as_ref(),
            Topic::Display(branch) if *branch == self.branch => news.display.as_ref(),
            Topic::Order(_) | Topic::Kitchen(_) | Topic::Display(_) | Topic::Shelf(_) => None,
        }
    }

    /// Who could see anything of it.
    pub(crate) fn topics(&self) -> Vec<Topic> {
        let news = match &self.news {
            News::Order(news) => news,
            News::Refund { order_id, .. } => return vec![Topic::Order(*order_id)],
            News::Shelf => return Vec::new(),
        };
        let order = news.order.as_ref().map(|_| Topic::Order(news.order_id));
        let kitchen = news.kitchen.as_ref().map(|_| Topic::Kitchen(self.branch.clone()));
        let display = news.display.as_ref().map(|_| Topic::Display(self.branch.clone()));
        [order, kitchen, display].into_iter().flatten().collect()
    }
}

/// Where a status stands in an order's life: an order never goes back.
pub(crate) fn rank(status: Status) -> usize {
    Status::ALL.iter().position(|one| *one == status).unwrap_or_default()
}

/// What is not bought is nothing to the kitchen; what is called off is.
fn is_the_kitchens(status: Status) -> bool {
    match status {
        Status::Confirmed
        | Status::Preparing
        | Status::Ready
        | Status::Served
        | Status::Cancelled => true,
        Status::Placed | Status::Reserved | Status::Rejected | Status::Declined => false,
    }
}

/// How a status reads on the board: what was picked up is gone.
fn on_display(status: Status) -> Option<&'static str> {
    match status {
        Status::Preparing => Some("preparing"),
        Status::Ready => Some("ready"),
        Status::Served => Some("gone"),
        Status::Placed
        | Status::Reserved
        | Status::Confirmed
        | Status::Rejected
        | Status::Declined
        | Status::Cancelled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Topic, rank};
    use bakery_nats::messages::orders::{OrderChanged, Status};
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn changed(status: Status) -> OrderChanged {
        serde_json::from_value(json!({
            "order_id": Uuid::from_u128(7), "number": "007", "status": status, "version": 5,
            "account_id": Uuid::from_u128(9), "lines": [{"product_id": "rye", "quantity": 2}],
            "total": 640, "currency": "EUR", "reason": null,
        }))
        .unwrap()
    }

    fn entry(status: Status) -> Entry {
        Entry::order(42, "main".parse().unwrap(), &changed(status), Some("2026-11-24T10:00:00Z"))
    }

    fn data(entry: &Entry, topic: &Topic) -> Option<Value> {
        let shown = entry.shown(topic)?;
        let text: Value = serde_json::from_str(shown.text.as_str()).unwrap();
        assert_eq!((&text["id"], &text["event"]), (&json!("42"), &json!("order")));
        let sse = std::str::from_utf8(&shown.sse).unwrap();
        let json = sse.strip_prefix("id: 42\nevent: order\ndata: ").unwrap();
        let json = json.strip_suffix("\n\n").unwrap();
        assert!(!json.contains('\n'));
        assert_eq!(serde_json::from_str::<Value>(json).unwrap(), text["data"]);
        Some(text["data"].clone())
    }

    #[test]
    fn each_audience_hears_what_is_its_own() {
        let (main, north) = ("main".parse().unwrap(), "north".parse().unwrap());
        let ready = entry(Status::Ready);
        let order = data(&ready, &Topic::Order(Uuid::from_u128(7))).unwrap();
        assert_eq!((&order["status"], &order["total"]), (&json!("ready"), &json!(640)));
        assert_eq!(order["at"], "2026-11-24T10:00:00Z");
        assert!(order.get("account_id").is_none());
        let kitchen = data(&ready, &Topic::Kitchen(main)).unwrap();
        assert_eq!(kitchen["lines"], json!([{"product_id": "rye", "quantity": 2}]));
        for private in ["account_id", "total", "reason"] {
            assert!(kitchen.get(private).is_none(), "{private}");
        }
        let display = data(&ready, &Topic::Display("main".parse().unwrap()));
        assert_eq!(display, Some(json!({"number": "007", "status": "ready"})));
        assert!(data(&ready, &Topic::Order(Uuid::from_u128(8))).is_none());
        assert!(data(&ready, &Topic::Kitchen(north)).is_none());
        assert!(data(&ready, &Topic::Shelf("main".parse().unwrap())).is_none());
    }

    #[test]
    fn the_board_shows_two_statuses_and_what_is_gone() {
        let shown = Status::ALL.map(|status| {
            let display = data(&entry(status), &Topic::Display("main".parse().unwrap()));
            display.map(|json| json["status"].as_str().unwrap().to_owned())
        });
        let shown: Vec<_> = shown.iter().map(|status| status.as_deref()).collect();
        let expected = [Some("preparing"), Some("ready"), Some("gone")];
        assert_eq!(shown[3..6], expected);
        assert!(shown[..3].iter().chain(&shown[6..]).all(Option::is_none));
    }

    #[test]
    fn who_is_told_is_who_sees_something() {
        for status in Status::ALL {
            let entry = entry(status);
            for topic in entry.topics() {
                assert!(entry.shown(&topic).is_some(), "{status}: {topic:?}");
            }
        }
        assert_eq!(entry(Status::Placed).topics().len(), 1);
        assert_eq!(entry(Status::Ready).topics().len(), 3);
    }

    #[test]
    fn an_order_only_rises() {
        let ways: [&[Status]; 3] = [
            &[
                Status::Placed,
                Status::Reserved,
                Status::Confirmed,
                Status::Preparing,
                Status::Ready,
                Status::Served,
            ],
            &[Status::Placed, Status::Reserved, Status::Declined],
            &[Status::Confirmed, Status::Cancelled],
        ];
        for way in ways {
            assert!(way.is_sorted_by_key(|status| rank(*status)), "{way:?}");
        }
    }
}
