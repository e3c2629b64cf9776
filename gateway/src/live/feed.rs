//! The one way in which this gateway listens to the log: the consumer `live` says every news to every
//! gateway, and with each its number in the stream and its turn at the consumer. A turn that is
//! missing is a message that was missed (an outage, a client that was too slow): then everybody looks
//! anew. Signs of life every few seconds tell of turns that are missing at the end.

use super::Live;
use super::event::Entry;
use crate::cache::Cache;
use crate::watch::Watch;
use async_nats::jetstream::{self, Message as Numbered};
use async_nats::{HeaderMap, Message, SubscribeError, Subscriber};
use bakery_nats::connect::Bus;
use bakery_nats::envelope::AT;
use bakery_nats::message::Message as _;
use bakery_nats::messages::orders::{OrderChanged, OrderRefunded};
use bakery_nats::subject::Subject;
use bakery_nats::topology::{LIVE, LIVE_SUBJECT, STREAM};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// With more waiting than this, a gateway that opens begins with the newest: nobody looks on who saw
/// what was before.
const CATCH_UP_MAX: u64 = 8192;
/// How often is looked whether the stream has lost its tail (R11).
const CHECK_PAUSE_S: u64 = 60;
/// What the consumer's signs of life say.
const LAST_TURN: &str = "Nats-Last-Consumer";
const LAST_NUMBER: &str = "Nats-Last-Stream";

/// Listens.
pub(crate) struct Feed {
    bus: Bus,
    told: Told,
    news: Subscriber,
    heard: Heard,
}

/// Who is told.
type Told = (Arc<Live>, Arc<Watch>, Arc<Cache>);

/// What the log says of an order.
enum OrderSaid {
    Changed(OrderChanged),
    Refunded(OrderRefunded),
}

impl OrderSaid {
    fn read(name: &str, payload: &[u8]) -> Option<Self> {
        if name == OrderRefunded::NAME {
            return serde_json::from_slice(payload).ok().map(Self::Refunded);
        }
        serde_json::from_slice(payload).ok().map(Self::Changed)
    }

    fn order_id(&self) -> Uuid {
        match self {
            Self::Changed(changed) => changed.order_id,
            Self::Refunded(refunded) => refunded.order_id,
        }
    }
}

/// The last message that was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Heard {
    number: u64,
    /// None while it is not known.
    turn: Option<u64>,
}

/// What a message or a sign of life means after what was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Nothing lies between.
    Next,
    /// Nobody knows what lies between: it is the first.
    First,
    /// Something was missed.
    Missed,
}

impl Heard {
    fn message(self, number: u64, turn: u64) -> Turn {
        match self.turn {
            None => Turn::First,
            Some(last) if turn == last + 1 && number > self.number => Turn::Next,
            Some(_) => Turn::Missed,
        }
    }

    fn sign(self, turn: u64) -> Turn {
        match self.turn {
            None => Turn::First,
            Some(last) if last == turn => Turn::Next,
            Some(_) => Turn::Missed,
        }
    }
}

impl Feed {
    /// Begins to listen: what is said from now on is not missed.
    pub(crate) async fn open(bus: Bus, told: Told) -> Result<Self, SubscribeError> {
        // Before the subscription: what lies between is said then.
        let heard = match standing(&bus.context).await {
            Ok(heard) => heard,
            Err(reason) => {
                tracing::warn!(%reason, "nobody says where the log stands; news may be late");
                Heard::default()
            }
        };
        told.0.hub.restart(heard.number);
        let news = bus.client.subscribe(LIVE_SUBJECT).await?;
        Ok(Self { bus, told, news, heard })
    }

    /// Listens until the gateway stops.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut check = interval(Duration::from_secs(CHECK_PAUSE_S));
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                message = self.news.next() => match message {
                    Some(message) => self.hear(message).await,
                    // The connection is closed for good.
                    None => return,
                },
                _ = check.tick() => {
                    let bus = self.bus.clone();
                    // Aside: what is said meanwhile must not pile up.
                    tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
                        if let Err(reason) = heal(&bus.context).await {
                            tracing::debug!(%reason, "the log cannot be checked");
                        }
                    }));
                }
            }
        }
    }

    async fn hear(&mut self, message: Message) {
        if message.status.is_some() {
            self.hear_sign(message.headers.as_ref());
            return;
        }
        let message = Numbered { message, context: self.bus.context.clone() };
        let Ok(info) = message.info() else {
            tracing::warn!("something without a number was said where only the server may speak");
            return;
        };
        let (number, turn) = (info.stream_sequence, info.consumer_sequence);
        let before = number.saturating_sub(1);
        match self.heard.message(number, turn) {
            Turn::Next => {}
            // Nothing was heard so far, so nobody has missed anything; but before it lies the unknown.
            Turn::First if self.heard.number == 0 => self.told.0.hub.restart(before),
            Turn::First | Turn::Missed => self.miss(before),
        }
        self.heard = Heard { number, turn: Some(turn) };
        self.tell(number, &message).await;
    }

    fn hear_sign(&mut self, headers: Option<&HeaderMap>) {
        let header = |name: &str| headers?.get(name)?.as_str().parse::<u64>().ok();
        let (Some(turn), Some(number)) = (header(LAST_TURN), header(LAST_NUMBER)) else { return };
        match self.heard.sign(turn) {
            Turn::Next => return,
            Turn::First if self.heard.number == 0 => self.told.0.hub.restart(number),
            Turn::First | Turn::Missed => self.miss(number),
        }
        self.heard = Heard { number, turn: Some(turn) };
    }

    fn miss(&self, floor: u64) {
        tracing::warn!(floor, "news were missed: all live connections look anew");
        self.told.0.hub.restart(floor);
    }

    /// First the cache, so that who reads an order or a menu on its news reads it anew.
    async fn tell(&self, number: u64, message: &Message) {
        let (live, watch, cache) = &self.told;
        let Ok(subject) = message.subject.parse::<Subject>() else { return };
        if subject.service != OrderChanged::SERVICE {
            cache.shelf_changed(&subject.branch, number);
            live.hub.say(Entry::shelf(number, subject.branch));
            return;
        }
        let Some(news) = OrderSaid::read(&subject.name, &message.payload) else {
            tracing::warn!(number, "an order's event cannot be read");
            return;
        };
        cache.order_changed(news.order_id()).await;
        let at = message.headers.as_ref().and_then(|headers| headers.get(AT));
        let at = at.map(|value| value.as_str());
        match news {
            OrderSaid::Changed(changed) => {
                watch.see(&changed);
                live.hub.say(Entry::order(number, subject.branch, &changed, at));
            }
            OrderSaid::Refunded(refunded) => {
                live.hub.say(Entry::refund(number, subject.branch, &refunded, at));
            }
        }
    }
}

/// Where the consumer stands; where too much waits, it is set to the end of the stream first.
async fn standing(context: &jetstream::Context) -> Result<Heard, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let stream = context.get_stream_no_info(STREAM).await.map_err(|error| text(&error))?;
    let info = stream.consumer_info(LIVE).await.map_err(|error| text(&error))?;
    if info.num_pending <= CATCH_UP_MAX {
        let delivered = info.delivered;
        let turn = Some(delivered.consumer_sequence);
        return Ok(Heard { number: delivered.stream_sequence, turn });
    }
    let last = stream.get_info().await.map_err(|error| text(&error))?.state.last_sequence;
    stream.reset_consumer(LIVE, Some(last + 1)).await.map_err(|error| text(&error))?;
    Ok(Heard { number: last, turn: None })
}

/// Sets the consumer to the end of a stream that has lost its tail: it would pass over new messages
/// that have the numbers of lost ones. Everybody looks anew when the next news come.
async fn heal(context: &jetstream::Context) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let stream = context.get_stream_no_info(STREAM).await.map_err(|error| text(&error))?;
    // The consumer first: the stream only grows.
    let info = stream.consumer_info(LIVE).await.map_err(|error| text(&error))?;
    let last = stream.get_info().await.map_err(|error| text(&error))?.state.last_sequence;
    if info.delivered.stream_sequence > last {
        tracing::error!(last, "the stream lost its tail: news go on from its end");
        stream.reset_consumer(LIVE, Some(last + 1)).await.map_err(|error| text(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Heard, Turn};

    #[test]
    fn a_turn_that_is_missing_is_noticed() {
        let heard = Heard { number: 40, turn: Some(7) };
        assert_eq!(heard.message(43, 8), Turn::Next);
        assert_eq!(heard.message(43, 9), Turn::Missed);
        assert_eq!(heard.message(43, 1), Turn::Missed, "the consumer began anew");
        assert_eq!(heard.message(39, 8), Turn::Missed, "the stream lost its tail");
        assert_eq!(heard.sign(7), Turn::Next);
        assert_eq!(heard.sign(8), Turn::Missed, "the newest message never came");
        assert_eq!(heard.sign(0), Turn::Missed);
        assert_eq!(Heard::default().message(43, 8), Turn::First);
        assert_eq!(Heard::default().sign(8), Turn::First);
    }
}
