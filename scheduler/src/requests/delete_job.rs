//! `scheduler.delete-job`: a job is removed.

use super::{note, unknown};
use crate::board::Board;
use bakery_nats::error::HandlerError;
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{DeleteJob, JobDeleted};
use bakery_nats::write::{WriteResult, Writer, Written};
use diesel_async::AsyncPgConnection;

/// The writer of jobs that are removed.
pub struct DeleteJobWriter;

impl Writer for DeleteJobWriter {
    type Request = DeleteJob;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<DeleteJob>],
    ) -> Result<Vec<WriteResult<DeleteJob>>, HandlerError> {
        let keys = batch.iter().map(|asked| asked.body.job.clone()).collect();
        let mut board = Board::of_jobs(conn, &keys).await?;
        let remove = |asked: &Asked<DeleteJob>| {
            let job = &asked.body.job;
            if !board.remove(job) {
                return Err(unknown(job));
            }
            Ok(Written { reply: JobDeleted {}, step: Some(note(asked, "delete-job")) })
        };
        let results = batch.iter().map(remove).collect();
        board.save(conn).await?;
        Ok(results)
    }
}
