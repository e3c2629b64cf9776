//! How things stand, for who begins to look. What many look at is asked once for all who come within
//! a second: after a restart everybody comes at once.

use super::event::{News, Shown, Topic, rank};
use crate::app::App;
use crate::problem::internal;
use bakery_nats::messages::orders::Status;
use bakery_nats::refusal::Refusal;
use bakery_nats::requests::kitchen::{Board, BoardReply, Kitchen};
use bakery_nats::requests::orders::GetOrder;
use bakery_nats::requests::refunds::RefundState;
use bakery_nats::slug::Slug;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

/// Snapshots that are kept; what comes beyond is asked each time.
const SNAPSHOTS_MAX: usize = 64;

/// What a snapshot shows: events of it are no news.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// How far each order had come.
    orders: HashMap<Uuid, usize>,
    /// Refunds that were paid; the others are told when they are.
    refunds: HashSet<Uuid>,
}

impl Known {
    fn of(orders: impl Iterator<Item = (Uuid, Status)>) -> Self {
        let orders = orders.map(|(id, status)| (id, rank(status))).collect();
        Self { orders, refunds: HashSet::new() }
    }

    /// Whether the snapshot showed it already: it was asked for after the last event before it.
    pub(crate) fn has(&self, news: &News) -> bool {
        match news {
            News::Order(news) => {
                self.orders.get(&news.order_id).is_some_and(|known| rank(news.status) <= *known)
            }
            News::Refund { refund_id, .. } => self.refunds.contains(refund_id),
            News::Shelf => false,
        }
    }
}

/// How things stood at some moment after this number of the log was heard.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) through: u64,
    /// For who comes for the first time.
    pub(crate) first: Arc<Shown>,
    /// For who cannot be told what was missed.
    pub(crate) again: Arc<Shown>,
    pub(crate) known: Arc<Known>,
}

type Answer = Result<Arc<Snapshot>, Refusal>;
type Slot = Arc<tokio::sync::Mutex<Option<(Instant, Answer)>>>;

/// The snapshots of a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<HashMap<Topic, Slot>>);

/// The board at the counter as anyone sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisplayView {
    orders: Vec<DisplayLine>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DisplayLine {
    number: String,
    status: Status,
}

impl From<BoardReply> for DisplayView {
    fn from(board: BoardReply) -> Self {
        let line = |line: bakery_nats::requests::kitchen::BoardLine| DisplayLine {
            number: line.number,
            status: line.status,
        };
        Self { orders: board.orders.into_iter().map(line).collect() }
    }
}

impl Snapshots {
    /// How things stand. The shelf has a way of its own.
    pub(crate) async fn get(&self, app: &App, topic: &Topic) -> Answer {
        let Some(slot) = self.slot(topic) else { return ask(app, topic).await };
        let mut slot = slot.lock().await;
        // After news were missed, one from before leads nowhere.
        let goes_on = |answer: &Answer| {
            answer.as_ref().map_or(true, |snapshot| app.live.hub.has_all_after(snapshot.through))
        };
        if let Some((asked, answer)) = slot.as_ref()
            && asked.elapsed() < app.live.bounds.snapshot_life
            && goes_on(answer)
        {
            return answer.clone();
        }
        let asked = Instant::now();
        let answer = ask(app, topic).await;
        // A failure may have taken longer than it is kept: it counts from its end, so that those who
        // wait here do not all ask again, one after another.
        let since = if answer.is_ok() { asked } else { Instant::now() };
        *slot = Some((since, answer.clone()));
        answer
    }

    /// Where this one is kept; one order is looked at by one person, and is not.
    fn slot(&self, topic: &Topic) -> Option<Slot> {
        if matches!(topic, Topic::Order(_)) {
            return None;
        }
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= SNAPSHOTS_MAX && !slots.contains_key(topic) {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
            if slots.len() >= SNAPSHOTS_MAX {
                return None;
            }
        }
        Some(slots.entry(topic.clone()).or_default().clone())
    }
}

async fn ask(app: &App, topic: &Topic) -> Answer {
    // Before the question: what is said from here on may be in the answer or not.
    let through = app.live.hub.last();
    let (json, known) = match topic {
        Topic::Order(order_id) => order(app, *order_id).await?,
        Topic::Kitchen(branch) => kitchen(app, branch).await?,
        Topic::Display(branch) => display(app, branch).await?,
        Topic::Shelf(_) => return Err(internal()),
    };
    let shown = |name| Arc::new(Shown::new(through, name, &json));
    let (first, again) = (shown("snapshot"), shown("reset"));
    Ok(Arc::new(Snapshot { through, first, again, known: Arc::new(known) }))
}

async fn order(app: &App, order_id: Uuid) -> Result<(String, Known), Refusal> {
    let order = app.ask(&GetOrder { order_id }).await?;
    let mut known = Known::of(std::iter::once((order.id, order.status)));
    let paid = order.refunds.iter().filter(|refund| refund.state == RefundState::Paid);
    known.refunds = paid.map(|refund| refund.id).collect();
    Ok((json(&order)?, known))
}

async fn kitchen(app: &App, branch: &Slug) -> Result<(String, Known), Refusal> {
    let queue = app.ask(&Kitchen { branch: branch.clone() }).await?;
    let known = Known::of(queue.orders.iter().map(|order| (order.id, order.status)));
    Ok((json(&queue)?, known))
}

async fn display(app: &App, branch: &Slug) -> Result<(String, Known), Refusal> {
    let board = app.ask(&Board { branch: branch.clone() }).await?;
    let known = Known::of(board.orders.iter().map(|line| (line.order_id, line.status)));
    Ok((json(&DisplayView::from(board))?, known))
}

fn json(value: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "a snapshot cannot be written as JSON");
        internal()
    })
}
