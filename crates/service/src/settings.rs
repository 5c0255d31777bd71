//! Settings: flag beats environment beats file beats default.
//!
//! A program gives its [`Table`] of variables and reads them one by one with a [`Reader`]. All mistakes are told
//! together, each with the variable, the rule and the fix, and never a secret's value.

mod environment;
mod file;
mod layers;
mod mistakes;
pub mod parse;
mod reader;
mod table;

pub use layers::{Setting, Sources};
pub use mistakes::{Mistake, Mistakes};
pub use reader::Reader;
pub use table::{Table, Variable};

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
