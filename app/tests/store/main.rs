//! Both stores and the migrations of both databases, against real servers: what holds for one must hold for the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
// Values of `json!` and databases of one test are passed on as they are made.
#![allow(clippy::needless_pass_by_value, clippy::print_stdout, reason = "in tests, brevity counts")]

mod changed;
mod events;
mod file_modes;
mod home;
mod killed;
mod lists;
mod migrations;
mod migrations_postgres;
mod orders;
mod speed;
mod transcripts;
mod trouble;

/// Makes a test of each function for each database.
macro_rules! for_both {
    ($($name:ident),* $(,)?) => {
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::home::Home::postgres()).await;
                }
            )*
        }
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::home::Home::sqlite()).await;
                }
            )*
        }
    };
}
pub(crate) use for_both;
