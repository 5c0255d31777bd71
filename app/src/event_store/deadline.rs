//! A bound for calls that have none of their own: a network or a disk that swallows everything.

use std::io;
use std::time::Duration;

/// Runs `call`, at most for this long.
pub(super) async fn within<T>(
    deadline: Duration,
    call: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    match tokio::time::timeout(deadline, call).await {
        Ok(result) => result,
        Err(_) => {
            let text = format!("no answer within {deadline:?}");
            Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text)))
        }
    }
}
