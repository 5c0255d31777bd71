//! What must be seen when things go wrong: each test is named after it. The helpers are those of the API tests.

#[path = "../api/helpers.rs"]
mod helpers;
