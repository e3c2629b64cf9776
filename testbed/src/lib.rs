//! What the tests of all services share.
