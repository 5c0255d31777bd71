//! PostgreSQL, Redis and S3 for tests: real servers on free ports, in folders that go away with them.
//!
//! Every server ends with its handle, and with the process that started it however that ends.

pub mod postgres;
pub mod process;
pub mod redis;
pub mod s3;
