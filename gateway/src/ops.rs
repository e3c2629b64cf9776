//! What those who run the system see of it and do with it: the pipeline as a whole, and the dead
//! letters.

pub(crate) mod letters;
pub(crate) mod pipeline;
pub(crate) mod resend;
pub(crate) mod services;
pub(crate) mod streams;
pub(crate) mod tries;
