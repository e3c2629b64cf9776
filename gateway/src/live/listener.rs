//! One live connection, whatever its wire form: how things stand, then what changes, until it ends.

use super::Bounds;
use super::cut::{Cut, Why};
use super::event::{Shown, Topic};
use super::hub::{Said, Seat};
use super::keeper::{Needs, Ward};
use super::place::{Client, Place};
use super::snapshot::Known;
use crate::app::App;
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use bakery_nats::refusal::Refusal;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

/// A snapshot that is too old to go on from is asked anew at most so often.
const SNAPSHOT_TRIES_MAX: u32 = 3;
/// Who begins to look waits no longer to be told how things stand: meanwhile they hold a place.
const OPEN_TIMEOUT_S: u64 = 5;

/// Who looks on at what, from where on.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) topic: Topic,
    pub(crate) client: Client,
    /// The last event the client has seen.
    pub(crate) last_event_id: Option<u64>,
    /// Where one is needed: the session and what it must be allowed, and how long its token is good.
    pub(crate) pass: Option<Pass>,
}

/// With what somebody was let in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    pub(crate) session_id: Uuid,
    pub(crate) needs: Needs,
    pub(crate) good_for: Duration,
}

/// One connection.
pub(crate) struct Listener {
    app: App,
    topic: Topic,
    /// Said first.
    ready: VecDeque<Said>,
    /// None where something was missed: then how things stand is asked anew.
    seat: Option<Seat>,
    known: Arc<Known>,
    cut: Arc<Cut>,
    /// It ends then, for this reason.
    until: (Instant, Why),
    place: Place,
    _ward: Option<Ward>,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Something for the client.
    Event(Ready),
    /// The end.
    End(Why),
}

/// An event as it is sent.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) sse: Bytes,
    pub(crate) text: Utf8Bytes,
}

impl From<&Shown> for Ready {
    fn from(shown: &Shown) -> Self {
        Self { sse: shown.sse.clone(), text: shown.text.clone() }
    }
}

impl Listener {
    /// Begins to look: goes on where the client was, or says how things stand.
    ///
    /// # Errors
    /// There is no place, or nobody can say how things stand.
    pub(crate) async fn open(app: App, wish: Wish) -> Result<Self, Problem> {
        let place = app.live.rooms.take(wish.client)?;
        let cut = Arc::new(Cut::default());
        let keep =
            |pass: Pass| app.live.keeper.keep(place.number, pass.session_id, pass.needs, &cut);
        let ward = wish.pass.map(keep);
        let (now, life) = (Instant::now(), app.live.bounds.life_max);
        let until = match wish.pass.map(|pass| pass.good_for) {
            Some(good_for) if good_for < life => (now + good_for, Why::Expired),
            Some(_) | None => (now + life, Why::Old),
        };
        let mut listener = Self {
            topic: wish.topic,
            ready: VecDeque::new(),
            seat: None,
            known: Arc::default(),
            cut,
            until,
            place,
            _ward: ward,
            app,
        };
        if !wish.last_event_id.is_some_and(|id| listener.go_on(id)) {
            let limit = Duration::from_secs(OPEN_TIMEOUT_S);
            let begun = timeout(limit, listener.begin(wish.last_event_id.is_some())).await;
            begun.map_err(|_| Refusal::unavailable("who says how things stand"))??;
        }
        Ok(listener)
    }

    /// How much it may take.
    pub(crate) fn bounds(&self) -> Bounds {
        self.app.live.bounds
    }

    /// So long it may be silent.
    pub(crate) fn heartbeat(&self) -> Duration {
        self.app.live.bounds.heartbeat
    }

    /// The gateway's end waits until this is dropped.
    pub(crate) fn socket_is_open(&self) -> TaskTrackerToken {
        self.app.live.sockets.token()
    }

    /// When its client shall come again, once it has ended.
    pub(crate) fn retry_ms(&self) -> u64 {
        super::cut::retry_ms(self.place.number)
    }

    /// What comes next. Nothing is lost where this is given up.
    pub(crate) async fn next(&mut self) -> Next {
        let (cut, stop) = (self.cut.clone(), self.app.stop.clone());
        let (end, why) = self.until;
        tokio::select! {
            biased;
            () = stop.cancelled() => Next::End(Why::Closing),
            why = cut.ended() => Next::End(why),
            () = sleep_until(end) => Next::End(why),
            next = self.next_event() => next,
        }
    }

    async fn next_event(&mut self) -> Next {
        loop {
            while let Some(said) = self.ready.pop_front() {
                if let Some(ready) = self.shown(&said) {
                    return Next::Event(ready);
                }
            }
            let Some(seat) = self.seat.as_mut() else {
                match self.begin(true).await {
                    Ok(()) => continue,
                    Err(refusal) => {
                        tracing::debug!(%refusal, "a live connection cannot go on");
                        return Next::End(Why::Unavailable);
                    }
                }
            };
            match seat.queue.recv().await {
                Some(said) => self.ready.push_back(said),
                // Who was too slow is cut off besides; everybody else looks anew.
                None => self.seat = None,
            }
        }
    }

    /// Goes on behind an event that was seen; false where what came after is not known any more.
    fn go_on(&mut self, last_event_id: u64) -> bool {
        let queue_max = self.app.live.bounds.queue_events_max;
        if matches!(self.topic, Topic::Shelf(_)) {
            return false;
        }
        let joined = self.app.live.hub.join(&self.topic, last_event_id, queue_max, &self.cut);
        let Some((seat, missed)) = joined else { return false };
        self.ready = missed.into_iter().map(Said::Entry).collect();
        self.seat = Some(seat);
        true
    }

    /// Says how things stand, and goes on from there.
    async fn begin(&mut self, again: bool) -> Result<(), Refusal> {
        let (live, name) = (self.app.live.clone(), if again { "reset" } else { "snapshot" });
        if let Topic::Shelf(branch) = &self.topic {
            let looked = live.shelves.look(&self.app, (branch, name), &self.cut).await;
            let (seat, shown) = looked?;
            self.ready = VecDeque::from([Said::Shown(Arc::new(shown))]);
            self.seat = Some(seat);
            return Ok(());
        }
        for _ in 0..SNAPSHOT_TRIES_MAX {
            let snapshot = live.snapshots.get(&self.app, &self.topic).await?;
            if self.go_on(snapshot.through) {
                let first = if again { &snapshot.again } else { &snapshot.first };
                self.ready.push_front(Said::Shown(first.clone()));
                self.known = snapshot.known.clone();
                return Ok(());
            }
        }
        Err(Refusal::unavailable("the log"))
    }

    fn shown(&self, said: &Said) -> Option<Ready> {
        match said {
            Said::Shown(shown) => Some(shown.as_ref().into()),
            Said::Entry(entry) if self.known.has(&entry.news) => None,
            Said::Entry(entry) => entry.shown(&self.topic).map(Ready::from),
        }
    }
}
