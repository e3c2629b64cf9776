//! `inventory.branch-changed`: a branch's jobs go by its new hours, and it gets those it lacks.

use crate::board::Board;
use crate::branch::Branch;
use crate::schedule::Timing;
use crate::standard;
use bakery_nats::envelope::Delivered;
use bakery_nats::messages::inventory::BranchChanged;
use bakery_nats::requests::scheduler::JobKey;

/// Takes what is newer than what was heard before.
pub(super) fn apply(board: &mut Board, batch: &[Delivered<BranchChanged>]) {
    for message in batch {
        let BranchChanged { version, branch, .. } = &message.body;
        if !board.is_news(&branch.id, *version) {
            tracing::debug!(branch = %branch.id, version, "old news of a branch");
            continue;
        }
        let at = message.meta.at;
        let known =
            Branch { version: *version, calendar: branch.calendar(), closed: branch.closed };
        board.follow(&branch.id, known, at);
        for job in standard::of_branch(&branch.id) {
            let key = JobKey { branch: job.branch.clone(), name: job.name.clone() };
            // What is written there is right; a test reads it.
            let Ok(timing) = Timing::read(&job.when) else { continue };
            if !board.has(&key) {
                board.put(job, timing, at);
            }
        }
        tracing::info!(branch = %branch.id, version, "the clock goes by this branch");
    }
}
