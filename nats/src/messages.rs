//! Everything that is stored in the stream, one file per owner. The JSON of each is frozen in
//! `tests/wire`; `docs/events.md` shows them to people.

pub mod bank;
pub mod inventory;
pub mod orders;
pub mod scheduler;
