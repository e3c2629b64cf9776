//! `scheduler.pause-job`: a job is held, or goes on from now.

use super::{note, unknown};
use crate::board::Board;
use bakery_nats::error::HandlerError;
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::PauseJob;
use bakery_nats::write::{WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;

/// The writer of jobs that are held or let go on. The same wish again changes nothing.
pub struct PauseJobWriter;

impl Writer for PauseJobWriter {
    type Request = PauseJob;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<PauseJob>],
    ) -> Result<Vec<WriteResult<PauseJob>>, HandlerError> {
        let keys = batch.iter().map(|asked| asked.body.job.clone()).collect();
        let mut board = Board::of_jobs(conn, &keys).await?;
        let pause = |asked: &Asked<PauseJob>| {
            let PauseJob { job, paused } = &asked.body;
            let (reply, changed) =
                board.pause(job, *paused, asked.at).ok_or_else(|| unknown(job))?;
            Ok(Written { reply, step: changed.then(|| note(asked, "pause-job")) })
        };
        let results = batch.iter().map(pause).collect();
        board.save(conn).await?;
        Ok(results)
    }
}
