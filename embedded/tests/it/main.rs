//! The servers from outside: real processes, on free ports, in temporary folders.

#![cfg(test)]

mod address;
mod data_folder;
mod left_behind;
mod lifecycle;
mod probe;
