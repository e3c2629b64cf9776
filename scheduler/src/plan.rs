//! What one round of the clock does, as a plain function over the jobs and the time.

use crate::job::Move;
use crate::{cron_line, schedule, tick};
use bakery_nats::envelope::Wire;
use bakery_nats::requests::scheduler::JobState;
use chrono::{DateTime, Utc};

/// Once a round has so many ticks, the other jobs wait for the next one.
const ROUND_TICKS_MAX: usize = 2000;

/// What one round sends, and how far that brings each job.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) wires: Vec<Wire>,
    pub(crate) moves: Vec<Move>,
}

/// Plans a round over the jobs that are due, in their order.
pub(crate) fn plan(jobs: impl Iterator<Item = JobState>, now: DateTime<Utc>) -> Plan {
    let mut plan = Plan::default();
    for JobState { job, last_at, next_at } in jobs {
        if plan.wires.len() >= ROUND_TICKS_MAX {
            break;
        }
        let (branch, name) = (job.branch.clone(), job.name.clone());
        let line = cron_line::read(&job.cron).ok();
        let Some(due) = line.and_then(|line| schedule::due(&line, next_at, now)) else {
            tracing::error!(%branch, job = %name, cron = job.cron, "this line never comes again");
            continue;
        };
        if due.skipped {
            tracing::warn!(%branch, job = %name, since = %next_at, "missed too long: skipped ticks");
        }
        plan.moves.push(Move {
            branch,
            name,
            cron: job.cron.clone(),
            from: next_at,
            last_at: due.ticks.last().copied().or(last_at),
            next_at: due.next_at,
        });
        plan.wires.extend(due.ticks.iter().map(|tick| tick::wire(&job, *tick)));
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::{ROUND_TICKS_MAX, plan};
    use crate::schedule::CATCH_UP_TICKS_MAX;
    use bakery_nats::envelope::read_meta;
    use bakery_nats::requests::scheduler::{Job, JobAction, JobState};
    use chrono::{DateTime, TimeDelta, Utc};

    fn at() -> DateTime<Utc> {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn sweep(name: &str, cron: &str) -> JobState {
        let job = Job {
            branch: "main".parse().unwrap(),
            name: name.parse().unwrap(),
            cron: cron.to_owned(),
            action: JobAction::Sweep {},
        };
        JobState { job, last_at: None, next_at: at() }
    }

    #[test]
    fn a_round_sends_every_missed_tick_and_moves_past_the_last() {
        let now = at() + TimeDelta::seconds(150);
        let plan = plan([sweep("a", "0 * * * * *")].into_iter(), now);
        let times: Vec<_> = plan
            .wires
            .iter()
            .map(|wire| read_meta(&wire.subject, |name| wire.header(name)).unwrap().at)
            .collect();
        let minutes = |m| at() + TimeDelta::minutes(m);
        assert_eq!(times, [minutes(0), minutes(1), minutes(2)]);
        let moved = &plan.moves[0];
        assert_eq!((moved.from, moved.last_at), (at(), Some(minutes(2))));
        assert_eq!(moved.next_at, minutes(3));
    }

    #[test]
    fn a_broken_line_does_not_hold_up_the_others() {
        let jobs = [sweep("a", "nonsense"), sweep("b", "0 * * * * *")];
        let plan = plan(jobs.into_iter(), at());
        assert_eq!(plan.moves.len(), 1);
        assert_eq!(plan.moves[0].name.as_str(), "b");
    }

    #[test]
    fn a_round_is_bounded_however_much_was_missed() {
        let jobs = (0..100).map(|i| sweep(&format!("job-{i}"), "* * * * * *"));
        let plan = plan(jobs, at() + TimeDelta::days(1));
        assert!(plan.wires.len() < ROUND_TICKS_MAX + CATCH_UP_TICKS_MAX);
        assert_eq!(plan.wires.len(), plan.moves.len() * CATCH_UP_TICKS_MAX);
    }
}
