//! The bakery's contract and bus, in one crate.
//!
//! *Contract*: [`messages`] (what is stored in the stream), [`requests`] (what is asked and
//! answered at once), [`branch`], [`calendar`], [`subject`], [`id`], [`money`], [`slug`]. *Bus*: [`connect`], [`topology`],
//! [`consume`], [`retry`], [`serve`], [`ask`], [`publish`], [`relay`]. In the middle stands [`process`]: a
//! batch of messages becomes rows and outgoing messages in one transaction, each step of each
//! business id exactly once, by its [`record`].

pub mod ask;
pub mod branch;
pub mod calendar;
pub mod connect;
pub mod consume;
pub mod dead;
pub mod envelope;
pub mod error;
pub mod id;
pub mod message;
pub mod messages;
pub mod money;
pub mod prepared;
pub mod process;
pub mod publish;
pub mod record;
pub mod refusal;
pub mod relay;
pub mod request;
pub mod requests;
pub mod retry;
mod schema;
pub mod serve;
pub mod slug;
pub mod subject;
pub mod topology;
pub mod write;

/// The pool of connections to the one database a service owns.
pub type Pool = diesel_async::pooled_connection::deadpool::Pool<diesel_async::AsyncPgConnection>;
