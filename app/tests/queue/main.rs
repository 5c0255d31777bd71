//! The queue and its flows against a real Redis, with a store that can be told to fail.

mod accept;
mod append;
mod consume;
mod crash;
mod dead_letters;
mod fake_store;
mod fixture;
mod memory;
mod outage;
mod restore;
mod throughput;
