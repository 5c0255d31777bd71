//! State in Redis: replicas share answers, budget and one polling lease.
//!
//! The ledger is changed by compare-and-set of its whole text, so that the rules stand in one place
//! ([`crate::budget`]). Each target has a revision that grows with every change, for the other replicas.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, RedisError, Script};
use releases::outbound::Refusal;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use super::{LedgerChange, Saved, Unreachable};
use crate::budget::Ledger;
use crate::decisions::Decisions;

const LEDGER: &str = "sidewatch:v1:ledger";
const REVISIONS: &str = "sidewatch:v1:revisions";
/// Waits for Redis end here.
const PATIENCE: Duration = Duration::from_secs(2);
/// Replicas that change the ledger at the same instant try again.
const TRIES: u32 = 100;
/// What nobody asks for any more goes away.
const KEPT_SECONDS: u64 = 90 * 86_400;

/// What is no text (somebody else's list, say) counts as nothing and is replaced.
const COMPARE_AND_SET: &str = r"
local now = redis.pcall('GET', KEYS[1]) or ''
if type(now) == 'table' then now = '' end
if now ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', 86400)
return 1";

const RELEASE: &str = r"
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

/// State in Redis.
pub struct RedisStore {
    url: SecretString,
    replica: String,
    connection: OnceCell<ConnectionManager>,
    /// It could not be reached the last time, and that was said.
    away: AtomicBool,
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RedisStore").field("replica", &self.replica).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects at first use.
    #[must_use]
    pub fn new(url: SecretString) -> Self {
        let replica = format!("{:032x}", rand::random::<u128>());
        Self { url, replica, connection: OnceCell::new(), away: AtomicBool::new(false) }
    }

    /// Says when Redis has gone and when it is back, not each time in between.
    pub(super) fn noted<T>(&self, result: Result<T, Unreachable>) -> Result<T, Unreachable> {
        let before = self.away.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(error) if !before => {
                tracing::warn!(error = %error.0.category(), "the shared state in Redis cannot be reached; checks wait for it");
            }
            Ok(_) if before => tracing::info!("the shared state in Redis can be reached again"),
            _ => {}
        }
        result
    }

    /// Each target's revision; it grows with every change by any replica.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn revisions(&self) -> Result<HashMap<String, u64>, Unreachable> {
        self.connection().await?.hgetall(REVISIONS).await.map_err(Unreachable)
    }

    pub(super) async fn load(&self, name: &str) -> Result<Option<Saved>, Unreachable> {
        let keys = [answer_key(name), decisions_key(name)];
        let (answer, decisions): (Option<Vec<u8>>, Option<Vec<u8>>) =
            self.connection().await?.mget(&keys).await.map_err(Unreachable)?;
        let decided: Option<Decisions> = decisions.and_then(|text| serde_json::from_slice(&text).ok());
        let saved = answer.and_then(|text| match Saved::parse(&text) {
            Ok(saved) => Some(saved),
            Err(problem) => {
                tracing::warn!(target.name = %name, problem = ?problem, "cannot use the state saved in Redis; starting fresh");
                None
            }
        });
        Ok(match (saved, decided) {
            (None, None) => None,
            (saved, decided) => {
                Some(Saved { decisions: decided.unwrap_or_default(), ..saved.unwrap_or_default() })
            }
        })
    }

    pub(super) async fn save(&self, name: &str, saved: &Saved) -> Result<(), Unreachable> {
        let text = serde_json::to_vec(saved).unwrap_or_default();
        self.set(name, answer_key(name), text).await
    }

    pub(super) async fn decisions(&self, name: &str) -> Result<Option<Decisions>, Unreachable> {
        let text = read_text(&mut self.connection().await?, &decisions_key(name)).await?;
        Ok(serde_json::from_slice(&text).ok())
    }

    pub(super) async fn decide(&self, name: &str, decisions: &Decisions) -> Result<(), Unreachable> {
        let text = serde_json::to_vec(decisions).unwrap_or_default();
        self.set(name, decisions_key(name), text).await
    }

    async fn set(&self, name: &str, key: String, text: Vec<u8>) -> Result<(), Unreachable> {
        let mut connection = self.connection().await?;
        let mut pipe = redis::pipe();
        pipe.atomic().set_ex(key, text, KEPT_SECONDS).ignore().hincr(REVISIONS, name, 1).ignore();
        pipe.query_async(&mut connection).await.map_err(Unreachable)
    }

    pub(super) async fn ledger(
        &self,
        change: &LedgerChange,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Result<(), Refusal>, Unreachable> {
        let mut connection = self.connection().await?;
        for _ in 0..TRIES {
            let before = read_text(&mut connection, LEDGER).await?;
            let mut ledger: Ledger = serde_json::from_slice(&before).unwrap_or_default();
            if let Err(refusal) = change.apply(&mut ledger, limit, now) {
                return Ok(Err(refusal));
            }
            if matches!(change, LedgerChange::MayForce { .. }) {
                return Ok(Ok(()));
            }
            let after = serde_json::to_string(&ledger).unwrap_or_default();
            let script = Script::new(COMPARE_AND_SET);
            let mut call = script.key(LEDGER);
            call.arg(&before).arg(&after);
            let set: u8 = call.invoke_async(&mut connection).await.map_err(Unreachable)?;
            if set == 1 {
                return Ok(Ok(()));
            }
        }
        Err(Unreachable(RedisError::from((redis::ErrorKind::Client, "the ledger changes too fast"))))
    }

    pub(super) async fn read_ledger(&self) -> Result<Ledger, Unreachable> {
        let text = read_text(&mut self.connection().await?, LEDGER).await?;
        Ok(serde_json::from_slice(&text).unwrap_or_default())
    }

    pub(super) async fn lease(&self, name: &str, time: Duration) -> Result<bool, Unreachable> {
        let mut command = redis::cmd("SET");
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        command.arg(lease_key(name)).arg(&self.replica).arg("NX").arg("PX").arg(millis);
        let mut connection = self.connection().await?;
        let set: Option<String> = command.query_async(&mut connection).await.map_err(Unreachable)?;
        Ok(set.is_some())
    }

    pub(super) async fn release(&self, name: &str) -> Result<(), Unreachable> {
        let mut connection = self.connection().await?;
        let script = Script::new(RELEASE);
        let mut call = script.key(lease_key(name));
        call.arg(&self.replica);
        let _: u8 = call.invoke_async(&mut connection).await.map_err(Unreachable)?;
        Ok(())
    }

    async fn connection(&self) -> Result<ConnectionManager, Unreachable> {
        let connect = || async {
            let client = redis::Client::open(self.url.expose_secret())?;
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(PATIENCE))
                .set_response_timeout(Some(PATIENCE))
                .set_number_of_retries(1);
            ConnectionManager::new_with_config(client, config).await
        };
        self.connection.get_or_try_init(connect).await.cloned().map_err(Unreachable)
    }
}

/// The bytes under a key, whatever they are; none where something else than text stands there.
async fn read_text(connection: &mut ConnectionManager, key: &str) -> Result<Vec<u8>, Unreachable> {
    match connection.get::<_, Option<Vec<u8>>>(key).await {
        Ok(text) => Ok(text.unwrap_or_default()),
        Err(error) if error.code() == Some("WRONGTYPE") => Ok(Vec::new()),
        Err(error) => Err(Unreachable(error)),
    }
}

fn answer_key(name: &str) -> String {
    format!("sidewatch:v1:target:{name}")
}

fn decisions_key(name: &str) -> String {
    format!("sidewatch:v1:decisions:{name}")
}

fn lease_key(name: &str) -> String {
    format!("sidewatch:v1:lease:{name}")
}
