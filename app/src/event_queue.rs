//! The Redis stream between receiving an event and storing it.
//!
//! Owns the names of keys and the scripts; refuses to append when too much waits. It never reads a clock for
//! decisions (Redis' own idle times count) and never talks to the database.
