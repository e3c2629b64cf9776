//! Who is asking, and what they may: passwords, tokens, sessions, and the guard before each route.

pub(crate) mod attempts;
pub(crate) mod caller;
pub(crate) mod guard;
pub(crate) mod key;
pub(crate) mod live;
pub(crate) mod password;
pub(crate) mod refresh;
pub(crate) mod token;
