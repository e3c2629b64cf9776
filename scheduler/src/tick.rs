//! A tick as a message. Nothing in it depends on who fires it or when: the same job and logical
//! time give the same bytes, and so the same transport id, whose double the stream drops.

use crate::SERVICE;
use bakery_nats::envelope::{Cause, Outgoing, Wire, new_trace};
use bakery_nats::id::derived;
use bakery_nats::messages::scheduler::{
    BakeDue, ClosingDue, DiscountDue, OpeningDue, SweepDue, tick_id,
};
use bakery_nats::requests::scheduler::{Job, JobAction};
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

/// A tick is said once; it has no other attempt.
const ATTEMPT: u32 = 1;

/// The message of one tick. Its cause is the clock: `<branch>/<job>@<time>`.
pub(crate) fn wire(job: &Job, due_at: DateTime<Utc>) -> Wire {
    let Job { branch, name, .. } = job;
    let time = due_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let tick_id = tick_id(branch, name, due_at);
    let clock = format!("{branch}/{name}@{time}");
    let cause = Cause {
        traceparent: new_trace(tick_id, &clock),
        message_id: clock,
        correlation_id: tick_id,
        at: due_at,
        attempt: ATTEMPT,
    };
    Wire::of(SERVICE, &outgoing(job, tick_id, due_at), &cause)
}

/// The id of the tick of a run by hand.
pub(crate) fn run_tick_id(run_id: Uuid) -> Uuid {
    derived(&["run", &run_id.to_string()])
}

/// What a tick says, whether by schedule or by hand.
pub(crate) fn outgoing(job: &Job, tick_id: Uuid, due_at: DateTime<Utc>) -> Outgoing {
    let (branch, job, action) = (&job.branch, job.name.clone(), job.action.clone());
    match action {
        JobAction::Bake { product_id, quantity } => {
            let bake = BakeDue { tick_id, job, due_at, product_id, quantity };
            Outgoing::attempt(branch, ATTEMPT, &bake)
        }
        JobAction::Sweep {} => {
            Outgoing::attempt(branch, ATTEMPT, &SweepDue { tick_id, job, due_at })
        }
        JobAction::Open {} => {
            Outgoing::attempt(branch, ATTEMPT, &OpeningDue { tick_id, job, due_at })
        }
        JobAction::Discount {} => {
            Outgoing::attempt(branch, ATTEMPT, &DiscountDue { tick_id, job, due_at })
        }
        JobAction::Close {} => {
            Outgoing::attempt(branch, ATTEMPT, &ClosingDue { tick_id, job, due_at })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::wire;
    use bakery_nats::envelope::{CAUSATION_ID, read_meta};
    use bakery_nats::message::decode;
    use bakery_nats::messages::scheduler::{BakeDue, ClosingDue, SweepDue};
    use bakery_nats::requests::scheduler::{Job, JobAction, When};
    use chrono::{DateTime, Utc};

    fn at() -> DateTime<Utc> {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn job(name: &str, action: JobAction) -> Job {
        Job {
            branch: "main".parse().unwrap(),
            name: name.parse().unwrap(),
            when: When::Cron("0 * * * * *".to_owned()),
            action,
            misfire: None,
            paused: false,
        }
    }

    #[test]
    fn a_tick_carries_its_logical_time_in_body_and_headers() {
        let donut = JobAction::Bake { product_id: "donut".parse().unwrap(), quantity: 5 };
        let wire = wire(&job("bake-donut", donut), at());
        let meta = read_meta(&wire.subject, |name| wire.header(name)).unwrap();
        let body: BakeDue = decode(&wire.payload).unwrap();
        assert_eq!(wire.subject, "bakery.tick.scheduler.main.bake-due");
        assert_eq!(wire.message_id(), format!("scheduler:{}:bake:tick:1", body.tick_id));
        assert_eq!(wire.header(CAUSATION_ID), Some("main/bake-donut@2026-11-24T10:00:00Z"));
        assert_eq!((meta.at, meta.correlation_id), (at(), body.tick_id));
        assert_eq!((body.due_at, body.quantity), (at(), 5));
    }

    #[test]
    fn each_action_has_a_tick_of_its_own() {
        for (action, name) in [
            (JobAction::Sweep {}, "sweep-due"),
            (JobAction::Open {}, "opening-due"),
            (JobAction::Discount {}, "discount-due"),
            (JobAction::Close {}, "closing-due"),
        ] {
            let wire = wire(&job("a", action), at());
            assert_eq!(wire.subject, format!("bakery.tick.scheduler.main.{name}"));
        }
        let closing = wire(&job("closing", JobAction::Close {}), at());
        let body: ClosingDue = decode(&closing.payload).unwrap();
        assert_eq!((body.job.as_str(), body.due_at), ("closing", at()));
    }

    #[test]
    fn the_same_tick_is_the_same_bytes_and_another_is_another_id() {
        let sweep = job("sweep", JobAction::Sweep {});
        let body: SweepDue = decode(&wire(&sweep, at()).payload).unwrap();
        assert_eq!(body.due_at, at());
        assert_eq!(wire(&sweep, at()), wire(&sweep, at()));
        let second = job("sweep-again", JobAction::Sweep {});
        let later = at() + chrono::TimeDelta::seconds(1);
        for other in [wire(&second, at()), wire(&sweep, later)] {
            assert_ne!(other.message_id(), wire(&sweep, at()).message_id());
        }
    }
}
