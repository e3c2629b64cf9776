//! Tests of the scheduler from outside.

mod schedule;
