//! What one round of the clock does, as a plain function over the jobs and the time.

use crate::branch::Branch;
use crate::job::Placed;
use crate::row::Move;
use crate::{schedule, tick};
use bakery_nats::envelope::Wire;
use chrono::{DateTime, Utc};

/// Once a round has so many ticks, the other jobs wait for the next one.
const ROUND_TICKS_MAX: usize = 2000;

/// What one round sends, and how far that brings each job.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) wires: Vec<Wire>,
    pub(crate) moves: Vec<Move>,
    /// True where other jobs must wait.
    pub(crate) full: bool,
}

/// Plans a round over the jobs that are due, in their order, each with its branch.
pub(crate) fn plan(jobs: impl Iterator<Item = (Placed, Branch)>, now: DateTime<Utc>) -> Plan {
    let mut plan = Plan::default();
    let mut ticks = Vec::new();
    for (placed, branch) in jobs {
        if ticks.len() >= ROUND_TICKS_MAX {
            plan.full = true;
            break;
        }
        let Some(from) = placed.next_at else { continue };
        let due = schedule::due(&placed.rhythm(&branch), placed.misfire(), from, now);
        let key = placed.key();
        let (of, job) = (key.branch.as_str(), key.name.as_str());
        if due.skipped {
            tracing::info!(branch = of, job, since = %from, "not every missed tick is fired");
        }
        if due.next_at.is_none() {
            tracing::info!(branch = of, job, "the time of this job never comes again");
        }
        plan.moves.push(Move {
            key,
            when: placed.job.when.clone(),
            branch_version: placed.branch_version,
            from,
            last_at: due.ticks.last().copied(),
            next_at: due.next_at,
        });
        ticks.extend(due.ticks.iter().map(|due_at| (*due_at, tick::wire(&placed.job, *due_at))));
    }
    // By the clock, whatever was missed: a day's last loaves come before its closing.
    ticks.sort_by_key(|(due_at, _)| *due_at);
    plan.wires = ticks.into_iter().map(|(_, wire)| wire).collect();
    plan
}
