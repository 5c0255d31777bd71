//! One connection to Redis: made at first use, made anew after trouble, every wait bounded.

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, ScriptInvocation};
use tokio::sync::Mutex;

/// Waits for a connection end here.
const CONNECT: Duration = Duration::from_secs(1);

/// A connection that many share, each call with its own answer.
pub(super) struct Link {
    client: Client,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// With its number, so that only the one that failed is thrown away.
    open: Option<(u64, MultiplexedConnection)>,
    made: u64,
    failed: Option<(Instant, RedisError)>,
}

impl Link {
    /// Does not connect yet. Answers must come within `patience`.
    pub(super) fn new(client: Client, patience: Duration) -> Self {
        Self { client, patience, state: Mutex::default() }
    }

    pub(super) async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let (number, mut connection) = self.connection().await?;
        let answer = command.query_async(&mut connection).await;
        self.noted(number, answer).await
    }

    /// Runs a script by its hash, or as text where Redis does not know it (yet, or after a restart).
    pub(super) async fn script<T: FromRedisValue>(
        &self,
        call: &ScriptInvocation<'_>,
    ) -> Result<T, RedisError> {
        let (number, mut connection) = self.connection().await?;
        let answer = call.invoke_async(&mut connection).await;
        self.noted(number, answer).await
    }

    async fn noted<T>(&self, number: u64, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        if let Err(error) = &answer
            && is_of_connection(error)
        {
            self.state.lock().await.open.take_if(|open| open.0 == number);
        }
        answer
    }

    /// One caller connects; those who came meanwhile take what became of it, so that nobody waits longer than
    /// twice [`CONNECT`].
    async fn connection(&self) -> Result<(u64, MultiplexedConnection), RedisError> {
        let came = Instant::now();
        let mut state = self.state.lock().await;
        if let Some(open) = &state.open {
            return Ok(open.clone());
        }
        if let Some((when, error)) = &state.failed
            && *when >= came
        {
            return Err(error.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(self.patience));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        // The crate's own limit does not hold for every part of the handshake.
        let connected = tokio::time::timeout(CONNECT * 2, connecting)
            .await
            .unwrap_or_else(|_| Err(RedisError::from((ErrorKind::Io, "connecting took too long"))));
        match connected {
            Ok(connection) => {
                state.made += 1;
                let open = (state.made, connection);
                state.open = Some(open.clone());
                Ok(open)
            }
            Err(error) => {
                state.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}

/// Whether another connection may fare better: after a failover the old one leads to a server that only reads.
fn is_of_connection(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error() || error.code() == Some("READONLY")
}
