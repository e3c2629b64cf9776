//! `scheduler.run-job`: a job is run once, now. Its schedule stays as it is, and it is run whatever
//! the hours are and whether it is held: a person says so.

use super::unknown;
use crate::board::Board;
use crate::tick;
use bakery_nats::error::HandlerError;
use bakery_nats::record::{Record, hash};
use bakery_nats::refusal::{FieldError, Refusal};
use bakery_nats::request::Asked;
use bakery_nats::requests::scheduler::{JobRan, RunJob};
use bakery_nats::write::{Step, WriteResult, Writer, Written};
use chrono::{DateTime, SubsecRound, Utc};
use diesel_async::AsyncPgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

const STEP: &str = "run-job";
/// Digits of a second that the database keeps: a repeat tells the same time.
const SECOND_DIGITS: u16 = 6;

/// The writer of runs by hand.
pub struct RunJobWriter;

/// A run that was asked for before: the meaning of that request, and when it came.
type Runs = BTreeMap<Uuid, (Vec<u8>, DateTime<Utc>)>;

impl Writer for RunJobWriter {
    type Request = RunJob;

    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        batch: &[Asked<RunJob>],
    ) -> Result<Vec<WriteResult<RunJob>>, HandlerError> {
        let mut runs = runs(conn, batch).await?;
        let keys = batch.iter().map(|asked| asked.body.job.clone()).collect();
        let mut board = Board::of_jobs(conn, &keys).await?;
        let results = batch.iter().map(|asked| run(&mut board, &mut runs, asked)).collect();
        board.save(conn).await?;
        Ok(results)
    }
}

/// The runs of a batch that were done before.
async fn runs(conn: &mut AsyncPgConnection, batch: &[Asked<RunJob>]) -> Result<Runs, HandlerError> {
    let ids = batch.iter().map(|asked| asked.body.run_id).collect();
    Record::lock(conn, &ids).await?;
    let known = Record::load(conn, &ids).await?;
    let run = |id: &Uuid| {
        let record = known.get(*id, STEP)?;
        Some((*id, (record.request_hash.clone(), record.at)))
    };
    Ok(ids.iter().filter_map(run).collect())
}

fn run(board: &mut Board, runs: &mut Runs, asked: &Asked<RunJob>) -> WriteResult<RunJob> {
    let RunJob { run_id, job } = &asked.body;
    let (tick_id, meaning) = (tick::run_tick_id(*run_id), hash(&asked.body));
    if let Some((first, due_at)) = runs.get(run_id) {
        if *first != meaning {
            let error = FieldError::new("run_id", "was the name of a run of another job");
            return Err(Refusal::invalid(vec![error]));
        }
        return Ok(Written { reply: JobRan { tick_id, due_at: *due_at }, step: None });
    }
    let due_at = asked.at.trunc_subsecs(SECOND_DIGITS);
    let job = board.run(job, due_at).ok_or_else(|| unknown(job))?;
    let outgoing = vec![tick::outgoing(job, tick_id, due_at)];
    runs.insert(*run_id, (meaning, due_at));
    let step = Step { business_id: *run_id, name: STEP.to_owned(), outgoing };
    Ok(Written { reply: JobRan { tick_id, due_at }, step: Some(step) })
}
