//! What the scheduler is asked, one file a request.

pub(crate) mod list_jobs;
pub(crate) mod put_jobs;
