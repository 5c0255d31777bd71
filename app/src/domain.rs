//! What the product is about, without any I/O: events, what they change, pages of lists.

pub mod change;
pub mod event;
pub mod health;
pub(crate) mod json;
pub mod page;
pub mod text;
